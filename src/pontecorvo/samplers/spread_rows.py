"""A likelihood of many points at once, its rows shared out to workers.

For samplers that decide themselves which points come next, such as nautilus and emcee. Worth it
where a point takes milliseconds; a model that takes microseconds is faster in one process.
"""

import sys
from collections.abc import Callable

import numpy as np

from ..base.parallel import alone
from ..base.workers import current_pool

Function = Callable[[np.ndarray], np.ndarray]


def spread_rows(function: Function, probe: np.ndarray) -> Function:
    """The same function (N, D) -> (N,), by the workers in force.

    Results may not depend on workers. So the function is asked about some points whole and in
    parts; where a row's last bits depend on its neighbours (a matrix product may do so), it stays
    in this process, and standard error says so.

    Args:
        function: Of points (N, D); each row's value depends on that row only.
        probe: Points (M, D), some dozens.
    """
    pool = current_pool()
    if pool is None:
        return function
    whole = function(probe)
    for size in (1, 7, len(probe) // 2):
        parts = [function(probe[at : at + size]) for at in range(0, len(probe), size)]
        if not np.array_equal(np.concatenate(parts), whole, equal_nan=True):
            print(
                "pontecorvo: --workers: the model's rows depend on each other in their last bits, "
                "so its likelihood stays in one process",
                file=sys.stderr,
            )
            return function

    def spread(points: np.ndarray) -> np.ndarray:
        count = min(pool.size, len(points))
        if count < 2 or alone():
            return function(points)
        return np.concatenate(list(pool.map(function, np.array_split(points, count))))

    return spread
