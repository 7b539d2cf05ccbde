r"""The velocity of the lift, and its derivatives.

With whitened residuals r = W diag(1/s) (T(y) - T*), J = dr/dy (m, P) and the wanted contraction
c = W A diag(1/s) (T - T*), A the diagonal matrix of rates,

    v = -J^T (J J^T + eps)^-1 c = -(J^T J + eps)^-1 J^T c.

At eps = 0 and full rank dr/dlambda = J v = -c: each transformed residual falls as
exp(-rate lambda), whatever the model. The first form is used for m <= P, the second for m > P,
where the flow is that of Gauss and Newton towards the best fit (Levenberg's regularisation, Quart.
Appl. Math. 2 (1944) 164). The derivatives of v need the second ones of T, and nothing else.
"""

from dataclasses import dataclass

import numpy as np

from .free_coordinates import Points
from .observable_slopes import Derivatives


@dataclass(frozen=True)
class Goal:
    """Towards what, and how fast, N points are contracted.

    Attributes:
        centre: Transformed values T* (N, m) or (1, m).
        rate: Rates (N, m) or (1, m): a residual falls by exp(-rate) in a unit of lambda.
        scale: Units s (N, m) or (1, m) of the residuals, for the regularisation and for m > P:
            what a move by a prior standard deviation typically changes.
    """

    centre: np.ndarray
    rate: np.ndarray
    scale: np.ndarray

    def take(self, rows: np.ndarray | slice) -> "Goal":
        """The goal of some of the points."""

        def part(a: np.ndarray) -> np.ndarray:
            return a if len(a) == 1 else a[rows]

        return Goal(part(self.centre), part(self.rate), part(self.scale))


class Field:
    """The lift's velocity field.

    Args:
        derivatives: Of the transformed observables.
        whitener: W (m, m): the inverse Cholesky factor of the correlation matrix.
        eps: Regularisation: the fraction of a typical squared slope below which one is not
            followed. Near folds of the map it keeps the flow from running along the crease.
    """

    def __init__(self, derivatives: Derivatives, whitener: np.ndarray, eps: float) -> None:
        self.derivatives = derivatives
        self.whitener = whitener
        self.eps = eps
        self._whitens = not np.array_equal(whitener, np.eye(len(whitener)))

    def _prepare(self, points: Points, goal: Goal) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        t, slopes = self.derivatives.first(points)
        residual = self.derivatives.transforms.difference(t, goal.centre) / goal.scale
        j = slopes / goal.scale[:, :, None]
        c = goal.rate * residual
        if self._whitens:
            j, c = self.whitener @ j, c @ self.whitener.T
        return t, j, c

    def _solve(self, j: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The regularised square matrix, (J J^T + eps)^-1 c or the velocity, and the velocity."""
        transposed = np.swapaxes(j, 1, 2)
        if j.shape[1] <= j.shape[2]:
            square = j @ transposed
            _add_diagonal(square, self.eps)
            g = solved_or_nan(square, c[:, :, None])
            return square, g[:, :, 0], -(transposed @ g)[:, :, 0]
        square = transposed @ j
        _add_diagonal(square, self.eps)
        v = -solved_or_nan(square, transposed @ c[:, :, None])[:, :, 0]
        return square, v, v

    def velocity(self, points: Points, goal: Goal) -> np.ndarray:
        """v (N, P); NaN where the model has no derivative."""
        _, j, c = self._prepare(points, goal)
        return self._solve(j, c)[2]

    def corrector(self, points: Points, goal: Goal, half: float) -> np.ndarray:
        """(1 - half dv/dy)^-1 (N, P, P), without the curvature of the observables.

        What is left of dv/dy where T is linear is -J^T (J J^T + eps)^-1 A J.
        """
        _, j, c = self._prepare(points, goal)
        square, _, _ = self._solve(j, c)
        rate = self._rates(goal, j)
        transposed = np.swapaxes(j, 1, 2)
        if j.shape[1] <= j.shape[2]:
            slope = -transposed @ solved_or_nan(square, rate @ j)
        else:
            slope = -solved_or_nan(square, transposed @ (rate @ j))
        matrix = -half * slope
        _add_diagonal(matrix, 1.0)
        return _inverse(matrix)

    def _rates(self, goal: Goal, j: np.ndarray) -> np.ndarray:
        """W A W^-1 (N or 1, m, m)."""
        rate = np.zeros((len(goal.rate), j.shape[1], j.shape[1]))
        index = np.arange(j.shape[1])
        rate[:, index, index] = goal.rate
        if self._whitens:
            rate = self.whitener @ rate @ np.linalg.inv(self.whitener)
        return rate

    def slopes(self, points: Points, goal: Goal) -> tuple[np.ndarray, np.ndarray]:
        """Velocity v (N, P) and its derivatives dv_a/dy_b (N, P, P)."""
        _, j, c = self._prepare(points, goal)
        second = self.derivatives.second(points) / goal.scale[:, :, None, None]
        if self._whitens:
            second = np.einsum("ij,njab->niab", self.whitener, second)
        square, g, v = self._solve(j, c)
        rate = self._rates(goal, j)
        transposed = np.swapaxes(j, 1, 2)
        n, m, dim = j.shape
        along = (second.reshape(n, m * dim, dim) @ v[:, :, None]).reshape(n, m, dim)
        if m <= dim:
            bent = np.einsum("ni,niab->nab", g, second)
            right = rate @ j + along - j @ bent
            return v, -(bent + transposed @ solved_or_nan(square, right))
        bent = np.einsum("ni,niab->nab", c + (j @ v[:, :, None])[:, :, 0], second)
        right = bent + transposed @ (rate @ j + along)
        return v, -solved_or_nan(square, right)


def _add_diagonal(matrix: np.ndarray, value: float) -> None:
    index = np.arange(matrix.shape[1])
    matrix[:, index, index] += value


def solved_or_nan(square: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Batched solve; NaN where the matrix is singular or not a number."""
    try:
        return np.linalg.solve(square, right)
    except np.linalg.LinAlgError:
        return _inverse(square) @ right


def _inverse(square: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.inv(square)
    except np.linalg.LinAlgError:
        with np.errstate(all="ignore"):
            sizes = np.linalg.svd(np.nan_to_num(square), compute_uv=False)
        good = sizes[:, -1] > 1e-14 * sizes[:, 0]
        result = np.full_like(square, np.nan)
        if good.any():
            result[good] = np.linalg.inv(square[good])
        return result
