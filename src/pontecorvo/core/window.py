"""Windows: coordinates of the unit cube that are observables, shaped by their measurement."""

from dataclasses import dataclass
from math import log, pi
from typing import Protocol

import numpy as np
from scipy.special import ndtr, ndtri

from ..base.errors import InputError
from .measurement import Measured

_FLAT = 1e4  # a normal this much wider than its range is flat there


@dataclass(frozen=True)
class Window:
    """Map of one cube coordinate to one observable.

    A normal of this centre and width cut to [low, high], or uniform between the ends when `width`
    is None. It only shapes the proposal; the likelihood is never taken from it.
    """

    low: float
    high: float
    centre: float = 0.0
    width: float | None = None

    def _ends(self) -> tuple[float, float]:
        assert self.width is not None
        return ndtr((self.low - self.centre) / self.width), ndtr(
            (self.high - self.centre) / self.width
        )

    def value(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Observable (N,) and log abs(d observable / d u) (N,) at `u`."""
        if self.width is None:
            return self.low + (self.high - self.low) * u, np.full(len(u), log(self.high - self.low))
        bottom, top = self._ends()
        pull = ndtri(np.clip(bottom + u * (top - bottom), 1e-300, 1 - 1e-16))
        jacobian = 0.5 * pull**2 + log(self.width * np.sqrt(2 * pi) * (top - bottom))
        return self.centre + self.width * pull, jacobian

    def coordinate(self, x: np.ndarray) -> np.ndarray:
        """Inverse of `value`."""
        if self.width is None:
            return (x - self.low) / (self.high - self.low)
        bottom, top = self._ends()
        return (ndtr((x - self.centre) / self.width) - bottom) / (top - bottom)


class Shaped(Protocol):
    """What a window asks of the measurement that its quantity is part of."""

    @property
    def shape(self) -> str:
        """What kind of likelihood it is."""

    @property
    def is_gaussian(self) -> bool:
        """Whether it is one (perhaps correlated) normal density."""


def measured_window(
    measurement: Shaped,
    quantity: Measured,
    low: float = -np.inf,
    high: float = np.inf,
    shift: float = 0.0,
) -> Window:
    """The window of a measured quantity: its own density, or flat in the 3 sigma range of a box.

    Gaussian errors give a normal window of the larger error (a tenth wider when the two differ, so
    that weights stay bounded).

    Args:
        measurement: What it is part of; its shape counts.
        quantity: The quantity.
        low: Lowest possible value.
        high: Highest possible value.
        shift: By how much the measured value may lie above the observable, at most.

    Raises:
        InputError: If the central value is impossible.
    """
    if measurement.shape == "box":
        return Window(quantity.low - shift, quantity.high)
    if not low < quantity.central < high:
        raise InputError(
            f"measurement {quantity.name}: {quantity.central} is not in ({low}, {high})"
        )
    if measurement.is_gaussian:
        width = quantity.sigma + shift
    else:
        width = max(quantity.plus, quantity.minus)
        if measurement.shape in ("table", "mixed"):
            # a second minimum, or a tail, reaches further than the first one's errors
            away = max(quantity.high - quantity.central, quantity.central - quantity.low)
            width = max(width, away / 3)
        width = 1.1 * width + shift
    if width > _FLAT * (high - low):  # as good as unmeasured
        return Window(low, high)
    return Window(low, high, quantity.central - 0.5 * shift, width)
