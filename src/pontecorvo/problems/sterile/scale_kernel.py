"""Shifted spectra and their distances from data along paths, compiled; one thread, lock released.

A shift of the energy scale mixes two neighbouring bins; as a matrix product it would cost a
spectrum's length more. Whitened residuals are made node by node and never stored.
"""

import numpy as np

from ...base.compiled import njit
from .experiment import Array


class Shifts:
    """Fixed shifts of the energy scale as linear maps of a spectrum.

    Args:
        matrix: (B, M) with at most two neighbouring numbers other than zero in each column.
    """

    def __init__(self, matrix: Array) -> None:
        bins, columns = matrix.shape
        first = np.minimum((matrix != 0).argmax(axis=0), bins - 2)
        every = np.arange(columns)
        self._first = first.astype(np.int64)
        self._here, self._following = matrix[first, every], matrix[first + 1, every]
        assert np.count_nonzero(matrix) == np.count_nonzero([self._here, self._following])

    def __call__(self, counts: Array) -> Array:
        """Shifted spectra (N, M) of spectra (N, B)."""
        out = np.empty((len(counts), len(self._first)))
        counts = np.ascontiguousarray(counts, dtype=float)
        _shift(counts, self._first, self._here, self._following, out)
        return out


@njit(cache=True, nogil=True)
def _shift(
    counts: Array, first: Array, here: Array, following: Array, out: Array
) -> None:  # pragma: no cover - compiled
    for n in range(counts.shape[0]):
        row = counts[n]
        for m in range(first.shape[0]):
            at = first[m]
            out[n, m] = row[at] * here[m] + row[at + 1] * following[m]


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def segments(
    paths: Array, data: Array, whitener: Array, start: Array, slope: Array, curve: Array
) -> None:  # pragma: no cover - compiled
    """Distances of data from the segments of paths.

    On the way from node j to the next, at t in [0, 1], the square distance is
    start - 2 t slope + t^2 curve.

    Args:
        paths: Predictions (N, C, J, B) on the nodes.
        data: (N, B), one row a point, or (1, B).
        whitener: (B, B); residual @ whitener has unit covariance.
        start: Result (N, C, J - 1).
        slope: Result.
        curve: Result.
    """
    nodes, bins = paths.shape[2], paths.shape[3]
    before, white = np.empty(bins), np.empty(bins)
    for n in range(paths.shape[0]):
        own = data[min(n, len(data) - 1)]
        for c in range(paths.shape[1]):
            for j in range(nodes):
                white[:] = 0.0
                for b in range(bins):
                    residual = own[b] - paths[n, c, j, b]
                    for i in range(bins):
                        white[i] += residual * whitener[b, i]
                if j > 0:
                    a, s, q = 0.0, 0.0, 0.0
                    for i in range(bins):
                        step = white[i] - before[i]
                        a += before[i] * before[i]
                        s += before[i] * step
                        q += step * step
                    start[n, c, j - 1] = a
                    slope[n, c, j - 1] = -s
                    curve[n, c, j - 1] = q
                before[:] = white
