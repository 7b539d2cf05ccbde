"""Chi2 with pulls, in closed form: experiments that share nuisances, many points, many data sets.

With whitened residual z = L^-1 (d - p), C = L L^T, and whitened response G = L^-1 A, the chi2
profiled over unit-Gaussian pulls is z^T z - |M^-1/2 G^T z|^2 with M = 1 + G^T G, which is also the
chi2 with the pulls folded into the covariance, C + A A^T (Woodbury); so profiling and
marginalising differ only by log det(C + A A^T) = log det C + log det M.
"""

from collections.abc import Sequence

import numpy as np
from scipy.linalg import solve_triangular

from ...base.errors import InputError
from .experiment import Array, Experiment, Prepared, rows_of


class Group:
    """Experiments side by side, with shared nuisances shared.

    Attributes:
        experiments: The members.
        slices: Bins of each member.
        nuisances: Names (K,) of all pulls.
        size: Number of bins B.
    """

    def __init__(self, experiments: Sequence[Experiment]) -> None:
        self.experiments = list(experiments)
        self.nuisances = tuple(
            dict.fromkeys(name for member in self.experiments for name in member.nuisances)
        )
        self.size = sum(member.size for member in self.experiments)
        self.slices: list[slice] = []
        start = 0
        for member in self.experiments:
            self.slices.append(slice(start, start + member.size))
            start += member.size
        self._places = [
            [self.nuisances.index(name) for name in member.nuisances] for member in self.experiments
        ]

    @property
    def data(self) -> Array:
        """Measured data (B,)."""
        return np.concatenate([member.data for member in self.experiments])

    def predict(self, s22: Array, dm2: Array) -> Array:
        """Expectation (N, B)."""
        return np.concatenate([m.predict(s22, dm2) for m in self.experiments], axis=1)

    def response(self, s22: Array, dm2: Array) -> Array:
        """Response (N, B, K) to the shared pulls."""
        total = np.zeros((len(s22), self.size, len(self.nuisances)))
        for member, bins, places in zip(self.experiments, self.slices, self._places, strict=True):
            if places:
                total[:, bins, places] = member.response(s22, dm2)
        return total

    def whiten(
        self, columns: Array, prediction: Array | None = None, data: Array | None = None
    ) -> tuple[Array, Array]:
        """Apply L^-1 to columns (N, B, C); return them and log det C (N,) or (1,)."""
        white = np.empty_like(columns)
        log_det = np.zeros(1)
        for member, bins in zip(self.experiments, self.slices, strict=True):
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
    if _kind(group) == "poisson":
        from .poisson import poisson_chi2

        return poisson_chi2(group, s22, dm2, measured, with_log_det, chunk)
    result = np.empty(len(s22))
    for start in range(0, len(s22), chunk):
        part = slice(start, start + chunk)
        prediction, own = group.predict(s22[part], dm2[part]), rows_of(measured, part)
        columns = np.concatenate(
            [(own - prediction)[:, :, None], group.response(s22[part], dm2[part])], axis=2
        )
        white, log_det = group.whiten(columns, prediction, own)
        z, g = white[:, :, 0], white[:, :, 1:]
        value = np.einsum("nb,nb->n", z, z)
        if g.shape[2]:
            root = np.linalg.cholesky(_curvature(g))
            projected = np.einsum("nbk,nb->nk", g, z, optimize=True)
            solved = np.linalg.solve(root, projected[:, :, None])[:, :, 0]
            value -= np.einsum("nk,nk->n", solved, solved)
            log_det = log_det + 2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(1)
        result[part] = value + log_det if with_log_det else value
    return result


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
        from .poisson import newton

        pulls = newton(measured[None], prediction, response)[0][0]
    else:
        columns = np.concatenate([(measured - prediction)[:, :, None], response], axis=2)
        white, _ = group.whiten(columns, prediction, measured)
        z, g = white[0, :, 0], white[:, :, 1:]
        pulls = np.linalg.solve(_curvature(g)[0], g[0].T @ z)
    return prediction[0] + response[0] @ pulls, pulls


def _curvature(g: Array) -> Array:
    return np.eye(g.shape[2]) + np.einsum("nbk,nbl->nkl", g, g, optimize=True)


def _kind(group: Group) -> str:
    kinds = {member.statistic for member in group.experiments}
    if len(kinds) > 1:
        names = ", ".join(member.name for member in group.experiments)
        raise InputError(f"{names}: Poisson and Gaussian experiments cannot share a nuisance")
    return kinds.pop()


def prepare_group(experiments: Sequence[Experiment], s22: Array, dm2: Array) -> Prepared:
    """Freeze G points for experiments that share nuisances (or for one)."""
    group = Group(experiments)
    if _kind(group) == "poisson":
        from .poisson import PreparedPoisson

        return PreparedPoisson(group, s22, dm2)
    if all(member.fixed_covariance for member in group.experiments):
        return PreparedGaussian(group, s22, dm2)
    return PreparedGeneral(group, s22, dm2)


class PreparedGaussian:
    """Fixed covariance and pulls: the chi2 of T data sets at G points by matrix products.

    chi2 = |z|^2 - 2 z.p + |p|^2 - sum_k (u_k.z - u_k.p)^2, z the whitened data, p the whitened
    prediction, u_k the columns of G M^-1/2. All p and u live in a space of few dimensions, onto
    which z is projected once.
    """

    def __init__(self, group: Group, s22: Array, dm2: Array) -> None:
        self._group = group
        count, size, pulls = len(s22), group.size, len(group.nuisances)
        predictions, response = group.predict(s22, dm2), group.response(s22, dm2)
        self._centre = predictions.mean(axis=0)
        columns = np.concatenate([(predictions - self._centre)[:, :, None], response], axis=2)
        white, log_det = group.whiten(columns)
        p, g = white[:, :, 0], white[:, :, 1:]
        self._log_det = np.full(count, log_det[0])
        u = np.zeros((pulls, count, size))
        if pulls:
            root = np.linalg.cholesky(_curvature(g))
            u = np.moveaxis(np.linalg.solve(root, np.swapaxes(g, 1, 2)), 1, 0)
            self._log_det += 2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(1)
        rows = np.concatenate([p[None], u]).reshape(-1, size)
        self._basis = _span(rows)
        self._p = p @ self._basis
        self._u = u @ self._basis
        self._up = np.einsum("kgr,gr->kg", self._u, self._p, optimize=True)
        self._pp = np.einsum("gr,gr->g", self._p, self._p)

    @property
    def log_det(self) -> Array:
        """Log-determinant (G,) of the covariance with the pulls folded in."""
        return self._log_det

    def chi2(self, data: Array) -> Array:
        """Profiled chi2 (T, G) of data sets (T, B)."""
        residual = (np.asarray(data, dtype=float) - self._centre)[None]
        z = self._group.whiten(np.swapaxes(residual, 1, 2))[0][0].T
        low = z @ self._basis
        value = low @ (-2 * self._p.T)
        value += self._pp
        value += np.einsum("tb,tb->t", z, z)[:, None]
        for columns, offset in zip(self._u, self._up, strict=True):
            pull = low @ columns.T
            pull -= offset
            np.multiply(pull, pull, out=pull)
            value -= pull
        return value


def _span(rows: Array, tolerance: float = 1e-10) -> Array:
    """Orthonormal basis (B, R) of the space the rows (M, B) live in."""
    gram = rows.T @ rows
    values, vectors = np.linalg.eigh(gram)
    kept = values > tolerance**2 * max(values[-1], 1e-300)
    # eigh of the Gram matrix resolves 1e-16 of the largest, so anything doubtful is kept
    kept |= values > 1e-15 * values[-1]
    return vectors[:, kept] if kept.any() else vectors[:, -1:]


class PreparedGeneral:
    """Covariance that depends on the prediction or the data: one factorisation a point."""

    def __init__(self, group: Group, s22: Array, dm2: Array) -> None:
        self._group, self._s22, self._dm2 = group, s22, dm2

    @property
    def log_det(self) -> Array:
        """Log-determinant (G,) at the measured data."""
        both = [
            group_chi2(self._group.experiments, self._s22, self._dm2, with_log_det=flag)
            for flag in (True, False)
        ]
        return both[0] - both[1]

    def chi2(self, data: Array) -> Array:
        """Profiled chi2 (T, G) of data sets (T, B)."""
        return np.array(
            [group_chi2(self._group.experiments, self._s22, self._dm2, row) for row in data]
        )
