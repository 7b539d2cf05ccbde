"""Chi2 of Gaussian or Poisson bins with linear pulls, profiled or integrated out in closed form.

The expectation is p + G x with unit-Gaussian pulls x (K,). For Gaussian bins of variance V the
best pulls are x = M^-1 G^T V^-1 (d - p), M = 1 + G^T V^-1 G, and

    chi2 = (d - p)^T V^-1 (d - p) - x^T M x = (d - p)^T (V + G G^T)^-1 (d - p).

The combined Neyman-Pearson variance 3 / (1/n + 2/m) (Ji et al., NIM A 961 (2020) 163677) depends
on the expectation m: it is taken at the best pulls, found by repeating the closed form. Poisson
bins take Newton's steps instead of one.

With the pulls integrated out, -2 log L gains log det M. Pearson's variance adds its own logarithm,
as a Gaussian whose width depends on the expectation has to; the combined variance does not, for its
chi2 stands for the Poisson likelihood ratio, which has no such term.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...base.errors import InputError, suggest

Array = np.ndarray
Statistic = Literal["cnp", "pearson", "neyman", "poisson"]
STATISTICS = ("cnp", "pearson", "neyman", "poisson")
ROUNDS = 3
"""Repetitions: the third changes JUNO's chi2 by less than 1e-3."""


@dataclass(frozen=True)
class PullFit:
    """The result at N points.

    Attributes:
        chi2: Profiled over the pulls (N,).
        pulls: Best pulls (N, K).
        log_det: What integrating the pulls out adds to chi2 (N,), up to a constant.
    """

    chi2: Array
    pulls: Array
    log_det: Array


def check_statistic(statistic: str) -> None:
    """Raise InputError unless the statistic is known."""
    if statistic not in STATISTICS:
        raise InputError(
            f"statistic {statistic!r} is unknown; {suggest(statistic, list(STATISTICS))}"
        )


def variance(statistic: str, data: Array, expected: Array) -> Array:
    """Statistical variance of bins: data and expected counts broadcast."""
    expected = np.maximum(expected, 1e-9)
    if statistic == "neyman":
        return np.broadcast_to(
            np.maximum(data, 1.0), np.broadcast_shapes(data.shape, expected.shape)
        )
    if statistic == "pearson":
        return expected
    # where nothing was seen, half the expectation: twice the expectation is then the chi2
    return np.where(
        data > 0, 3 * data * expected / np.maximum(expected + 2 * data, 1e-300), 0.5 * expected
    )


def fit_pulls(
    data: Array, expected: Array, response: Array, shape: Array, statistic: Statistic
) -> PullFit:
    """Profile the pulls.

    Args:
        data: Counts (B,) or one data set a point (N, B).
        expected: Expectation (N, B) with all pulls at zero.
        response: Its change (N, B, K) for one standard deviation of each pull.
        shape: Further uncorrelated standard deviation (N, B) of each bin.
        statistic: How the counts scatter. "poisson" needs `shape` zero.
    """
    check_statistic(statistic)
    if statistic == "poisson":
        if np.any(shape):
            raise InputError("statistic 'poisson' has no bin-to-bin uncertainty; set it to zero")
        return _poisson(np.broadcast_to(data, expected.shape), expected, response)
    residual = data - expected
    identity = np.eye(response.shape[2])
    pulls = np.zeros((len(expected), response.shape[2]))
    rounds = ROUNDS if statistic != "neyman" else 1
    for _ in range(rounds):
        at = expected + (response @ pulls[:, :, None])[:, :, 0]
        spread = variance(statistic, data, at) + shape**2
        scaled = response / spread[:, :, None]
        matrix = identity + np.swapaxes(response, 1, 2) @ scaled
        project = (residual[:, None, :] @ scaled)[:, 0]
        pulls = np.linalg.solve(matrix, project[:, :, None])[:, :, 0]
    chi2 = (residual**2 / spread).sum(axis=1) - (project * pulls).sum(axis=1)
    log_det = np.linalg.slogdet(matrix)[1]
    widths = spread if statistic == "pearson" else spread / (spread - shape**2)
    log_det = log_det + np.log(widths).sum(axis=1)
    return PullFit(chi2, pulls, log_det)


def _poisson(data: Array, expected: Array, response: Array) -> PullFit:
    """By the compiled Newton's method of the frequentist fits."""
    from ...frequentist.poisson_kernel import profile

    every = np.arange(len(expected))
    chi2, pulls, curvature = profile(data, every, expected, every, response)
    return PullFit(chi2, pulls, np.linalg.slogdet(curvature)[1])
