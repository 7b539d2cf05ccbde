"""Two weighted samples compared in one number: how far apart, and is it more than chance.

Weighted draws count as Kish's effective number of equal ones. That is an approximation; what it
costs in false alarms is measured by benchmarks/structure_found.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, norm

from ....base.quantiles import weighted_quantiles

__all__ = ["Information", "Share", "information", "share_below"]

BINS = 12
_LN2 = np.log(2.0)


@dataclass(frozen=True)
class Information:
    """How well one quantity tells two samples apart.

    Attributes:
        bits: Mutual information between the quantity and the question which sample a draw is from,
            with equal odds: 0 (same distribution) to 1 bit; the bias of finite samples taken off.
        p_value: Probability of so large a difference by chance.
    """

    bits: float
    p_value: float


def _effective(w: np.ndarray) -> float:
    return float(np.sum(w) ** 2 / np.sum(w**2))


def information(
    x: np.ndarray, wx: np.ndarray, y: np.ndarray, wy: np.ndarray, bins: int = BINS
) -> Information:
    """Mutual information of two weighted samples by bins of their common quantiles.

    Args:
        x: Values (N,) of the first sample; not a number counts as infinity.
        wx: Weights (N,).
        y: Values (K,) of the second sample.
        wy: Weights (K,).
        bins: Number of bins, fewer where a sample is worth few draws.
    """
    wx, wy = wx / wx.sum(), wy / wy.sum()
    n_x, n_y = _effective(wx), _effective(wy)
    bins = int(max(2, min(bins, min(n_x, n_y) / 10)))
    both, weight = np.concatenate([x, y]), np.concatenate([wx, wy]) / 2
    both = np.where(np.isnan(both), np.inf, both)
    finite = np.where(np.isfinite(both), both, np.sign(both) * np.finfo(float).max)
    edges = np.unique(weighted_quantiles(finite, weight, np.arange(1, bins) / bins))
    where = np.searchsorted(edges, finite, side="right")
    p = np.bincount(where[: len(x)], wx, len(edges) + 1)
    q = np.bincount(where[len(x) :], wy, len(edges) + 1)
    used = (p + q) > 0
    p, q = p[used], q[used]
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(s > 0, s * np.log(s / middle), 0.0).sum() for s in (p, q)]
    freedom = max(len(p) - 1, 1)
    # under the same distribution 8 ln2 bits / (1/n_x + 1/n_y) is chi-squared with `freedom`
    bits = (terms[0] + terms[1]) / 2 / _LN2 - freedom * (1 / n_x + 1 / n_y) / (8 * _LN2)
    statistic = np.sum((p - q) ** 2 / middle) / (1 / n_x + 1 / n_y)
    return Information(max(float(bits), 0.0), float(chi2.sf(statistic, freedom)))


@dataclass(frozen=True)
class Share:
    """Weighted fraction below a threshold in two samples, and their ratio.

    The ratio is the Savage-Dickey estimate of how much the data favour the symmetric model within
    the free one (J. M. Dickey, Ann. Math. Stat. 42 (1971) 204), at the given tolerance.
    """

    threshold: float
    first: float
    second: float
    ratio: float
    ratio_error: float
    p_value: float


def share_below(
    x: np.ndarray, wx: np.ndarray, y: np.ndarray, wy: np.ndarray, level: float = 0.05
) -> Share:
    """How much oftener the first sample is below the second's `level` quantile.

    One-sided test of two proportions with pooled variance and a continuity correction.
    """
    wx, wy = wx / wx.sum(), wy / wy.sum()
    n_x, n_y = _effective(wx), _effective(wy)
    threshold = float(weighted_quantiles(y, wy, np.array([level]))[0])
    p, q = float(wx[x <= threshold].sum()), float(wy[y <= threshold].sum())
    pooled = (p * n_x + q * n_y) / (n_x + n_y)
    error = np.sqrt(max(pooled * (1 - pooled), 1e-12) * (1 / n_x + 1 / n_y))
    gap = p - q - 0.5 * (1 / n_x + 1 / n_y)
    ratio = p / max(q, 0.5 / n_y)
    relative = np.sqrt((1 - p) / max(p * n_x, 0.5) + (1 - q) / max(q * n_y, 0.5))
    return Share(threshold, p, q, ratio, float(ratio * relative), float(norm.sf(gap / error)))
