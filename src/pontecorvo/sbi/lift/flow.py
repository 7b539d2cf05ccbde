r"""The lift's discrete map: implicit midpoint steps, with the logarithm of their volume factor.

    y' = y + h v((y + y') / 2)

is its own inverse under h -> -h (E. Hairer, C. Lubich & G. Wanner, Geometric Numerical Integration,
2006, sec. II.1 and V.1): stepping back gives exactly what one started from, up to rounding, however
long the step. With m = (y + y')/2 and D = dv/dy at m,

    dy'/dy = (1 - h D / 2)^-1 (1 + h D / 2),

so the log-determinant below is that of the discrete map itself, not an approximation of an
integral. A point whose step has no solution that is found is said not to have arrived.
"""

from dataclasses import dataclass

import numpy as np

from .coordinates import Points
from .field import Field, Goal, solved_or_nan

_TOLERANCE = 1e-10
_ITERATIONS = 20
_SLOW = 0.5  # a chord step that is not this much smaller than the last is left to Newton
_NEWTON = 8
_FAR = 3.0  # a Newton step, in prior standard deviations, beyond which there is no hope
_MEMORY = 128  # points whose second derivatives are held at once


@dataclass(frozen=True)
class Moved:
    """Where N points went.

    Attributes:
        points: The end points; NaN where they did not arrive.
        log_volume: log abs(dy'/dy) (N,); NaN where not asked for or not arrived.
        arrived: Which did (N,).
    """

    points: Points
    log_volume: np.ndarray
    arrived: np.ndarray


def move(
    field: Field,
    points: Points,
    goal: Goal,
    steps: int,
    backward: bool = False,
    with_volume: bool = True,
) -> Moved:
    """Carry points along the field for one unit of lambda, or back.

    Args:
        field: The velocity.
        points: Where from.
        goal: Of each point, or one for all.
        steps: Number of equal steps.
        backward: From lambda = 1 to 0.
        with_volume: Also the log-determinant.
    """
    n = len(points)
    y = np.full_like(points.y, np.nan)
    volume = np.full(n, np.nan)
    arrived = np.zeros(n, dtype=bool)
    h = (-1.0 if backward else 1.0) / steps
    for start in range(0, n, _MEMORY):
        rows = np.arange(start, min(start + _MEMORY, n))
        here, log_volume = points.take(rows), np.zeros(len(rows))
        for _ in range(steps):
            if not len(rows):
                break
            aim = goal.take(rows)
            middle, good = _midpoint(field, here, aim, h)
            if with_volume and good.any():
                change = np.full(len(rows), np.nan)
                change[good] = _log_volume(field, here.at(middle).take(good), aim.take(good), h)
                log_volume = log_volume + change
                good &= np.isfinite(log_volume)
            ahead = field.derivatives.coordinates.wrap(2 * middle - here.y)
            rows, here, log_volume = rows[good], here.at(ahead).take(good), log_volume[good]
        y[rows], volume[rows], arrived[rows] = here.y, log_volume, True
    if not with_volume:
        volume[:] = np.nan
    return Moved(points.at(y), volume, arrived)


def _midpoint(field: Field, points: Points, goal: Goal, h: float) -> tuple[np.ndarray, np.ndarray]:
    """Solve m = y + h v(m) / 2 for m (N, P); which rows (N,) are solved.

    A chord iteration: the corrector knows dv/dy up to the curvature of the observables, and is
    taken once. What it does not solve, a few of Newton's steps with all of dv/dy do, or nothing.
    """
    n = len(points)
    y = points.y
    with np.errstate(all="ignore"):
        corrector = field.corrector(points, goal, 0.5 * h)
        middle = y.copy()
        todo = np.flatnonzero(np.isfinite(corrector).all(axis=(1, 2)))
        hard = np.setdiff1d(np.arange(n), todo)
        solved = np.zeros(n, dtype=bool)
        last = np.full(n, np.inf)
        for _ in range(_ITERATIONS):
            if not len(todo):
                break
            at = points.take(todo).at(middle[todo])
            gap = y[todo] + 0.5 * h * field.velocity(at, goal.take(todo)) - middle[todo]
            shift = (corrector[todo] @ gap[:, :, None])[:, :, 0]
            size = np.abs(shift).max(axis=1)
            going = np.isfinite(size) & (size < _SLOW * last[todo])
            middle[todo[going]] += shift[going]
            done = going & (size < _TOLERANCE)
            solved[todo[done]] = True
            last[todo] = size
            hard = np.append(hard, todo[~going])
            todo = todo[going & ~done]
        hard = np.append(hard, todo)
        if len(hard):
            middle[hard], solved[hard] = _newton(field, points.take(hard), goal.take(hard), h)
    return middle, solved


def _newton(field: Field, points: Points, goal: Goal, h: float) -> tuple[np.ndarray, np.ndarray]:
    """Solve m = y + h v(m) / 2 by Newton's method from y: m (N, P), and which are solved (N,)."""
    n, dim = points.y.shape
    middle, solved = points.y.copy(), np.zeros(n, dtype=bool)
    todo = np.flatnonzero(np.isfinite(points.y).all(axis=1))
    last = np.full(n, _FAR)
    for _ in range(_NEWTON):
        if not len(todo):
            break
        v, slope = field.slopes(points.take(todo).at(middle[todo]), goal.take(todo))
        gap = points.y[todo] + 0.5 * h * v - middle[todo]
        good = np.isfinite(slope).all(axis=(1, 2)) & np.isfinite(gap).all(axis=1)
        todo, gap = todo[good], gap[good]
        matrix = np.eye(dim) - 0.5 * h * slope[good]
        shift = solved_or_nan(matrix, gap[:, :, None])[:, :, 0]
        size = np.abs(shift).max(axis=1)
        # a step that wanders could end anywhere, by a rounding error: it is given up
        going = np.isfinite(size) & (size < _SLOW * last[todo])
        last[todo] = size
        middle[todo[going]] += shift[going]
        done = going & (size < _TOLERANCE)
        solved[todo[done]] = True
        todo = todo[going & ~done]
    return middle, solved


def _log_volume(field: Field, middle: Points, goal: Goal, h: float) -> np.ndarray:
    """log abs(dy'/dy) (N,) of a step."""
    with np.errstate(all="ignore"):
        _, slope = field.slopes(middle, goal)
        half = 0.5 * h * slope
        result = np.full(len(half), np.nan)
        good = np.isfinite(half).all(axis=(1, 2))
        one = np.eye(half.shape[1])
        result[good] = (
            np.linalg.slogdet(one + half[good])[1] - np.linalg.slogdet(one - half[good])[1]
        )
    return result
