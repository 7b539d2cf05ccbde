"""Gaussian data on a plane of hypotheses: fixed covariance with pulls, or a covariance for each."""

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from ..base.errors import InputError
from .chi2_features import PredictedProblem, QuadraticForms, span
from .linear_pulls import LinearPulls
from .plane import Plane

TOLERANCE = 1e-8
"""Largest error of an element of a matrix of the whole plane that is written as few forms."""


class GaussianPulls(PredictedProblem):
    """Gaussian data, one covariance, and linear pulls whose effect may change over the plane.

    chi2 = min_eta |d - mu_h - A_h eta|^2_C + |eta|^2 = r^T (C + A_h A_h^T)^-1 r. In whitened
    coordinates the inverse is 1 - U_h^T U_h with U_h = M^-1/2 G^T, M = 1 + G^T G: K squares, or
    a few quadratic forms times coefficients where the U_h^T U_h change little over the plane.

    Args:
        name, plane, prediction, observed: Of a `PredictedProblem`.
        covariance: C (B, B), without the pulls.
        response: A (H, B, K): effect of one standard deviation of each pull; None for no pull.
        tolerance: Largest error of an element of U_h^T U_h that is accepted in the factorisation.

    Raises:
        InputError: If shapes disagree or the covariance is not positive.
    """

    def __init__(
        self,
        name: str,
        plane: Plane,
        prediction: np.ndarray,
        covariance: np.ndarray,
        observed: np.ndarray,
        response: np.ndarray | None = None,
        tolerance: float = TOLERANCE,
    ) -> None:
        super().__init__(name, plane, prediction, observed)
        self._root = _root(name, covariance)
        self._reference = self.prediction.mean(axis=0)
        self._response = response
        count = len(self.prediction)
        white = self._whiten(self.prediction)
        log_det = np.zeros(count)
        self._forms: QuadraticForms | None = None
        if response is None or response.shape[2] == 0:
            self._response = None
            self._basis = span(white)
            along = white @ self._basis
            linear, constant = along, np.einsum("hb,hb->h", white, white)
        else:
            effect = np.empty_like(response, dtype=float)  # G
            for k in range(response.shape[2]):
                effect[:, :, k] = self._whiten(self._reference + response[:, :, k])
            pulls = LinearPulls(effect)
            absorbed, log_det = pulls.absorbed, pulls.log_det  # U (H, K, B)
            self._basis = span(np.concatenate([white, absorbed.reshape(-1, white.shape[1])]))
            along, absorbed = white @ self._basis, absorbed @ self._basis
            matrices = np.swapaxes(absorbed, 1, 2) @ absorbed
            limit = min(response.shape[2] * along.shape[1] // 2, 150)
            self._forms = QuadraticForms.of(matrices, tolerance, limit)
            pulled = np.einsum("hkr,hr->hk", absorbed, along)
            if self._forms is None:  # |z - w|^2 - sum_k (u_k.z - u_k.w)^2
                linear, constant = along, np.einsum("hr,hr->h", along, along)
                self.squares = np.concatenate(
                    [np.moveaxis(absorbed, 0, 2), -pulled.T[:, None]], axis=1
                )
            else:
                linear = along - np.einsum("hkr,hk->hr", absorbed, pulled)
                constant = np.einsum("hr,hr->h", along, linear)
        self.log_determinant = log_det - log_det[-1]
        rows = [-2 * linear.T, constant[None], np.ones((1, count))]
        if self._forms is not None:
            rows.append(-self._forms.weights.T)
        self.coefficients = np.vstack(rows)

    def _whiten(self, data: np.ndarray) -> np.ndarray:
        residual = np.asarray(data, dtype=float) - self._reference
        return solve_triangular(self._root, residual.T, lower=True, check_finite=False).T

    def features(self, data: np.ndarray) -> np.ndarray:
        """Whitened residuals along the spanned directions, 1, their whole square, and the forms."""
        white = self._whiten(data)
        square = np.einsum("tb,tb->t", white, white)[:, None]
        along = white @ self._basis
        pieces = [along, np.ones_like(square), square]
        if self._forms is not None:
            pieces.append(self._forms(along))
        return np.hstack(pieces)

    def noise(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Fluctuations (n, B) with the covariance without pulls."""
        return rng.standard_normal((n, len(self._reference))) @ self._root.T

    def draw(self, hypothesis: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Data sets (n, B): pulls from their unit Gaussians, then the rest."""
        data = self.prediction[hypothesis] + self.noise(n, rng)
        if self._response is not None:
            effect = self._response[hypothesis]
            data += rng.standard_normal((n, effect.shape[1])) @ effect.T
        return data


class GaussianVarying(PredictedProblem):
    """Gaussian data whose whole covariance depends on the hypothesis.

    chi2 = (d - mu_h)^T C_h^-1 (d - mu_h), without ln det C_h, which `deviance` adds.

    Args:
        name, plane, prediction, observed: Of a `PredictedProblem`.
        covariance: C (H, B, B), pulls folded in.

    Raises:
        InputError: If shapes disagree or a covariance is not positive.
    """

    def __init__(
        self,
        name: str,
        plane: Plane,
        prediction: np.ndarray,
        covariance: np.ndarray,
        observed: np.ndarray,
    ) -> None:
        super().__init__(name, plane, prediction, observed)
        covariance = np.asarray(covariance, dtype=float)
        bins = len(self.observed)
        if covariance.shape != (self.hypotheses, bins, bins):
            raise InputError(
                f"{name}: covariance has shape {covariance.shape}; "
                f"it must be {(self.hypotheses, bins, bins)}"
            )
        self._base, self._reference = _root(name, covariance[-1]), self.prediction[-1]
        whitener = solve_triangular(self._base, np.eye(bins), lower=True)
        white_covariance = whitener @ covariance @ whitener.T
        try:
            self._roots = np.linalg.cholesky(white_covariance)
        except np.linalg.LinAlgError:
            raise InputError(f"{name}: a covariance on the plane is not positive") from None
        log_det = 2 * np.log(np.diagonal(self._roots, axis1=1, axis2=2)).sum(axis=1)
        inverse = np.linalg.inv(white_covariance)
        forms = QuadraticForms.of(inverse - np.eye(bins), TOLERANCE, bins * (bins + 1) // 2)
        assert forms is not None  # every symmetric matrix is a sum of that many
        self._forms = forms
        white = (self.prediction - self._reference) @ whitener.T
        pulled = np.einsum("hbc,hc->hb", inverse, white)
        self._basis = span(pulled)
        constant = np.einsum("hb,hb->h", white, pulled)
        self.log_determinant = log_det
        linear = -2 * (pulled @ self._basis).T
        ones = np.ones((1, len(white)))
        self.coefficients = np.vstack([linear, constant[None], ones, self._forms.weights.T])

    def features(self, data: np.ndarray) -> np.ndarray:
        """Whitened residuals along the spanned directions, 1, their square, and the forms."""
        residual = np.asarray(data, dtype=float) - self._reference
        white = solve_triangular(self._base, residual.T, lower=True, check_finite=False).T
        square = np.einsum("tb,tb->t", white, white)[:, None]
        return np.hstack([white @ self._basis, np.ones_like(square), square, self._forms(white)])

    def draw(self, hypothesis: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Data sets (n, B) with the hypothesis' own covariance."""
        normal = rng.standard_normal((n, len(self._reference)))
        return self.prediction[hypothesis] + normal @ self._roots[hypothesis].T @ self._base.T


def _root(name: str, covariance: np.ndarray) -> np.ndarray:
    try:
        return cholesky(np.asarray(covariance, dtype=float), lower=True)
    except (np.linalg.LinAlgError, ValueError):
        raise InputError(f"{name}: the covariance is not positive") from None
