"""Newton's method for the pulls of Poisson counts, and where to use it; compiled, lock released."""

import numba as nb
import numpy as np

_TINY = 1e-12


@nb.njit(cache=True, nogil=True)
def profile(
    data: np.ndarray,
    hypotheses: np.ndarray,
    prediction: np.ndarray,
    response: np.ndarray,
    chi2: np.ndarray,
    pulls: np.ndarray,
) -> None:
    """Fill chi2 (T, J) and pulls (T, J, K); arguments as in `counts.PoissonPulls`.

    2 sum [mu - d + d ln(d / mu)] + |eta|^2 is convex in eta where mu > 0; no step takes more than
    nine tenths of a bin's expectation, so that mu stays positive and the method arrives.
    """
    bins, count = response.shape[1], response.shape[2]
    mu = np.empty(bins)
    gradient = np.empty(count)
    hessian = np.empty((count, count))
    step = np.empty(count)
    for t in range(data.shape[0]):
        eta = np.zeros(count)  # neighbours differ little: start where the last one ended
        for j in range(hypotheses.shape[1]):
            h = hypotheses[t, j]
            for _ in range(50):
                positive = True
                for b in range(bins):
                    mu[b] = prediction[h, b]
                    for k in range(count):
                        mu[b] += response[h, b, k] * eta[k]
                    positive &= mu[b] > _TINY
                if not positive:
                    eta[:] = 0.0
                    for b in range(bins):
                        mu[b] = max(prediction[h, b], _TINY)
                for k in range(count):
                    gradient[k] = eta[k]
                    for l in range(count):
                        hessian[k, l] = 1.0 if k == l else 0.0
                for b in range(bins):
                    ratio = data[t, b] / mu[b]
                    weight = ratio / mu[b]
                    for k in range(count):
                        gradient[k] += response[h, b, k] * (1 - ratio)
                        for l in range(k + 1):
                            hessian[k, l] += weight * response[h, b, k] * response[h, b, l]
                _solve(hessian, gradient, step)
                limit = 1.0
                for b in range(bins):
                    change = 0.0
                    for k in range(count):
                        change -= response[h, b, k] * step[k]
                    if change < 0 and -change * limit > 0.9 * mu[b]:
                        limit = -0.9 * mu[b] / change
                largest = 0.0
                for k in range(count):
                    eta[k] -= limit * step[k]
                    largest = max(largest, abs(limit * step[k]))
                if largest < 1e-7:
                    break
            value = 0.0
            for k in range(count):
                value += eta[k] * eta[k]
                pulls[t, j, k] = eta[k]
            for b in range(bins):
                mean = prediction[h, b]
                for k in range(count):
                    mean += response[h, b, k] * eta[k]
                mean = max(mean, _TINY)
                d = data[t, b]
                value += 2 * (mean - d)
                if d > 0:
                    value += 2 * d * np.log(d / mean)
            chi2[t, j] = value


@nb.njit(cache=True, nogil=True)
def _solve(matrix: np.ndarray, vector: np.ndarray, out: np.ndarray) -> None:
    """Solve a small positive system by Cholesky, in place (lower triangle given)."""
    n = len(vector)
    for i in range(n):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if i == j:
                matrix[i, i] = np.sqrt(total)
            else:
                matrix[i, j] = total / matrix[j, j]
    for i in range(n):
        total = vector[i]
        for k in range(i):
            total -= matrix[i, k] * out[k]
        out[i] = total / matrix[i, i]
    for i in range(n - 1, -1, -1):
        total = out[i]
        for k in range(i + 1, n):
            total -= matrix[k, i] * out[k]
        out[i] = total / matrix[i, i]


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
