r"""The inverse seesaw: heavy neutrinos at the TeV scale, lepton number broken by a small mu.

.. math:: m_\nu = v^2\, Y (M^T)^{-1} \mu\, M^{-1} Y^T = v^2\, Y\, \mathrm{diag}(\mu_k/M_k^2)\, Y^T

in the basis in which M is diagonal, with mu diagonal too (assumed: no mixing among the pairs), so
that the effective masses are M_k^2/mu_k (R. N. Mohapatra & J. W. F. Valle, Phys. Rev. D 34 (1986)
1642; F. Deppisch & J. W. F. Valle, hep-ph/0406040). Y is of order one at M of a TeV: the mixing
Theta = v Y M^-1 of light with heavy neutrinos is what lepton-flavour violation sees.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from ..base.yaml_files import Number
from ..core.joint_prior import JointPrior
from ..core.prior import Uniform
from ..core.problem import Preset
from ..core.quantity import Quantity
from ..core.settings import StudySettings
from .flavour.effective_seesaw import EffectiveSeesaw, yukawa_marginals
from .flavour.flavour_problem import FlavourProblem, FlavourSettings
from .flavour.predicted import Asked
from .seesaw.formula import VEV

if TYPE_CHECKING:  # compiled: not for `--help`
    from .flavour.predictions.plugin import FlavourDraws

OWN = (
    *(Quantity(f"log10_M[{k}]", rf"\log_{{10}}(M_{k}/\mathrm{{GeV}})") for k in (1, 2, 3)),
    *(Quantity(f"log10_mu[{k}]", rf"\log_{{10}}(\mu_{k}/\mathrm{{GeV}})") for k in (1, 2, 3)),
)
PAIRS = (("e_mu", 0, 1), ("e_tau", 0, 2), ("mu_tau", 1, 2))
MIXING = tuple(
    Quantity(f"log10_eta_{name}", r"\log_{10}|\Theta\Theta^\dagger|_{" + tex + "}")
    for (name, _, _), tex in zip(PAIRS, (r"e\mu", r"e\tau", r"\mu\tau"), strict=True)
)


class InverseSeesawSettings(FlavourSettings):
    """Settings of the inverse seesaw; the ranges are assumed."""

    study: Literal["inverse-seesaw"] = "inverse-seesaw"
    yukawa_max: Number = Field(1.0, gt=0, description="Re Y and Im Y are uniform in +- this")
    log10_M_min: Number = Field(2.5, description="of M in GeV, log-uniform")
    log10_M_max: Number = 4.0
    log10_mu_min: Number = Field(-9.0, description="of mu in GeV, log-uniform")
    log10_mu_max: Number = -3.0
    predict: Asked = Field(["lfv"], description="further predictions: lfv, seen at a TeV")

    @model_validator(mode="after")
    def _ascending(self) -> "InverseSeesawSettings":
        if not (self.log10_M_min < self.log10_M_max and self.log10_mu_min < self.log10_mu_max):
            raise ValueError("the ranges of log10_M and log10_mu must ascend")
        return self


class MassPairs:
    """(log10 M, log10 mu) of three pairs, uniform, in the order of M^2/mu."""

    def __init__(self, mass: tuple[float, float], mu: tuple[float, float]) -> None:
        self.low = np.array([mass[0], mu[0]])
        self.width = np.array([mass[1] - mass[0], mu[1] - mu[0]])

    def from_unit_cube(self, u: np.ndarray) -> np.ndarray:
        """Points (N, 6) of the cube to three log10 M and three log10 mu, in order."""
        pairs = self.low + self.width * np.stack([u[:, :3], u[:, 3:]], axis=2)
        order = np.argsort(2 * pairs[:, :, 0] - pairs[:, :, 1], axis=1)
        pairs = np.take_along_axis(pairs, order[:, :, None], axis=1)
        return np.concatenate([pairs[:, :, 0], pairs[:, :, 1]], axis=1)

    def to_unit_cube(self, theta: np.ndarray) -> np.ndarray:
        """Inverse of `from_unit_cube` on its ordered branch."""
        pairs = (np.stack([theta[:, :3], theta[:, 3:]], axis=2) - self.low) / self.width
        return np.concatenate([pairs[:, :, 0], pairs[:, :, 1]], axis=1)

    def log_density(self, theta: np.ndarray) -> np.ndarray:
        """Log of 3!/(widths)^3 inside and in order, -inf elsewhere."""
        u = self.to_unit_cube(theta)
        effective = 2 * theta[:, :3] - theta[:, 3:]
        inside = np.all((u >= -1e-12) & (u <= 1 + 1e-12), axis=1)
        inside &= np.all(np.diff(effective, axis=1) >= 0, axis=1)
        return np.where(inside, np.log(6) - 3 * np.log(self.width).sum(), -np.inf)


class InverseSeesaw(EffectiveSeesaw):
    """Theta (N, 26): Re Y, Im Y, log10 M (3), log10 mu (3), phases of mu_1 and mu_2 (reversed)."""

    def __init__(self, settings: InverseSeesawSettings | None = None) -> None:
        s = self.settings = settings or InverseSeesawSettings()
        self.name = f"inverse-seesaw-{s.ordering}"
        low, high = 2 * s.log10_M_min - s.log10_mu_max, 2 * s.log10_M_max - s.log10_mu_min
        super().__init__(s.ordering, low, high, s.yukawa_max, OWN)
        mass, mu = (s.log10_M_min, s.log10_M_max), (s.log10_mu_min, s.log10_mu_max)
        self.pairs = MassPairs(mass, mu)
        flat = self.seesaw.prior.marginals
        marginals = [*yukawa_marginals(self.seesaw.prior), *[Uniform(*mass)] * 3]
        marginals += [*[Uniform(*mu)] * 3, *flat[21:]]
        self.prior = JointPrior(marginals, {tuple(range(18, 24)): self.pairs})

    def log10_effective(self, own: np.ndarray) -> np.ndarray:
        """log10 of M^2/mu."""
        return 2 * own[:, :3] - own[:, 3:]

    def _allowed(self, effective: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lowest log10 M and width of its range at log10 of M^2/mu (N, 3)."""
        (mass, mu), (width, spread) = self.pairs.low, self.pairs.width
        low = np.maximum(mass, 0.5 * (effective + mu))
        return low, np.minimum(mass + width, 0.5 * (effective + mu + spread)) - low

    def own_parameters(
        self, log10_effective: np.ndarray, u: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """M uniform where both it and mu are in range; mu follows."""
        low, width = self._allowed(log10_effective)
        mass = low + width * u
        own = np.concatenate([mass, 2 * mass - log10_effective], axis=1)
        with np.errstate(divide="ignore"):
            density = np.log(np.maximum(width, 0)).sum(axis=1)
        return own, density + np.log(6) - 3 * np.log(self.pairs.width).sum()

    def free_coordinates(self, own: np.ndarray) -> np.ndarray:
        """Where M stands in its allowed range."""
        low, width = self._allowed(self.log10_effective(own))
        return (own[:, :3] - low) / width

    @property
    def extra_quantities(self) -> tuple[Quantity, ...]:
        """Mixing of light with heavy neutrinos, off the diagonal."""
        return MIXING

    def flavour_draws(self, theta: np.ndarray) -> "FlavourDraws":
        """Mixing and light masses, and the mixing with the pairs at the TeV scale."""
        mixing, heavy = heavy_mixing(theta)
        return replace(super().flavour_draws(theta), theta=mixing, heavy=heavy)

    def extra_predictions(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """log10 of abs(Theta Theta^dagger), Theta = v Y / M; MEG II bounds e mu at -4.88."""
        mixing, _ = heavy_mixing(theta)
        eta = np.abs(np.einsum("nik,njk->nij", mixing, mixing.conj()))
        return {f"log10_eta_{name}": np.log10(eta[:, i, j]) for name, i, j in PAIRS}


def heavy_mixing(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Theta = v Y M^-1 (N, 3, 3) and M (N, 3) in GeV of parameters (N, 26).

    Both members of a pair have the mass M_k and half of abs(Theta_k)^2 each, so that what a loop
    sums over them is what one neutrino with Theta_k would give.
    """
    y = (theta[:, :9] + 1j * theta[:, 9:18]).reshape(-1, 3, 3)
    heavy = 10.0 ** theta[:, 18:21]
    return VEV * y / heavy[:, None, :], heavy


class InverseSeesawProblem(FlavourProblem):
    """Which couplings, TeV masses and mu give the measured oscillations."""

    kind = "inverse-seesaw"
    Settings: ClassVar[type[StudySettings]] = InverseSeesawSettings
    method = "exact"

    def build_model(self) -> InverseSeesaw:
        """The model with the settings in force."""
        return InverseSeesaw(self.settings)


normal_ordering = Preset(InverseSeesawProblem, {"ordering": "no"})
inverted_ordering = Preset(InverseSeesawProblem, {"ordering": "io"})
