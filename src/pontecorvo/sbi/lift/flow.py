r"""The lift's discrete map: implicit midpoint steps, with the logarithm of their volume factor.

    y' = y + h v((y + y') / 2)

is its own inverse under h -> -h (E. Hairer, C. Lubich & G. Wanner, Geometric Numerical Integration,
2006, sec. II.1 and V.1): stepping back gives exactly what one started from, up to rounding, however
long the step. With m = (y + y')/2 and D = dv/dy at m,

    dy'/dy = (1 - h D / 2)^-1 (1 + h D / 2),

so the log-determinant below is that of the discrete map itself, not an approximation of an
integral. A step whose equation is not solved, or whose determinants are not positive (the map would
fold there), is not taken: the point is said not to have arrived.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .coordinates import Points
from .field import Field, Goal

_TOLERANCE = 1e-10
_ITERATIONS = 40
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
    advance: Callable[[float], None] | None = None,
) -> Moved:
    """Carry points along the field for one unit of lambda, or back.

    Args:
        field: The velocity.
        points: Where from.
        goal: Of each point, or one for all.
        steps: Number of equal steps.
        backward: From lambda = 1 to 0.
        with_volume: Also the log-determinant.
        advance: Told the number of points done.
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
        if advance is not None:
            advance(min(_MEMORY, n - start))
    if not with_volume:
        volume[:] = np.nan
    return Moved(points.at(y), volume, arrived)


def _midpoint(field: Field, points: Points, goal: Goal, h: float) -> tuple[np.ndarray, np.ndarray]:
    """Solve m = y + h v(m) / 2 for m (N, P); which rows (N,) are solved.

    A chord iteration: the corrector knows dv/dy up to curvature, taken once at the start.
    """
    n = len(points)
    y = points.y
    with np.errstate(all="ignore"):
        corrector = field.corrector(points, goal, 0.5 * h)
        middle = y.copy()
        todo = np.flatnonzero(np.isfinite(corrector).all(axis=(1, 2)))
        solved = np.zeros(n, dtype=bool)
        last = np.full(n, np.inf)
        for _ in range(_ITERATIONS):
            if not len(todo):
                break
            at = points.take(todo).at(middle[todo])
            gap = y[todo] + 0.5 * h * field.velocity(at, goal.take(todo)) - middle[todo]
            shift = (corrector[todo] @ gap[:, :, None])[:, :, 0]
            size = np.abs(shift).max(axis=1)
            finite = np.isfinite(size) & (size < 10.0)
            middle[todo[finite]] += shift[finite]
            done = finite & (size < _TOLERANCE)
            solved[todo[done]] = True
            going = finite & ~done & (size < 4 * last[todo])
            last[todo] = np.minimum(last[todo], size)
            todo = todo[going]
    return middle, solved


def _log_volume(field: Field, middle: Points, goal: Goal, h: float) -> np.ndarray:
    """log abs(dy'/dy) (N,) of a step; NaN where the map folds."""
    with np.errstate(all="ignore"):
        _, slope = field.slopes(middle, goal)
        half = 0.5 * h * slope
        result = np.full(len(half), np.nan)
        good = np.isfinite(half).all(axis=(1, 2))
        one = np.eye(half.shape[1])
        sign_up, up = np.linalg.slogdet(one + half[good])
        sign_down, down = np.linalg.slogdet(one - half[good])
        both = (sign_up > 0) & (sign_down > 0)
        result[good] = np.where(both, up - down, np.nan)
    return result
