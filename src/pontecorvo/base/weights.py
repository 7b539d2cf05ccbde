"""Importance weights: effective sample size, Pareto tail, smoothing, evidence.

All functions take unnormalised natural-log weights (N,): log[target / proposal] of draws from the
proposal. A weight of zero is ``-inf``; NaN and ``+inf`` are refused. Dropping zero-weight draws
before calling biases the evidence: they are part of N.
"""

from math import ceil, log10

import numpy as np

from .errors import InputError

_TINY = np.log(np.finfo(float).tiny)
_SAME = 1e-12  # log weights closer than this are equal up to rounding


def checked_log_weights(log_weights: np.ndarray) -> np.ndarray:
    """Return the log weights as a fresh float64 array (N,), or say what is wrong with them.

    Raises:
        InputError: If they are not one-dimensional, empty, NaN, +inf, or all zero weights.
    """
    values = np.array(log_weights, dtype=np.float64)
    if values.ndim != 1 or not len(values):
        raise InputError(
            f"log weights: shape {values.shape}; give one value a draw, at least one draw"
        )
    bad = np.isnan(values) | (values == np.inf)
    if bad.any():
        raise InputError(
            f"log weights: {int(bad.sum())} of {len(values)} are NaN or +inf "
            f"(first at {int(bad.argmax())}); they must be finite, or -inf for weight zero"
        )
    if np.all(values == -np.inf):
        raise InputError(
            f"log weights: all {len(values)} draws have weight zero; "
            "the proposal does not reach the target, give draws that overlap it"
        )
    return values


def normalised(log_weights: np.ndarray) -> np.ndarray:
    """Weights (N,) that sum to one."""
    values = checked_log_weights(log_weights)
    weights = np.exp(values - values.max())
    return weights / weights.sum()


def kish_ess(log_weights: np.ndarray) -> float:
    """Effective sample size of Kish (1965): (sum w)^2 / sum w^2, between 1 and N."""
    weights = normalised(log_weights)
    return float(1 / np.sum(weights**2))


def log_evidence(log_weights: np.ndarray) -> tuple[float, float]:
    """Log of the mean weight, and its standard error.

    With log_weights = log[prior * likelihood / q], and q normalised, the mean weight is the
    evidence. The error of the log is the delta-method one, sqrt[(N/ESS - 1) / (N - 1)]; it is
    itself only as good as the weights' second moment (see `pareto_k`).

    Returns:
        log Z and its standard error (infinite for one draw).
    """
    values = checked_log_weights(log_weights)
    n = len(values)
    top = values.max()
    log_z = float(top + np.log(np.mean(np.exp(values - top))))
    if n == 1:
        return log_z, float("inf")
    spread = max(n / kish_ess(values) - 1, 0.0)
    return log_z, float(np.sqrt(spread / (n - 1)))


def k_limit(n: int) -> float:
    """Largest Pareto k-hat at which weights of `n` draws are trusted: min(1 - 1/log10 n, 0.7).

    Source: Vehtari, Simpson, Gelman, Yao & Gabry, arXiv:1507.02646, section 3.2.4.
    """
    return min(1 - 1 / log10(n), 0.7) if n > 10 else 0.0


FLAT = 0.9
"""ESS/N above which weights are nearly equal: then the few that make the tail differ from the rest
by a fraction of it, and the shape fitted to them, whatever it is, moves no estimate."""


def tail_trusted(efficiency: float, k: float, limit: float) -> bool:
    """Whether k-hat is within its limit, or ESS/N above `FLAT`, where k-hat measures nothing."""
    return bool(k <= limit or efficiency >= FLAT)


def pareto_k(log_weights: np.ndarray, relative_efficiency: float = 1.0) -> float:
    """Shape of the generalised Pareto distribution fitted to the largest weights.

    See `psis` for the arguments, the meaning and the special values.
    """
    return psis(log_weights, relative_efficiency)[1]


def psis(log_weights: np.ndarray, relative_efficiency: float = 1.0) -> tuple[np.ndarray, float]:
    """Pareto-smoothed importance weights and the tail's shape k-hat.

    The M = min(N/5, 3 sqrt(N / relative_efficiency)) largest weights are replaced by the quantiles
    of a generalised Pareto distribution fitted to them, cut at the largest raw weight
    (arXiv:1507.02646). Weights have a finite variance for k < 1/2; up to k = 0.7 the smoothed
    estimates are reliable in practice.

    Args:
        log_weights: Unnormalised log weights (N,), -inf allowed.
        relative_efficiency: ESS/N of the draws themselves where they come from a Markov chain.

    Returns:
        Smoothed log weights (N,) on the scale of the input, in its order; and k-hat. It is +inf
        where fewer than five draws make the tail, so that nothing can be said, and 0 where a whole
        tail's worth of draws shares the largest weight: such weights are bounded.
    """
    values = checked_log_weights(log_weights)
    n = len(values)
    top = values.max()
    shifted = values - top
    tail_size = ceil(min(n / 5, 3 * np.sqrt(n / relative_efficiency)))
    if tail_size >= n:
        return values, float("inf")
    order = np.argsort(shifted, kind="stable")
    cut = max(shifted[order[-tail_size - 1]], _TINY)
    tail = order[shifted[order] > cut + _SAME]
    if len(tail) <= 4:
        plateau = np.count_nonzero(shifted > -_SAME) > max(tail_size, 4)
        return values, 0.0 if plateau else float("inf")
    shape, scale = _fit_pareto(np.exp(shifted[tail]) - np.exp(cut))
    if np.isfinite(shape):
        quantiles = (np.arange(len(tail)) + 0.5) / len(tail)
        smooth = np.logaddexp(_log_pareto_quantile(quantiles, shape, scale), cut)
        shifted[tail] = np.minimum(smooth, 0.0)
    return shifted + top, shape


def _fit_pareto(excess: np.ndarray) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution for ascending `excess` > 0.

    The empirical-Bayes estimate of Zhang & Stephens, Technometrics 51 (2009) 316, with the shape
    drawn towards 1/2 with the weight of ten draws, as arXiv:1507.02646 advises.
    """
    n = len(excess)
    grid = 30 + int(np.sqrt(n))
    theta = 1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))
    theta = theta / (3 * excess[int(n / 4 + 0.5) - 1]) + 1 / excess[-1]
    shapes = np.mean(np.log1p(-theta[:, None] * excess), axis=1)
    log_profile = n * (np.log(-theta / shapes) - shapes - 1)
    mass = np.exp(log_profile - log_profile.max())
    best = np.sum(theta * mass) / mass.sum()
    shape = float(np.mean(np.log1p(-best * excess)))
    scale = -shape / best
    return shape * n / (n + 10) + 5 / (n + 10), float(scale)


def _log_pareto_quantile(u: np.ndarray, shape: float, scale: float) -> np.ndarray:
    """Logs of quantiles of the generalised Pareto distribution that starts at zero.

    In logs because weights that differ by hundreds in the logarithm have shapes of hundreds, whose
    quantiles leave floating-point numbers.
    """
    growth = -shape * np.log1p(-u)
    if abs(shape) < 1e-12:
        return np.asarray(np.log(-scale * np.log1p(-u)))
    rest = np.log(-np.expm1(-np.abs(growth)) / abs(shape))
    return np.asarray(np.log(scale) + np.maximum(growth, 0.0) + rest)
