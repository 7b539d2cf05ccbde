"""Chi2 of experiments that share nuisances, at many points.

With whitened residual z = L^-1 (d - p), C = L L^T, and whitened response G = L^-1 A, the chi2
profiled over unit-Gaussian pulls is that of `frequentist.linear_pulls`; profiling and
marginalising differ only by log det(C + A A^T) = log det C + log det M. Counts are profiled by
Newton's method (`frequentist.poisson_kernel`) and marginalised with the curvature there.
"""

from collections.abc import Sequence

import numpy as np
from scipy.linalg import solve_triangular

from ...base.errors import InputError
from ...frequentist.linear_pulls import LinearPulls
from .experiment import Array, Experiment, rows_of


class Group:
    """Experiments side by side, with shared nuisances shared.

    Attributes:
        experiments: The members.
        slices: Bins of each member, by name.
        nuisances: Names (K,) of all pulls.
        size: Number of bins B.
    """

    def __init__(self, experiments: Sequence[Experiment]) -> None:
        self.experiments = list(experiments)
        self.nuisances = tuple(
            dict.fromkeys(name for member in self.experiments for name in member.nuisances)
        )
        self.size = sum(member.size for member in self.experiments)
        ends = np.cumsum([0, *(member.size for member in self.experiments)]).tolist()
        self.slices = {
            member.name: slice(start, stop)
            for member, start, stop in zip(self.experiments, ends, ends[1:], strict=False)
        }
        self._places = [
            [self.nuisances.index(name) for name in member.nuisances] for member in self.experiments
        ]

    @property
    def data(self) -> Array:
        """Measured data (B,), experiment by experiment."""
        return np.concatenate([member.data for member in self.experiments])

    def predict(self, s22: Array, dm2: Array) -> Array:
        """Expectation (N, B) with pulls at zero."""
        return np.concatenate([m.predict(s22, dm2) for m in self.experiments], axis=1)

    def response(self, s22: Array, dm2: Array) -> Array:
        """Response (N, B, K) to the shared pulls."""
        total = np.zeros((len(s22), self.size, len(self.nuisances)))
        for member, places in zip(self.experiments, self._places, strict=True):
            if places:
                total[:, self.slices[member.name], places] = member.response(s22, dm2)
        return total

    def whiten(
        self, columns: Array, prediction: Array | None = None, data: Array | None = None
    ) -> tuple[Array, Array]:
        """Apply L^-1 to columns (N, B, C); return them and log det C (N,) or (1,)."""
        white = np.empty_like(columns)
        log_det = np.zeros(1)
        for member in self.experiments:
            bins = self.slices[member.name]
            block = columns[:, bins]
            if member.fixed_covariance:
                root = cholesky(member.covariance(), member.name)
                flat = np.moveaxis(block, 1, 0).reshape(member.size, -1)
                solved = solve_triangular(root, flat, lower=True)
                shape = (member.size, columns.shape[0], columns.shape[2])
                white[:, bins] = np.moveaxis(solved.reshape(shape), 0, 1)
                log_det = log_det + 2 * np.log(np.diagonal(root)).sum()
            else:
                expected = None if prediction is None else prediction[:, bins]
                measured = None if data is None else data[..., bins]
                roots = cholesky(member.covariance(expected, measured), member.name)
                white[:, bins] = np.linalg.solve(roots, block)
                log_det = log_det + 2 * np.log(np.diagonal(roots, axis1=-2, axis2=-1)).sum(-1)
        return white, log_det


def cholesky(covariance: Array, name: str) -> Array:
    """Lower Cholesky root of a covariance (..., B, B).

    Raises:
        InputError: If it is not positive definite.
    """
    try:
        return np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        raise InputError(
            f"{name}: its covariance is not positive definite; check the table it came from"
        ) from None


def group_chi2(
    experiments: Sequence[Experiment],
    s22: Array,
    dm2: Array,
    data: Array | None = None,
    with_log_det: bool = False,
    chunk: int = 2048,
) -> Array:
    """Chi2 (N,) at points (N,) for one data set (B,), or one a point (N, B), pulls profiled.

    With `with_log_det`, log det of the total covariance is added: minus twice the marginal
    log-likelihood up to a constant (for Poisson experiments, its Laplace term).
    """
    group = Group(experiments)
    measured = group.data if data is None else np.asarray(data, dtype=float)
    counts = _kind(group) == "poisson"
    result = np.empty(len(s22))
    for start in range(0, len(s22), chunk):
        part = slice(start, start + chunk)
        prediction, own = group.predict(s22[part], dm2[part]), rows_of(measured, part)
        response = group.response(s22[part], dm2[part])
        if counts:
            _, value, curvature = newton(np.atleast_2d(own), prediction, response)
            if with_log_det:
                value = value + np.linalg.slogdet(curvature)[1]
            result[part] = value
            continue
        columns = np.concatenate([(own - prediction)[:, :, None], response], axis=2)
        white, log_det = group.whiten(columns, prediction, own)
        z, g = white[:, :, 0], white[:, :, 1:]
        value = np.einsum("nb,nb->n", z, z)
        if g.shape[2]:
            linear = LinearPulls(g)
            value -= linear.gain(z)
            log_det = log_det + linear.log_det
        result[part] = value + log_det if with_log_det else value
    return result


def newton(data: Array, prediction: Array, response: Array) -> tuple[Array, Array, Array]:
    """Best pulls of Poisson bins for each row.

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


def best_pulls(
    experiment: Experiment, s22: float, dm2: float, data: Array | None = None
) -> tuple[Array, Array]:
    """Expectation (B,) at the best pulls, and the pulls (K,), at one point."""
    group = Group([experiment])
    measured = group.data if data is None else np.asarray(data, dtype=float)
    points = np.array([s22]), np.array([dm2])
    prediction, response = group.predict(*points), group.response(*points)
    if not group.nuisances:
        return prediction[0], np.zeros(0)
    if _kind(group) == "poisson":
        pulls = newton(measured[None], prediction, response)[0][0]
    else:
        columns = np.concatenate([(measured - prediction)[:, :, None], response], axis=2)
        white, _ = group.whiten(columns, prediction, measured)
        pulls = LinearPulls(white[:, :, 1:]).best(white[:, :, 0])[0]
    return prediction[0] + response[0] @ pulls, pulls


def _kind(group: Group) -> str:
    kinds = {member.statistic for member in group.experiments}
    if len(kinds) > 1:
        names = ", ".join(member.name for member in group.experiments)
        raise InputError(f"{names}: Poisson and Gaussian experiments cannot share a nuisance")
    return kinds.pop()
