"""The S4' modular lepton model: one modulus and four real ratios of couplings give it all.

P. P. Novichkov, J. T. Penedo & S. T. Petcov, arXiv:2006.03058, sec. 6.1: charged leptons and the
Weinberg operator are made of modular forms of tau, and only tau breaks CP. Sampling, modes, report
and comparison are generic: this file is the pattern for a model of your own.
"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ..base.yaml_files import Number
from ..core.joint_prior import JointPrior
from ..core.model import Symmetry
from ..core.prior import Uniform
from ..core.problem import LogRatio, Preset
from ..core.quantity import Quantity
from ..core.settings import StudySettings
from .flavour.flavour_problem import FlavourProblem, FlavourSettings
from .flavour.fundamental_domain import FundamentalDomain
from .flavour.lepton_data import reference_dm2_3l
from .flavour.mass_matrix_model import FITTED, MassMatrixModel, stack

R2, R3, R6 = np.sqrt([2.0, 3.0, 6.0])
PARAMETERS = (
    Quantity("re_tau", r"\mathrm{Re}\,\tau"),
    Quantity("im_tau", r"\mathrm{Im}\,\tau"),
    Quantity("a2", r"\alpha_2/\alpha_1", "", "charged leptons, weight 4, triplet 3'"),
    Quantity("a3", r"\alpha_3/\alpha_1", "", "charged leptons, weight 4, triplet 3"),
    Quantity("g2", r"g_2/g_1", "", "neutrinos, doublet"),
    Quantity("g3", r"g_3/g_1", "", "neutrinos, triplet"),
    Quantity("log10_scale", r"\log_{10}(\Lambda_\nu/\mathrm{eV})", "log10(eV)", "scale of M_nu"),
)


class ModularS4Settings(FlavourSettings):
    """Settings of the S4' study.

    ``scale: free`` fits both splittings, with the neutrino mass scale as seventh parameter;
    ``scale: ratio`` fits their ratio without it.
    """

    study: Literal["modular-s4"] = "modular-s4"
    scale: Literal["free", "ratio"] = "free"
    coupling_max: Number = Field(10.0, gt=0, le=1e3, description="couplings are uniform in +- this")
    im_tau_max: Number = Field(3.5, gt=1, le=20, description="tau: uniform in its domain below")
    log10_scale_min: Number = Field(-5.0, description="scale of M_nu in eV, log-uniform; for free")
    log10_scale_max: Number = 0.0


class ModularS4(MassMatrixModel):
    """Theta (N, 6 or 7): Re tau, Im tau, a2, a3, g2, g3 (and log10 of the scale of M_nu in eV)."""

    def __init__(self, settings: ModularS4Settings | None = None) -> None:
        s = self.settings = settings or ModularS4Settings()
        free = s.scale == "free"
        unit = None if free else reference_dm2_3l(s.ordering)
        super().__init__(s.ordering, FITTED[s.scale], unit)
        self.name = f"modular-s4-{s.ordering}"
        self.parameters = PARAMETERS if free else PARAMETERS[:6]
        marginals = [Uniform(-0.5, 0.5), Uniform(0.75**0.5, s.im_tau_max)]
        marginals += [Uniform(-s.coupling_max, s.coupling_max)] * 4
        marginals += [Uniform(s.log10_scale_min, s.log10_scale_max)] * free
        self.prior = JointPrior(marginals, {(0, 1): FundamentalDomain(s.im_tau_max)})

    def mass_matrices(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """M_e, but for its scale, and M_nu (N, 3, 3), in eV where the scale is a parameter."""
        q = np.exp(0.5j * np.pi * (theta[:, 0] + 1j * theta[:, 1]))
        q4 = q**4
        e, t = 2 * q * (1 + q4**2 + q4**6), 1 + 2 * (q4 + q4**4)  # eps and theta, eq. (3.3)
        a2, a3, g2, g3 = theta[:, 2:6].T
        e2, t2, et = e * e, t * t, e * t
        e4, t4 = e2 * e2, t2 * t2
        f = t4 - e4
        a = et * f  # A / sqrt3
        h1, h2, h3 = et * (t4 + e4), e2 * (5 * t4 - e4) / (2 * R2), t2 * (t4 - 5 * e4) / (2 * R2)
        p1, p2, p3 = -2 * R2 * et**3, t2 * (t4 + 3 * e4) / 2, -e2 * (3 * t4 + e4) / 2
        b = (t4 * t4 + 14 * e4 * t4 + e4 * e4) / 6  # B / sqrt3
        c1, c2 = (t4 * t4 - 10 * e4 * t4 + e4 * e4) / 4, R3 * et * et * (t4 + e4)
        d1, d2, d3 = 1.5 * et * et * f, 1.5 / R2 * et * e2 * f, -1.5 / R2 * et * t2 * f
        x, y, z, w = a2 / R6, a3 / R6, -g2 / (2 * R3), g3 / R6
        m_e = stack(
            [
                [a, y * h3 - x * p2, x * p3 - y * h2],
                [-y * h3 - x * p2, -x * p1, a + y * h1],
                [x * p3 + y * h2, a - y * h1, x * p1],
            ]
        )
        m_nu = stack(
            [
                [b + 2 * z * c1, -w * d2, w * d3],
                [-w * d2, R3 * z * c2 - w * d1, b - z * c1],
                [w * d3, b - z * c1, R3 * z * c2 + w * d1],
            ]
        )
        if self.settings.scale == "free":
            m_nu *= 10.0 ** theta[:, 6, None, None]
        return m_e, m_nu

    @property
    def symmetries(self) -> tuple[Symmetry, ...]:
        """CP: tau -> -conj(tau) with the same couplings turns the sign of all phases."""
        return (Symmetry("CP", _conjugate),)


def _conjugate(theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    moved = theta.copy()
    moved[:, 0] *= rng.choice([-1.0, 1.0], len(theta))
    return moved, np.zeros(len(theta))


class ModularS4Problem(FlavourProblem):
    """Which moduli and couplings give the measured leptons, in all separate modes."""

    kind = "modular-s4"
    papers = ("P. P. Novichkov, J. T. Penedo, S. T. Petcov, arXiv:2006.03058",)
    Settings: ClassVar[type[StudySettings]] = ModularS4Settings
    method = "modes"

    def build_model(self) -> ModularS4:
        """The model with the settings in force."""
        return ModularS4(self.settings)

    def prior_alternatives(self) -> dict[str, LogRatio]:
        """Tau by the measure that modular transformations leave as it is."""
        return {"invariant measure of tau": lambda theta, _: -2 * np.log(theta[:, 1])}


normal_ordering = Preset(ModularS4Problem, {"ordering": "no"})
inverted_ordering = Preset(ModularS4Problem, {"ordering": "io"})
