"""Spectra of several places, each compared with its share of their sum.

x_le = M_le - M_e P_le / P_e with measured M, predicted P, and M_e, P_e summed over places l, and
chi2 = x^T V^-1 x (arXiv:2006.11210): free of the reactor's spectrum and normalisation.

chi2 is quadratic in the data through M_e, so it is not of the common Gaussian kind, but for fixed
r_le = P_le / P_e it is |M|^2 - 2 (V^-1 M * M_e) . r + M_e^T Q(r) M_e with the metric V^-1 and
Q(r) = r^T V^-1 r: a few matrix products for many data sets at many points.
"""

import numpy as np

from ...base.parallel import map_chunks
from .experiment import Array, Experiment, amplitudes, check_points, rows_of
from .templates import Templates


class SharedSpectra(Experiment):
    """Spectra of L places at E energies, place by place.

    Args:
        counts: Measured (L, E).
        covariance: Of x (L E, L E).
        templates: Counts without oscillation, and what oscillation changes.
            Factors 1, sin^2 2theta.
    """

    def __init__(self, counts: Array, covariance: Array, templates: Templates) -> None:
        self.data = counts.ravel()
        self._cells, self._energies = counts.shape
        self._covariance = covariance
        self._metric = np.linalg.inv(covariance)
        self._templates = templates

    def shares(self, s22: Array, dm2: Array) -> Array:
        """Share (N, B) of each cell in the sum, by energy."""
        s22, dm2 = check_points(s22, dm2)
        expected = self._templates(np.column_stack([np.ones(len(s22)), amplitudes(s22)]), dm2)
        expected = expected.reshape(-1, self._cells, self._energies)
        return (expected / expected.sum(axis=1, keepdims=True)).reshape(len(s22), -1)

    def _sums(self, data: Array) -> Array:
        """Sums over cells, repeated for each: (T, B)."""
        sums = data.reshape(-1, self._cells, self._energies).sum(axis=1)
        return np.tile(sums, (1, self._cells))

    def predict(self, s22: Array, dm2: Array) -> Array:
        """Expected events (N, B), given the measured sum over cells."""
        return self.shares(s22, dm2) * self._sums(self.data[None])

    def chi2(self, s22: Array, dm2: Array, data: Array | None = None) -> Array:
        """Chi2 (N,) at the points for data (B,) or (N, B); see `Experiment.chi2`."""
        measured = self.data if data is None else np.asarray(data, dtype=float)
        s22, dm2 = check_points(s22, dm2)
        result = np.empty(len(s22))

        def fill(start: int, stop: int) -> None:
            own = rows_of(measured, slice(start, stop))
            total = self._sums(np.atleast_2d(own))
            x = own - self.shares(s22[start:stop], dm2[start:stop]) * total
            result[start:stop] = np.einsum("nb,nb->n", x @ self._metric, x)

        map_chunks(fill, len(s22), 8192)
        return result

    def own_features(self, s22: Array, dm2: Array) -> "CellFeatures":
        """Chi2 at the points (G,) for many data sets; see `Experiment.own_features`."""
        return CellFeatures(self._metric, self.shares(s22, dm2), (self._cells, self._energies))


class CellFeatures:
    """Fixed points for many data sets: chi2 is quadratic in data and their sums.

    Attributes:
        coefficients: (F, G).
    """

    def __init__(self, metric: Array, shares: Array, shape: tuple[int, int]) -> None:
        self._metric, self._shape = metric, shape
        self._pairs = np.triu_indices(shape[1])
        blocks = metric.reshape(*shape, *shape).transpose(1, 3, 0, 2)
        r = np.ascontiguousarray(shares.reshape(-1, *shape).transpose(2, 0, 1))
        quadratic = [
            (1.0 if e == f else 2.0) * np.einsum("gl,gl->g", r[e] @ blocks[e, f], r[f])
            for e, f in zip(*self._pairs, strict=True)
        ]
        self.coefficients = np.concatenate(
            [np.ones((1, len(shares))), -2 * shares.T, np.array(quadratic)]
        )

    def features(self, data: Array) -> Array:
        """Features (T, F) of data sets (T, B)."""
        data = np.atleast_2d(np.asarray(data, dtype=float))
        weighted = data @ self._metric
        sums = data.reshape(-1, *self._shape).sum(axis=1)
        square = np.einsum("tb,tb->t", weighted, data)[:, None]
        first, second = self._pairs
        total = np.tile(sums, (1, self._shape[0]))
        return np.concatenate([square, weighted * total, sums[:, first] * sums[:, second]], axis=1)
