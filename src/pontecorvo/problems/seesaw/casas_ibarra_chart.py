"""Casas-Ibarra coordinates of the seesaw: the observables are coordinates, the density is smooth.

The map from the cube to (Y, log10 M, phases) and its volume factor are exact; the heavy masses are
drawn by their exact conditional distribution inside the prior's box, so the box costs nothing.
The measure is derived in `flat_measure`.
"""

from math import log, pi

import numpy as np

from ...base.errors import InputError
from ...base.parallel import map_chunks
from ...core.measurement import Measurement
from ...core.prior import Prior
from ...core.window import Window, measured_window
from ...physics.masses import splittings_from_masses
from ...physics.pmns import pmns_matrix, pmns_parameters
from ..flavour.nufit import OSCILLATION
from .casas_ibarra import casas_ibarra_matrix, orthogonal_coordinates
from .fast_map import light_neutrinos_from_theta, unpack
from .flat_measure import LOG_SO3C_CONSTANT, log_takagi_constant

_CHUNK = 4096
_PERIODIC = (5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 19)
_MASS_SCALE = {"no": 1e-3, "io": 2e-3}  # eV; near the posterior's lightest mass
_BOOST_SCALE = 0.3  # near the posterior's boosts


def observable_windows(measurement: Measurement, ordering: str) -> tuple[Window, ...]:
    """Windows of the five oscillation observables for a measurement.

    Gaussian errors give a normal window of the larger error (a tenth wider when the two differ, so
    that weights stay bounded); boxes, and boxes on abs(U), uniform ones; what was not measured
    spans all it can. Both splittings must be measured, since they have no natural scale.

    Raises:
        InputError: If a splitting is missing, or a central value is impossible.
    """
    quantities = getattr(measurement, "quantities", None)
    if quantities is None:
        raise InputError("Casas-Ibarra coordinates: need central values and errors")
    measured = {q.name: q for q in quantities}
    box = measurement.shape == "box"  # type: ignore[attr-defined]
    windows = []
    for name in OSCILLATION:
        is_splitting = name.startswith("dm2")
        low, high = (-np.inf, np.inf) if is_splitting else (0.0, 1.0)
        if name == "dm2_21":
            low = 0.0
        quantity = measured.get(name)
        shift = 0.0
        if quantity is None and name == "dm2_3l" and "dm2_31" in measured:
            quantity = measured["dm2_31"]
            shift = measured["dm2_21"].high if ordering == "io" and "dm2_21" in measured else 0.0
        if quantity is None and is_splitting:
            raise InputError(
                f"Casas-Ibarra coordinates: the measurement has no {name}; "
                "give both splittings, or sample the raw parameters "
                "(method: smc, sampler: {coordinates: parameters})"
            )
        if quantity is None:
            windows.append(Window(*_from_moduli(name, measured) if box else (low, high)))
        else:
            windows.append(measured_window(measurement, quantity, low, high, shift))  # type: ignore[arg-type]
    return tuple(windows)


def _from_moduli(name: str, measured: dict) -> tuple[float, float]:
    """Range of a sin^2 that holds everything a box on abs(U) allows."""

    def square(element: str) -> tuple[float, float]:
        quantity = measured.get(f"abs_U_{element}")
        return (quantity.low**2, quantity.high**2) if quantity else (0.0, 1.0)

    low13, high13 = square("e3")
    if name == "sin2_theta13":
        return low13, high13
    low, high = square("e2" if name == "sin2_theta12" else "mu3")
    left_low, left_high = 1 - low13, 1 - high13  # what sin^2 theta13 leaves of a row or column
    return low / left_low if left_low > 0 else 0.0, high / left_high if high < left_high else 1.0


class CasasIbarraChart:
    """The seesaw's 23 parameters as smooth functions on the unit cube.

    Args:
        prior: The seesaw's prior (18 Yukawa components, 3 ordered log10 masses, 2 phases).
        measurement: Gives the windows of the observables.
        ordering: ``"no"`` or ``"io"``.
        vev: Vacuum expectation value, GeV.
        flat: Whether the prior is uniform in Y and log-uniform in M, so that its density is a
            constant inside; otherwise its density is evaluated at every point.
    """

    name = "casas-ibarra"

    def __init__(
        self, prior: Prior, measurement: Measurement, ordering: str, vev: float, flat: bool
    ) -> None:
        self.prior = prior
        self.ordering = ordering
        self.vev = vev
        self.flat = flat
        self.windows = observable_windows(measurement, ordering)
        self.periodic = np.zeros(23, dtype=bool)
        self.periodic[list(_PERIODIC)] = True
        low, high = prior.marginals[18].support
        self._low, self._high = 10.0**low, 10.0**high
        self._y_max = max(abs(end) for end in prior.marginals[0].support)
        self._vev_ev = vev * np.sqrt(1e9)
        self._mass_scale = _MASS_SCALE[ordering]
        self._constant = (
            LOG_SO3C_CONSTANT
            + log_takagi_constant()
            + log(2)  # Haar: 2 (1 - s13^2) d s12^2 d s13^2 d s23^2
            + log(4 * pi)  # direction of the boost
            + 2 * log(2 * pi)  # phases of M_1 and M_2
            - 18 * log(self._vev_ev)
            - 3 * log(3 * log(10))  # d log10 M = dt / (3 ln 10 t), t = M^3
        )
        if flat:
            middle = np.concatenate([np.zeros(18), 0.5 * (low + high) * np.ones(3), np.ones(2)])
            self._constant += float(prior.log_density(middle[None])[0])

    @property
    def dim(self) -> int:
        """23, as many as parameters."""
        return 23

    @property
    def kernel_settings(self) -> tuple[bool, float, float, float, float, float, float]:
        """What the kernels need to know besides the point: ordering, masses (GeV), scales."""
        return (
            self.ordering == "io",
            self._low,
            self._high,
            self._y_max,
            self._vev_ev,
            self._mass_scale,
            _BOOST_SCALE,
        )

    def to_parameters(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Map points (N, 23) of the cube to parameters (N, 23) and log volume (N,)."""
        from .casas_ibarra_kernel import chart_block

        theta = np.empty((len(u), 23))
        log_volume = np.empty(len(u))

        def block(start: int, stop: int) -> None:
            part = np.ascontiguousarray(u[start:stop])
            observables = np.empty((len(part), 5))
            jacobian = np.full(len(part), self._constant)
            for column, window in enumerate(self.windows):
                observables[:, column], slope = window.value(part[:, column])
                jacobian += slope
            chart_block(
                part,
                observables,
                *self.kernel_settings,
                theta[start:stop],
                log_volume[start:stop],
            )
            log_volume[start:stop] += jacobian
            if not self.flat:
                log_volume[start:stop] += self.prior.log_density(theta[start:stop])

        map_chunks(block, len(u), _CHUNK)
        log_volume[np.isnan(log_volume)] = -np.inf
        return theta, log_volume

    def from_parameters(self, theta: np.ndarray) -> np.ndarray:
        """Coordinates (N, 23) of parameters (N, 23) inside the prior."""
        from .casas_ibarra_kernel import mass_coordinates

        u = np.empty((len(theta), 23))
        masses, mixing = light_neutrinos_from_theta(theta, self.ordering, self.vev)
        yukawa, heavy = unpack(theta)
        orthogonal = casas_ibarra_matrix(yukawa, heavy, masses, mixing, self.vev)
        # the chart takes sqrt(M) = |M|^1/2 exp(i phase / 2) with the phase in [0, 2 pi), which is
        # minus the principal root in the lower half plane
        orthogonal[:, :, :2] *= np.where(theta[:, 21:23] > pi, -1.0, 1.0)[:, None, :]
        angles = pmns_parameters(mixing)
        standard = pmns_matrix(*angles)
        # U = diag(row phases) * standard * diag(signs); the signs go into R, and R = -R' into U
        rows = mixing[:, :, 0] * standard[:, :, 0].conj()
        rows /= np.abs(rows)
        signs = np.sign(np.einsum("na,nai,nai->ni", rows.conj(), mixing, standard.conj()).real)
        orthogonal = signs[:, :, None] * orthogonal
        negative = np.linalg.det(orthogonal).real < 0
        orthogonal[negative] *= -1
        rows[negative] *= -1
        euler, boost = orthogonal_coordinates(orthogonal)
        lightest, dm2_21, dm2_3l = splittings_from_masses(masses, self.ordering)
        observables = (dm2_21, dm2_3l, angles.s12sq, angles.s13sq, angles.s23sq)
        for column, (window, values) in enumerate(zip(self.windows, observables, strict=True)):
            u[:, column] = window.coordinate(values)
        for column, phase in enumerate((angles.delta, angles.alpha21, angles.alpha31)):
            u[:, 5 + column] = _turn(phase)
        u[:, 8:11] = _turn(np.angle(rows))
        u[:, 11] = lightest / (lightest + self._mass_scale)
        u[:, 12], u[:, 13], u[:, 14] = (
            _turn(euler[:, 0]),
            0.5 * (1 + euler[:, 1]),
            _turn(euler[:, 2]),
        )
        length = np.linalg.norm(boost, axis=1)
        u[:, 15] = 0.5 * (1 + boost[:, 2] / length)
        u[:, 16] = _turn(np.arctan2(boost[:, 1], boost[:, 0]))
        cube = (length / _BOOST_SCALE) ** 3
        u[:, 17] = cube / (1 + cube)
        u[:, 18:20] = _turn(theta[:, 21:23])
        size = np.abs(theta[:, :18]).reshape(-1, 2, 3, 3).max(axis=(1, 2))
        mass = 10.0 ** theta[:, 18:21]
        caps = np.minimum((self._y_max / size) ** 2 * mass * (1 - 1e-14), self._high)
        u[:, 20:23] = mass_coordinates(mass, caps, self._low)
        return np.clip(u, 0.0, np.nextafter(1.0, 0.0))


def _turn(angle: np.ndarray) -> np.ndarray:
    return (angle / (2 * pi)) % 1.0
