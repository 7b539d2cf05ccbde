"""Chi2 with pulls that act linearly, in closed form: written here once.

With the whitened residual z (B) and the whitened effect G (B, K) of one standard deviation of each
pull, and M = 1 + G^T G = R R^T,

    min_eta |z - G eta|^2 + |eta|^2 = |z|^2 - |R^-1 G^T z|^2,   reached at eta = M^-1 G^T z,

which is also z^T (1 + G G^T)^-1 z, the chi2 with the pulls folded into the covariance (Woodbury):
profiling and marginalising differ by ln det(1 + G G^T) = ln det M only.
"""

from functools import cached_property

import numpy as np


class LinearPulls:
    """K pulls at N points.

    Args:
        effect: G (N, B, K).
    """

    def __init__(self, effect: np.ndarray) -> None:
        self.effect = effect
        self.precision = np.eye(effect.shape[2]) + np.swapaxes(effect, 1, 2) @ effect
        """M (N, K, K): inverse covariance of the pulls given the data."""

    @cached_property
    def root(self) -> np.ndarray:
        """Lower Cholesky root R (N, K, K) of the precision."""
        return np.linalg.cholesky(self.precision)

    @property
    def log_det(self) -> np.ndarray:
        """ln det M (N,)."""
        return np.asarray(2 * np.log(np.diagonal(self.root, axis1=1, axis2=2)).sum(axis=1))

    @property
    def absorbed(self) -> np.ndarray:
        """U = R^-1 G^T (N, K, B): |U z|^2 is what the pulls take off chi2."""
        return np.linalg.solve(self.root, np.swapaxes(self.effect, 1, 2))

    def _along(self, z: np.ndarray) -> np.ndarray:
        return np.einsum("nbk,nb->nk", self.effect, z, optimize=True)[:, :, None]

    def gain(self, z: np.ndarray) -> np.ndarray:
        """What the pulls take off |z|^2 (N,) of residuals (N, B)."""
        solved = np.linalg.solve(self.root, self._along(z))[:, :, 0]
        return np.einsum("nk,nk->n", solved, solved)

    def best(self, z: np.ndarray) -> np.ndarray:
        """Best pulls (N, K) of residuals (N, B)."""
        return np.linalg.solve(self.precision, self._along(z))[:, :, 0]
