"""Poisson bins with Gaussian pulls: the profile by Newton's method, batched.

-2 log L = 2 sum_b [mu_b - n_b + n_b log(n_b / mu_b)] + |eta|^2, mu = p + A eta. It is convex in eta
where mu > 0, so Newton's method with a step that keeps mu positive always arrives.
"""

from typing import TYPE_CHECKING

import numpy as np

from .experiment import Array, rows_of

if TYPE_CHECKING:
    from .linear import Group

_TINY = 1e-12


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


class PreparedPoisson:
    """G points for many data sets of Poisson bins: Newton for each pair."""

    def __init__(self, group: "Group", s22: Array, dm2: Array) -> None:
        self._group = group
        self._prediction = np.maximum(group.predict(s22, dm2), _TINY)
        self._response = group.response(s22, dm2)

    @property
    def log_det(self) -> Array:
        """Laplace term (G,) at the measured data."""
        _, _, curvature = newton(self._group.data[None], self._prediction, self._response)
        return np.linalg.slogdet(curvature)[1]

    def chi2(self, data: Array) -> Array:
        """Profiled chi2 (T, G) of data sets (T, B)."""
        from ...frequentist.poisson_kernel import profile

        data = np.atleast_2d(np.asarray(data, dtype=float))
        toys, points = len(data), len(self._prediction)
        rows, columns = np.repeat(np.arange(toys), points), np.tile(np.arange(points), toys)
        value, _, _ = profile(data, rows, self._prediction, columns, self._response)
        return value.reshape(toys, points)
