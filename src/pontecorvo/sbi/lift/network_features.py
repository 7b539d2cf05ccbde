r"""What a lift network is told of a point: how far off its observables are, and which way they lie.

A flow in the parameters of a model has to learn the shell f(theta) = c. It is told, beside the
coordinates, the residuals of the transformed observables in units of the cloud's width, and the
velocity of the lift towards c (`field`), both bounded or growing like a logarithm. They are
functions of the point, so the flow stays a flow; their derivatives, for which the lift's are taken,
enter the divergence exactly (`flows.feature_maps`).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.errors import InputError
from ...core.model import Model
from .examples import conditions_of
from .field import Field, Goal
from .free_coordinates import PERIOD, LiftCoordinates
from .observable_slopes import Derivatives
from .observables import Transforms

if TYPE_CHECKING:
    from torch import Tensor

_EDGE = 1e-14
_EPS = 0.1  # the lift's own: where a slope is far below the typical one it is not followed
_SIZE = 2.0  # of a velocity that is much longer than a prior standard deviation


def helpful(model: Model, derivatives: Derivatives) -> bool:
    """Whether the features pay: derivatives that cost little, and a density in one piece.

    Central differences would ask for 2 P + 1 forward maps of each example of each step.
    """
    cells = LiftCoordinates(model.prior).cells(np.full((1, len(model.prior)), 0.5))[1]
    return derivatives.analytic and bool((cells == 1).all())


class LiftFeatures:
    """A feature map (`flows.feature_maps.FeatureMap`) of any model with observables.

    Args:
        model: The model.
        transforms: Those of its observables.
        omega: Widths (m,) of the cloud that is learned.
        free: Changes (m,) of the observables by a move of one prior standard deviation.
        eps: Regularisation of the velocity.
    """

    def __init__(
        self,
        model: Model,
        transforms: Transforms,
        omega: np.ndarray,
        free: np.ndarray,
        eps: float = _EPS,
    ) -> None:
        self.coordinates = LiftCoordinates(model.prior)
        self.transforms, self.omega, self.free, self.eps = transforms, omega, free, eps
        self.dim = self.coordinates.dim
        count = len(omega)
        self._angle = np.isfinite(transforms.periods)
        self.conditions = count + int(self._angle.sum())
        self.size = self.conditions + self.dim
        derivatives = Derivatives(model, self.coordinates, transforms, np.arange(count))
        self._field = Field(derivatives, np.eye(count), eps)
        # an angle's residual jumps half a turn away: it is held, not followed
        self._rate = np.where(self._angle, 0.0, 1.0)[None]

    @classmethod
    def of_card(cls, model: Model, about: Mapping[str, Any], transforms: Transforms) -> Any:
        """The map that a lift network's card describes, or None."""
        own = about.get("features")
        if not own:
            return None
        omega = np.array(about["omega"], dtype=float)
        return cls(model, transforms, omega, np.array(own["free"], float), float(own["eps"]))

    def describe(self) -> dict[str, Any]:
        """What a card says of it, as plain JSON types."""
        return {"kind": "residuals and velocity", "free": self.free.tolist(), "eps": self.eps}

    def differentiable(self, u: "Tensor", condition: "Tensor") -> "Tensor":
        """Not by PyTorch: the model's map is not written in it.

        Raises:
            InputError: Always.
        """
        raise InputError("lift network: its features have no gradient for guidance")

    def values(self, u: np.ndarray, condition: np.ndarray) -> np.ndarray:
        """Features (N, size)."""
        return self._evaluate(u, condition, False)[0]

    def values_and_slopes(
        self, u: np.ndarray, condition: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Features (N, size) and their derivatives (N, dim, size) by u."""
        return self._evaluate(u, condition, True)

    def _centre(self, condition: np.ndarray) -> np.ndarray:
        """Transformed values (N, m) of conditions: inverse of `examples.conditions_of`."""
        columns, at = [], 0
        for period in self.transforms.periods:
            if np.isfinite(period):
                angle = np.arctan2(condition[:, at + 1], condition[:, at])
                columns.append(period * angle / (2 * np.pi))
                at += 2
            else:
                columns.append(condition[:, at])
                at += 1
        return np.stack(columns, axis=1)

    def _evaluate(
        self, u: np.ndarray, condition: np.ndarray, with_slopes: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        n, count = len(u), len(self.omega)
        points = self.coordinates.from_cube(np.clip(u, _EDGE, 1 - _EDGE))
        goal = Goal(self._centre(condition), self._rate, self.free[None])
        slopes = np.zeros((n if with_slopes else 0, self.dim, self.size))
        with np.errstate(all="ignore"):
            t, first = self._field.derivatives.first(points)
            gap = self.transforms.difference(t, goal.centre)
            pull = np.where(self._angle, 0.0, gap / self.omega)
            turn = np.where(self._angle, gap, 0.0)  # angles enter by cosine and sine
            told = conditions_of(np.where(self._angle, turn, np.arcsinh(pull)), self.transforms)
            if with_slopes:
                v, change = self._field.slopes(points, goal)
            else:
                v = self._field.velocity(points, goal)
            long = np.sqrt(1 + (v**2).sum(axis=1, keepdims=True))
            value = np.concatenate([told, _SIZE * v / long], axis=1)
            bad = ~np.isfinite(value).all(axis=1)
            if with_slopes:
                by_pull = first / (self.omega * np.sqrt(1 + pull**2))[:, :, None]
                at = 0
                for column in range(count):
                    if self._angle[column]:
                        rate = 2 * np.pi / self.transforms.periods[column]
                        cosine, sine = told[:, at : at + 1], told[:, at + 1 : at + 2]
                        slopes[:, :, at] = -rate * sine * first[:, column]
                        slopes[:, :, at + 1] = rate * cosine * first[:, column]
                        at += 2
                    else:
                        slopes[:, :, at] = by_pull[:, column]
                        at += 1
                along = np.einsum("na,nab->nb", v, change)  # v . dv/dy_b
                bent = change / long[:, :, None] - v[:, :, None] * (along / long**3)[:, None, :]
                slopes[:, :, at:] = _SIZE * np.swapaxes(bent, 1, 2)
                stretch = np.sqrt(2 * np.pi) * np.exp(0.5 * points.y**2)  # dy/du
                stretch = np.where(self.coordinates.periodic, PERIOD, stretch) / points.width
                slopes *= stretch[:, :, None]
                bad |= ~np.isfinite(slopes).all(axis=(1, 2))
                slopes[bad] = 0.0
        value[bad] = 0.0  # where the model has no observables
        return value, slopes
