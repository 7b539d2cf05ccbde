"""The few smallest values of each row; compiled, lock released."""

import numba as nb
import numpy as np


@nb.njit(cache=True, nogil=True)
def k_smallest(values: np.ndarray, chosen: np.ndarray) -> None:
    """Fill chosen (T, k) with the columns of each row's k smallest values (T, H)."""
    count = chosen.shape[1]
    kept = np.empty(count)
    for t in range(values.shape[0]):
        kept[:] = np.inf
        for h in range(values.shape[1]):
            value = values[t, h]
            if value < kept[count - 1]:
                place = count - 1
                while place > 0 and kept[place - 1] > value:
                    kept[place] = kept[place - 1]
                    chosen[t, place] = chosen[t, place - 1]
                    place -= 1
                kept[place] = value
                chosen[t, place] = h
