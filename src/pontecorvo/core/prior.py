"""Priors: independent one-dimensional densities, with groups that are put in order.

A prior is also a map from the unit cube, so that every sampler can start from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import lgamma
from typing import Protocol

import numpy as np
from scipy.special import ndtr, ndtri

from ..base.errors import InputError


class Marginal(Protocol):
    """A one-dimensional density with a closed-form quantile."""

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest possible value."""

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Value below which a fraction `u` in [0, 1] of the probability lies."""

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Probability below `x`."""

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Natural logarithm of the density at `x`; -inf outside the support."""


@dataclass(frozen=True)
class Uniform:
    """Uniform between `low` and `high`; `periodic` where the ends are the same point."""

    low: float
    high: float
    periodic: bool = False

    def __post_init__(self) -> None:
        _check_interval("uniform prior", self.low, self.high)

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return self.low, self.high

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Linear map of `u` to the interval."""
        return self.low + (self.high - self.low) * u

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Linear map of the interval to [0, 1]."""
        return (x - self.low) / (self.high - self.low)

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Minus the log of the width, inside."""
        inside = (x >= self.low) & (x <= self.high)
        return np.where(inside, -np.log(self.high - self.low), -np.inf)


@dataclass(frozen=True)
class Normal:
    """Normal with mean `mean` and standard deviation `sigma`."""

    mean: float
    sigma: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean) and np.isfinite(self.sigma) and self.sigma > 0):
            raise InputError(
                f"normal prior: mean {self.mean}, sigma {self.sigma}; "
                "both must be finite and sigma positive"
            )

    @property
    def support(self) -> tuple[float, float]:
        """The real line."""
        return -np.inf, np.inf

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Inverse of the normal distribution function."""
        return self.mean + self.sigma * ndtri(u)

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Normal distribution function."""
        return ndtr((x - self.mean) / self.sigma)

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Normal log-density."""
        pull = (x - self.mean) / self.sigma
        return -0.5 * pull * pull - np.log(self.sigma * np.sqrt(2 * np.pi))


@dataclass(frozen=True)
class SignedLogUniform:
    """Either sign with equal probability, magnitude log-uniform between `low` and `high`."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_interval("log-uniform prior", self.low, self.high)
        if self.low <= 0:
            raise InputError(f"log-uniform prior: lower end {self.low}; it must be positive")

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest possible value (the gap around zero is excluded too)."""
        return -self.high, self.high

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Negative values, largest first, fill u < 1/2; positive ones u > 1/2."""
        depth = np.abs(2 * np.asarray(u) - 1)
        return np.where(u < 0.5, -1.0, 1.0) * self.low * (self.high / self.low) ** depth

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Inverse of `quantile`."""
        magnitude = np.clip(np.abs(x), self.low, self.high)
        depth = np.log(magnitude / self.low) / np.log(self.high / self.low)
        return 0.5 * (1 + np.sign(x) * depth)

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Minus log of 2 abs(x) ln(high/low), inside."""
        magnitude = np.abs(x)
        inside = (magnitude >= self.low) & (magnitude <= self.high)
        safe = np.where(inside, magnitude, 1.0)
        return np.where(inside, -np.log(2 * safe * np.log(self.high / self.low)), -np.inf)


def _check_interval(what: str, low: float, high: float) -> None:
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise InputError(f"{what}: [{low}, {high}] is not an interval; give finite low < high")


def _runs_of_equals(marginals: tuple[Marginal, ...]) -> list[tuple[slice, Marginal]]:
    """Neighbouring columns with the same density, so that each run is one array operation."""
    runs: list[tuple[slice, Marginal]] = []
    start = 0
    for stop in range(1, len(marginals) + 1):
        if stop == len(marginals) or marginals[stop] != marginals[start]:
            runs.append((slice(start, stop), marginals[start]))
            start = stop
    return runs


class Prior:
    """A product of marginals, some groups of which are in ascending order.

    Args:
        marginals: One density for each parameter, P in all.
        ordered: Groups of parameter indices. The members of a group have the same marginal and
            ascend; the density is k! times the product on the ordered part.
    """

    def __init__(
        self, marginals: Sequence[Marginal], ordered: Sequence[Sequence[int]] = ()
    ) -> None:
        self.marginals = tuple(marginals)
        self.ordered = tuple(tuple(group) for group in ordered)
        for group in self.ordered:
            if len({repr(self.marginals[index]) for index in group}) > 1:
                raise InputError("prior: parameters in one ordered group need the same density")
        self._log_orderings = sum(lgamma(len(group) + 1) for group in self.ordered)
        self._runs = _runs_of_equals(self.marginals)

    def __len__(self) -> int:
        return len(self.marginals)

    def from_unit_cube(self, u: np.ndarray) -> np.ndarray:
        """Map points (N, P) of the unit cube to parameters (N, P) that follow the prior."""
        theta = np.empty_like(u, dtype=float)
        for run, marginal in self._runs:
            theta[:, run] = marginal.quantile(u[:, run])
        for group in self.ordered:
            theta[:, group] = np.sort(theta[:, group], axis=1)
        return theta

    def to_unit_cube(self, theta: np.ndarray) -> np.ndarray:
        """Inverse of `from_unit_cube` (on its ordered branch)."""
        u = np.empty_like(theta, dtype=float)
        for run, marginal in self._runs:
            u[:, run] = marginal.cdf(theta[:, run])
        return u

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw `n` parameter points, (n, P)."""
        return self.from_unit_cube(rng.random((n, len(self))))

    def log_density(self, theta: np.ndarray) -> np.ndarray:
        """Normalised log-density (N,) at parameters (N, P); -inf outside the support."""
        total = np.full(len(theta), float(self._log_orderings))
        for run, marginal in self._runs:
            total += marginal.log_density(theta[:, run]).sum(axis=1)
        for group in self.ordered:
            for lower, upper in pairwise(group):
                total[~(theta[:, lower] <= theta[:, upper])] = -np.inf
        return total

    @property
    def periodic(self) -> np.ndarray:
        """Which parameters (P,) return to their start."""
        return np.array([getattr(marginal, "periodic", False) for marginal in self.marginals])
