r"""Mixing sum rules as models: TM1, TM2 and mu-tau reflection, and no rule at all.

* ``tm1``: the first column of tri-bimaximal mixing stays: sin^2 theta12 = 1 - 2/(3 cos^2 theta13);
* ``tm2``: the second does: sin^2 theta12 = 1/(3 cos^2 theta13);
* ``mu-tau``: reflection of mu and tau with CP: sin^2 theta23 = 1/2, delta = +-90 degrees.

(C. H. Albright & W. Rodejohann, arXiv:0812.0436; P. F. Harrison & W. G. Scott, hep-ph/0210197.)
TM1 and TM2 tie delta to theta23 too: for a = s12 s13 (TM1) the moduli of the fixed column give
cos(delta). What a rule leaves free is uniform, in the sense of Haar's measure for ``none``:
sin^2 theta12, cos^4 theta13 and sin^2 theta23 uniform.
"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ..core.model import Model
from ..core.prior import Marginal, Prior, Uniform
from ..core.problem import Preset
from ..core.quantity import Quantity
from ..core.settings import StudySettings
from .flavour.flavour_problem import FlavourProblem, FlavourSettings
from .flavour.mass_matrix_model import ANGLES, QUANTITIES

_FREE = {
    "tm1": ("sin2_theta13", "phi"),
    "tm2": ("sin2_theta13", "phi"),
    "mu-tau": ("sin2_theta12", "cos4_theta13"),
    "none": ("sin2_theta12", "cos4_theta13", "sin2_theta23"),
}
_LARGEST = {"tm1": 1 / 3, "tm2": 2 / 3}  # of sin^2 theta13: what the fixed column leaves of U_e3
_TEX = {
    "sin2_theta12": r"\sin^2\theta_{12}",
    "sin2_theta13": r"\sin^2\theta_{13}",
    "cos4_theta13": r"\cos^4\theta_{13}",
    "sin2_theta23": r"\sin^2\theta_{23}",
    "phi": r"\phi",
}


class SumRuleSettings(FlavourSettings):
    """Settings of a sum rule."""

    study: Literal["mixing-sum-rule"] = "mixing-sum-rule"
    rule: Literal["tm1", "tm2", "mu-tau", "none"] = Field("tm1", description="which rule")


class SumRule(Model):
    """Theta (N, 2 or 3) to the three mixing angles; delta and J are predictions."""

    observables = tuple(QUANTITIES[name] for name in ANGLES)

    def __init__(self, settings: SumRuleSettings | None = None) -> None:
        s = self.settings = settings or SumRuleSettings()
        self.name = s.rule
        self.parameters = tuple(
            Quantity(name, _TEX[name], "rad" if name == "phi" else "") for name in _FREE[s.rule]
        )
        marginals: list[Marginal] = []
        for name in _FREE[s.rule]:
            if name == "phi":
                marginals.append(Uniform(0.0, 2 * np.pi, periodic=True))
            else:
                top = _LARGEST[s.rule] if name == "sin2_theta13" else 1.0
                marginals.append(Uniform(0.0, top))
        self.prior = Prior(marginals)

    def _angles(self, theta: np.ndarray) -> tuple[np.ndarray, ...]:
        """sin^2 of the angles and delta, of parameters (N, P); NaN for delta where it is free."""
        rule = self.settings.rule
        if rule in ("tm1", "tm2"):
            u = trimaximal(theta[:, 0], theta[:, 1], rule)
            from ..physics.pmns import pmns_parameters

            found = pmns_parameters(u)
            return found.s12sq, found.s13sq, found.s23sq, found.delta
        s12, s13 = theta[:, 0], 1 - np.sqrt(theta[:, 1])
        if rule == "mu-tau":
            half = np.full(len(theta), 0.5)
            return s12, s13, half, np.full(len(theta), 1.5 * np.pi)
        return s12, s13, theta[:, 2], np.full(len(theta), np.nan)

    def forward(self, theta: np.ndarray) -> np.ndarray:
        """sin^2 of theta12, theta13 and theta23, (N, 3)."""
        return np.stack(self._angles(theta)[:3], axis=1)

    @property
    def prediction_quantities(self) -> tuple[Quantity, ...]:
        """The angles; delta too where the rule says something about it."""
        extra = () if self.settings.rule == "none" else (QUANTITIES["delta_cp"],)
        return (*self.observables, *extra)

    def predict(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Angles and, where the rule has it, delta (rad; 270 degrees of the two for mu-tau)."""
        s12, s13, s23, delta = self._angles(theta)
        result = {"sin2_theta12": s12, "sin2_theta13": s13, "sin2_theta23": s23}
        return result if self.settings.rule == "none" else {**result, "delta_cp": delta}


def trimaximal(s13sq: np.ndarray, phi: np.ndarray, rule: str) -> np.ndarray:
    """U (N, 3, 3) of tri-bimaximal mixing times a rotation of its other two columns.

    Args:
        s13sq: sin^2 theta13 (N,), at most 1/3 (tm1) or 2/3 (tm2).
        phi: Phase of the rotation (N,), rad.
        rule: ``"tm1"`` keeps column 1, ``"tm2"`` column 2.
    """
    a, b, c = np.sqrt([1 / 2, 1 / 3, 1 / 6])
    tri = np.array([[2 * c, b, 0], [-c, b, a], [c, -b, a]])
    keep, turned = (0, 1) if rule == "tm1" else (1, 0)
    sine = np.sqrt(s13sq) / tri[0, turned]
    cosine = np.sqrt(np.maximum(1 - sine**2, 0.0))
    u = np.zeros((len(s13sq), 3, 3), complex)
    u[:, :, keep] = tri[:, keep]
    phase = np.exp(1j * phi)
    u[:, :, turned] = cosine[:, None] * tri[:, turned] - (sine * phase)[:, None] * tri[:, 2]
    u[:, :, 2] = (sine * phase.conj())[:, None] * tri[:, turned] + cosine[:, None] * tri[:, 2]
    return u


class SumRuleProblem(FlavourProblem):
    """How well a sum rule agrees with the measured angles."""

    kind = "mixing-sum-rule"
    papers = (
        "C. H. Albright and W. Rodejohann, arXiv:0812.0436",
        "P. F. Harrison and W. G. Scott, hep-ph/0210197",
    )
    Settings: ClassVar[type[StudySettings]] = SumRuleSettings
    method = "modes"

    def default_name(self) -> str:
        """The rule."""
        return str(self.settings.rule)

    def build_model(self) -> SumRule:
        """The model with the settings in force."""
        return SumRule(self.settings)


tm1 = Preset(SumRuleProblem, {"rule": "tm1"})
tm2 = Preset(SumRuleProblem, {"rule": "tm2"})
mu_tau = Preset(SumRuleProblem, {"rule": "mu-tau"})
no_rule = Preset(SumRuleProblem, {"rule": "none"})
