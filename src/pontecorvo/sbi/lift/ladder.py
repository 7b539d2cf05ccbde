r"""Step control that keeps the map one to one: coarse steps where they do, finer ones where not.

A step size that depends on the start gives another map than one that depends on the end, and the
density would be wrong. So: two points are *linked* at level s when the map of (steps times 2^s)
steps carries one to the other, and its way back returns. Each point's level is the lowest at which
it is linked. A point is carried only if the point it is linked to has the same lowest level: then
each of the two finds the other, from either side, and the map is one to one with the determinant
of that level. All other points are lost, and counted.
"""

import numpy as np

from .coordinates import Points
from .field import Field, Goal
from .flow import Moved, move


def carry_linked(
    field: Field,
    start: Points,
    goal: Goal,
    steps: int,
    levels: int,
    tolerance: float,
    backward: bool = False,
    with_volume: bool = True,
) -> tuple[Moved, np.ndarray]:
    """Carry points with the coarsest steps that link them.

    Args:
        field: The velocity.
        start: Where from, N points.
        goal: Of each point, or one for all.
        steps: Steps of the lowest level.
        levels: Number of levels, each with twice the steps of the last.
        tolerance: Largest distance at which the way back counts as ended at the start.
        backward: From lambda = 1 to 0.
        with_volume: Also the log-determinants.

    Returns:
        Where they went, and the number of steps each took (N,), 0 for the lost ones.
    """
    n = len(start)
    y = np.full_like(start.y, np.nan)
    volume = np.full(n, np.nan)
    taken = np.zeros(n, dtype=int)
    todo = np.arange(n)
    for level in range(levels):
        if not len(todo):
            break
        count = steps * 2**level
        part, aim = start.take(todo), goal.take(todo)
        moved = move(field, part, aim, count, backward, with_volume)
        linked = _returns(field, part, moved.points, aim, count, tolerance, backward)
        linked &= moved.arrived
        mutual = linked.copy()
        for lower in range(level):
            rows = np.flatnonzero(mutual)
            if not len(rows):
                break
            # the end must not be linked to another start by coarser steps
            end, own, few = moved.points.take(rows), aim.take(rows), steps * 2**lower
            other = move(field, end, own, few, not backward, False)
            double = other.arrived.copy()
            double &= _returns(field, end, other.points, own, few, tolerance, not backward)
            mutual[rows[double]] = False
        rows = todo[mutual]
        y[rows], volume[rows] = moved.points.y[mutual], moved.log_volume[mutual]
        taken[rows] = count
        todo = todo[~linked]
    return Moved(start.at(y), volume, taken > 0), taken


def _returns(
    field: Field,
    start: Points,
    end: Points,
    goal: Goal,
    steps: int,
    tolerance: float,
    backward: bool,
) -> np.ndarray:
    """Which rows (N,) of `end` the opposite map carries to `start`."""
    result = np.zeros(len(start), dtype=bool)
    rows = np.flatnonzero(np.isfinite(end.y).all(axis=1))
    if len(rows):
        back = move(field, end.take(rows), goal.take(rows), steps, not backward, False)
        gap = field.derivatives.coordinates.difference(back.points.y, start.y[rows])
        with np.errstate(invalid="ignore"):
            result[rows] = back.arrived & (np.abs(gap).max(axis=1) < tolerance)
    return result
