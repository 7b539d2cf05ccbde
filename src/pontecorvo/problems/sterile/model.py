"""3+1 as a model: two parameters, flat in their logarithms, and the data of chosen experiments."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from ...core.model import Model
from ...core.prior import Prior, Uniform
from ...core.quantity import Quantity
from ...core.target import LikelihoodTarget
from .experiment import Array
from .joint import JointLikelihood
from .plane_coordinates import mixing_of
from .tabulated import TabulatedLikelihood, tabulate_likelihood

PARAMETERS = (
    Quantity(
        "log10_s22",
        r"\log_{10}\sin^2 2\theta_{ee}",
        description="amplitude of short-baseline electron-neutrino disappearance",
    ),
    Quantity(
        "log10_dm2",
        r"\log_{10}(\Delta m^2_{41}/\mathrm{eV}^2)",
        description="splitting of the fourth mass state",
    ),
)
PREDICTIONS = (
    Quantity("sin2_2theta_ee", r"\sin^2 2\theta_{ee}"),
    Quantity("dm2_41", r"\Delta m^2_{41}", "eV^2"),
    Quantity("U_e4_squared", r"|U_{e4}|^2", "", "the smaller solution"),
    Quantity("m_4", "m_4", "eV", "above massless known neutrinos"),
)


def points_of(theta: Array) -> tuple[Array, Array]:
    """s22 (N,) and dm2 (N,) [eV^2] of parameters (N, 2)."""
    theta = np.asarray(theta, dtype=float)
    return 10.0 ** np.minimum(theta[:, 0], 0.0), 10.0 ** theta[:, 1]


class SterileModel(Model):
    """Expected data of the experiments as a function of log10_s22 and log10_dm2.

    The forward map is the expectation without pulls; `simulate` draws pulls and statistics.
    """

    name = "sterile"
    parameters = PARAMETERS

    def __init__(self, joint: JointLikelihood) -> None:
        self.joint = joint
        low, high = np.log10(joint.dm2_range)
        self.prior = Prior([Uniform(-4.0, 0.0), Uniform(max(low, -2.0), min(high, 2.0))])
        self.observables = tuple(
            Quantity(f"{name}_{index - bins.start}")
            for name, bins in joint.slices.items()
            for index in range(bins.start, bins.stop)
        )

    def forward(self, theta: Array) -> Array:
        """Expected data (N, B) at parameters (N, 2); NaN outside the tables."""
        s22, dm2 = points_of(theta)
        low, high = self.joint.dm2_range
        inside = (dm2 >= low * (1 - 1e-9)) & (dm2 <= high * (1 + 1e-9))
        result = np.full((len(s22), self.joint.size), np.nan)
        if inside.any():
            result[inside] = self.joint.predict(s22[inside], dm2[inside])
        return result

    @property
    def prediction_quantities(self) -> tuple[Quantity, ...]:
        """Amplitude, splitting and angle."""
        return PREDICTIONS

    def predict(self, theta: Array) -> dict[str, Array]:
        """sin^2 2theta_ee, dm2_41 [eV^2], abs(U_e4)^2 and m_4 [eV], (N,), of parameters (N, 2)."""
        s22, dm2 = points_of(theta)
        return {
            "sin2_2theta_ee": s22,
            "dm2_41": dm2,
            "U_e4_squared": mixing_of(s22),
            "m_4": np.sqrt(dm2),
        }

    def simulate(self, theta: Array, rng: np.random.Generator) -> Array:
        """Data (N, B) with every uncertainty drawn, one set for each row of parameters."""
        return self.joint.simulate(*points_of(theta), rng)

    def describe(self) -> dict[str, Any]:
        """Experiments and prior."""
        return {"name": self.name, "prior": "flat in log10", **self.joint.describe()}


@dataclass(frozen=True)
class SterileTarget(LikelihoodTarget):
    """Posterior of the two parameters with the nuisances profiled or integrated out.

    What a pull does depends on the parameters, so the likelihood is no function of the expectation.

    Attributes:
        model: The model.
        kind: "marginal" (Bayesian) or "profile".
        tabulated: Whether the likelihood is looked up in a table, made at the first look and kept
            on disk; else every point is computed exactly.
    """

    model: SterileModel
    kind: Literal["marginal", "profile"] = "marginal"
    tabulated: bool = True

    @cached_property
    def table(self) -> TabulatedLikelihood | None:
        """The tabulated likelihood, or None where every point is computed."""
        return tabulate_likelihood(self.model.joint, self.kind) if self.tabulated else None

    def log_likelihood(self, theta: Array) -> Array:
        """Log-likelihood (N,) up to a constant; -inf outside the tables."""
        s22, dm2 = points_of(theta)
        joint = self.model.joint
        low, high = joint.dm2_range
        inside = (dm2 >= low * (1 - 1e-9)) & (dm2 <= high * (1 + 1e-9)) & (s22 > 0)
        result = np.full(len(s22), -np.inf)
        if not inside.any():
            return result
        if self.table is not None:
            result[inside] = -0.5 * self.table.evaluate(s22[inside], np.log10(dm2[inside]))
        else:
            result[inside] = -0.5 * joint.of_kind(self.kind)(s22[inside], dm2[inside])
        return result

    def within_three_sigma(self, theta: Array) -> Array:
        """Which parameters (N,) lie within Delta chi2 = 11.83 of the best point of a grid.

        11.83 is what 99.73 % of a chi2 distribution with two degrees of freedom lie below: Wilks'
        region, a yardstick and no confidence statement (see the traps of short-baseline fits).
        """
        return self.log_likelihood(theta) >= self._best_log_likelihood - 0.5 * 11.83

    @cached_property
    def _best_log_likelihood(self) -> float:
        axes = [np.linspace(*marginal.support, 201) for marginal in self.model.prior.marginals]
        grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes)], axis=1)
        return float(self.log_likelihood(grid).max())

    @property
    def observed(self) -> Array:
        """What was measured (B,), for estimators that learn from simulated data."""
        return self.model.joint.data

    def simulate(self, theta: Array, rng: np.random.Generator) -> Array:
        """One data set (N, B) for each row of parameters (N, 2), every uncertainty drawn."""
        return self.model.simulate(theta, rng)

    def evidence_notes(self, log_evidence: float) -> dict[str, float]:
        """Bayes factor of 3+1 over no oscillation; it depends on the prior's range."""
        log_ratio = log_evidence - self.null_log_likelihood
        return {"ln_bayes_factor": log_ratio, "log10_bayes_factor": log_ratio / np.log(10)}

    def describe_likelihood(self) -> dict[str, Any]:
        """The experiments, and what became of their nuisances."""
        names = [member.name for member in self.model.joint.experiments]
        return {"experiments": names, "nuisances": self.kind}

    @property
    def null_log_likelihood(self) -> float:
        """Log-likelihood without oscillation, with the same constant."""
        if self.table is not None:
            return -0.5 * self.table.null
        return float(-0.5 * self.model.joint.of_kind(self.kind)(np.zeros(1), np.ones(1))[0])


def sterile_target(
    joint: JointLikelihood,
    kind: Literal["marginal", "profile"] = "marginal",
    tabulated: bool = True,
) -> SterileTarget:
    """The posterior of a joint likelihood, tabulated (and cached) unless told otherwise."""
    return SterileTarget(SterileModel(joint), kind, tabulated)
