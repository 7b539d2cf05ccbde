"""Chi2 along broken lines of predictions, compiled; one thread, lock released."""

import numba as nb
import numpy as np


@nb.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "arcp", "nsz"})
def lowest_on_paths(
    data: np.ndarray,
    hypotheses: np.ndarray,
    order: np.ndarray,
    nodes: np.ndarray,
    norms: np.ndarray,
    products: np.ndarray,
    chi2: np.ndarray,
) -> None:
    """Fill chi2 (T, J): smallest square distance of data (T, B) from the lines of nodes.

    Args:
        data: Whitened data (T, B).
        hypotheses: Those asked for (T, J).
        order: Indices of the T J pairs, those with one hypothesis together: its lines are long.
        nodes: Whitened predictions (H, C, N, B): C lines through N nodes each.
        norms: Squares (H, C, N) of the nodes.
        products: Of each node with the one before it (H, C, N); the first is not read.
        chi2: Result.
    """
    lines, count, bins = nodes.shape[1], nodes.shape[2], nodes.shape[3]
    squares = np.empty(data.shape[0])
    for t in range(data.shape[0]):
        square = 0.0
        for b in range(bins):
            square += data[t, b] * data[t, b]
        squares[t] = square
    for pair in order:
        t, j = pair // hypotheses.shape[1], pair % hypotheses.shape[1]
        h = hypotheses[t, j]
        best = np.inf
        for line in range(lines):
            last, before = 0.0, 0.0
            for node in range(count):
                along = 0.0
                for b in range(bins):
                    along += data[t, b] * nodes[h, line, node, b]
                # |d - n|^2 and (d - n).(d - n before), both less |d|^2
                here = norms[h, line, node] - 2 * along
                if node > 0:
                    # |r0 + s (r1 - r0)|^2 at its lowest for s in [0, 1]
                    product = products[h, line, node] - along - last
                    slope = before - product
                    curve = before + here - 2 * product
                    if slope > 0:
                        share = min(slope / max(curve, 1e-300), 1.0)
                        best = min(best, before - share * (2 * slope - share * curve))
                best = min(best, here)
                last, before = along, here
        chi2[t, j] = best + squares[t]
