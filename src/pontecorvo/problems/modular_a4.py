"""Feruglio's A4 modular model: tau alone makes the neutrino mass matrix, up to a scale.

F. Feruglio, arXiv:1706.08749, sec. 3.1.1: lepton doublets are a triplet of weight 1, the Weinberg
operator has one coupling, charged leptons are diagonal. Two real parameters for five observables:
a rejection test. Its best point, inverted ordering near tau = 0.0111 + 0.9946 i, has
sin^2 theta13 = 0.0447, forty standard errors away: the data exclude the model.
"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ..base.yaml_files import Number
from ..core.joint_prior import JointPrior
from ..core.prior import Uniform
from ..core.problem import Preset
from ..core.quantity import Quantity
from ..core.settings import StudySettings
from .flavour.flavour_problem import FlavourProblem, FlavourSettings
from .flavour.fundamental_domain import FundamentalDomain
from .flavour.lepton_data import reference_dm2_3l
from .flavour.mass_matrix_model import ANGLES, MassMatrixModel, stack

_DIVISORS = 10  # terms of the q series; abs(q) < 0.0044 in the domain


class ModularA4Settings(FlavourSettings):
    """Settings of the A4 study."""

    study: Literal["modular-a4"] = "modular-a4"
    im_tau_max: Number = Field(3.5, gt=1, le=20, description="tau: uniform in its domain below")


def triplet(tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The forms Y1, Y2, Y3 (N,) of weight 2 and level 3, of tau (N,).

    With sigma(n) the sum of n's divisors: Y1 + ... follow from 1 + 12 sum over n of
    (sigma(n) - 3 sigma(n/3)) q^n, Y2 = -6 q^(1/3) sum sigma(3n+1) q^n and
    Y3 = -18 q^(2/3) (Y2's square over Y1: Y2^2 + 2 Y1 Y3 = 0).
    """
    q = np.exp(2j * np.pi * tau)

    def sigma(n: int) -> int:
        return sum(d for d in range(1, n + 1) if n % d == 0)

    y1 = np.ones_like(q)
    y2 = np.zeros_like(q)
    for n in range(_DIVISORS):
        if n:
            y1 += 12 * (sigma(n) - (3 * sigma(n // 3) if n % 3 == 0 else 0)) * q**n
        y2 += sigma(3 * n + 1) * q**n
    y2 *= -6 * np.exp(2j * np.pi * tau / 3)
    return y1, y2, -(y2**2) / (2 * y1)


class ModularA4(MassMatrixModel):
    """Theta (N, 2): Re tau, Im tau."""

    parameters = (
        Quantity("re_tau", r"\mathrm{Re}\,\tau"),
        Quantity("im_tau", r"\mathrm{Im}\,\tau"),
    )

    def __init__(self, settings: ModularA4Settings | None = None) -> None:
        s = self.settings = settings or ModularA4Settings()
        super().__init__(s.ordering, (*ANGLES, "dm2_ratio"), reference_dm2_3l(s.ordering))
        self.name = f"modular-a4-{s.ordering}"
        box = [Uniform(-0.5, 0.5), Uniform(0.75**0.5, s.im_tau_max)]
        self.prior = JointPrior(box, {(0, 1): FundamentalDomain(s.im_tau_max)})

    def mass_matrices(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """M_e, diagonal (triplet e, tau, mu; masses are no prediction), and M_nu without a unit."""
        y1, y2, y3 = triplet(theta[:, 0] + 1j * theta[:, 1])
        m_nu = stack([[2 * y1, -y3, -y2], [-y3, 2 * y2, -y1], [-y2, -y1, 2 * y3]])
        return np.broadcast_to(np.diag([0.0003, 1.0, 0.06]), m_nu.shape), m_nu


class ModularA4Problem(FlavourProblem):
    """Whether any tau gives the measured leptons."""

    kind = "modular-a4"
    papers = ("F. Feruglio, arXiv:1706.08749",)
    Settings: ClassVar[type[StudySettings]] = ModularA4Settings
    method = "modes"

    def build_model(self) -> ModularA4:
        """The model with the settings in force."""
        return ModularA4(self.settings)


normal_ordering = Preset(ModularA4Problem, {"ordering": "no"})
inverted_ordering = Preset(ModularA4Problem, {"ordering": "io"})
