"""What is done to every chi2 of a tile, and at its few smallest; compiled, lock released."""

import numpy as np

from ..base.compiled import njit


@njit(cache=True, nogil=True)
def k_smallest(values: np.ndarray, chosen: np.ndarray) -> None:
    """Fill chosen (T, k) with the columns of each row's k smallest values (T, H)."""
    count = chosen.shape[1]
    kept = np.empty(count, dtype=values.dtype)
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


@njit(cache=True, nogil=True)
def subtract_square(total: np.ndarray, product: np.ndarray, twice: np.ndarray) -> None:
    """total (T, H) -= p (p + twice), p (T, H) and twice (T,)."""
    for t in range(total.shape[0]):
        offset = twice[t]
        for h in range(total.shape[1]):
            p = product[t, h]
            total[t, h] -= p * (p + offset)


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "arcp", "nsz"})
def chi2_of_pairs(
    features: np.ndarray, hypotheses: np.ndarray, rows: np.ndarray, size: int, chi2: np.ndarray
) -> None:
    """Fill chi2 (T, J): features (T, F) . psi_h - sum_k (first S features . omega_kh)^2.

    Args:
        features: Those of each data set.
        hypotheses: Those asked for (T, J).
        rows: psi and every omega of each hypothesis side by side (H, F + K S).
        size: S; K is what is left.
        chi2: Result.
    """
    count = features.shape[1]
    squares = (rows.shape[1] - count) // size if size else 0
    for t in range(hypotheses.shape[0]):
        phi = features[t]
        for j in range(hypotheses.shape[1]):
            row = rows[hypotheses[t, j]]
            total = 0.0
            for f in range(count):
                total += phi[f] * row[f]
            for k in range(squares):
                start = count + k * size
                product = 0.0
                for f in range(size):
                    product += phi[f] * row[start + f]
                total -= product * product
            chi2[t, j] = total
