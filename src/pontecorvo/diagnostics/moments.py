"""Weighted mean and spread of many sets of draws, on lines and on circles."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Moments:
    """Centre and standard deviation (S, D) of S sets of draws; `pull` measures points in them.

    Attributes:
        centre: Weighted mean; on a periodic column the circular one.
        spread: Weighted standard deviation of the distance to it, the short way round.
        periodic: Which columns (D,) are periodic, or None.
        period: Their period.
    """

    centre: np.ndarray
    spread: np.ndarray
    periodic: np.ndarray | None
    period: float

    def pull(self, points: np.ndarray) -> np.ndarray:
        """(points - centre) / spread for points (S, n, D); NaN where a set has no spread."""
        gap = _gap(points, self.centre[:, None], self.periodic, self.period)
        return gap / np.where(self.spread > 0, self.spread, np.nan)[:, None]


def moments(
    draws: np.ndarray, weights: np.ndarray, periodic: np.ndarray | None, period: float
) -> Moments:
    """Moments of draws (S, N, D) with weights (S, N), each row of any positive sum."""
    share = (weights / weights.sum(axis=1, keepdims=True))[..., None]
    centre = np.sum(share * draws, axis=1)
    if periodic is not None:
        turn = 2j * np.pi / period
        around = np.angle(np.sum(share * np.exp(turn * draws), axis=1)) / abs(turn)
        centre = np.where(periodic, around, centre)
    gap = _gap(draws, centre[:, None], periodic, period)
    # on a line the mean gap is zero; on a circle it need not be
    spread = np.sqrt(np.sum(share * gap**2, axis=1))
    return Moments(centre, spread, periodic, period)


def _gap(
    points: np.ndarray, centre: np.ndarray, periodic: np.ndarray | None, period: float
) -> np.ndarray:
    gap = points - centre
    if periodic is None:
        return gap
    return np.where(periodic, (gap + period / 2) % period - period / 2, gap)
