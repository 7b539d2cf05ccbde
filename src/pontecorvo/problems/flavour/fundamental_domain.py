r"""The fundamental domain of the modulus tau, as a prior over the pair (Re tau, Im tau).

.. math:: |\mathrm{Re}\,\tau| \le 1/2, \qquad |\tau| \ge 1, \qquad \mathrm{Im}\,\tau \le h

with a density uniform in (Re tau, Im tau). The map from the unit square is one to one: the first
coordinate is the distribution function of Re tau, the second the height above the arc.
"""

from dataclasses import dataclass

import numpy as np

from ...base.errors import InputError


@dataclass(frozen=True)
class FundamentalDomain:
    """Uniform on the fundamental domain of SL(2, Z) below ``highest`` (the largest Im tau)."""

    highest: float = 3.5

    def __post_init__(self) -> None:
        if not (np.isfinite(self.highest) and self.highest > 1.0):
            raise InputError(f"largest Im tau {self.highest}: it must be finite and above 1")

    @property
    def area(self) -> float:
        """Area of the domain: highest - (pi/6 + sqrt(3)/4) in closed form."""
        return self.highest - (np.pi / 6 + np.sqrt(3.0) / 4)

    def from_unit_cube(self, u: np.ndarray) -> np.ndarray:
        """Points (N, 2) of the unit square to (Re tau, Im tau)."""
        x = u[:, 0] - 0.5
        for _ in range(30):  # Newton's steps on a smooth, rising function of bounded slope
            step = (self._below(x) - u[:, 0]) * self.area / (self.highest - _arc(x))
            x = np.clip(x - step, -0.5, 0.5)
            if np.all(np.abs(step) < 1e-15):
                break
        low = _arc(x)
        return np.stack([x, low + (self.highest - low) * u[:, 1]], axis=1)

    def to_unit_cube(self, tau: np.ndarray) -> np.ndarray:
        """Inverse of `from_unit_cube`."""
        low = _arc(tau[:, 0])
        return np.stack([self._below(tau[:, 0]), (tau[:, 1] - low) / (self.highest - low)], axis=1)

    def log_density(self, tau: np.ndarray) -> np.ndarray:
        """Minus log of the area inside, -inf outside; (N,) of (N, 2)."""
        x, y = tau[:, 0], tau[:, 1]
        inside = (np.abs(x) <= 0.5) & (x * x + y * y >= 1.0 - 1e-12) & (y <= self.highest)
        return np.where(inside, -np.log(self.area), -np.inf)

    def _below(self, x: np.ndarray) -> np.ndarray:
        """Distribution function of Re tau."""
        return (self.highest * (x + 0.5) - _under_arc(x) + _under_arc(np.array(-0.5))) / self.area


def _arc(x: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(1.0 - x * x, 0.0))


def _under_arc(x: np.ndarray) -> np.ndarray:
    """Integral of sqrt(1 - x^2) from 0 to x."""
    return 0.5 * (x * np.sqrt(1.0 - x * x) + np.arcsin(x))
