"""The chi2 of the analysis: kinds of statistical variance, systematics as a covariance or as pulls.

* ``cnp``: combined Neyman-Pearson, variance 3 / (1/n + 2/m) (Ji et al., NIM A 961, 163677 (2020));
* ``pearson``: variance m, the prediction; ``neyman``: variance n, the data;
* ``poisson``: twice the log-likelihood ratio to the saturated model; with pulls only.
"""

from typing import Literal

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from .....base.errors import InputError, suggest
from .release import Array

Kind = Literal["cnp", "pearson", "neyman", "poisson"]
KINDS = ("cnp", "pearson", "neyman", "poisson")


def check_kind(kind: str, covariance: bool) -> None:
    """Refuse an unknown chi2, and Poisson bins with a covariance matrix.

    Raises:
        InputError: If the combination does not exist.
    """
    if kind not in KINDS:
        raise InputError(f"Daya Bay chi2 {kind!r} is unknown; {suggest(kind, list(KINDS))}")
    if kind == "poisson" and covariance:
        raise InputError("Daya Bay chi2 'poisson' needs systematics 'pulls', not 'covariance'")


def variance(kind: str, data: Array, counts: Array) -> Array:
    """Statistical variance (n,) of each bin."""
    if kind == "cnp":
        return 3 * data * counts / (counts + 2 * data)
    return counts if kind in ("pearson", "poisson") else data


def _variance_slope(kind: str, data: Array, counts: Array) -> Array:
    if kind == "cnp":
        return 6 * data**2 / (counts + 2 * data) ** 2
    return np.ones_like(counts) if kind == "pearson" else np.zeros_like(counts)


def chi2_and_slope(
    kind: str,
    data: Array,
    counts: Array,
    covariance: Array | None = None,
    frozen: Array | None = None,
) -> tuple[float, Array, Array]:
    """The chi2, its derivative (n,) by the counts, and half its curvature (n, n) or (n,).

    The derivative is exact, the dependence of the variance on the prediction included; the
    curvature is Gauss and Newton's.

    Args:
        kind: One of `KINDS`.
        data: Observed counts (n,).
        counts: Expected counts (n,).
        covariance: Systematic covariance (n, n), or None (then the caller penalises pulls).
        frozen: Statistical variance (n,) to use whatever the counts, unless `kind` is "poisson".
    """
    residual = counts - data
    if kind == "poisson":
        ratio = np.where(data > 0, data / counts, 1.0)
        value = 2 * np.sum(residual + np.where(data > 0, data * np.log(ratio), 0.0))
        return float(value), 2 * (1 - data / counts), np.maximum(data, 1e-3) / counts**2
    stat = variance(kind, data, counts) if frozen is None else frozen
    slope = _variance_slope(kind, data, counts) if frozen is None else 0.0
    if covariance is None:
        solved = residual / stat
        return float(residual @ solved), 2 * solved - slope * solved**2, 1 / stat
    factor = cho_factor(covariance + np.diag(stat), lower=True)
    both = cho_solve(factor, np.column_stack([residual, np.eye(len(data))]))
    solved = both[:, 0]
    return float(residual @ solved), 2 * solved - slope * solved**2, both[:, 1:]


def chi2(
    kind: str,
    data: Array,
    counts: Array,
    covariance: Array | None = None,
    frozen: Array | None = None,
) -> float:
    """The chi2 alone; arguments as in `chi2_and_slope`."""
    if kind == "poisson" or covariance is None:
        return chi2_and_slope(kind, data, counts, None, frozen)[0]
    stat = variance(kind, data, counts) if frozen is None else frozen
    residual = counts - data
    return float(residual @ cho_solve(cho_factor(covariance + np.diag(stat), lower=True), residual))
