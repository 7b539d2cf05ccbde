"""Chi2 along broken lines of predictions, compiled; one thread, lock released."""

import numba as nb
import numpy as np


@nb.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "arcp", "nsz"})
def lowest_on_paths(
    data: np.ndarray, hypotheses: np.ndarray, nodes: np.ndarray, chi2: np.ndarray
) -> None:
    """Fill chi2 (T, J): smallest square distance of data (T, B) from the lines of nodes.

    Args:
        data: Whitened data (T, B).
        hypotheses: Those asked for (T, J).
        nodes: Whitened predictions (H, C, N, B): C lines through N nodes each.
        chi2: Result.
    """
    lines, count, bins = nodes.shape[1], nodes.shape[2], nodes.shape[3]
    for t in range(data.shape[0]):
        for j in range(hypotheses.shape[1]):
            h = hypotheses[t, j]
            best = np.inf
            for line in range(lines):
                before = 0.0
                for node in range(count):
                    square, product = 0.0, 0.0
                    if node == 0:
                        for b in range(bins):
                            r = data[t, b] - nodes[h, line, 0, b]
                            square += r * r
                    else:
                        for b in range(bins):
                            r = data[t, b] - nodes[h, line, node, b]
                            square += r * r
                            product += r * (data[t, b] - nodes[h, line, node - 1, b])
                        # |r0 + s (r1 - r0)|^2 at its lowest for s in [0, 1]
                        slope = before - product
                        curve = before + square - 2 * product
                        if slope > 0:
                            share = min(slope / max(curve, 1e-300), 1.0)
                            best = min(best, before - share * (2 * slope - share * curve))
                    best = min(best, square)
                    before = square
            chi2[t, j] = best
