"""Chi2 of many data sets over a whole plane as one matrix product.

For every likelihood here, chi2(d | h) = sum_f phi_f(d) psi_fh - sum_k [sum_f phi_f(d) omega_kfh]^2:
what depends on the data and what depends on the hypothesis factorise into F features. With Gaussian
data the features are the whitened residuals along the directions that the predictions span
(often few). Pulls that act differently over the plane add squares, one product
each, or a few quadratic forms of the data where these are fewer. For Poisson counts the features
are the counts. Independent problems stand side by side: still one product, and the squares.
"""

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from ..base.errors import InputError
from .coarse_scan import CANDIDATES, Screen
from .neighbourhood import Neighbourhood
from .plane import GridProblem, Plane
from .smallest_kernel import chi2_of_pairs


class FeatureProblem(GridProblem):
    """A problem whose chi2 is `features` (T, F) @ `coefficients` (F, H) - sum of `squares`.

    Attributes:
        coefficients: psi (F, H).
        squares: omega (K, S, H), acting on the first S features; None where there are none.
        log_determinant: ln det of the covariance (H,) where chi2 leaves it out; else None.
    """

    coefficients: np.ndarray
    squares: np.ndarray | None = None
    log_determinant: np.ndarray | None = None

    @property
    def latent_size(self) -> int:
        """Number of pulls L of `draw_latent`."""
        return 0

    def deviance(self, data: np.ndarray, latent: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """Chi2 (T, J), and the determinant where chi2 leaves it out."""
        features = self.features(data)
        total = features @ self.coefficients[:, hypotheses]
        if self.squares is not None:
            first = features[:, : self.squares.shape[1]]
            for omega in self.squares:
                total -= (first @ omega[:, hypotheses]) ** 2
        return total if self.log_determinant is None else total + self.log_determinant[hypotheses]

    @abstractmethod
    def features(self, data: np.ndarray) -> np.ndarray:
        """Features (T, F) of data sets (T, B)."""

    def chi2(self, data: np.ndarray) -> np.ndarray:
        """Chi2 (T, H): a product, and one for each square."""
        features = self.features(np.atleast_2d(data))
        total = features @ self.coefficients
        self.subtract_squares(features, total)
        return total

    @cached_property
    def _rows(self) -> np.ndarray:
        """psi and every omega of each hypothesis side by side (H, F + K S)."""
        pieces = [self.coefficients, *([] if self.squares is None else self.squares)]
        return np.ascontiguousarray(np.vstack(pieces).T)

    def chi2_at(self, features: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """`chi2` (T, J) of features (T, F), each under its own few hypotheses (T, J)."""
        result = np.empty(hypotheses.shape)
        size = 0 if self.squares is None else self.squares.shape[1]
        chi2_of_pairs(features, np.ascontiguousarray(hypotheses), self._rows, size, result)
        return result

    def exact(
        self, data: np.ndarray, features: np.ndarray | None, hypotheses: np.ndarray
    ) -> np.ndarray:
        """Chi2 (T, J) of data sets (T, B), not approximated, each under its own hypotheses (T, J).

        `features` are those of the data, if they are known.
        """
        return self.chi2_at(self.features(data) if features is None else features, hypotheses)

    @property
    def alone(self) -> Sequence["FeatureProblem"]:
        """The independent problems that this one is made of."""
        return (self,)

    @cached_property
    def screen(self) -> Screen:
        """Finds the best hypotheses of many data sets, fast."""
        return Screen(self.alone)

    def best(
        self,
        data: np.ndarray,
        tested: int | None = None,
        count: int = CANDIDATES,
        alike: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The best hypotheses by the screen and their exact chi2; see `GridProblem.best`."""
        pieces: Sequence[np.ndarray | None]
        if count < self.hypotheses:
            pieces = known = self.pieces(data)
            chosen = self.screen.lowest(known, count, alike)
        else:  # all of them: nothing to look for
            pieces = [None] * len(self.alone)
            chosen = np.tile(np.arange(self.hypotheses), (len(data), 1))
        if tested is not None:
            chosen = np.hstack([chosen, np.full((len(chosen), 1), tested)])
        return chosen, self.exact_sum(data, pieces, chosen)

    def pieces(self, data: np.ndarray) -> list[np.ndarray]:
        """Features (T, F_i) of each of the problems of `alone`."""
        return [self.features(data)]

    def exact_sum(
        self, data: np.ndarray, pieces: Sequence[np.ndarray | None], hypotheses: np.ndarray
    ) -> np.ndarray:
        """`exact` (T, J) from the features of `pieces`."""
        return self.exact(data, pieces[0], hypotheses)

    def subtract_squares(self, features: np.ndarray, total: np.ndarray) -> None:
        """Take the squares off `total` (T, H), in place."""
        if self.squares is None:
            return
        first = np.ascontiguousarray(features[:, : self.squares.shape[1]])
        for omega in self.squares:
            product = first @ omega
            np.multiply(product, product, out=product)
            total -= product


class PredictedProblem(FeatureProblem):
    """A problem from its predictions under every hypothesis.

    Args:
        name: What is fitted.
        plane: The G points.
        prediction: mu (H, B), the plane's points first, the null hypothesis last.
        observed: Data (B,).

    Raises:
        InputError: If the predictions are of another shape, or no finite numbers.
    """

    def __init__(
        self, name: str, plane: Plane, prediction: np.ndarray, observed: np.ndarray
    ) -> None:
        self.name, self.plane = name, plane
        self.observed = np.asarray(observed, dtype=float)
        self.prediction = np.asarray(prediction, dtype=float)
        found, wanted = self.prediction.shape, (self.hypotheses, len(self.observed))
        if found != wanted:
            raise InputError(f"{name}: predictions have shape {found}; it must be {wanted}")
        if not np.all(np.isfinite(self.prediction)):
            raise InputError(f"{name}: a prediction on the plane is not a number")

    def expected(self, hypothesis: int) -> np.ndarray:
        """The prediction."""
        return self.prediction[hypothesis]


class Joint(FeatureProblem):
    """Independent problems on one plane: their chi2 add, their data stand side by side.

    Args:
        name: What is fitted.
        parts: The problems.
        neighbourhood: Finer lattices about the points of the plane; None: none is needed.

    Raises:
        InputError: If there is no part, or two parts differ in their plane.
    """

    parts: tuple[FeatureProblem, ...]

    def __init__(
        self,
        name: str,
        parts: Sequence[FeatureProblem],
        neighbourhood: Neighbourhood | None = None,
    ) -> None:
        self._neighbourhood = neighbourhood
        if not parts:
            raise InputError("joint fit: no experiment is left; name at least one")
        flat: list[FeatureProblem] = []
        for part in parts:  # a joint problem's own parts, so that each subtracts its squares
            flat.extend(part.parts if isinstance(part, Joint) else [part])
        parts = flat
        first = parts[0]
        for part in parts:
            same = part.plane.shape == first.plane.shape and np.array_equal(
                part.plane.fitted, first.plane.fitted
            )
            if not same:
                raise InputError(f"joint fit: {part.name} and {first.name} differ in their plane")
        self.name, self.parts = name, tuple(parts)
        self.plane = first.plane
        self.observed = np.concatenate([part.observed for part in parts])
        ends = np.cumsum([len(part.observed) for part in parts]).tolist()
        self.slices = [slice(a, b) for a, b in zip([0, *ends[:-1]], ends, strict=True)]

    @cached_property
    def coefficients(self) -> np.ndarray:  # type: ignore[override]
        """The parts' one below the other."""
        return np.vstack([part.coefficients for part in self.parts])

    def near(self, hypothesis: int) -> GridProblem | None:
        """The finer lattice about a point, where there is one."""
        return None if self._neighbourhood is None else self._neighbourhood.at(hypothesis)

    def prepare(self, hypotheses: np.ndarray) -> None:
        """Lay out the finer lattices about several points."""
        if self._neighbourhood is not None:
            self._neighbourhood.prepare(hypotheses)

    def _each(self, data: np.ndarray) -> list[tuple[FeatureProblem, np.ndarray]]:
        return [(part, data[:, bins]) for part, bins in zip(self.parts, self.slices, strict=True)]

    def features(self, data: np.ndarray) -> np.ndarray:
        """The parts' features side by side."""
        return np.hstack(self.pieces(data))

    def chi2(self, data: np.ndarray) -> np.ndarray:
        """Chi2 (T, H): one product for all parts, and the squares of each."""
        pieces = self.pieces(data)
        total = np.hstack(pieces) @ self.coefficients
        for part, features in zip(self.parts, pieces, strict=True):
            part.subtract_squares(features, total)
        return total

    @property
    def alone(self) -> Sequence[FeatureProblem]:
        """The parts."""
        return self.parts

    def pieces(self, data: np.ndarray) -> list[np.ndarray]:
        """Features (T, F_i) of each part."""
        return [part.features(piece) for part, piece in self._each(np.atleast_2d(data))]

    def exact_sum(
        self, data: np.ndarray, pieces: Sequence[np.ndarray | None], hypotheses: np.ndarray
    ) -> np.ndarray:
        """Exact chi2 (T, J), summed over the parts."""
        total = np.zeros(hypotheses.shape)
        for (part, piece), features in zip(self._each(data), pieces, strict=True):
            total += part.exact(piece, features, hypotheses)
        return total

    @property
    def screened(self) -> bool:
        """Whether a part is."""
        return any(part.screened for part in self.parts)

    def correction(self, data: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """Sum of the parts' corrections (T, J)."""
        total = np.zeros(hypotheses.shape)
        for part, piece in self._each(data):
            if part.screened:
                total += part.correction(piece, hypotheses)
        return total

    def draw(self, hypothesis: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Data sets (n, B), part by part."""
        return np.hstack([part.draw(hypothesis, n, rng) for part in self.parts])

    def expected(self, hypothesis: int) -> np.ndarray:
        """Predictions side by side."""
        return np.concatenate([part.expected(hypothesis) for part in self.parts])

    def draw_latent(
        self, hypothesis: int, n: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Data sets (n, B) and pulls (n, L), part by part."""
        pieces = [part.draw_latent(hypothesis, n, rng) for part in self.parts]
        return np.hstack([data for data, _ in pieces]), np.hstack([pulls for _, pulls in pieces])

    def deviance(self, data: np.ndarray, latent: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """Sum (T, J) over the parts."""
        total = np.zeros((len(data), len(hypotheses)))
        start = 0
        for part, piece in self._each(data):
            stop = start + part.latent_size
            total += part.deviance(piece, latent[:, start:stop], hypotheses)
            start = stop
        return total

    @property
    def latent_size(self) -> int:
        """Number of pulls L of `draw_latent`."""
        return sum(part.latent_size for part in self.parts)


def span(rows: np.ndarray) -> np.ndarray:
    """Orthonormal basis (B, R) of the directions that rows (H, B) span."""
    values, vectors = np.linalg.eigh(rows.T @ rows)
    # eigenvalues are squares: what round-off cannot tell from zero is kept, to be safe
    return vectors[:, values > 1e-15 * max(values[-1], 1e-300)]


def low_rank(
    matrix: np.ndarray, tolerance: float, limit: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """Factorise (H, F) as weights (H, M) @ forms (M, F), every element within `tolerance`.

    M is the smallest number of singular vectors that does it; None where it is above `limit`. The
    vectors come from a random sketch with one power iteration (Halko, Martinsson & Tropp 2011),
    and the error is measured on the matrix itself.
    """
    # the error of any M terms is at least the next singular value over the root of the size: this
    # turns most hopeless cases away on a few rows
    rows = matrix[:: max(1, len(matrix) // (2 * limit + 20))]
    squares = np.linalg.eigvalsh(rows @ rows.T)[::-1]
    if len(squares) > limit and squares[limit] > max(tolerance**2 * rows.size, 1e-14 * squares[0]):
        return None
    rank = min(limit + 10, *matrix.shape)
    sketch = matrix @ np.random.default_rng(0).standard_normal((matrix.shape[1], rank))
    basis = np.linalg.qr(matrix @ (matrix.T @ np.linalg.qr(sketch)[0]))[0]
    left, values, right = np.linalg.svd(basis.T @ matrix, full_matrices=False)
    weights, forms = (basis @ left) * values, right
    low, high = 0, rank + 1
    while low < high:
        middle = (low + high) // 2
        if middle > rank:
            break
        error = np.abs(weights[:, :middle] @ forms[:middle] - matrix).max(initial=0.0)
        if error <= tolerance:
            high = middle
        else:
            low = middle + 1
    return (forms[:low], weights[:, :low]) if low <= min(limit, rank) else None


class QuadraticForms:
    """M fixed symmetric forms (M, R, R) and their weights (H, M)."""

    def __init__(self, forms: np.ndarray, weights: np.ndarray) -> None:
        self.forms, self.weights = forms, weights
        self._rows, self._columns = np.triu_indices(forms.shape[1])
        twice = np.where(self._rows == self._columns, 1.0, 2.0)
        self._flat = (forms[:, self._rows, self._columns] * twice).T  # (R (R + 1) / 2, M)

    @classmethod
    def of(cls, matrices: np.ndarray, tolerance: float, limit: int) -> "QuadraticForms | None":
        """Write matrices (H, R, R) as at most `limit` forms; None where that is not enough."""
        size = matrices.shape[1]
        rows, columns = np.triu_indices(size)
        found = low_rank(matrices[:, rows, columns], tolerance, limit)
        if found is None:
            return None
        forms = np.zeros((len(found[0]), size, size))
        forms[:, rows, columns] = found[0]
        forms[:, columns, rows] = found[0]
        return cls(forms, found[1])

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """v^T Q_m v (T, M) for vectors (T, R): the products of two elements, and one product."""
        pairs = vectors[:, self._rows]
        pairs *= vectors[:, self._columns]
        return pairs @ self._flat
