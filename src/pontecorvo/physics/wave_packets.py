"""Oscillation of wave packets: they separate, and the interference fades with distance.

A neutrino of which each mass state is a packet of width sigma_x in space has

    P_ee = 1 - sin^2 2theta (1 - cos(2 phi) exp(-(L / L_coh)^2)) / 2,
    L_coh = 4 sqrt(2) E^2 sigma_x / dm2,    2 phi = dm2 L / (2 E)

(Giunti, Kim & Lee, Phys. Rev. D 44 (1991) 3635; for searches at short baselines Argueelles,
Bertolez-Martinez & Salvado, arXiv:2201.05108). It is the plane wave seen with a Gaussian blur of
the energy in the phase, sigma_E = hbar c / (2 sigma_x), since
exp(-(L / L_coh)^2) = exp(-(2 phi sigma_E / E)^2 / 2).
So an average of sin^2 over baselines, as a function of the wave number q, becomes its Gaussian mean
over q with the relative width sigma_E / E: any average will do, one that is only tabulated too.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from scipy.interpolate import CubicSpline

Array = np.ndarray
HBAR_C = 1.973269804e-4
"""MeV nm (CODATA 2018)."""
REACH = 6.5
"""Standard deviations of the Gaussian that are summed: beyond lies 1e-10 of it."""
PLANE = 1e-4
"""Blur of the phase [rad] below which there is none."""
LOST = 16.0
"""Blur of the phase [rad] at the root mean square distance above which nothing interferes: parts
of the source at 0.4 of it have lost it as well, to 1e-9."""
SPREAD = 2.0
"""Largest distance over the root mean square one that the sum allows for."""
STEP = 5e-5
"""Distance in log10(q) of the nodes on which a closed form is kept."""
CHUNK = 1 << 21
"""Elements at a time."""


def energy_width(sigma_x: float) -> float:
    """sigma_E [MeV] of packets of width sigma_x [nm]."""
    return HBAR_C / (2 * sigma_x)


def coherence_length(dm2: Array, energy: Array, sigma_x: float) -> Array:
    """L_coh [m] for dm2 [eV^2], E [MeV] and sigma_x [nm], broadcast."""
    # nm MeV^2 / eV^2 = 1e-9 m * 1e12
    return np.asarray(4e3 * np.sqrt(2) * np.asarray(energy) ** 2 * sigma_x / np.asarray(dm2))


def interference(phase: Array, energy: Array, sigma_x: float | None) -> Array:
    """exp(-(L / L_coh)^2) for 2 phi = `phase` [rad] and E [MeV], broadcast; 1 for plane waves."""
    if sigma_x is None:
        return np.ones(np.broadcast_shapes(np.shape(phase), np.shape(energy)))
    return np.asarray(np.exp(-0.5 * (phase * energy_width(sigma_x) / energy) ** 2))


class PacketSin2:
    """An average of sin^2(q L) over distances for packets instead of plane waves.

    Args:
        sin2: The average for plane waves, as a function of q [1/m], any shape.
        energy: E [MeV] (S,), what the last axis of q stands for.
        sigma_x: Width of the packets [nm].
        table: Whether `sin2` is quick to look up; else it is kept on nodes and interpolated.
    """

    def __init__(
        self, sin2: Callable[[Array], Array], energy: Array, sigma_x: float, table: bool = False
    ) -> None:
        self._sin2, self._energy, self._table = sin2, np.asarray(energy, dtype=float), table
        self._blur = energy_width(sigma_x) / self._energy
        small = np.full(1, 1e-5)
        self._distance = float(np.sqrt(sin2(small)[0]) / small[0])

    def __call__(self, q: Array) -> Array:
        """Average (..., S) at wave numbers q (..., S) [1/m]."""
        q = np.asarray(q, dtype=float)
        result = np.array(self._sin2(q), dtype=float)
        flat, blur = result.reshape(-1), np.broadcast_to(self._blur, q.shape).reshape(-1)
        numbers = q.reshape(-1)
        size = 2 * np.abs(numbers) * self._distance * blur
        flat[size >= LOST] = 0.5
        top = float(np.abs(numbers[size < LOST]).max(initial=0.0) * (1 + REACH * blur.max()))
        for low, high in ((PLANE, 1.0), (1.0, 4.0), (4.0, LOST)):
            step = 2 * np.pi / (SPREAD * high + REACH)
            nodes = step * np.arange(-np.ceil(REACH / step), np.ceil(REACH / step) + 1)
            weights = np.exp(-0.5 * nodes**2)
            weights /= weights.sum()
            (found,) = np.nonzero((size >= low) & (size < high))
            for start in range(0, len(found), max(1, CHUNK // len(nodes))):
                part = found[start : start + max(1, CHUNK // len(nodes))]
                near = np.abs(numbers[part, None] * (1 + blur[part, None] * nodes))
                flat[part] = self._looked_up(near, top) @ weights
        return flat.reshape(q.shape)

    def _looked_up(self, q: Array, top: float) -> Array:
        if self._table:
            return self._sin2(q)
        if top > self._kept[0]:
            self._kept = top, _spline(self._sin2, self._distance, top)
        spline = self._kept[1]
        low = spline.x[0]
        place = np.log10(np.maximum(q, 1e-300))
        small = (q * self._distance) ** 2
        return np.where(place < low, small, spline(np.maximum(place, low)))

    @cached_property
    def _kept(self) -> tuple[float, CubicSpline]:
        return 1.0, _spline(self._sin2, self._distance, 1.0)


def _spline(sin2: Callable[[Array], Array], distance: float, top: float) -> CubicSpline:
    """The average on nodes in log10(q) from where it is q^2 <L^2> to the largest q."""
    low, high = np.log10(1e-3 / distance), np.log10(2 * top)
    place = np.linspace(low, high, int((high - low) / STEP) + 2)
    return CubicSpline(place, sin2(10**place))
