"""Three-flavour oscillation as a model: four parameters, and the counts of an experiment.

theta_23 and delta_CP are no parameters: reactor antineutrinos do not feel them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from ...core.model import Model, Quantity, Target
from ...core.prior import Marginal, Normal, Prior, Uniform
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

# Daya Bay, 3158 days: PRL 130 (2023) 161802, arXiv:2211.14988
_SIN2_2THETA13, _SIN2_2THETA13_ERROR = 0.0851, 0.0024
_DM2_32 = {"NO": (2.466e-3, 0.060e-3), "IO": (-2.571e-3, 0.060e-3)}
_SOLAR = 7.5e-5
"""Added to Daya Bay's dm2_32 for dm2_31; its own error is a fiftieth of that of dm2_32."""


@dataclass(frozen=True)
class External:
    """Gaussian knowledge of theta_13 and dm2_3l from elsewhere.

    Attributes:
        sin2_13: Value and error of sin^2 theta_13.
        dm2_3l: Value and error of dm2_3l [eV^2].
        source: Where they come from.
    """

    sin2_13: tuple[float, float]
    dm2_3l: tuple[float, float]
    source: str

    def penalty(self, theta: Array) -> Array:
        """Chi2 (N,) of parameters (N, 4)."""
        pulls = [
            (theta[:, 2] - self.sin2_13[0]) / self.sin2_13[1],
            (theta[:, 3] - self.dm2_3l[0]) / self.dm2_3l[1],
        ]
        return pulls[0] ** 2 + pulls[1] ** 2


def daya_bay(ordering: Ordering = "NO") -> External:
    """Daya Bay's theta_13 and splitting: independent of JUNO, unlike NuFIT's since 6.1."""
    root = np.sqrt(1 - _SIN2_2THETA13)
    value, error = _DM2_32[ordering]
    return External(
        sin2_13=(float(0.5 * (1 - root)), float(_SIN2_2THETA13_ERROR / (2 * root) / 2)),
        dm2_3l=(value + (_SOLAR if ordering == "NO" else 0.0), error),
        source="Daya Bay, PRL 130 (2023) 161802, arXiv:2211.14988",
    )


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


class CountsMeasurement:
    """The counts of an experiment, for a likelihood of predictions with pulls at zero.

    How much a pull adds depends on the parameters, so the likelihood proper is the target's; this
    one takes the covariance at one point, JUNO's published best fit.
    """

    def __init__(self, juno: Juno, external: External, data: Array | None = None) -> None:
        self.juno = juno
        self.data = np.asarray(juno.observed(data), dtype=float)
        point = np.array([[0.3092, 7.50e-5, external.sin2_13[0], external.dm2_3l[0]]])
        self._covariance = juno.covariance(point, self.data)[0]
        self._spread = np.sqrt(np.diagonal(self._covariance))
        self._root = np.linalg.cholesky(self._covariance)

    def log_likelihood(self, observables: Array) -> Array:
        """Gaussian log-likelihood (N,) of expected counts (N, B), up to a constant."""
        known = ~np.isnan(observables).any(axis=1)
        result = np.full(len(observables), -np.inf)
        white = np.linalg.solve(self._root, (observables[known] - self.data).T)
        result[known] = -0.5 * (white**2).sum(axis=0)
        return result

    def within_three_sigma(self, observables: Array) -> Array:
        """Which rows (N,) lie within three standard deviations of the data in every bin."""
        return (np.abs(observables - self.data) < 3 * self._spread).all(axis=1)

    def describe(self) -> dict[str, Any]:
        """Source and size of the data."""
        return {
            "experiments": [self.juno.name],
            "source": self.juno.source,
            "bins": self.juno.size,
            "counts": float(self.data.sum()),
        }


@dataclass(frozen=True)
class OscillationTarget(Target):
    """Posterior of the four parameters with the pulls integrated out or profiled, in closed form.

    Attributes:
        kind: "marginal" (Bayesian) or "profile".
    """

    model: OscillationModel
    measurement: CountsMeasurement
    kind: Literal["marginal", "profile"] = field(default="marginal")

    def log_likelihood(self, theta: Array) -> Array:
        """Log-likelihood (N,) up to a constant; -inf where the parameters are not physical."""
        theta = np.asarray(theta, dtype=float)
        juno, data = self.model.juno, self.measurement.data
        inside = physical(theta, juno.setting.ordering)
        result = np.full(len(theta), -np.inf)
        if inside.any():
            function = juno.marginal if self.kind == "marginal" else juno.chi2
            result[inside] = -0.5 * function(theta[inside], data)
        return result

    def within_three_sigma(self, theta: Array) -> Array:
        """Which parameters (N,) lie within Delta chi2 = 16.25 of the best fit.

        16.25 is what 99.73 % of a chi2 distribution with four degrees of freedom lie below.
        """
        return self.log_likelihood(theta) >= self._best_log_likelihood - 0.5 * 16.25

    @cached_property
    def _best_log_likelihood(self) -> float:
        from .fit import best_fit

        best = best_fit(self.model.juno, self.model.external, self.measurement.data)
        return float(self.log_likelihood(best.theta[None])[0])


def oscillation_target(
    juno: Juno | None = None,
    external: External | None = None,
    data: Array | None = None,
    kind: Literal["marginal", "profile"] = "marginal",
) -> OscillationTarget:
    """The posterior of JUNO's data (or of given counts)."""
    model = OscillationModel(juno, external)
    return OscillationTarget(model, CountsMeasurement(model.juno, model.external, data), kind)
