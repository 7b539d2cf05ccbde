"""Poisson bins with Gaussian pulls: the profile by Newton's method, batched.

-2 log L = 2 sum_b [mu_b - n_b + n_b log(n_b / mu_b)] + |eta|^2, mu = p + A eta. It is convex in eta
where mu > 0, so Newton's method with a step that keeps mu positive always arrives.
"""

from typing import TYPE_CHECKING

import numpy as np

from .experiment import Array

if TYPE_CHECKING:
    from .linear import Group

_TINY = 1e-12


def saturated(data: Array, mu: Array) -> Array:
    """Minus twice the log likelihood ratio to the saturated model, summed over the last axis."""
    mu = np.maximum(mu, _TINY)
    ratio = np.where(data > 0, data, 1.0) / np.where(data > 0, mu, 1.0)
    return 2 * (mu - data + data * np.log(ratio)).sum(axis=-1)


def newton(
    data: Array, prediction: Array, response: Array, steps: int = 30
) -> tuple[Array, Array, Array]:
    """Best pulls for each row.

    Args:
        data: Counts (N, B) or (1, B).
        prediction: Expectation (N, B) without pulls, positive.
        response: Change (N, B, K) a pull.
        steps: Most Newton steps.

    Returns:
        Pulls (N, K), minus twice the profiled log-likelihood ratio (N,), curvature (N, K, K) of
        minus the log-likelihood at the minimum.
    """
    count, _, pulls = response.shape
    eta = np.zeros((count, pulls))
    p = np.maximum(prediction, _TINY)
    identity = np.eye(pulls)
    curvature = np.broadcast_to(identity, (count, pulls, pulls))
    for _ in range(steps):
        mu = np.maximum(p + np.einsum("nbk,nk->nb", response, eta), _TINY)
        gradient = eta + np.einsum("nbk,nb->nk", response, 1 - data / mu)
        curvature = identity + np.einsum(
            "nbk,nb,nbl->nkl", response, data / mu**2, response, optimize=True
        )
        step = -np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0]
        change = np.einsum("nbk,nk->nb", response, step)
        # never lose more than nine tenths of a bin in one step
        room = np.where(change < 0, -0.9 * mu / np.where(change < 0, change, -1.0), np.inf)
        step *= np.minimum(1.0, room.min(axis=1))[:, None]
        eta = eta + step
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    mu = p + np.einsum("nbk,nk->nb", response, eta)
    return eta, saturated(data, mu) + np.einsum("nk,nk->n", eta, eta), curvature


def poisson_chi2(
    group: "Group", s22: Array, dm2: Array, data: Array, with_log_det: bool, chunk: int
) -> Array:
    """Profiled chi2 (N,) for one data set (B,); see `linear.group_chi2`."""
    result = np.empty(len(s22))
    for start in range(0, len(s22), chunk):
        part = slice(start, start + chunk)
        prediction = group.predict(s22[part], dm2[part])
        response = group.response(s22[part], dm2[part])
        _, value, curvature = newton(data[None], prediction, response)
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
        return np.array([newton(row[None], self._prediction, self._response)[1] for row in data])
