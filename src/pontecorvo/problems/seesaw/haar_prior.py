r"""Priors of the light neutrinos themselves, relative to the flat prior of the Yukawa matrix.

The flat prior is, in Casas-Ibarra coordinates (`flat_measure`) and with t_i = abs(M_i)^3,

.. math:: \prod_{i<j} |m_i^2 - m_j^2| \prod_i dm_i \cdot dU \cdot dO\, \frac{\sinh^2\eta}{\eta^2}
          d^3a \cdot d\phi_1 d\phi_2 \cdot \prod_i dt_i

inside the box of Y and M. Two others over the same parameters, in the same box:

* ``masses``: the factor of the light masses becomes prod dm_i / m_i above a smallest mass; all
  else stays. The measure of U is Haar's, and only the box ties U to the rest.
* ``haar``: U exactly Haar and independent of all else, light masses log-uniform, O Haar, the boost
  a normal of a given width, and the heavy masses, given these, as the flat prior has them. Their
  room V in the box, the closed-form volume of docs/exact-posterior.md, is divided out: it is what
  ties U to the rest. (Where no heavy masses fit the box, there is no prior either.)

Both ratios are closed forms. Neither is normalised; reweighting does not need it.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...base.errors import InputError
from ...base.parallel import map_chunks
from .casas_ibarra import casas_ibarra_matrix
from .casas_ibarra_kernel import ordered_volume
from .fast_map import light_neutrinos_from_theta, unpack
from .model import Seesaw

_CHUNK = 1 << 14


@dataclass(frozen=True)
class LightPrior:
    """Which prior of the light neutrinos.

    Attributes:
        kind: ``"masses"`` or ``"haar"``.
        lightest: Smallest mass allowed, eV. A log-uniform mass needs an end.
        boost: Width of each of the boost's three components, for ``"haar"``.
    """

    kind: Literal["masses", "haar"] = "masses"
    lightest: float = 1e-4
    boost: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in ("masses", "haar"):
            raise InputError(f"light prior {self.kind!r}; allowed are masses and haar")
        for name, value in (("lightest", self.lightest), ("boost", self.boost)):
            if not 0 < value < np.inf:
                raise InputError(f"light prior, {name}: {value}; it must be positive and finite")

    @property
    def title(self) -> str:
        """What the report calls it."""
        independent = " independent of all else" if self.kind == "haar" else ""
        return (
            f"Haar-flat mixing{independent}, light masses log-uniform "
            f"above {1e3 * self.lightest:g} meV"
        )

    def log_ratio(self, model: Seesaw, theta: np.ndarray) -> np.ndarray:
        """Log of this prior over the flat one (N,), up to a constant; -inf where it is zero.

        Args:
            model: The seesaw, whose prior is flat in Y; its box is kept.
            theta: Parameters (N, 23) inside that box.

        Raises:
            InputError: If the prior of the seesaw is not flat in Y.
        """
        if model.prior_settings.yukawa != "uniform":
            raise InputError("light prior: needs a seesaw whose prior is uniform in the Yukawas")
        result = np.empty(len(theta))

        def block(start: int, stop: int) -> None:
            part = theta[start:stop]
            masses, mixing = light_neutrinos_from_theta(part, model.ordering, model.vev)
            value = log_mass_ratio(masses, self.lightest)
            if self.kind == "haar":
                eta = boost_length(part, masses, mixing, model.vev)
                value += log_boost_ratio(eta, self.boost) - log_room(model, part)
            value[np.isnan(value)] = -np.inf
            result[start:stop] = value

        map_chunks(block, len(theta), _CHUNK)
        return result


def log_mass_ratio(masses: np.ndarray, lightest: float) -> np.ndarray:
    """Log of prod 1/m_i over prod abs(m_i^2 - m_j^2), (N,); -inf where a mass is below `lightest`.

    Args:
        masses: Light masses (N, 3), eV, in any order.
        lightest: Smallest mass allowed, eV.
    """
    m1, m2, m3 = masses.T
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.log(np.abs((m2**2 - m1**2) * (m3**2 - m1**2) * (m3**2 - m2**2)))
        result = -gaps - np.log(masses).sum(axis=1)
    return np.where(masses.min(axis=1) >= lightest, result, -np.inf)


def log_boost_ratio(eta: np.ndarray, width: float) -> np.ndarray:
    """Log of the normal exp(-eta^2 / 2 width^2) over sinh^2(eta)/eta^2, (N,), both in d^3 a."""
    safe = np.maximum(eta, 1e-8)
    # log sinh without overflow: eta + log((1 - exp(-2 eta)) / 2)
    log_sinh = safe + np.log(-0.5 * np.expm1(-2 * safe))
    return np.asarray(-0.5 * (eta / width) ** 2 - 2 * (log_sinh - np.log(safe)))


def boost_length(
    theta: np.ndarray, masses: np.ndarray, mixing: np.ndarray, vev: float
) -> np.ndarray:
    """Rapidity eta (N,) of R; NaN where a light mass vanishes.

    R^+ R = exp(2iA) has the imaginary part (sinh 2 eta / eta) A. Signs of rows and columns of R,
    which labels and square roots leave open, turn the vector of A but not its length.
    """
    yukawa, heavy = unpack(theta)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        r = casas_ibarra_matrix(yukawa, heavy, masses, mixing, vev)
        product = np.imag(np.swapaxes(r.conj(), -1, -2) @ r)
        vector = [product[:, i, j] - product[:, j, i] for i, j in ((0, 1), (1, 2), (2, 0))]
        return np.asarray(0.5 * np.arcsinh(0.5 * np.sqrt(np.sum(np.square(vector), axis=0))))


def log_room(model: Seesaw, theta: np.ndarray) -> np.ndarray:
    """Log of the volume V (N,) in t = abs(M)^3 that the box leaves the heavy masses.

    Given light masses, mixing, R and phases, the flat prior spreads t evenly over
    t_min < t_1 < t_2 < t_3 with t_i below its cap; in units of the prior's largest t for each.
    """
    prior = model.prior_settings
    size = np.abs(theta[:, :18]).reshape(-1, 2, 3, 3).max(axis=(1, 2))
    top = 10.0**prior.log10_M_max
    with np.errstate(divide="ignore", invalid="ignore"):
        caps = np.minimum(10.0 ** theta[:, 18:21] * (prior.yukawa_max / size) ** 2, top)
        third = caps[:, 2]
        second = np.minimum(caps[:, 1], third)
        first = np.minimum(caps[:, 0], second)
        lowest = (10.0**prior.log10_M_min / third) ** 3
        # the chart's own polynomial, in units of the third cap
        volume = ordered_volume.py_func(lowest, (first / third) ** 3, (second / third) ** 3)
        return np.asarray(np.log(volume) + 9 * np.log(third / top))
