r"""Froggatt-Nielsen charges of leptons: a discrete family of models, one for each assignment.

.. math:: Y_{ij} = c_{ij}\, \epsilon^{|e_i + l_j|}, \qquad
    m_{\nu,ij} = c'_{ij}\, \epsilon^{|l_i + l_j|}\, v^2/\Lambda

with integer charges e of the right-handed charged leptons and l of the lepton doublets, and
coefficients of order one: moduli log-uniform in [1/3, 3], phases uniform (C. D. Froggatt & H. B.
Nielsen, Nucl. Phys. B 147 (1979) 277). Equal l are anarchy (L. Hall, H. Murayama & N. Weiner,
hep-ph/9911341). Six phases are absorbed by the fields, and the others stay uniform.
"""

from itertools import product
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from ..base.yaml_files import Number
from ..core.model import Symmetry
from ..core.prior import Prior, Uniform
from ..core.problem import LogRatio, Preset
from ..core.quantity import Quantity
from ..core.settings import StudySettings
from .flavour.flavour_problem import FlavourProblem, FlavourSettings
from .flavour.lepton_data import reference_dm2_3l
from .flavour.mass_matrix_model import FITTED, MassMatrixModel
from .flavour.sector_split import Sector, SectorSplit
from .seesaw.formula import EV_PER_GEV, VEV

Charges = tuple[int, int, int]
PAIRS = tuple((i, j) for i in range(3) for j in range(i, 3))
ALL = tuple(product(range(3), repeat=2))
_F = ("e", "mu", "tau")


def _tex(symbol: str, i: int, j: int, close: str = "") -> str:
    return f"{symbol}_{{{i + 1}{j + 1}}}{close}"


PARAMETERS = (
    *(Quantity(f"ln_c[{_F[i]},{_F[j]}]", _tex(r"\ln|c", i, j, "|")) for i, j in ALL),
    *(Quantity(f"ln_cnu[{_F[i]},{_F[j]}]", _tex(r"\ln|c'", i, j, "|")) for i, j in PAIRS),
    *(Quantity(f"phase_c[{_F[i]},{_F[j]}]", _tex(r"\arg c", i, j), "rad") for i, j in ALL if j > 0),
    *(
        Quantity(f"phase_cnu[{_F[i]},{_F[j]}]", _tex(r"\arg c'", i, j), "rad")
        for i, j in PAIRS
        if i != j
    ),
    Quantity("epsilon", r"\epsilon"),
    Quantity("log10_Lambda", r"\log_{10}(\Lambda/\mathrm{GeV})"),
)


class FroggattNielsenSettings(FlavourSettings):
    """Settings of one assignment; ranges are assumed."""

    study: Literal["froggatt-nielsen"] = "froggatt-nielsen"
    doublets: Charges = Field((1, 0, 0), description="charges l of e, mu, tau doublets")
    singlets: Charges = Field((6, 4, 2), description="charges e of right-handed e, mu, tau")
    scale: Literal["free", "ratio"] = Field(
        "free", description="fit both splittings with Lambda free, or their ratio without it"
    )
    coefficient_max: Number = Field(3.0, gt=1, description="abs(c) log-uniform in [1/this, this]")
    epsilon_min: Number = Field(0.1, gt=0)
    epsilon_max: Number = Field(0.4, lt=1)
    log10_Lambda_min: Number = Field(12.0, description="in GeV, log-uniform")
    log10_Lambda_max: Number = 17.0

    @model_validator(mode="after")
    def _ascending(self) -> "FroggattNielsenSettings":
        if not self.epsilon_min < self.epsilon_max:
            raise ValueError("the range of epsilon must ascend")
        if not self.log10_Lambda_min < self.log10_Lambda_max:
            raise ValueError("the range of log10_Lambda must ascend")
        return self


class FroggattNielsen(MassMatrixModel):
    """Theta (N, 25 or 26): logs of 9 + 6 moduli, 6 + 3 phases, epsilon (and log10 Lambda)."""

    def __init__(self, settings: FroggattNielsenSettings | None = None) -> None:
        s = self.settings = settings or FroggattNielsenSettings()
        self.free = s.scale == "free"
        unit = None if self.free else reference_dm2_3l(s.ordering)
        super().__init__(s.ordering, (*FITTED[s.scale], "y_tau"), unit)
        self.name = f"froggatt-nielsen-{s.ordering}"
        self.parameters = PARAMETERS if self.free else PARAMETERS[:-1]
        size = float(np.log(s.coefficient_max))
        marginals = [*[Uniform(-size, size)] * 15, *[Uniform(0, 2 * np.pi, periodic=True)] * 9]
        marginals += [Uniform(s.epsilon_min, s.epsilon_max)]
        marginals += [Uniform(s.log10_Lambda_min, s.log10_Lambda_max)] * self.free
        self.prior = Prior(marginals)
        e, l = np.array(s.singlets), np.array(s.doublets)
        self._power_e = np.abs(e[:, None] + l[None, :])
        self._power_nu = np.abs(l[:, None] + l[None, :])

    def mass_matrices(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """M_e/v (Yukawa couplings) and M_nu, in eV where Lambda is a parameter, (N, 3, 3)."""
        log_eps = np.log(theta[:, 24])[:, None, None]
        log_e = theta[:, :9].reshape(-1, 3, 3) + self._power_e * log_eps
        phase = np.zeros(log_e.shape)
        phase[:, :, 1:] = theta[:, 15:21].reshape(-1, 3, 2)
        first, second = np.array(PAIRS).T
        log_nu, phase_nu = np.empty(log_e.shape), np.zeros(log_e.shape)
        log_nu[:, first, second] = log_nu[:, second, first] = theta[:, 9:15]
        off = first != second
        phase_nu[:, first[off], second[off]] = theta[:, 21:24]
        phase_nu[:, second[off], first[off]] = theta[:, 21:24]
        log_nu += self._power_nu * log_eps
        if self.free:
            log_nu += np.log(VEV**2 * EV_PER_GEV) - np.log(10) * theta[:, 25, None, None]
        return np.exp(log_e + 1j * phase), np.exp(log_nu + 1j * phase_nu)

    @property
    def sectors(self) -> SectorSplit:
        """Epsilon is all that Y and m_nu share."""
        first, second = np.array(PAIRS).T
        power_e, power_nu = self._power_e.ravel(), self._power_nu[first, second]
        phases, own = tuple(range(15, 21)), tuple(range(9, 15))
        rest = (*range(21, 24), *([25] * self.free))
        columns = (phases[0::2], phases[1::2])  # of Y: turning one is a rephasing of a doublet
        return SectorSplit(
            24,
            Sector((*range(9), *phases), tuple(range(9)), tuple(power_e.tolist()), columns),
            Sector((*own, *rest), own, tuple(power_nu.tolist())),
        )

    @property
    def symmetries(self) -> tuple[Symmetry, ...]:
        """CP: all phases change sign."""
        return (Symmetry("CP", _conjugate),)

    @property
    def reflections(self) -> tuple[str, ...]:
        """Nothing tells the posterior from its CP image."""
        return ("delta_cp", "alpha21", "alpha31")


def _conjugate(theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    moved = theta.copy()
    flip = rng.random(len(theta)) < 0.5
    moved[flip, 15:24] = (-moved[flip, 15:24]) % (2 * np.pi)
    return moved, np.zeros(len(theta))


class FroggattNielsenProblem(FlavourProblem):
    """How well one assignment of charges explains the leptons."""

    kind = "froggatt-nielsen"
    Settings: ClassVar[type[StudySettings]] = FroggattNielsenSettings
    method = "sectors"

    def build_model(self) -> FroggattNielsen:
        """The model with the settings in force."""
        return FroggattNielsen(self.settings)

    def prior_alternatives(self) -> dict[str, LogRatio]:
        """Epsilon log-uniform; coefficients nearer to one, ln abs(c) normal with width 0.8."""
        return {
            "epsilon log-uniform": lambda theta, _: -np.log(theta[:, 24]),
            "ln c normal": lambda theta, _: -0.5 * np.sum((theta[:, :15] / 0.8) ** 2, axis=1),
        }


def assignments(
    limit: int = 200, largest_l: int = 3, epsilon: float = 0.2
) -> list[tuple[Charges, Charges]]:
    """Charge assignments (l, e), the most natural first.

    All l1 >= l2 >= l3 = 0 up to `largest_l` (a common shift of l goes into e and Lambda), and all
    e1 >= e2 >= e3 >= 0 up to 9, in the order of how far the diagonal powers of epsilon are from the
    three charged-lepton Yukawa couplings.
    """
    target = np.log(np.array([2.7e-6, 5.7e-4, 1.0e-2])) / np.log(epsilon)
    found: list[tuple[float, Charges, Charges]] = []
    for l1, l2 in product(range(largest_l + 1), repeat=2):
        if l2 > l1:
            continue
        l = (l1, l2, 0)
        for e1, e2, e3 in product(range(10), repeat=3):
            if e1 >= e2 >= e3:
                away = np.array([l1 + e1, l2 + e2, e3]) - target
                found.append((float(away @ away), l, (e1, e2, e3)))
    found.sort()
    return [(l, e) for _, l, e in found[:limit]]


def family(limit: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """The `limit` most natural assignments, by label."""
    return {
        f"l = {l}, e = {e}": (
            "pontecorvo.problems.froggatt_nielsen:FroggattNielsenProblem",
            {"doublets": l, "singlets": e, "scale": "ratio", "draws": 2000},
        )
        for l, e in assignments(limit)
    }


normal_ordering = Preset(FroggattNielsenProblem, {"ordering": "no"})
inverted_ordering = Preset(FroggattNielsenProblem, {"ordering": "io"})
