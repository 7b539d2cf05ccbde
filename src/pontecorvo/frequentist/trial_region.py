"""What counting trials says of tested points, with the error of every number.

The critical value at level L is the value of the statistic below which a fraction L of a point's
trials lie; its p-value is the fraction of them at or beyond the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.errors import InputError
from .toys import binomial_interval

LEVELS = (0.68, 0.90, 0.95)


@dataclass(frozen=True)
class TrialRegion:
    """Critical values and p-values of P tested points at L levels.

    Attributes:
        levels: Confidence levels (L,), ascending.
        critical: Critical values (P, L).
        critical_low: Lower end of their 68 % Monte-Carlo interval (P, L).
        critical_high: Upper end.
        p_value: Fraction (P,) of trials at or beyond the data.
        p_low: Lower end of its 68 % Clopper-Pearson interval (P,).
        p_high: Upper end.
        trials: Number of trials (P,).
    """

    levels: np.ndarray
    critical: np.ndarray
    critical_low: np.ndarray
    critical_high: np.ndarray
    p_value: np.ndarray
    p_low: np.ndarray
    p_high: np.ndarray
    trials: np.ndarray

    def undecided(self, level: float, sigmas: float = 2.0) -> np.ndarray:
        """Points (P,) whose side of the boundary is uncertain within Monte-Carlo errors.

        Raises:
            InputError: If the region has no such level.
        """
        self.column(level)
        return undecided_points(self.p_value, self.trials, np.array([1 - level]), sigmas)

    def column(self, level: float) -> int:
        """Where a level stands among `levels`.

        Raises:
            InputError: If it is not there.
        """
        match = np.flatnonzero(np.isclose(self.levels, level))
        if not len(match):
            raise InputError(f"level {level}: the region has {', '.join(map(str, self.levels))}")
        return int(match[0])


def counted(
    values: Sequence[np.ndarray], beyond: Sequence[int], levels: np.ndarray
) -> dict[str, Any]:
    """The fields of a `TrialRegion` from the statistics of each point's trials.

    Args:
        values: Of P points, each (N_p,), in any order.
        beyond: How many of them lie at or beyond the data's (P,).
        levels: Confidence levels (L,).
    """
    over, count = np.asarray(beyond), np.array([len(own) for own in values])
    critical = np.stack([quantile_with_error(np.sort(own), levels) for own in values], axis=1)
    low, high = binomial_interval(over, count)
    return {
        "levels": levels,
        "critical": np.asarray(critical[0], dtype=float),
        "critical_low": np.asarray(critical[1], dtype=float),
        "critical_high": np.asarray(critical[2], dtype=float),
        "p_value": over / count,
        "p_low": low,
        "p_high": high,
        "trials": count,
    }


def undecided_points(
    p: np.ndarray, trials: np.ndarray, alphas: np.ndarray, sigmas: float
) -> np.ndarray:
    """Points (P,) whose p-value lies within so many binomial errors of one of alphas (L,)."""
    error = np.sqrt(alphas * (1 - alphas) / np.asarray(trials)[:, None])
    return np.any(np.abs(p[:, None] - alphas) < sigmas * error, axis=1)


def quantile_with_error(ordered: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Quantiles of sorted values (n,) and their 68 % intervals: rows (value, low, high), (3, L).

    The interval is that of order statistics: the ranks between which the number of values below the
    true quantile, a binomial, lies with probability 68 %; no density is assumed.
    """
    n = len(ordered)
    spread = np.sqrt(n * levels * (1 - levels))
    ranks = np.stack([n * levels, n * levels - spread, n * levels + spread])
    index = np.clip(np.ceil(ranks).astype(int) - 1, 0, n - 1)
    return np.asarray(ordered[index])
