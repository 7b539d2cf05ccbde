"""Newton's method for the pulls of Poisson bins: one compiled loop, lock released.

2 sum_b [mu_b - n_b + n_b ln(n_b / mu_b)] + |eta|^2 with mu = p + A eta is convex in eta where mu is
positive. No step takes more than nine tenths of a bin's expectation, so mu stays positive. An empty
bin has no logarithm that holds it off mu = 0, and a minimum may lie on that edge: once such a bin
cuts a step short it is given a ghost of a count, the barrier of an interior-point method
(Nocedal & Wright, Numerical Optimization, ch. 19), and the steps follow the edge.

Every pair of data and point starts from zero pulls, so that the result does not depend on how the
pairs are split; trials, which are split the same way always, start each pair from the pulls of the
last, which takes half the time.
"""

import numpy as np

from ..base.compiled import njit
from ..base.parallel import map_chunks

Array = np.ndarray

TINY = 1e-12
GHOST = 1e-8
"""Count of an empty bin at the edge; it raises chi2 by no more than twice as much a bin."""
CHUNK = 4096
CONVERGED = 1e-6
"""Largest step [standard deviations] that ends the method: the next would have twice the digits."""
CONVERGED_WARM = 1e-2
"""The same for trials, which want chi2 alone: its error is the square of that of the pulls, which
is about the square of the step."""


def profile(
    data: Array,
    rows: Array,
    prediction: Array,
    points: Array,
    response: Array,
    warm: bool = False,
) -> tuple[Array, Array, Array]:
    """Profile the pulls for P pairs of a data set and a point, on both cores.

    Args:
        data: Counts (T, B).
        rows: Which data set (P,) each pair has.
        prediction: Expectation (G, B) at each point without pulls.
        points: Which point (P,) each pair has.
        response: Change (G, B, K) for one standard deviation of each pull.
        warm: Start each pair from the pulls of the pair before, where the data set is the same.

    Returns:
        Minus twice the profiled log-likelihood ratio (P,), pulls (P, K), and the curvature
        (P, K, K) of minus the log-likelihood at the minimum.
    """
    data = np.ascontiguousarray(data, dtype=float)
    prediction = np.ascontiguousarray(prediction, dtype=float)
    # bins last: sums over bins run over neighbours in memory
    response = np.ascontiguousarray(np.swapaxes(response, 1, 2), dtype=float)
    rows = np.ascontiguousarray(rows, dtype=np.int64)
    points = np.ascontiguousarray(points, dtype=np.int64)
    count, pulls = len(rows), response.shape[1]
    chi2, eta = np.empty(count), np.empty((count, pulls))
    curvature = np.empty((count, pulls, pulls))

    def fill(start: int, stop: int) -> None:
        part = slice(start, stop)
        _newton(
            data,
            rows[part],
            prediction,
            points[part],
            response,
            chi2[part],
            eta[part],
            curvature[part],
            warm,
        )

    map_chunks(fill, count, CHUNK)
    return chi2, eta, curvature


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "arcp", "nsz"})
def _newton(
    data: Array,
    rows: Array,
    prediction: Array,
    points: Array,
    response: Array,
    chi2: Array,
    pulls: Array,
    curvature: Array,
    warm: bool,
) -> None:  # pragma: no cover - compiled
    size, bins = response.shape[1], response.shape[2]
    mu, weight, change = np.empty(bins), np.empty(bins), np.empty(bins)
    ghost = np.empty(bins)
    gradient, step, matrix = np.empty(size), np.empty(size), np.empty((size, size))
    for pair in range(rows.shape[0]):
        n, p, a = data[rows[pair]], prediction[points[pair]], response[points[pair]]
        eta = pulls[pair]
        eta[:] = 0.0
        inside = warm and pair > 0 and rows[pair] == rows[pair - 1]
        if inside:
            mu[:] = p
            for k in range(size):
                pull = pulls[pair - 1, k]
                for b in range(bins):
                    mu[b] += a[k, b] * pull
            for b in range(bins):
                inside = inside and mu[b] > TINY
        if inside:
            eta[:] = pulls[pair - 1]
        else:
            for b in range(bins):
                mu[b] = max(p[b], TINY)
        ghost[:] = 0.0
        edge = False
        for _ in range(60):
            # change holds 1 - n / mu until the step is known
            for b in range(bins):
                ratio = (n[b] + ghost[b]) / mu[b]
                weight[b] = ratio / mu[b]
                change[b] = 1 - ratio
            for k in range(size):
                total = 0.0
                for b in range(bins):
                    total += a[k, b] * change[b]
                gradient[k] = eta[k] + total
            _curve(weight, a, curvature[pair])
            _solve(curvature[pair], matrix, gradient, step)
            change[:] = 0.0
            for k in range(size):
                pull = step[k]
                for b in range(bins):
                    change[b] -= a[k, b] * pull
            scale = 1.0
            for b in range(bins):
                if change[b] < 0 and -change[b] * scale > 0.9 * mu[b]:
                    scale = -0.9 * mu[b] / change[b]
            if scale < 1.0:
                for b in range(bins):
                    if n[b] == 0 and -change[b] > 0.9 * mu[b]:
                        ghost[b] = GHOST
                        edge = True
            largest = 0.0
            for k in range(size):
                eta[k] -= scale * step[k]
                largest = max(largest, abs(scale * step[k]))
            for b in range(bins):
                mu[b] = max(mu[b] + scale * change[b], TINY)
            if largest < (CONVERGED_WARM if warm else CONVERGED):
                break
        if edge:  # the curvature of the counts alone
            for b in range(bins):
                weight[b] = n[b] / mu[b] / mu[b]
            _curve(weight, a, curvature[pair])
        value = 0.0
        for k in range(size):
            value += eta[k] * eta[k]
        for b in range(bins):
            value += 2 * (mu[b] - n[b])
            if n[b] > 0:
                value += 2 * n[b] * np.log(n[b] / mu[b])
        chi2[pair] = value


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "arcp", "nsz"})
def _curve(weight: Array, a: Array, out: Array) -> None:  # pragma: no cover - compiled
    """One plus the sum over bins of weight times response times response, (K, K)."""
    for k in range(a.shape[0]):
        for l in range(k + 1):
            total = 0.0
            for b in range(a.shape[1]):
                total += weight[b] * a[k, b] * a[l, b]
            out[k, l] = total
            out[l, k] = total
        out[k, k] += 1.0


@njit(cache=True, nogil=True)
def _solve(
    matrix: Array, root: Array, vector: Array, out: Array
) -> None:  # pragma: no cover - compiled
    """Solve a small positive system by Cholesky."""
    n = vector.shape[0]
    for i in range(n):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= root[i, k] * root[j, k]
            root[i, j] = np.sqrt(total) if i == j else total / root[j, j]
    for i in range(n):
        total = vector[i]
        for k in range(i):
            total -= root[i, k] * out[k]
        out[i] = total / root[i, i]
    for i in range(n - 1, -1, -1):
        total = out[i]
        for k in range(i + 1, n):
            total -= root[k, i] * out[k]
        out[i] = total / root[i, i]
