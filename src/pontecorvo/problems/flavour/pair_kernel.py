"""Mixing angles of every charged-lepton rotation with every neutrino rotation, weighed by data.

Own loop because ten million pairs take a fraction of a second in it and are never kept: most are
left after one product, that of sin^2 theta13.
"""

import numpy as np

from ...base.compiled import njit


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _square(a, i, b, j):  # type: ignore[no-untyped-def]
    """abs(sum over flavours of conj(a[f, i]) b[f, j])^2: an entry of U = U_L^+ U_nu."""
    re, im = 0.0, 0.0
    for f in range(3):
        x, y = a[f, i], b[f, j]
        re += x.real * y.real + x.imag * y.imag
        im += x.real * y.imag - x.imag * y.real
    return re * re + im * im


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _angles(a, b, central, inverse, limit):  # type: ignore[no-untyped-def]
    """exp(-chi2/2) of sin^2 theta12, theta13, theta23; 0 where chi2 is above `limit`."""
    e3 = _square(a, 0, b, 2)
    pull = (e3 - central[1]) * inverse[1]
    chi2 = pull * pull
    if not chi2 < limit or not e3 < 1.0:
        return 0.0
    pull = (_square(a, 1, b, 2) / (1.0 - e3) - central[2]) * inverse[2]
    chi2 += pull * pull
    if not chi2 < limit:
        return 0.0
    pull = (_square(a, 0, b, 1) / (1.0 - e3) - central[0]) * inverse[0]
    chi2 += pull * pull
    return np.exp(-0.5 * chi2) if chi2 < limit else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def pair_sums(a, a_range, b, b_range, central, inverse, limit, rows, columns):  # type: ignore[no-untyped-def]
    """Weights of all pairs, summed by rows (K,) and columns (L,); the sum of squares is returned.

    A pair weighs exp(-chi2/2) times overlap/(length * length) of the two ranges (K, 2), (L, 2).
    """
    squares = 0.0
    for k in range(a.shape[0]):
        for l in range(b.shape[0]):
            low = max(a_range[k, 0], b_range[l, 0])
            high = min(a_range[k, 1], b_range[l, 1])
            if not low < high:
                continue
            term = _angles(a[k], b[l], central, inverse, limit)
            if term > 0.0:
                term *= high - low
                term /= (a_range[k, 1] - a_range[k, 0]) * (b_range[l, 1] - b_range[l, 0])
                rows[k] += term
                columns[l] += term
                squares += term * term
    return squares


@njit(cache=True, nogil=True, error_model="numpy")
def row_terms(a, a_range, b, b_range, central, inverse, limit, out):  # type: ignore[no-untyped-def]
    """The weights of one row's pairs, up to the row's own factor, into ``out`` (L,)."""
    for l in range(b.shape[0]):
        out[l] = 0.0
        low = max(a_range[0], b_range[l, 0])
        high = min(a_range[1], b_range[l, 1])
        if low < high:
            length = b_range[l, 1] - b_range[l, 0]
            out[l] = (high - low) / length * _angles(a, b[l], central, inverse, limit)
