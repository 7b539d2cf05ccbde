r"""Two right-handed neutrinos: the smallest type-I seesaw, with one massless neutrino.

.. math:: m_\nu = v^2\, Y M^{-1} Y^T, \qquad Y \in C^{3\times 2}, \quad M = \mathrm{diag}(M_1, M_2)

(P. H. Frampton, S. L. Glashow & T. Yanagida, hep-ph/0208157). The rank is two: m_lightest = 0.
Real positive M; uniform phases of Y hold those of M.
"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from ..base.yaml_files import Number
from ..core.model import Model, Symmetry
from ..core.prior import Prior, Uniform
from ..core.problem import Preset
from ..core.quantity import Quantity
from ..core.settings import StudySettings
from ..physics.masses import splittings_from_masses
from ..physics.takagi import takagi_of_factor
from .flavour.flavour_problem import FlavourProblem, FlavourSettings
from .flavour.mass_matrices import lepton_predictions, mixing_angles
from .flavour.mass_matrix_model import PREDICTIONS, QUANTITIES
from .flavour.nufit import OSCILLATION
from .flavour.predictions.plugin import FlavourDraws
from .seesaw.formula import EV_PER_GEV, VEV

PARAMETERS = (
    *(
        Quantity(f"Y_{part.lower()}[{f},{k}]", rf"\mathrm{{{part}}}\,Y_{{{tex} {k}}}")
        for part in ("Re", "Im")
        for f, tex in (("e", "e"), ("mu", r"\mu"), ("tau", r"\tau"))
        for k in (1, 2)
    ),
    *(Quantity(f"log10_M[{k}]", rf"\log_{{10}}(M_{k}/\mathrm{{GeV}})") for k in (1, 2)),
)


class TwoRHNSettings(FlavourSettings):
    """Settings of the seesaw with two right-handed neutrinos; ranges as in the founding paper's."""

    study: Literal["two-rhn"] = "two-rhn"
    yukawa_max: Number = Field(1.0, gt=0, description="Re Y and Im Y are uniform in +- this")
    log10_M_min: Number = Field(12.0, description="of M in GeV, log-uniform, ordered")
    log10_M_max: Number = 17.0

    @model_validator(mode="after")
    def _ascending(self) -> "TwoRHNSettings":
        if not self.log10_M_min < self.log10_M_max:
            raise ValueError("the range of log10_M must ascend")
        return self


class TwoRHN(Model):
    """Theta (N, 14): Re Y (6, row-major [flavour, heavy]), Im Y (6), log10 M (2, ascending)."""

    parameters = PARAMETERS
    observables = tuple(QUANTITIES[name] for name in OSCILLATION)

    def __init__(self, settings: TwoRHNSettings | None = None) -> None:
        s = self.settings = settings or TwoRHNSettings()
        self.name, self.ordering = f"two-rhn-{s.ordering}", s.ordering
        component = Uniform(-s.yukawa_max, s.yukawa_max)
        mass = Uniform(s.log10_M_min, s.log10_M_max)
        self.prior = Prior([*[component] * 12, mass, mass], ordered=[(12, 13)])

    def light_neutrinos(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Masses (m1, m2, m3) in eV, the lightest exactly zero, and U, of parameters (N, 14)."""
        y = (theta[:, :6] + 1j * theta[:, 6:12]).reshape(-1, 3, 2)
        factor = np.zeros((len(theta), 3, 3), complex)
        factor[:, :, :2] = VEV * EV_PER_GEV**0.5 * y / 10 ** (0.5 * theta[:, None, 12:])
        masses, u = takagi_of_factor(factor)
        masses[:, 0] = 0.0  # rank two; the factorisation leaves rounding
        if self.ordering == "io":
            masses, u = np.roll(masses, -1, axis=1), np.roll(u, -1, axis=2)
        return masses, u

    def flavour_draws(self, theta: np.ndarray) -> FlavourDraws:
        """Yukawas, heavy masses, mixing and light masses, for plug-ins of predictions."""
        y = (theta[:, :6] + 1j * theta[:, 6:12]).reshape(-1, 3, 2)
        masses, u = self.light_neutrinos(theta)
        return FlavourDraws(y, 10 ** theta[:, 12:], VEV, u, masses, self.ordering)

    def forward(self, theta: np.ndarray) -> np.ndarray:
        """The five oscillation observables (N, 5)."""
        masses, u = self.light_neutrinos(theta)
        _, dm2_21, dm2_3l = splittings_from_masses(masses, self.ordering)
        return np.column_stack([dm2_21, dm2_3l, mixing_angles(u)])

    @property
    def prediction_quantities(self) -> tuple[Quantity, ...]:
        """Everything about light neutrinos."""
        return tuple(q for q in PREDICTIONS if q.name != "dm2_ratio")

    def predict(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Predictions (N,) by name: masses in eV, phases in rad."""
        return lepton_predictions(*self.light_neutrinos(theta), self.ordering)

    @property
    def symmetries(self) -> tuple[Symmetry, ...]:
        """CP, signs of columns, and turns of rows by i."""
        return (Symmetry("CP", _conjugate), Symmetry("signs and quarter turns", _turn))


def _conjugate(theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    moved = theta.copy()
    moved[:, 6:12] *= rng.choice([-1.0, 1.0], (len(theta), 1))
    return moved, np.zeros(len(theta))


def _turn(theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    moved = theta.copy()
    y = (theta[:, :6] + 1j * theta[:, 6:12]).reshape(-1, 3, 2)
    y = y * 1j ** rng.integers(0, 4, (len(y), 3, 1)) * rng.choice([-1.0, 1.0], (len(y), 1, 2))
    moved[:, :6], moved[:, 6:12] = y.real.reshape(-1, 6), y.imag.reshape(-1, 6)
    return moved, np.zeros(len(theta))


class TwoRHNProblem(FlavourProblem):
    """Which couplings and two heavy masses give the measured oscillations."""

    kind = "two-rhn"
    Settings: ClassVar[type[StudySettings]] = TwoRHNSettings

    def build_model(self) -> TwoRHN:
        """The model with the settings in force."""
        return TwoRHN(self.settings)


normal_ordering = Preset(TwoRHNProblem, {"ordering": "no"})
inverted_ordering = Preset(TwoRHNProblem, {"ordering": "io"})
