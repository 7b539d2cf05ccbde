"""Spectra whose energy scale is off, compiled: millions of them make one significance."""

import numpy as np

from ..base.compiled import njit

Array = np.ndarray


# no gufunc: numba keeps its two halves apart, and two processes that compile at once mix them up
@njit(cache=True, nogil=True)
def shift_counts(
    shift: Array, counts: Array, low: float, high: float, out: Array
) -> None:  # pragma: no cover - compiled
    """Counts (N, B) with relative shifts (N,) of the energy scale; see `shift_energy_scale`."""
    bins = counts.shape[1]
    offset = bins * low / (high - low)
    for n in range(counts.shape[0]):
        for b in range(bins):
            delta = shift[n] * (b + offset + 0.5) + b
            out[n, b] = 0.0
            if -1.0 <= delta < bins:
                first = int(delta) if delta >= 0.0 else -1
                here = counts[n, first] if first >= 0 else 0.0
                following = counts[n, first + 1] if first + 1 < bins else 0.0
                out[n, b] = (1.0 + shift[n]) * ((following - here) * (delta - first) + here)
