"""Chi2 along broken lines of predictions, compiled; one thread, lock released."""

import numpy as np

from ..base.compiled import njit


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "arcp", "nsz"})
def lowest_on_paths(
    data: np.ndarray,
    hypotheses: np.ndarray,
    order: np.ndarray,
    nodes: np.ndarray,
    bins_first: bool,
    norms: np.ndarray,
    products: np.ndarray,
    chi2: np.ndarray,
) -> None:
    """Fill chi2 (T, J): smallest square distance of data (T, B) from the lines of nodes.

    Args:
        data: Whitened data (T, B).
        hypotheses: Those asked for (T, J).
        order: Indices of the T J pairs, those with one hypothesis together: its lines are long.
        nodes: Whitened predictions (H, C N, B), or (H, B, C N), of C lines through N nodes each.
        bins_first: Which: the longer loop is to be the inner one.
        norms: Squares (H, C, N) of the nodes.
        products: Of each node with the one before it (H, C, N); the first is not read.
        chi2: Result.
    """
    lines, count = norms.shape[1], norms.shape[2]
    bins, every = data.shape[1], lines * count
    squares, along = np.empty(data.shape[0]), np.empty(every)
    for t in range(data.shape[0]):
        square = 0.0
        for b in range(bins):
            square += data[t, b] * data[t, b]
        squares[t] = square
    for pair in order:
        t, j = pair // hypotheses.shape[1], pair % hypotheses.shape[1]
        h = hypotheses[t, j]
        if bins_first:
            along[:] = 0.0
            for b in range(bins):
                value, row = data[t, b], nodes[h, b]
                for node in range(every):
                    along[node] += value * row[node]
        else:
            for node in range(every):
                total = 0.0
                for b in range(bins):
                    total += data[t, b] * nodes[h, node, b]
                along[node] = total
        best = np.inf
        for line in range(lines):
            last, before = 0.0, 0.0
            for node in range(count):
                now = along[line * count + node]
                # |d - n|^2 and (d - n).(d - n before), both less |d|^2
                here = norms[h, line, node] - 2 * now
                if node > 0:
                    # |r0 + s (r1 - r0)|^2 at its lowest for s in [0, 1]
                    product = products[h, line, node] - now - last
                    slope = before - product
                    curve = before + here - 2 * product
                    if slope > 0:
                        share = min(slope / max(curve, 1e-300), 1.0)
                        best = min(best, before - share * (2 * slope - share * curve))
                best = min(best, here)
                last, before = now, here
        chi2[t, j] = best + squares[t]
