"""Chi2 of many data sets over a whole plane as one matrix product.

For every likelihood here, chi2(d | h) = sum_f phi_f(d) psi_fh: what depends on the data and what
depends on the hypothesis factorise into F features. With Gaussian data the features are the
whitened residuals along the directions that the predictions span (oscillation templates span few),
and a few quadratic forms where pulls act differently over the plane; for Poisson counts they are
the counts. Independent problems stand side by side: still one product.
"""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from ..base.errors import InputError
from .grid import GridProblem, Plane


class FeatureProblem(GridProblem):
    """A problem whose chi2 is `features` (T, F) times `coefficients` (F, H)."""

    coefficients: np.ndarray

    @abstractmethod
    def features(self, data: np.ndarray) -> np.ndarray:
        """Features (T, F) of data sets (T, B)."""

    def chi2(self, data: np.ndarray) -> np.ndarray:
        """Chi2 (T, H): one product."""
        return self.features(np.atleast_2d(data)) @ self.coefficients


class Joint(FeatureProblem):
    """Independent problems on one plane: their chi2 add, their data stand side by side.

    Raises:
        InputError: If there is no part, or two parts differ in their plane.
    """

    def __init__(self, name: str, parts: Sequence[FeatureProblem]) -> None:
        if not parts:
            raise InputError("joint fit: no experiment is left; name at least one")
        first = parts[0]
        for part in parts:
            same = part.plane.shape == first.plane.shape and np.array_equal(
                part.plane.points, first.plane.points
            )
            if not same or part.extras != first.extras:
                raise InputError(f"joint fit: {part.name} and {first.name} differ in their plane")
        self.name, self.parts = name, tuple(parts)
        self.plane, self.extras = first.plane, first.extras
        self.observed = np.concatenate([part.observed for part in parts])
        ends = np.cumsum([len(part.observed) for part in parts]).tolist()
        self.slices = [slice(a, b) for a, b in zip([0, *ends[:-1]], ends, strict=True)]
        self.coefficients = np.vstack([part.coefficients for part in parts])

    def _each(self, data: np.ndarray) -> list[tuple[FeatureProblem, np.ndarray]]:
        return [(part, data[:, bins]) for part, bins in zip(self.parts, self.slices, strict=True)]

    def features(self, data: np.ndarray) -> np.ndarray:
        """The parts' features side by side."""
        return np.hstack([part.features(piece) for part, piece in self._each(data)])

    @property
    def screened(self) -> bool:
        """Whether a part is."""
        return any(part.screened for part in self.parts)

    def exact(self, data: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """Sum of the parts' exact chi2 (T, J); those that need no screening share one product."""
        plain = [index for index, part in enumerate(self.parts) if not part.screened]
        total = np.zeros(hypotheses.shape)
        if plain:
            pieces = [self.parts[p].features(data[:, self.slices[p]]) for p in plain]
            features = np.hstack(pieces)
            coefficients = np.vstack([self.parts[p].coefficients for p in plain])
            total += paired_product(features, coefficients, hypotheses)
        for part, piece in self._each(data):
            if part.screened:
                total += part.exact(piece, hypotheses)
        return total

    def draw(self, hypothesis: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Data sets (n, B), part by part."""
        return np.hstack([part.draw(hypothesis, n, rng) for part in self.parts])

    def expected(self, hypothesis: int) -> np.ndarray:
        """Predictions side by side."""
        return np.concatenate([part.expected(hypothesis) for part in self.parts])

    @property
    def log_density(self) -> np.ndarray | None:
        """Sum of the parts', None if one of them has none."""
        pieces = [part.log_density for part in self.parts]
        known = [piece for piece in pieces if piece is not None]
        return np.sum(known, axis=0) if len(known) == len(pieces) else None


def paired_product(
    features: np.ndarray, coefficients: np.ndarray, hypotheses: np.ndarray
) -> np.ndarray:
    """Chi2 (T, J) at the hypotheses (T, J) of each row alone."""
    if len(hypotheses) == 1:
        return features @ coefficients[:, hypotheses[0]]
    result = np.empty(hypotheses.shape)
    for column in range(hypotheses.shape[1]):
        chosen = coefficients[:, hypotheses[:, column]]
        result[:, column] = np.einsum("tf,ft->t", features, chosen)
    return result


def check_predictions(
    name: str,
    plane: Plane,
    prediction: np.ndarray,
    observed: np.ndarray,
    extras: tuple[str, ...],
) -> np.ndarray:
    """Return predictions (H, B) as floats, or say what is wrong with them."""
    prediction = np.asarray(prediction, dtype=float)
    wanted = (plane.size + len(extras), len(observed))
    if prediction.shape != wanted:
        raise InputError(f"{name}: predictions have shape {prediction.shape}; it must be {wanted}")
    if not np.all(np.isfinite(prediction)):
        raise InputError(f"{name}: a prediction on the plane is not a number")
    return prediction


def span(rows: np.ndarray) -> np.ndarray:
    """Orthonormal basis (B, R) of the directions that rows (H, B) span."""
    values, vectors = np.linalg.eigh(rows.T @ rows)
    # eigenvalues are squares: what round-off cannot tell from zero is kept, to be safe
    return vectors[:, values > 1e-15 * max(values[-1], 1e-300)]


def low_rank(matrix: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """Factorise (H, F) as weights (H, M) @ forms (M, F), every element within `tolerance`.

    M is the smallest number of singular vectors that does it.
    """
    if matrix.shape[0] < matrix.shape[1]:
        _, vectors = np.linalg.eigh(matrix @ matrix.T)
        weights = vectors[:, ::-1]
        forms = weights.T @ matrix
    else:
        _, vectors = np.linalg.eigh(matrix.T @ matrix)
        forms = vectors[:, ::-1].T
        weights = matrix @ forms.T
    low, high = 0, min(matrix.shape)
    while low < high:
        rank = (low + high) // 2
        error = np.abs(weights[:, :rank] @ forms[:rank] - matrix).max(initial=0.0)
        if error <= tolerance:
            high = rank
        else:
            low = rank + 1
    return forms[:low], weights[:, :low]


class QuadraticForms:
    """Matrices S_h (R, R), symmetric, over the hypotheses, as M fixed forms times weights (H, M).

    Args:
        matrices: S (H, R, R).
        tolerance: Largest error of an element that is accepted.
    """

    def __init__(self, matrices: np.ndarray, tolerance: float) -> None:
        size = matrices.shape[1]
        rows, columns = np.triu_indices(size)
        forms, self.weights = low_rank(matrices[:, rows, columns], tolerance)
        self.forms = np.zeros((len(forms), size, size))
        self.forms[:, rows, columns] = forms
        self.forms[:, columns, rows] = forms

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """v^T Q_m v (T, M) for vectors (T, R)."""
        result = np.empty((len(vectors), len(self.forms)))
        for index, form in enumerate(self.forms):
            result[:, index] = np.einsum("tr,tr->t", vectors @ form, vectors)
        return result
