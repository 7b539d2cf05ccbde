"""Least squares from thousands of starts at once, inside the unit cube.

Levenberg and Marquardt's damped Gauss-Newton steps (D. W. Marquardt, J. SIAM 11 (1963) 431) with
one damping a start and forward differences; coordinates that press against a face of the cube are
held there. Own code because library routines take one start at a time: here each step is one call
of the forward map for all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Residuals = Callable[[np.ndarray], np.ndarray]
"""Points (N, D) of the cube to residuals (N, M) in standard errors; NaN where there are none."""
_DIFFERENCE = 1e-7
_LONGEST = 0.1  # of a side of the cube, in one step
_DAMPING = (1e-9, 1e9)


@dataclass(frozen=True)
class Minima:
    """Where the starts ended.

    Attributes:
        u: Points (N, D).
        chi2: Sum of squared residuals (N,), inf where the start had none.
        calls: Evaluations of the residuals, in points.
    """

    u: np.ndarray
    chi2: np.ndarray
    calls: int


def jacobian(residuals: Residuals, u: np.ndarray, at: np.ndarray) -> np.ndarray:
    """d residuals / d u (N, M, D) by one-sided differences that stay in the cube.

    Args:
        residuals: See `Residuals`.
        u: Points (N, D).
        at: Residuals (N, M) there.
    """
    n, dim = u.shape
    steps = np.where(u > 0.5, -_DIFFERENCE, _DIFFERENCE)
    moved = np.repeat(u[:, None, :], dim, axis=1)
    moved[:, np.arange(dim), np.arange(dim)] += steps
    values = residuals(moved.reshape(n * dim, dim)).reshape(n, dim, -1)
    return np.asarray(((values - at[:, None, :]) / steps[:, :, None]).transpose(0, 2, 1))


def minimise(residuals: Residuals, starts: np.ndarray, steps: int = 100) -> Minima:
    """Walk every start (N, D) down to a local minimum of chi2 in the cube, `steps` at most."""
    u = np.array(starts, float)
    r, calls = residuals(u), len(u)
    chi2 = np.einsum("nm,nm->n", r, r)
    chi2[~np.isfinite(chi2)] = np.inf
    damping = np.full(len(u), 1e-2)
    running = np.flatnonzero(np.isfinite(chi2))
    quiet = np.zeros(len(u), int)
    for _ in range(steps):
        if not len(running):
            break
        x, value = u[running], r[running]
        slope = jacobian(residuals, x, value)
        slope[~np.isfinite(slope)] = 0.0
        step = _step(slope, value, x, damping[running])
        new = np.clip(x + step, 0.0, 1.0)
        new_r = residuals(new)
        calls += len(new) * (1 + x.shape[1])
        new_chi2 = np.einsum("nm,nm->n", new_r, new_r)
        new_chi2[~np.isfinite(new_chi2)] = np.inf
        before = chi2[running]
        better = new_chi2 < before
        index = running[better]
        u[index], r[index], chi2[index] = new[better], new_r[better], new_chi2[better]
        damping[running] = np.clip(damping[running] * np.where(better, 0.2, 6.0), *_DAMPING)
        gain = np.where(better, before - new_chi2, 0.0)
        idle = np.where(better, gain < 1e-3 + 1e-4 * before, damping[running] >= _DAMPING[1])
        quiet[running] = np.where(idle, quiet[running] + 1, 0)
        running = running[quiet[running] < 4]
    return Minima(u, chi2, calls)


def _step(slope: np.ndarray, r: np.ndarray, u: np.ndarray, damping: np.ndarray) -> np.ndarray:
    """Damped Gauss-Newton steps (N, D); coordinates that push through a face stay."""
    gradient = np.einsum("nmd,nm->nd", slope, r)
    held = ((u <= 0.0) & (gradient > 0)) | ((u >= 1.0) & (gradient < 0))
    slope = np.where(held[:, None, :], 0.0, slope)
    gradient = np.where(held, 0.0, gradient)
    matrix = np.einsum("nmd,nme->nde", slope, slope)
    diagonal = np.einsum("ndd->nd", matrix)
    largest = diagonal.max(axis=1, keepdims=True)
    ridge = damping[:, None] * np.maximum(diagonal, 1e-12 * largest) + 1e-14 * largest + 1e-30
    matrix[:, np.arange(u.shape[1]), np.arange(u.shape[1])] += ridge
    step = -np.linalg.solve(matrix, gradient[:, :, None])[:, :, 0]
    size = np.abs(step).max(axis=1, keepdims=True)
    return np.asarray(step * np.minimum(1.0, _LONGEST / np.maximum(size, 1e-300)))
