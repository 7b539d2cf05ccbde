"""Charts: coordinates on the unit cube in which sampling, or learning, is easy."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from .prior import Prior


class Chart(Protocol):
    """Coordinates on the unit cube in which a target is sampled.

    The map from the cube need not preserve the prior: `log_volume` says by how much it does not.
    """

    name: str
    periodic: np.ndarray

    @property
    def dim(self) -> int:
        """Number of coordinates D."""

    def to_parameters(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Map points of the cube to parameters.

        Args:
            u: Points (N, D) in [0, 1].

        Returns:
            theta (N, P) and log_volume (N,) = log[prior(theta) * abs(d theta / d u)], -inf outside
            the prior's support.
        """

    def from_parameters(self, theta: np.ndarray) -> np.ndarray:
        """Inverse of `to_parameters`: parameters (N, P) to points (N, D) of the cube."""


class ConditionedChart(Chart, Protocol):
    """A chart in which a conditional density can be learned once for all measurements.

    Its coordinates are of three kinds: first those that are the measured observables (the windows
    of the measurement make them uniform, or nearly so), then those that a network learns *given*
    the observables' values, and last those that the chart draws itself given all the others.

    Because the network is conditioned on the values of the observables, not on a measurement of
    them, one network serves every central value, error, correlation and shape of the likelihood
    within its training range.
    """

    conditions: tuple[str, ...]
    """Names of the observables that the first coordinates stand for."""
    learned: slice
    """Which coordinates the network draws."""

    def within(self, ranges: Mapping[str, tuple[float, float]]) -> "ConditionedChart":
        """The same chart with the windows of the conditions cut at these ranges, by name.

        Outside, the prior of a simulated truth is zero; calibration asks for this chart.
        """

    def condition(self, u: np.ndarray) -> np.ndarray:
        """Values (N, C) of the conditions at points (N, D); reads the first coordinates only."""

    def complete(self, u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw, in place, the coordinates after `learned`; return their log-density (N,)."""

    def mirror(self, u: np.ndarray) -> np.ndarray:
        """Points (N, D) that the prior and the observables do not tell from points `u`."""

    def any_copy(self, u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Parameters (N, P) of points (N, D), one of the equal ones where there are several."""


class UnitCubeChart:
    """The raw parameters: the prior's own map from the unit cube. Every model has it."""

    name = "parameters"

    def __init__(self, prior: Prior) -> None:
        self.prior = prior
        self.periodic = prior.periodic

    @property
    def dim(self) -> int:
        """Number of parameters."""
        return len(self.prior)

    def to_parameters(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Prior quantiles; the volume factor is one."""
        return self.prior.from_unit_cube(u), np.zeros(len(u))

    def from_parameters(self, theta: np.ndarray) -> np.ndarray:
        """Prior distribution functions."""
        return self.prior.to_unit_cube(theta)
