"""Profile chi2 over the plane and its best fit, refined between the grid points."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from .plane import GridProblem


@dataclass(frozen=True)
class BestFit:
    """Where chi2 is smallest.

    Attributes:
        x: First coordinate of the plane.
        y: Second coordinate.
        chi2: Smallest chi2.
        null_chi2: Chi2 of the null hypothesis.
        grid_chi2: Smallest on the grid, before the refinement.
    """

    x: float
    y: float
    chi2: float
    null_chi2: float
    grid_chi2: float

    @property
    def delta_null(self) -> float:
        """By how much the null hypothesis is worse."""
        return self.null_chi2 - self.chi2

    def describe(self) -> dict[str, float]:
        """Plain types."""
        return {**asdict(self), "delta_null": self.delta_null}


def best_fit(
    problem: GridProblem,
    chi2_at: Callable[[np.ndarray], np.ndarray] | None = None,
    valleys: int = 8,
) -> BestFit:
    """Best point of the plane.

    Args:
        problem: The fit.
        chi2_at: Chi2 (N,) at any points (N, 2) of the plane; without it the grid's best point is
            returned.
        valleys: How many local minima of the map are followed down.
    """
    plane, chi2 = problem.plane, problem.observed_chi2
    fitted = chi2[: len(plane.fitted)]
    at = int(fitted.argmin())
    point, lowest = plane.fitted[at], float(fitted[at])
    null = float(chi2[problem.null])
    if chi2_at is None:
        return BestFit(point[0], point[1], lowest, null, lowest)
    minima = plane.points[local_minima(plane.map(chi2))[:valleys]]
    cell = np.array([np.diff(plane.x.values).max(), np.diff(plane.y.values).max()])
    starts = np.vstack([point, minima])
    found, depth = descend(chi2_at, starts, cell, plane.points.min(0), plane.points.max(0))
    value = min(lowest, float(depth.min()))
    best = found[depth.argmin()] if value < lowest else point
    return BestFit(float(best[0]), float(best[1]), value, null, lowest)


def local_minima(table: np.ndarray) -> np.ndarray:
    """Flat indices of the points of a map (Nx, Ny) no higher than their neighbours, best first."""
    padded = np.pad(table, 1, constant_values=np.inf)
    low = np.ones(table.shape, dtype=bool)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            shifted = padded[1 + dx : 1 + dx + table.shape[0], 1 + dy : 1 + dy + table.shape[1]]
            low &= table <= shifted
    found = np.flatnonzero(low)
    return found[np.argsort(table.ravel()[found], kind="stable")]


def descend(
    chi2_at: Callable[[np.ndarray], np.ndarray],
    starts: np.ndarray,
    cell: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Follow valleys from V starts (V, 2) by ever smaller square lattices, one call a round.

    Returns:
        Their lowest points (V, 2) and chi2 (V,).
    """
    step = np.linspace(-1, 1, 9)
    lattice = np.stack(np.meshgrid(step, step, indexing="ij"), axis=-1).reshape(-1, 2)
    best, value = np.array(starts, dtype=float), np.full(len(starts), np.inf)
    width, every = cell.copy(), np.arange(len(starts))
    for _ in range(12):
        points = np.clip(best[:, None] + lattice * width, low, high)
        chi2 = chi2_at(points.reshape(-1, 2)).reshape(len(starts), -1)
        at = chi2.argmin(axis=1)
        lower = chi2[every, at] < value
        best[lower], value[lower] = points[every, at][lower], chi2[every, at][lower]
        width *= 0.35
    return best, value


def profiles(problem: GridProblem) -> tuple[np.ndarray, np.ndarray]:
    """Delta chi2 profiled over the other coordinate: along x (Nx,) and along y (Ny,)."""
    table = problem.plane.map(problem.observed_chi2)
    table = table - table.min()
    return table.min(axis=1), table.min(axis=0)
