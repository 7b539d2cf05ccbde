r"""Is a sample uniform on [0, 1]? Simultaneous bands for its empirical distribution function.

At each z the number of values below z is binomial. The band is the pointwise binomial interval
whose level is adjusted, by simulation, until the whole curve stays inside with probability
1 - alpha (Säilynoja, Bürkner & Vehtari, arXiv:2103.10522). The p-value is that of the same
statistic: the least likely point of the curve.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import binom

_REPLICAS = 20_000


@dataclass(frozen=True)
class Band:
    """Simultaneous band: at `grid` (K,) the distribution function stays in [lower, upper]."""

    grid: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def beside(self, curve: np.ndarray) -> dict[str, np.ndarray]:
        """What a figure needs of it and of a distribution function (..., K) on its grid."""
        return {"grid": self.grid, "ecdf": curve, "lower": self.lower, "upper": self.upper}


def uniformity_p(u: np.ndarray) -> float:
    """P-value of the hypothesis that `u` (S,) is uniform on [0, 1]; at least 1/20,001."""
    n = len(u)
    observed = _rarity(np.searchsorted(np.sort(u), _grid(n), side="right")[None], n)[0]
    null = _null_rarities(n)
    return float((1 + np.searchsorted(null, observed * (1 + 1e-9), "right")) / (len(null) + 1))


def uniform_band(n: int, alpha: float) -> Band:
    """Band that the distribution function of `n` uniform values leaves with probability `alpha`."""
    level = float(np.quantile(_null_rarities(n), alpha))
    grid = _grid(n)
    lower, upper = binom.ppf(level / 2, n, grid), binom.ppf(1 - level / 2, n, grid)
    return Band(grid, lower / n, upper / n)


def ecdf(u: np.ndarray) -> np.ndarray:
    """Empirical distribution function of `u` (S,) on the grid of `uniform_band`."""
    return np.searchsorted(np.sort(u), _grid(len(u)), side="right") / len(u)


@lru_cache(maxsize=64)
def _grid(n: int) -> np.ndarray:
    """Interior points: a hundred, and no more than the sample can tell apart."""
    k = min(100, max(n, 2))
    return np.arange(1, k) / k


@lru_cache(maxsize=64)
def _tails(n: int) -> np.ndarray:
    """Two-sided tail probability (K, n + 1) of each count at each grid point."""
    counts = np.arange(n + 1)
    below = binom.cdf(counts, n, _grid(n)[:, None])
    above = binom.sf(counts - 1, n, _grid(n)[:, None])
    return np.minimum(1.0, 2 * np.minimum(below, above))


def _rarity(counts: np.ndarray, n: int) -> np.ndarray:
    """Smallest tail probability along each curve of counts (R, K)."""
    return _tails(n)[np.arange(counts.shape[1]), counts].min(axis=1)


@lru_cache(maxsize=64)
def _null_rarities(n: int) -> np.ndarray:
    """Sorted rarities of samples that are uniform; the seed is part of the definition."""
    rng = np.random.default_rng([20211055, n])
    k = len(_grid(n)) + 1
    parts = []
    for _ in range(10):
        counts = np.cumsum(rng.multinomial(n, np.full(k, 1 / k), size=_REPLICAS // 10), axis=1)
        parts.append(_rarity(counts[:, :-1], n))
    return np.sort(np.concatenate(parts))


def bonferroni(p_values: np.ndarray) -> float:
    """P-value of the smallest of several tests, however they depend on each other."""
    return float(min(1.0, len(p_values) * np.min(p_values)))
