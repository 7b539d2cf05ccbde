"""The measurement made broad: its likelihood, read at contracted observables.

    L_broad(x) = L(T^-1(T* + (T(x) - T*) / k))

with one factor k an observable. It has the shape of the likelihood it is made from, whatever that
is (normal, two-piece, correlated, a box), k times as wide in the transformed observables. A lift
that contracts by the same k turns a draw of its posterior into one of the sharp posterior whose
likelihood is the same number: only the prior and the volume are left to be weighed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.measurement import GaussianMeasurement, Measured, Measurement
from .observables import Transforms


@dataclass(frozen=True)
class BroadMeasurement:
    """A measurement widened by k (m,) about `centre` (m,) in transformed observables."""

    sharp: Measurement
    transforms: Transforms
    centre: np.ndarray
    k: np.ndarray

    def contracted(self, observables: np.ndarray) -> np.ndarray:
        """Observables (N, m) whose transformed residuals are smaller by k; NaN stays NaN."""
        t = self.transforms.forward(observables)
        residual = self.transforms.difference(t, self.centre)
        return self.transforms.inverse(self.centre + residual / self.k)

    def log_likelihood(self, observables: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) of observables (N, m)."""
        return self.sharp.log_likelihood(self.contracted(observables))

    def within_three_sigma(self, observables: np.ndarray) -> np.ndarray:
        """Which rows (N,) lie in every widened 3 sigma range."""
        return self.sharp.within_three_sigma(self.contracted(observables))

    def describe(self) -> dict[str, Any]:
        """The sharp measurement, transforms and factors, as plain JSON types."""
        return {
            "broadened": self.sharp.describe(),
            "transforms": list(self.transforms.kinds),
            "centre": self.centre.tolist(),
            "k": self.k.tolist(),
        }


def soft(measurement: Measurement) -> Measurement:
    """A measurement that has no walls: a box becomes a normal density half as wide as it is.

    Nothing can be annealed towards a wall. Weights know the box; the proposal need not.
    """
    if getattr(measurement, "shape", "") != "box" or not hasattr(measurement, "quantities"):
        return measurement
    quantities = []
    for q in measurement.quantities:
        half = 0.5 * (q.high - q.low)
        quantities.append(
            Measured(q.name, 0.5 * (q.low + q.high), half, half, q.low, q.high, q.period)
        )
    return GaussianMeasurement(quantities)
