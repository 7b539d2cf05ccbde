"""Spectra whose energy scale is off, compiled: millions of them make one significance."""

import numpy as np
from numba import guvectorize

Array = np.ndarray


@guvectorize(
    ["void(float64, float64[:], float64, float64, float64[:])"],
    "(),(b),(),()->(b)",
    nopython=True,
    cache=True,
)
def shift_counts(
    shift: float, counts: Array, low: float, high: float, out: Array
) -> None:  # pragma: no cover - compiled
    """Counts (..., B) with relative shifts (...) of the energy scale; see `shift_energy_scale`."""
    bins = counts.shape[0]
    offset = bins * low / (high - low)
    for b in range(bins):
        delta = shift * (b + offset + 0.5) + b
        out[b] = 0.0
        if -1.0 <= delta < bins:
            first = int(delta) if delta >= 0.0 else -1
            here = counts[first] if first >= 0 else 0.0
            following = counts[first + 1] if first + 1 < bins else 0.0
            out[b] = (1.0 + shift) * ((following - here) * (delta - first) + here)
