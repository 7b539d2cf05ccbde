"""Poisson counts on a plane of hypotheses, with Gaussian pulls profiled exactly where it matters.

Without pulls the chi2 is linear in the counts. With pulls it has to be minimised for every data
set and hypothesis, which no matrix product does. So the product gives its second-order expansion
about the pulls that fit the measured counts best; `correction` minimises it, by Newton's method,
for the few hypotheses which the expansion finds best.
"""

import numpy as np

from ..base.errors import InputError
from .chi2_features import PredictedProblem, QuadraticForms
from .plane import Plane

TOLERANCE = 1e-9
"""Largest error of an element of the quadratic forms of the expansion."""


class PoissonPulls(PredictedProblem):
    """Counts with chi2 = min_eta 2 sum [mu - d + d ln(d / mu)] + |eta|^2, mu = p_h + A_h eta.

    (Baker & Cousins 1984.)

    Args:
        name, plane, prediction, observed: Of a `PredictedProblem`; p positive, counts not negative.
        response: A (H, B, K): effect of one standard deviation of each pull; None for no pull.

    Raises:
        InputError: If shapes disagree, or counts are not positive.
    """

    def __init__(
        self,
        name: str,
        plane: Plane,
        prediction: np.ndarray,
        observed: np.ndarray,
        response: np.ndarray | None = None,
    ) -> None:
        super().__init__(name, plane, prediction, observed)
        if not np.all(self.prediction > 0) or np.any(self.observed < 0):
            raise InputError(f"{name}: expected counts must be positive, observed not negative")
        count, bins = self.prediction.shape
        self._response = None
        if response is not None and response.shape[2]:
            # laid out with bins last, as the compiled profile wants it: no copy for each data set
            bins_last = np.ascontiguousarray(np.swapaxes(response, 1, 2), dtype=float)
            self._response = np.swapaxes(bins_last, 1, 2)
        self._forms: QuadraticForms | None = None
        mean, constant, slope = self.prediction, np.zeros(count), np.zeros((count, bins))
        if self._response is not None:
            every = np.arange(count)[None]
            _, pulls = _profile(self.observed[None], every, self.prediction, self._response)
            eta = pulls[0]
            mean = mean + np.einsum("hbk,hk->hb", self._response, eta)
            # half the gradient, eta + A^T (1 - d / mu), is a + d.b; half the Hessian at d = mu
            scaled = self._response / mean[:, :, None]
            hessian = np.eye(eta.shape[1]) + np.einsum("hbk,hbl->hkl", self._response, scaled)
            offset = eta + self._response.sum(axis=1)
            root = np.linalg.cholesky(hessian)
            a = np.linalg.solve(root, offset[:, :, None])[:, :, 0]
            b = -np.linalg.solve(root, np.swapaxes(scaled, 1, 2))
            constant = np.einsum("hk,hk->h", eta, eta) - np.einsum("hk,hk->h", a, a)
            slope = -2 * np.einsum("hk,hkb->hb", a, b)
            self._scale = np.sqrt(self.prediction[-1])
            matrices = np.swapaxes(b, 1, 2) @ b * np.outer(self._scale, self._scale)
            self._forms = QuadraticForms.of(matrices, TOLERANCE, bins * (bins + 1) // 2)
        rows = [
            (-2 * np.log(mean) + slope).T,
            (2 * mean.sum(axis=1) + constant)[None],
            np.ones((1, count)),
        ]
        if self._forms is not None:
            rows.append(-self._forms.weights.T)
        self.coefficients = np.vstack(rows)

    @property
    def screened(self) -> bool:
        """True with pulls."""
        return self._response is not None

    def features(self, data: np.ndarray) -> np.ndarray:
        """The counts, 1, the term of the data alone, and the quadratic forms."""
        data = np.asarray(data, dtype=float)
        alone = 2 * (data * np.log(np.where(data > 0, data, 1.0)) - data).sum(axis=1)[:, None]
        pieces = [data, np.ones_like(alone), alone]
        if self._forms is not None:
            pieces.append(self._forms(data / self._scale))
        return np.hstack(pieces)

    def correction(self, data: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """Chi2 with the pulls profiled by Newton's method - its expansion (T, J)."""
        if self._response is None:
            return np.zeros(hypotheses.shape)
        features = self.features(data)
        return self.exact(data, features, hypotheses) - self.chi2_at(features, hypotheses)

    def exact(
        self, data: np.ndarray, features: np.ndarray | None, hypotheses: np.ndarray
    ) -> np.ndarray:
        """Chi2 with the pulls profiled by Newton's method (T, J)."""
        if self._response is None:
            return super().exact(data, features, hypotheses)
        data = np.ascontiguousarray(data, dtype=float)
        return _profile(data, hypotheses, self.prediction, self._response)[0]

    @property
    def latent_size(self) -> int:
        """Number of pulls."""
        return 0 if self._response is None else self._response.shape[2]

    def draw(self, hypothesis: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Counts (n, B): pulls from their unit Gaussians, then Poisson."""
        return self.draw_latent(hypothesis, n, rng)[0]

    def draw_latent(
        self, hypothesis: int, n: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Counts (n, B) and the pulls (n, K) they were drawn with."""
        pulls = rng.standard_normal((n, self.latent_size))
        mean = self._mean(hypothesis, pulls)
        return rng.poisson(mean).astype(float), pulls

    def _mean(self, hypothesis: int, pulls: np.ndarray) -> np.ndarray:
        mean = np.broadcast_to(self.prediction[hypothesis], (len(pulls), len(self.observed)))
        if self._response is not None:
            mean = mean + pulls @ self._response[hypothesis].T
        return np.maximum(mean, 1e-12)

    def deviance(self, data: np.ndarray, latent: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """Poisson, given the pulls: 2 sum (mu - d ln mu), (T, J)."""
        result = np.empty((len(data), len(hypotheses)))
        for column, hypothesis in enumerate(hypotheses):
            mean = self._mean(int(hypothesis), latent)
            result[:, column] = 2 * (mean - data * np.log(mean)).sum(axis=1)
        return result


def _profile(
    data: np.ndarray, hypotheses: np.ndarray, prediction: np.ndarray, response: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Chi2 (T, J) and best pulls (T, J, K) of data sets (T, B) under hypotheses (T, J)."""
    from .poisson_kernel import profile

    shape = hypotheses.shape
    rows = np.repeat(np.arange(shape[0]), shape[1])
    chi2, pulls, _ = profile(data, rows, prediction, hypotheses.ravel(), response, warm=True)
    return chi2.reshape(shape), pulls.reshape(*shape, -1)
