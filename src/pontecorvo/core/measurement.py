"""A measurement: central values, errors, correlations, and the likelihood they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol, cast

import numpy as np

from ..base.errors import InputError

Shape = Literal["gaussian", "two-piece", "box"]


class Measurement(Protocol):
    """What was measured: a likelihood of the observables."""

    def log_likelihood(self, observables: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) of observables (N, K); -inf where excluded or not a number."""

    def within_three_sigma(self, observables: np.ndarray) -> np.ndarray:
        """Which rows (N,) lie in every 3 sigma range."""

    def describe(self) -> dict[str, Any]:
        """Everything that defines it, as plain JSON types."""


@dataclass(frozen=True)
class Measured:
    """One measured quantity.

    Attributes:
        name: Name of an observable of the model.
        central: Best value, in the observable's unit.
        plus: Upper 1 sigma error, positive.
        minus: Lower 1 sigma error, positive; by default as the upper one.
        low: Lower end of the 3 sigma range; by default three errors below the best value.
        high: Upper end of the 3 sigma range (above `low`; may pass the period of an angle); by
            default three errors above the best value.
        period: 2 pi for angles, None for the rest.
    """

    name: str
    central: float
    plus: float
    minus: float = cast(float, None)  # a number as soon as it is made
    low: float = cast(float, None)
    high: float = cast(float, None)
    period: float | None = None

    def __post_init__(self) -> None:
        fill = partial(object.__setattr__, self)
        if self.minus is None:
            fill("minus", self.plus)
        if self.low is None:
            fill("low", self.central - 3 * self.minus)
        if self.high is None:
            fill("high", self.central + 3 * self.plus)
        numbers = (self.central, self.plus, self.minus, self.low, self.high)
        if not all(np.isfinite(number) for number in numbers):
            raise InputError(f"measurement {self.name}: every number must be finite, got {numbers}")
        if self.plus <= 0 or self.minus <= 0:
            raise InputError(
                f"measurement {self.name}: errors +{self.plus} -{self.minus}; both must be positive"
            )
        if not self.low < self.high:
            raise InputError(
                f"measurement {self.name}: 3 sigma range [{self.low}, {self.high}] must ascend"
            )
        if self.period is None and not self.low <= self.central <= self.high:
            raise InputError(
                f"measurement {self.name}: 3 sigma range [{self.low}, {self.high}] must hold the "
                f"central value {self.central}"
            )

    @property
    def sigma(self) -> float:
        """Mean of the upper and the lower error."""
        return 0.5 * (self.plus + self.minus)

    def describe(self) -> dict[str, Any]:
        """Its numbers as plain JSON types, under the names that a measurement file has."""
        return {
            "central": self.central,
            "sigma_plus": self.plus,
            "sigma_minus": self.minus,
            "three_sigma": [self.low, self.high],
        }


class NamedLikelihood(Protocol):
    """A likelihood that says which observables it reads, in which order."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the observables, in the order of the columns."""

    @property
    def quantities(self) -> tuple[Measured, ...]:
        """What was measured of each."""

    @property
    def shape(self) -> str:
        """What kind of likelihood it is."""

    @property
    def is_gaussian(self) -> bool:
        """Whether it is one (perhaps correlated) normal density."""

    @property
    def source(self) -> str:
        """Where the numbers come from."""

    def log_likelihood(self, observables: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) of observables (N, K)."""

    def within_three_sigma(self, observables: np.ndarray) -> np.ndarray:
        """Which rows (N,) lie in every 3 sigma range."""

    def describe(self) -> dict[str, Any]:
        """Everything that defines it, as plain JSON types."""


class GaussianMeasurement:
    """Independent or correlated measurements, as a likelihood of the observables.

    With residuals r_k = (x_k - central_k) / sigma_k:

    * ``gaussian``: sigma_k is the mean of the two errors; log L = -r^T C^-1 r / 2 + constant,
      normalised as a density of the measured values.
    * ``two-piece``: sigma_k is the upper error above the centre and the lower one below it (the
      two-piece normal; C. Wallis, Stat. Sci. 29 (2014) 106). Normalised when nothing is correlated.
    * ``box``: log L = 0 inside every 3 sigma range and -inf outside; not normalised, so that the
      evidence is the prior's probability of the box.

    Angles are compared modulo their period.

    Args:
        quantities: What was measured, K in all, in the order of the observables' columns.
        shape: Which of the three.
        correlation: Correlation matrix (K, K), or None.
        source: Where the numbers come from.
    """

    def __init__(
        self,
        quantities: Sequence[Measured],
        shape: Shape = "gaussian",
        correlation: np.ndarray | None = None,
        source: str = "",
    ) -> None:
        self.quantities = tuple(quantities)
        self.shape = shape
        self.source = source
        self.names = tuple(q.name for q in self.quantities)
        if not self.quantities:
            raise InputError("measurement: it has no quantity; give at least one")
        repeated = {name for name in self.names if self.names.count(name) > 1}
        if repeated:
            raise InputError(f"measurement: {sorted(repeated)[0]} is given more than once")
        size = len(self.names)
        self.correlation = np.eye(size) if correlation is None else np.array(correlation, float)
        self._check_correlation()
        self.central = np.array([q.central for q in self.quantities])
        self.sigma = np.array([q.sigma for q in self.quantities])
        self._plus = np.array([q.plus for q in self.quantities])
        self._minus = np.array([q.minus for q in self.quantities])
        self._low = np.array([q.low for q in self.quantities])
        self._high = np.array([q.high for q in self.quantities])
        self._correlated = not np.array_equal(self.correlation, np.eye(size))
        self._precision = np.linalg.inv(self.correlation)
        self._log_norm = (
            -0.5 * size * np.log(2 * np.pi)
            - np.log(self.sigma).sum()
            - 0.5 * np.linalg.slogdet(self.correlation)[1]
        )

    def _check_correlation(self) -> None:
        matrix, size = self.correlation, len(self.names)
        if matrix.shape != (size, size) or not np.allclose(matrix, matrix.T):
            raise InputError(f"measurement: correlation matrix must be symmetric, {size} x {size}")
        if not np.allclose(np.diag(matrix), 1) or np.linalg.eigvalsh(matrix)[0] <= 1e-10:
            raise InputError(
                "measurement: correlation matrix must have ones on the diagonal and be positive"
            )

    @property
    def is_gaussian(self) -> bool:
        """Whether the likelihood is one (perhaps correlated) normal density."""
        return self.shape == "gaussian"

    @property
    def covariance(self) -> np.ndarray:
        """Covariance matrix (K, K), in the observables' units squared."""
        return self.correlation * np.outer(self.sigma, self.sigma)

    def residuals(self, observables: np.ndarray) -> np.ndarray:
        """Differences (N, K) to the central values, angles taken the short way round."""
        difference = observables - self.central
        for column, quantity in enumerate(self.quantities):
            if quantity.period is not None:
                period = quantity.period
                wrapped = (difference[:, column] + 0.5 * period) % period - 0.5 * period
                difference[:, column] = wrapped
        return difference

    def log_likelihood(self, observables: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) of observables (N, K); -inf for rows with NaN."""
        if self.shape == "box":
            return np.where(self.within_three_sigma(observables), 0.0, -np.inf)
        difference = self.residuals(observables)
        if self.shape == "gaussian":
            pulls = difference / self.sigma
        else:
            pulls = difference / np.where(difference > 0, self._plus, self._minus)
        if self._correlated:
            chi2 = np.einsum("nk,kl,nl->n", pulls, self._precision, pulls)
        else:
            chi2 = np.einsum("nk,nk->n", pulls, pulls)
        result = self._log_norm - 0.5 * chi2
        result[np.isnan(result)] = -np.inf
        return result

    def within_three_sigma(self, observables: np.ndarray) -> np.ndarray:
        """Which rows (N,) lie in all K 3 sigma ranges; rows with NaN do not."""
        inside = np.ones(len(observables), dtype=bool)
        for column, quantity in enumerate(self.quantities):
            value, low, high = observables[:, column], quantity.low, quantity.high
            if quantity.period is not None:
                value = low + (value - low) % quantity.period
            inside &= (value >= low) & (value <= high)
        return inside

    def with_shape(self, shape: Shape) -> "GaussianMeasurement":
        """The same numbers, read as another likelihood."""
        return GaussianMeasurement(self.quantities, shape, self.correlation, self.source)

    def describe(self) -> dict[str, Any]:
        """Everything that defines it, as plain JSON types."""
        content: dict[str, Any] = {
            "shape": self.shape,
            "source": self.source,
            "quantities": {q.name: q.describe() for q in self.quantities},
        }
        if self._correlated:
            content["correlation"] = self.correlation.tolist()
        return content
