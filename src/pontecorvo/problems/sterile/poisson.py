"""Poisson bins with Gaussian pulls: the profile by Newton's method, batched.

-2 log L = 2 sum_b [mu_b - n_b + n_b log(n_b / mu_b)] + |eta|^2, mu = p + A eta. It is convex in eta
where mu > 0, so Newton's method with a step that keeps mu positive always arrives.
"""

from typing import TYPE_CHECKING

import numpy as np

from .experiment import Array, rows_of

if TYPE_CHECKING:
    from .linear import Group


def newton(data: Array, prediction: Array, response: Array) -> tuple[Array, Array, Array]:
    """Best pulls for each row.

    Args:
        data: Counts (N, B) or (1, B).
        prediction: Expectation (N, B) without pulls, positive.
        response: Change (N, B, K) a pull.

    Returns:
        Pulls (N, K), minus twice the profiled log-likelihood ratio (N,), curvature (N, K, K) of
        minus the log-likelihood at the minimum.
    """
    from ...frequentist.poisson_kernel import profile

    points = np.arange(len(prediction))
    rows = points if len(data) == len(points) else np.zeros_like(points)
    value, eta, curvature = profile(data, rows, prediction, points, response)
    return eta, value, curvature


def poisson_chi2(
    group: "Group", s22: Array, dm2: Array, data: Array, with_log_det: bool, chunk: int
) -> Array:
    """Profiled chi2 (N,) for data (B,) or (N, B); see `linear.group_chi2`."""
    result = np.empty(len(s22))
    for start in range(0, len(s22), chunk):
        part = slice(start, start + chunk)
        prediction = group.predict(s22[part], dm2[part])
        response = group.response(s22[part], dm2[part])
        _, value, curvature = newton(np.atleast_2d(rows_of(data, part)), prediction, response)
        if with_log_det:
            value = value + np.linalg.slogdet(curvature)[1]
        result[part] = value
    return result
