"""First and second derivatives of the transformed observables in the lift's coordinates.

Where they come from, in this order: the model's own ``jacobian(theta) -> (N, K, P)``; automatic
differentiation of its ``forward_torch`` (a torch tensor (N, P) to (N, K)); central differences of
its forward map. The second ones are differences of the first, or of the map itself.
"""

from typing import Any

import numpy as np

from ...base.errors import InputError
from ...core.model import Model
from .coordinates import LiftCoordinates, Points
from .observables import Transforms

_FIRST = 6e-6  # step of first differences, in standard deviations of the prior: eps^(1/3)
_SECOND = 2e-4  # of second differences of the map: eps^(1/4)
_CHECKED = 24  # points at which a model's own derivative is compared with differences
_ALLOWED = 1e-4  # largest deviation, relative to the row's norm


class Derivatives:
    """T(y), dT/dy and d2T/dy2 of a model's measured observables.

    Args:
        model: The model.
        coordinates: The lift's coordinates.
        transforms: Those of the m measured observables.
        columns: Their columns among the model's observables (m,).
    """

    def __init__(
        self,
        model: Model,
        coordinates: LiftCoordinates,
        transforms: Transforms,
        columns: np.ndarray,
    ) -> None:
        self.model = model
        self.coordinates = coordinates
        self.transforms = transforms
        self.columns = columns
        self._own = getattr(model, "jacobian", None)
        if getattr(model.prior, "blocks", None):  # a block's map from the cube has no derivative
            self.how = "central finite differences, since the prior has joint blocks"
        elif self._own is not None:
            self.how = "the model's own jacobian"
        elif hasattr(model, "forward_torch"):
            self.how = "automatic differentiation of the model's forward_torch"
        else:
            self.how = "central finite differences of the model's forward map"

    @property
    def analytic(self) -> bool:
        """Whether the first derivatives are exact to rounding."""
        return not self.how.startswith("central")

    def values(self, points: Points) -> np.ndarray:
        """Transformed observables (N, m); NaN where the forward map has none."""
        theta = self.coordinates.to_parameters(points)
        return self.transforms.forward(self._observables(theta))

    def _observables(self, theta: np.ndarray) -> np.ndarray:
        good = np.isfinite(theta).all(axis=1)
        x = np.full((len(theta), len(self.columns)), np.nan)
        if good.all():
            return np.asarray(self.model.forward(theta), dtype=float)[:, self.columns]
        if good.any():
            x[good] = np.asarray(self.model.forward(theta[good]), dtype=float)[:, self.columns]
        return x

    def first(self, points: Points) -> tuple[np.ndarray, np.ndarray]:
        """Transformed observables (N, m) and their derivatives (N, m, P) in y."""
        if not self.analytic:
            return self._differences(points)
        theta = self.coordinates.to_parameters(points)
        good = np.isfinite(theta).all(axis=1)
        if good.all():
            return self._analytic(points, theta)
        t = np.full((len(theta), len(self.columns)), np.nan)
        slopes = np.full((*t.shape, theta.shape[1]), np.nan)
        if good.any():
            t[good], slopes[good] = self._analytic(points.take(good), theta[good])
        return t, slopes

    def _analytic(self, points: Points, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = self._observables(theta)
        if self._own is not None:
            raw = np.asarray(self._own(theta), dtype=float)[:, self.columns]
        else:
            raw = _torch_jacobian(self.model, theta)[:, self.columns]
        inner = self.coordinates.chain(points, theta, raw)
        slope = self.transforms.slope(x)
        return self.transforms.forward(x), inner * slope[:, :, None]

    def _differences(self, points: Points) -> tuple[np.ndarray, np.ndarray]:
        dim = points.y.shape[1]
        steps = _FIRST * np.concatenate([np.eye(dim), -np.eye(dim), np.zeros((1, dim))])
        values = self._shifted(points, steps)
        change = self.transforms.difference(values[:, :dim], values[:, dim : 2 * dim])
        return values[:, -1], np.swapaxes(change, 1, 2) / (2 * _FIRST)

    def _shifted(self, points: Points, steps: np.ndarray) -> np.ndarray:
        """Values (N, S, m) at points shifted by each of S steps (S, P)."""
        many = points.repeat(len(steps))
        y = many.y + np.tile(steps, (len(points), 1))
        return self.values(many.at(y)).reshape(len(points), len(steps), -1)

    def second(self, points: Points) -> np.ndarray:
        """Second derivatives (N, m, P, P) in y."""
        if not self.analytic:
            return self._second_differences(points)
        n, dim = points.y.shape
        steps = _FIRST * np.concatenate([np.eye(dim), -np.eye(dim)])
        many = points.repeat(2 * dim)
        _, slopes = self.first(many.at(many.y + np.tile(steps, (n, 1))))
        slopes = slopes.reshape(n, 2, dim, -1, dim)
        change = (slopes[:, 0] - slopes[:, 1]) / (2 * _FIRST)  # (N, b, m, a)
        second = np.moveaxis(change, 1, 3)
        return 0.5 * (second + np.swapaxes(second, 2, 3))

    def _second_differences(self, points: Points) -> np.ndarray:
        n, dim = points.y.shape
        h = _SECOND
        one = np.eye(dim)
        a, b = np.triu_indices(dim, 1)
        steps = h * np.concatenate([one, -one, one[a] + one[b], -one[a] - one[b]])
        values = self._shifted(points, np.concatenate([steps, np.zeros((1, dim))]))
        change = self.transforms.difference(values[:, :-1], values[:, -1:])
        both = change[:, :dim] + change[:, dim : 2 * dim]
        pairs = len(a)
        cross = change[:, 2 * dim : 2 * dim + pairs] + change[:, 2 * dim + pairs :]
        result = np.empty((n, change.shape[2], dim, dim))
        result[:, :, np.arange(dim), np.arange(dim)] = np.swapaxes(both, 1, 2) / h**2
        mixed = np.swapaxes(cross - both[:, a] - both[:, b], 1, 2) / (2 * h**2)
        result[:, :, a, b] = mixed
        result[:, :, b, a] = mixed
        return result

    def check(self, points: Points) -> None:
        """Compare first derivatives that the model gives with differences of its map.

        Raises:
            InputError: If they disagree at most points where both exist; it names the worst pair.
        """
        if not self.analytic:
            return
        few = points.take(slice(0, _CHECKED))
        _, given = self.first(few)
        _, found = self._differences(few)
        norm = np.sqrt((found**2).sum(axis=2, keepdims=True)) + 1e-300
        error = np.abs(given - found) / norm
        usable = np.isfinite(found).all(axis=(1, 2))
        wrong = ~(error.max(axis=(1, 2)) < _ALLOWED) & usable
        if usable.any() and wrong.sum() > 0.5 * usable.sum():
            typical = np.median(np.nan_to_num(error[usable], nan=np.inf), axis=0)
            row, column = np.unravel_index(typical.argmax(), typical.shape)
            observable = self.model.observables[self.columns[row]].name
            raise InputError(
                f"lift: {self.how} disagrees with finite differences of the forward map at "
                f"{int(wrong.sum())} of {int(usable.sum())} points of the prior, most for "
                f"d({observable})/d({self.model.parameters[column].name}); mend it, or remove it "
                "to let the lift use finite differences"
            )


def _torch_jacobian(model: Any, theta: np.ndarray) -> np.ndarray:
    """Derivatives (N, K, P) of ``forward_torch``: one reverse pass an observable."""
    import torch

    leaf = torch.from_numpy(np.ascontiguousarray(theta)).requires_grad_(True)
    x = model.forward_torch(leaf)
    rows = []
    for column in range(x.shape[1]):
        # rows are independent, so the gradient of a column's sum is every row's own
        (gradient,) = torch.autograd.grad(
            x[:, column].sum(), leaf, retain_graph=True, allow_unused=True
        )
        rows.append(torch.zeros_like(leaf) if gradient is None else gradient)
    return torch.stack(rows, dim=1).detach().numpy()
