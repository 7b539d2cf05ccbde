"""Upper limits and bounded quantities as likelihoods that weigh draws and never cut them.

An upper limit is a statement about a likelihood of which only one number was published. Read as a
half normal it says how much less a draw is worth; read as a wall it says that draws beyond it are
impossible, which no experiment has said.
"""

from abc import ABC, abstractmethod
from math import inf
from typing import Any

import numpy as np

from ..base.errors import InputError
from .measurement import Measured

_RANGE = 64  # limits between the two ends of a range, equal in their logarithm


class _OfOne(ABC):
    """A likelihood of one observable that is told by a few numbers."""

    name: str
    shape: str
    source: str

    @abstractmethod
    def numbers(self) -> dict[str, Any]:
        """What it is told by, as plain JSON types."""

    def describe(self) -> dict[str, Any]:
        """Everything that defines it, as plain JSON types."""
        quantities = {self.name: self.numbers()}
        return {"shape": self.shape, "source": self.source, "quantities": quantities}


class UpperLimit(_OfOne):
    """An upper limit on a quantity >= 0, as a half normal in a power of it.

    log L(x) = -(x / s)^(2 p) / 2 with s such that the density proportional to L over x^p >= 0 has
    the stated probability below the limit: s = limit / z^(1/p), z the normal quantile of
    (1 + confidence) / 2. Of a range of limits (nuclear matrix elements), L is the average over
    limits equal in their logarithm. L(0) = 1: the evidence is then the share of the prior that
    the limit leaves.

    Args:
        name: Of the observable.
        low: The limit, in the observable's unit, or the lower end of a range of limits.
        high: Upper end of that range; as `low` where there is one limit.
        confidence: Of the limit, in (0, 1).
        power: p; 1 for a sum of masses, 2 where the experiment measures a square or a rate.
        source: Where the numbers come from.

    Attributes:
        scales: s of each limit, in the observable's unit.
    """

    shape = "upper-limit"
    is_gaussian = False

    def __init__(
        self,
        name: str,
        low: float,
        high: float,
        confidence: float,
        power: int = 1,
        source: str = "",
    ) -> None:
        from scipy.special import ndtri

        if not (0 < low <= high < inf and 0 < confidence < 1 and power in (1, 2)):
            raise InputError(
                f"upper limit on {name}: {low} to {high} at {confidence}; give 0 < low <= high, a "
                "confidence between 0 and 1, and power 1 or 2"
            )
        self.name, self.low, self.high = name, float(low), float(high)
        self.confidence, self.power, self.source = confidence, power, source
        self.names = (name,)
        many = _RANGE if high > low else 1
        share = (np.arange(many) + 0.5) / many
        limits = self.low * (self.high / self.low) ** share
        self.scales = limits / float(ndtri(0.5 * (1 + confidence))) ** (1 / power)

    @property
    def quantities(self) -> tuple[Measured, ...]:
        """Zero, with the widest scale as error; log L is -9/2 of the widest at three sigma."""
        scale = float(self.scales[-1])
        return (Measured(self.name, 0.0, scale, scale, 0.0, scale * 3 ** (1 / self.power)),)

    def log_likelihood(self, observables: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) of observables (N, 1); zero at 0, -inf for NaN or x < 0."""
        x = np.asarray(observables, dtype=float)[:, :1]
        bad = ~(x[:, 0] >= 0)
        exponent = -0.5 * (np.where(bad[:, None], 0.0, x) / self.scales) ** (2 * self.power)
        top = exponent.max(axis=1)
        result = top + np.log(np.mean(np.exp(exponent - top[:, None]), axis=1))
        result[bad] = -inf
        return result

    def within_three_sigma(self, observables: np.ndarray) -> np.ndarray:
        """Which rows (N,) are allowed at three sigma, for the widest limit of a range."""
        x = np.asarray(observables, dtype=float)[:, 0]
        return (x >= 0) & (x <= self.quantities[0].high)

    def numbers(self) -> dict[str, Any]:
        """Limit, confidence and power."""
        limit = [self.low, self.high]
        return {"limit": limit, "confidence": self.confidence, "power": self.power}


class PowerNormal(_OfOne):
    """A power of an observable that was measured with two errors, wherever its centre lies.

    The two-piece normal of x^p, normalised as a density of the measured value. A centre below zero
    (a fluctuation, as in KATRIN's m^2) or below what the model can give weighs, and does not cut.

    Args:
        name: Of the observable x.
        central: Measured x^p.
        plus: Its upper 1 sigma error.
        minus: Its lower one.
        power: p, 1 or 2.
        source: Where the numbers come from.
    """

    is_gaussian = False

    def __init__(
        self, name: str, central: float, plus: float, minus: float, power: int = 1, source: str = ""
    ) -> None:
        if not (np.isfinite(central) and 0 < plus < inf and 0 < minus < inf and power in (1, 2)):
            raise InputError(
                f"measurement {name}: {central} +{plus} -{minus}; give a finite centre, positive "
                "errors, and power 1 or 2"
            )
        self.name, self.central, self.plus, self.minus = name, central, plus, minus
        self.power, self.source = power, source
        self.names = (name,)
        self.shape = f"two-piece in {name}^{power}"
        self._log_norm = -np.log(0.5 * (plus + minus) * np.sqrt(2 * np.pi))

    @property
    def quantities(self) -> tuple[Measured, ...]:
        """Of x itself: from zero, or the root of the centre, with the ends of its ranges."""
        root = 1 / self.power
        centre = max(self.central, 0.0) ** root
        one = max(self.central + self.plus, 1e-3 * self.plus) ** root
        three = max(self.central + 3 * self.plus, 1e-3 * self.plus) ** root
        low = max(self.central - 3 * self.minus, 0.0) ** root
        error = max(one - centre, 1e-9 * three)
        return (Measured(self.name, centre, error, error, low, max(three, centre + error)),)

    def log_likelihood(self, observables: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) of observables (N, 1); -inf for NaN."""
        value = np.asarray(observables, dtype=float)[:, 0] ** self.power - self.central
        pull = value / np.where(value > 0, self.plus, self.minus)
        result = self._log_norm - 0.5 * pull * pull
        result[np.isnan(result)] = -inf
        return result

    def within_three_sigma(self, observables: np.ndarray) -> np.ndarray:
        """Which rows (N,) lie within three errors of the centre."""
        value = np.asarray(observables, dtype=float)[:, 0] ** self.power - self.central
        return (value <= 3 * self.plus) & (value >= -3 * self.minus)

    def numbers(self) -> dict[str, Any]:
        """Power, centre and errors."""
        errors = {"sigma_plus": self.plus, "sigma_minus": self.minus}
        return {"power": self.power, "central": self.central, **errors}
