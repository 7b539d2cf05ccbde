"""The model protocol: what a file must say so that everything else works on it.

A model is parameters with a prior and a forward map to observables. A measurement is a likelihood
of the observables. Together they make a `Target`, the only thing that samplers, networks, checks
and reports know. A chart is an optional second set of coordinates in which sampling is easier.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from typing import Any

import numpy as np

from .chart import Chart, ConditionedChart
from .measurement import Measurement
from .prior import Prior
from .quantity import Quantity


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
