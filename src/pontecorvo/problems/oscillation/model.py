"""Three-flavour oscillation as a model: four parameters, and the counts of an experiment.

theta_23 and delta_CP are no parameters: reactor antineutrinos do not feel them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from ...core.model import Model
from ...core.prior import Marginal, Normal, Prior, Uniform
from ...core.quantity import Quantity
from ...core.target import LikelihoodTarget
from .external import External, daya_bay
from .fit import BestFit, best_fit
from .juno import Juno
from .three_flavour import Ordering, dm2_31_of

Array = np.ndarray
PARAMETERS = (
    Quantity("sin2_theta12", r"\sin^2\theta_{12}"),
    Quantity("dm2_21", r"\Delta m^2_{21}", "eV^2"),
    Quantity("sin2_theta13", r"\sin^2\theta_{13}"),
    Quantity("dm2_3l", r"\Delta m^2_{3\ell}", "eV^2", "dm2_31 for NO, dm2_32 for IO"),
)
PREDICTIONS = (
    *PARAMETERS,
    Quantity("sin2_2theta12", r"\sin^2 2\theta_{12}"),
    Quantity("dm2_ee", r"\Delta m^2_{ee}", "eV^2", "cos^2 th12 |dm2_31| + sin^2 th12 |dm2_32|"),
    Quantity("U_e2_squared", r"|U_{e2}|^2"),
)
SIN2_12_RANGE, DM2_21_RANGE = (0.2, 0.45), (6.0e-5, 9.0e-5)
"""Flat priors: 12 and 13 of JUNO's first standard deviations to either side."""


class OscillationModel(Model):
    """Expected counts of JUNO as a function of the four parameters.

    Args:
        juno: The experiment.
        external: Prior of theta_13 and dm2_3l; Daya Bay's by default.
        marginals: Priors of sin2_theta12 and dm2_21; flat by default.
    """

    name = "oscillation"
    parameters = PARAMETERS

    def __init__(
        self,
        juno: Juno | None = None,
        external: External | None = None,
        marginals: Sequence[Marginal] | None = None,
    ) -> None:
        self.juno = juno or Juno()
        self.external = external or daya_bay(self.juno.setting.ordering)
        flat = (Uniform(*SIN2_12_RANGE), Uniform(*DM2_21_RANGE))
        outer = (Normal(*self.external.sin2_13), Normal(*self.external.dm2_3l))
        self.prior = Prior([*(marginals or flat), *outer])
        self.observables = tuple(
            Quantity(f"juno_{index}", description=f"counts, {low:.2f} to {high:.2f} MeV")
            for index, (low, high) in enumerate(
                zip(self.juno.edges[:-1], self.juno.edges[1:], strict=True)
            )
        )

    def forward(self, theta: Array) -> Array:
        """Expected counts (N, B) with pulls at zero; NaN where an angle has no sine."""
        theta = np.asarray(theta, dtype=float)
        inside = physical(theta, self.juno.setting.ordering)
        result = np.full((len(theta), self.juno.size), np.nan)
        if inside.any():
            result[inside] = self.juno.predict(theta[inside])
        return result

    @property
    def prediction_quantities(self) -> tuple[Quantity, ...]:
        """The parameters, and what follows from them."""
        return PREDICTIONS

    def predict(self, theta: Array) -> dict[str, Array]:
        """The fitted quantities and combinations of them, each (N,)."""
        theta = np.asarray(theta, dtype=float)
        s12, dm2_21, s13, dm2_3l = theta.T
        dm2_31 = dm2_31_of(dm2_21, dm2_3l)
        own = {q.name: theta[:, index] for index, q in enumerate(PARAMETERS)}
        return own | {
            "sin2_2theta12": 4 * s12 * (1 - s12),
            "dm2_ee": (1 - s12) * np.abs(dm2_31) + s12 * np.abs(dm2_31 - dm2_21),
            "U_e2_squared": s12 * (1 - s13),
        }

    def simulate(self, theta: Array, rng: np.random.Generator) -> Array:
        """Data (N, B) with every uncertainty drawn, one set for each row of parameters."""
        return self.juno.simulate(theta, rng)

    def describe(self) -> dict[str, Any]:
        """Prior, experiment and what is known from elsewhere."""
        return {
            **super().describe(),
            "external": self.external.source,
            "experiment": self.juno.describe(),
        }


def physical(theta: Array, ordering: Ordering) -> Array:
    """Which parameters (N, 4) are angles and splittings of the given ordering."""
    s12, dm2_21, s13, dm2_3l = theta.T
    sign = 1 if ordering == "NO" else -1
    angles = (s12 >= 0) & (s12 <= 1) & (s13 >= 0) & (s13 <= 1)
    return angles & (dm2_21 > 0) & (sign * dm2_3l > 10 * dm2_21)


@dataclass(frozen=True)
class OscillationTarget(LikelihoodTarget):
    """Posterior of the four parameters with the pulls integrated out or profiled, in closed form.

    Attributes:
        model: The model, with its experiment and prior.
        data: Counts (B,).
        kind: "marginal" (Bayesian) or "profile".
    """

    model: OscillationModel
    data: Array
    kind: Literal["marginal", "profile"] = field(default="marginal")

    def log_likelihood(self, theta: Array) -> Array:
        """Log-likelihood (N,) up to a constant; -inf where the parameters are not physical."""
        theta = np.asarray(theta, dtype=float)
        juno = self.model.juno
        inside = physical(theta, juno.setting.ordering)
        result = np.full(len(theta), -np.inf)
        if inside.any():
            function = juno.marginal if self.kind == "marginal" else juno.chi2
            result[inside] = -0.5 * function(theta[inside], self.data)
        return result

    def within_three_sigma(self, theta: Array) -> Array:
        """Which parameters (N,) lie within Delta chi2 = 16.25 of the best fit.

        16.25 is what 99.73 % of a chi2 distribution with four degrees of freedom lie below; what
        other experiments know of two of the four is part of the chi2.
        """
        return self.near_best(theta, self.log_likelihood(theta))

    def near_best(self, theta: Array, log_likelihood: Array) -> Array:
        """The same for parameters (N, 4) whose log-likelihood (N,) is known."""
        value = log_likelihood - 0.5 * self.model.external.penalty(theta)
        return value >= self._best_value - 0.5 * 16.25

    @cached_property
    def best(self) -> BestFit:
        """Where the profiled chi2 is least."""
        return best_fit(self.model.juno, self.model.external, self.data)

    @cached_property
    def _best_value(self) -> float:
        theta = self.best.theta[None]
        own = self.log_likelihood(theta) - 0.5 * self.model.external.penalty(theta)
        return float(own[0])

    def describe_likelihood(self) -> dict[str, Any]:
        """The counts, and what becomes of the pulls."""
        return {
            "experiments": [self.model.juno.name],
            "source": self.model.juno.source,
            "bins": self.model.juno.size,
            "counts": float(self.data.sum()),
            "pulls": "integrated out" if self.kind == "marginal" else "profiled",
        }


def oscillation_target(
    juno: Juno | None = None,
    external: External | None = None,
    data: Array | None = None,
    kind: Literal["marginal", "profile"] = "marginal",
) -> OscillationTarget:
    """The posterior of JUNO's data (or of given counts)."""
    model = OscillationModel(juno, external)
    return OscillationTarget(model, model.juno.observed(data), kind)
