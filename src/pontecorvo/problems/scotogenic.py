r"""The scotogenic model: neutrino masses from a loop of dark scalars and heavy neutrinos.

.. math:: m_\nu = Y \Lambda Y^T, \quad \Lambda_k = \frac{M_k}{32\pi^2} \left[
    \frac{m_R^2}{m_R^2 - M_k^2} \ln\frac{m_R^2}{M_k^2} -
    \frac{m_I^2}{m_I^2 - M_k^2} \ln\frac{m_I^2}{M_k^2} \right], \quad
    m_{R,I}^2 = m_0^2 \pm \lambda_5 v^2

(E. Ma, Phys. Rev. D 73 (2006) 077301, with the factor 1/2 of A. Merle & M. Platscher,
arXiv:1507.06314.) The effective masses of the seesaw's exact measure are v^2/Lambda_k. They rise
with M_k only above 2.15 m_0, so that the heavy neutrinos are taken heavier than 3 m_0: the dark
matter is the scalar.
"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from ..base.yaml_files import Number
from ..core.prior import Prior, Uniform
from ..core.problem import Preset
from ..core.quantity import Quantity
from ..core.settings import StudySettings
from .flavour.effective_seesaw import EffectiveSeesaw, yukawa_marginals
from .flavour.flavour_problem import FlavourProblem, FlavourSettings
from .flavour.predictions.lfv import ALPHA, CHANNELS, FLAVOURS, LEPTONIC
from .flavour.predictions.lfv_susy import G_F
from .seesaw.formula import VEV

OWN = (
    *(Quantity(f"log10_M[{k}]", rf"\log_{{10}}(M_{k}/\mathrm{{GeV}})") for k in (1, 2, 3)),
    Quantity("log10_lambda5", r"\log_{10}\lambda_5"),
)
_TEX = {"e": "e", "mu": r"\mu", "tau": r"\tau"}
PHOTON = tuple(
    Quantity(f"log10_BR_{i}_{j}_gamma", rf"\log_{{10}}\mathrm{{BR}}({_TEX[i]}\to {_TEX[j]}\gamma)")
    for i, j in CHANNELS
)


class ScotogenicSettings(FlavourSettings):
    """Settings of the scotogenic model; the ranges are assumed."""

    study: Literal["scotogenic"] = "scotogenic"
    yukawa_max: Number = Field(1.0, gt=0, description="Re Y and Im Y are uniform in +- this")
    scalar_mass: Number = Field(500.0, gt=0, description="m_0 in GeV")
    log10_M_min: Number = Field(3.2, description="of M in GeV, log-uniform, above 3 m_0")
    log10_M_max: Number = 8.0
    log10_lambda5_min: Number = Field(-10.0, description="log-uniform")
    log10_lambda5_max: Number = 0.0

    @model_validator(mode="after")
    def _ranges(self) -> "ScotogenicSettings":
        if not self.log10_M_min < self.log10_M_max:
            raise ValueError("the range of log10_M must ascend")
        if not self.log10_lambda5_min < self.log10_lambda5_max:
            raise ValueError("the range of log10_lambda5 must ascend")
        if 10.0**self.log10_M_min < 3 * self.scalar_mass:
            raise ValueError("log10_M_min must be at least log10 of 3 scalar masses")
        if 10.0**self.log10_lambda5_max * VEV**2 >= self.scalar_mass**2:
            raise ValueError("lambda5 v^2 must stay below the square of the scalar mass")
        return self


def loop(mass: np.ndarray, lambda5: np.ndarray, scalar_mass: float) -> np.ndarray:
    """Lambda_k in GeV of heavy masses (GeV), lambda_5 and m_0 (GeV); inputs broadcast.

    Both terms are f(m^2) = ln(m^2/M^2) / (1 - M^2/m^2), whose difference is written without
    cancellation: with a = m_R^2/M^2, b = m_I^2/M^2 and f = x ln x/(x - 1),
    f(a) - f(b) = a/(a - 1) ln(a/b) - ln(b) (a - b)/((a - 1)(b - 1)).
    """
    mass, lambda5 = np.broadcast_arrays(np.asarray(mass, float), lambda5)
    shift = lambda5 * VEV**2
    square = mass**2
    a, b = (scalar_mass**2 + shift) / square, (scalar_mass**2 - shift) / square
    ratio = np.log1p(2 * shift / (scalar_mass**2 - shift))
    value = a / (a - 1) * ratio - np.log(b) * (2 * shift / square) / ((a - 1) * (b - 1))
    return np.asarray(mass / (32 * np.pi**2) * value)


def photon_ratio(y: np.ndarray, mass: np.ndarray, scalar_mass: float) -> np.ndarray:
    """BR(l_i -> l_j gamma)/BR(l_i -> l_j nu nu) (N, 3, 3) by the inert doublet's loop.

    Dipole of T. Toma & A. Vicente, arXiv:1312.2840, eqs. (7), (8), (11):
    3 alpha/(64 pi G_F^2 m^4) abs(sum_k Y_ik Y_jk^* F_2(M_k^2/m^2))^2.

    Args:
        y: Yukawas (N, 3, 3).
        mass: Heavy masses (N, 3) in GeV.
        scalar_mass: Mass m of the charged scalar in GeV.
    """
    x = (mass / scalar_mass) ** 2
    f2 = (1 - 6 * x + 3 * x**2 + 2 * x**3 - 6 * x**2 * np.log(x)) / (6 * (1 - x) ** 4)
    total = np.einsum("nik,njk,nk->nij", y, y.conj(), f2)
    return np.asarray(3 * ALPHA / (64 * np.pi * G_F**2 * scalar_mass**4) * np.abs(total) ** 2)


class Scotogenic(EffectiveSeesaw):
    """Theta (N, 24): Re Y, Im Y, log10 M (3, ascending), log10 lambda_5, phases of M_1, M_2."""

    def __init__(self, settings: ScotogenicSettings | None = None) -> None:
        s = self.settings = settings or ScotogenicSettings()
        self.name = f"scotogenic-{s.ordering}"
        ends = np.array([[s.log10_M_min] * 3 + [s.log10_lambda5_max]])
        low = float(self.log10_effective(ends)[0, 0])
        ends = np.array([[s.log10_M_max] * 3 + [s.log10_lambda5_min]])
        high = float(self.log10_effective(ends)[0, 0])
        super().__init__(s.ordering, low, high, s.yukawa_max, OWN)
        marginals = [*yukawa_marginals(self.seesaw.prior)]
        marginals += [Uniform(s.log10_M_min, s.log10_M_max)] * 3
        marginals += [Uniform(s.log10_lambda5_min, s.log10_lambda5_max)]
        self.prior = Prior([*marginals, *self.seesaw.prior.marginals[21:]], [(18, 19, 20)])

    def log10_effective(self, own: np.ndarray) -> np.ndarray:
        """log10 of v^2/Lambda."""
        lambda5 = 10.0 ** own[:, 3:4]
        return 2 * np.log10(VEV) - np.log10(
            np.abs(loop(10.0 ** own[:, :3], lambda5, self.settings.scalar_mass))
        )

    def own_parameters(
        self, log10_effective: np.ndarray, u: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """lambda_5 from its prior, then M from the effective masses by bisection."""
        s = self.settings
        span = s.log10_lambda5_max - s.log10_lambda5_min
        lambda5 = s.log10_lambda5_min + span * u
        low = np.full(log10_effective.shape, s.log10_M_min)
        high = np.full(log10_effective.shape, s.log10_M_max)
        bottom = self.log10_effective(np.concatenate([low, lambda5], axis=1))
        top = self.log10_effective(np.concatenate([high, lambda5], axis=1))
        inside = np.all((log10_effective > bottom) & (log10_effective < top), axis=1)
        for _ in range(50):
            middle = 0.5 * (low + high)
            below = self.log10_effective(np.concatenate([middle, lambda5], axis=1))
            low = np.where(below < log10_effective, middle, low)
            high = np.where(below < log10_effective, high, middle)
        mass, step = 0.5 * (low + high), 1e-5
        slope = (
            self.log10_effective(np.concatenate([mass + step, lambda5], axis=1))
            - self.log10_effective(np.concatenate([mass - step, lambda5], axis=1))
        ) / (2 * step)
        density = np.log(6) - 3 * np.log(s.log10_M_max - s.log10_M_min) - np.log(slope).sum(axis=1)
        return np.concatenate([mass, lambda5], axis=1), np.where(inside, density, -np.inf)

    @property
    def extra_quantities(self) -> tuple[Quantity, ...]:
        """Lepton-flavour violation by the loop of the charged scalar."""
        return PHOTON

    def extra_predictions(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """log10 of BR(l_i -> l_j gamma), the charged scalar's mass being m_0 (assumed)."""
        y = (theta[:, :9] + 1j * theta[:, 9:18]).reshape(-1, 3, 3)
        ratio = photon_ratio(y, 10.0 ** theta[:, 18:21], self.settings.scalar_mass)
        return {
            f"log10_BR_{i}_{j}_gamma": np.log10(
                ratio[:, FLAVOURS.index(i), FLAVOURS.index(j)] * LEPTONIC[i, j]
            )
            for i, j in CHANNELS
        }

    def free_coordinates(self, own: np.ndarray) -> np.ndarray:
        """Where lambda_5 stands in its range."""
        s = self.settings
        return (own[:, 3:4] - s.log10_lambda5_min) / (s.log10_lambda5_max - s.log10_lambda5_min)


class ScotogenicProblem(FlavourProblem):
    """Which couplings, heavy masses and lambda_5 give the measured oscillations."""

    kind = "scotogenic"
    papers = ("arXiv:1507.06314",)
    Settings: ClassVar[type[StudySettings]] = ScotogenicSettings
    method = "exact"

    def build_model(self) -> Scotogenic:
        """The model with the settings in force."""
        return Scotogenic(self.settings)


normal_ordering = Preset(ScotogenicProblem, {"ordering": "no"})
inverted_ordering = Preset(ScotogenicProblem, {"ordering": "io"})
