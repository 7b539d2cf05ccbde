"""The model protocol: what a file must say so that everything else works on it.

A model is parameters with a prior and a forward map to observables. A measurement is a likelihood
of the observables. Together they make a `Target`, the only thing that samplers, networks, checks
and reports know. A chart is an optional second set of coordinates in which sampling is easier.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from .prior import Prior


@dataclass(frozen=True)
class Quantity:
    """Name, symbol and unit of a parameter, observable or prediction."""

    name: str
    latex: str = ""
    unit: str = ""
    description: str = ""

    @property
    def label(self) -> str:
        """Axis label in math text, with its unit."""
        symbol = f"${self.latex}$" if self.latex else self.name
        return f"{symbol} [{self.unit}]" if self.unit else symbol


@dataclass(frozen=True)
class Symmetry:
    """A random move of the parameters that leaves the observables unchanged.

    Attributes:
        name: What it is.
        move: ``move(theta, rng) -> theta', log_jacobian`` with shapes (N, P), (N, P) and (N,). The
            Jacobian is that of the map theta -> theta' at the random numbers drawn. The move must
            be as likely as its inverse: it is accepted with probability
            min(1, prior(theta') / prior(theta) * jacobian).
    """

    name: str
    move: Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, np.ndarray]]


class Measurement(Protocol):
    """What was measured: a likelihood of the observables."""

    def log_likelihood(self, observables: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) of observables (N, K); -inf where excluded or not a number."""

    def within_three_sigma(self, observables: np.ndarray) -> np.ndarray:
        """Which rows (N,) lie in every 3 sigma range."""

    def describe(self) -> dict[str, Any]:
        """Everything that defines it, as plain JSON types."""


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

    def condition(self, u: np.ndarray) -> np.ndarray:
        """Values (N, C) of the conditions at points (N, D); reads the first coordinates only."""

    def complete(self, u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw, in place, the coordinates after `learned`; return their log-density (N,)."""

    def mirror(self, u: np.ndarray) -> np.ndarray:
        """Points (N, D) that the prior and the observables do not tell from points `u`."""

    def any_copy(self, u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Parameters (N, P) of points (N, D), one of the equal ones where there are several."""


class Model(ABC):
    """Parameters, prior and forward map. Subclass it in one file for a new model."""

    name: str
    parameters: tuple[Quantity, ...]
    observables: tuple[Quantity, ...]
    prior: Prior

    @abstractmethod
    def forward(self, theta: np.ndarray) -> np.ndarray:
        """Map parameters (N, P) to observables (N, K); rows that have none become NaN."""

    @property
    def symmetries(self) -> tuple[Symmetry, ...]:
        """Moves that leave the observables unchanged; none unless the model declares them."""
        return ()

    @property
    def reflections(self) -> tuple[str, ...]:
        """Predicted angles (rad) whose posterior must be even; a check of convergence."""
        return ()

    @property
    def prediction_quantities(self) -> tuple[Quantity, ...]:
        """What `predict` returns, in order; the observables unless the model knows more."""
        return self.observables

    def predict(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Predictions by name, each (N,), for parameters (N, P)."""
        values = self.forward(theta)
        return {q.name: values[:, i] for i, q in enumerate(self.observables)}

    def chart(self, measurement: Measurement) -> Chart | None:
        """Coordinates in which the observables are easy; None where the model declares none."""
        return None

    def conditioned_chart(self, measurement: Measurement) -> ConditionedChart | None:
        """Coordinates for an amortised network; None where the model declares none."""
        return None

    def variables(self, theta: np.ndarray) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
        """Parameters as named arrays for `posterior.nc`: name -> (dimensions, values (N, ...))."""
        return {q.name: ((), theta[:, i]) for i, q in enumerate(self.parameters)}

    def from_variables(self, variables: dict[str, np.ndarray]) -> np.ndarray:
        """Inverse of `variables`: named arrays (N, ...) to parameters (N, P)."""
        return np.stack([variables[q.name] for q in self.parameters], axis=1)

    @property
    def variable_quantities(self) -> dict[str, Quantity]:
        """Symbols and units of the entries of `variables`."""
        return {q.name: q for q in self.parameters}

    def acceptances(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Further yes-or-no checks (N,) of parameters (N, P), shown beside the 3 sigma ranges."""
        return {}

    def coordinates(self) -> dict[str, list[Any]]:
        """Labels of the dimensions used by `variables`."""
        return {}

    def describe(self) -> dict[str, Any]:
        """Everything that defines the model, as plain JSON types."""
        densities = zip(self.parameters, self.prior.marginals, strict=True)
        return {
            "name": self.name,
            "prior": {
                q.name: repr(density) if is_dataclass(density) else type(density).__name__
                for q, density in densities
            },
            "observables": [q.name for q in self.observables],
        }


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


@dataclass(frozen=True)
class Target:
    """A model and a measurement: the posterior that is wanted.

    posterior(theta) = prior(theta) * likelihood(theta) / evidence.
    """

    model: Model
    measurement: Measurement

    def log_prior(self, theta: np.ndarray) -> np.ndarray:
        """Normalised log prior (N,) at parameters (N, P)."""
        return self.model.prior.log_density(theta)

    def log_likelihood(self, theta: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) at parameters (N, P); -inf where the forward map has no answer."""
        return self.measurement.log_likelihood(self.model.forward(theta))

    def within_three_sigma(self, theta: np.ndarray) -> np.ndarray:
        """Which parameters (N,) give observables inside every 3 sigma range."""
        return self.measurement.within_three_sigma(self.model.forward(theta))

    @cached_property
    def raw_chart(self) -> UnitCubeChart:
        """The raw parameters on the unit cube."""
        return UnitCubeChart(self.model.prior)

    @cached_property
    def chart(self) -> Chart:
        """The model's own chart, or the raw parameters where it declares none."""
        return self.model.chart(self.measurement) or self.raw_chart

    def log_posterior_in(self, chart: Chart, u: np.ndarray) -> np.ndarray:
        """Log of the unnormalised posterior density (N,) in the chart's cube at points (N, D).

        Its integral over the cube is the evidence.
        """
        theta, log_volume = chart.to_parameters(u)
        inside = np.isfinite(log_volume)
        if inside.any():
            log_volume[inside] += self.log_likelihood(theta[inside])
        return log_volume

    def evidence_notes(self, log_evidence: float) -> dict[str, float]:
        """What the evidence means beside a model without the effect; empty without such a model."""
        return {}

    def describe(self) -> dict[str, Any]:
        """Model and measurement as plain JSON types."""
        return {"model": self.model.describe(), "measurement": self.measurement.describe()}
