r"""Distribution-free intervals: any network's intervals, calibrated on held-out simulations.

Where a likelihood can be evaluated, importance weights mend a network's draws. Where it cannot, the
intervals can still be made honest: conformalised quantile regression (Y. Romano, E. Patterson &
E. Candès, arXiv:1905.03222; scaled by the width as in D. Kivaranovic et al., arXiv:1905.10634). For
the interval [lo, hi] between the quantiles (1 -+ level)/2 of the draws at data x, w = hi - lo, the
score of a truth y is

    s = max(lo - y, y - hi) / w,

and with q the ceil((n + 1) level)-th smallest score of n held-out simulations the interval

    [lo - q w, hi + q w]

holds the truth of a new simulation with probability at least `level`, and at most
level + 1/(n + 1) where scores do not tie; exactly, for every n, every network and every number of
draws, since the n + 1 scores are exchangeable. The probability is over truths of the simulations'
prior *and* their data (marginal): not at each truth, and not at each data set.

An angle is taken about the circular mean of its draws, which depends on the data alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest

from ..base.errors import InputError
from .calibration_set import Trials

LEVELS = (0.5, 0.68, 0.9, 0.95)


@dataclass(frozen=True)
class Conformal:
    """Calibrated intervals of D quantities at L levels.

    Attributes:
        levels: Levels (L,).
        corrections: q (D, L), in widths of the network's own interval; below zero where that is too
            wide.
        names: Names of the quantities, D of them.
        periodic: Which of them (D,) are periodic, and
        period: with which period.
        simulations: Number n of simulations they were calibrated on.
        draws: Draws of each; new intervals must be made of as many.
    """

    levels: tuple[float, ...]
    corrections: np.ndarray
    names: tuple[str, ...]
    periodic: np.ndarray
    period: float
    simulations: int
    draws: int

    def intervals(self, draws: np.ndarray, log_weights: np.ndarray | None = None) -> np.ndarray:
        """Intervals (S, D, L, 2) of S data sets.

        Args:
            draws: Draws (S, N, D) of the network, N as in the calibration.
            log_weights: Their weights (S, N), if the calibration had some.

        Returns:
            Ends; of an angle low < high, the high end perhaps beyond the period, and one whole
            period apart where the interval is the circle.

        Raises:
            InputError: If the number of draws or of quantities is another.
        """
        if draws.ndim != 3 or draws.shape[1:] != (self.draws, len(self.names)):
            raise InputError(
                f"conformal: draws of shape {draws.shape}; the intervals were calibrated for "
                f"(data sets, {self.draws}, {len(self.names)})"
            )
        centre, low, high = self._own(draws, log_weights)
        width = high - low
        at_a_point = np.where(np.isinf(self.corrections), np.inf, 0.0)
        shift = np.where(width > 0, self.corrections * np.where(width > 0, width, 1.0), at_a_point)
        low, high = low - shift, high + shift
        half = np.where(self.periodic, self.period / 2, np.inf)[:, None]
        low, high = np.maximum(low, -half), np.minimum(high, half)
        return np.stack([low, high], axis=-1) + centre[..., None, None]

    def holds(self, trials: Trials) -> np.ndarray:
        """Whether the interval of each data set, quantity and level (S, D, L) holds the truth.

        By the scores, so that rounding at an interval's end decides nothing.
        """
        return np.asarray(_scores(trials, self.levels, self.periodic) <= self.corrections)

    def _own(
        self, draws: np.ndarray, log_weights: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return _network_intervals(draws, log_weights, self.levels, self.periodic, self.period)

    def describe(self) -> dict[str, Any]:
        """As plain JSON types; `from_description` reads it."""
        return {
            "levels": list(self.levels),
            "quantities": list(self.names),
            "corrections": [[_number(q) for q in row] for row in self.corrections],
            "periodic": [bool(one) for one in self.periodic],
            "period": self.period,
            "simulations": self.simulations,
            "draws_each": self.draws,
        }

    @classmethod
    def from_description(cls, content: dict[str, Any]) -> "Conformal":
        """What `describe` gave.

        Raises:
            InputError: If it is something else.
        """
        try:
            rows = content["corrections"]
            corrections = np.array([[np.inf if q is None else float(q) for q in r] for r in rows])
            names = tuple(str(name) for name in content["quantities"])
            levels = tuple(float(level) for level in content["levels"])
            periodic = np.array([bool(one) for one in content["periodic"]])
            if corrections.shape != (len(names), len(levels)) or len(periodic) != len(names):
                raise ValueError("shapes")
            numbers = float(content["period"]), int(content["simulations"])
            return cls(levels, corrections, names, periodic, *numbers, int(content["draws_each"]))
        except (KeyError, TypeError, ValueError):
            raise InputError("conformal: the calibration kept there cannot be read") from None


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def calibrate_intervals(trials: Trials, levels: Sequence[float] = LEVELS) -> Conformal:
    """Calibrate a network's intervals on simulations that it has not been trained on.

    Args:
        trials: Truths and draws, weighted or not: only their quantiles are used.
        levels: Wanted coverage, each between 0 and 1.

    Raises:
        InputError: If a level is none, or there are too few simulations for the highest: an
            interval with that coverage would be infinite.
    """
    levels = tuple(sorted(levels))
    if not levels or not all(0 < level < 1 for level in levels):
        raise InputError(f"conformal: levels {levels}; each must lie between 0 and 1")
    n, count = len(trials), trials.draws.shape[1]
    least = int(np.ceil(levels[-1] / (1 - levels[-1]) - 1e-9))
    if n < least:
        raise InputError(
            f"conformal: {n} simulations are too few for the level {levels[-1]:g} "
            f"(at least {least})"
        )
    dim = trials.truth.shape[1]
    periodic = np.zeros(dim, bool) if trials.periodic is None else np.asarray(trials.periodic)
    scores = _scores(trials, levels, periodic)
    ranks = [_rank(n, level) for level in levels]
    ordered = np.sort(scores, axis=0)
    corrections = np.stack([ordered[rank - 1, :, i] for i, rank in enumerate(ranks)], axis=1)
    names = tuple(trials.labels)
    return Conformal(levels, corrections, names, periodic, trials.period, n, count)


def _rank(n: int, level: float) -> int:
    """ceil((n + 1) level), not one too many for rounding."""
    return max(1, int(np.ceil((n + 1) * level - 1e-9)))


def _scores(trials: Trials, levels: tuple[float, ...], periodic: np.ndarray) -> np.ndarray:
    """Scores (S, D, L); +inf where a network's interval is a point beside the truth."""
    centre, low, high = _network_intervals(
        trials.draws, trials.log_weights, levels, periodic, trials.period
    )
    truth = trials.truth - centre
    truth = np.where(periodic, _wrapped(truth, trials.period), truth)[:, :, None]
    miss, width = np.maximum(low - truth, truth - high), high - low
    safe = np.where(width > 0, width, 1.0)
    at_a_point = np.where(miss > 0, np.inf, 0.0)
    return np.asarray(np.where(width > 0, miss / safe, at_a_point))


def _network_intervals(
    draws: np.ndarray,
    log_weights: np.ndarray | None,
    levels: tuple[float, ...],
    periodic: np.ndarray,
    period: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centres (S, D), zero but for angles, and the draws' central intervals about them (S, D, L).

    Draws without weight do not count.
    """
    s, n, d = draws.shape
    if log_weights is None:
        weights = np.full((s, n), 1 / n)
    else:
        weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
    centre = np.zeros((s, d))
    if periodic.any():
        phase = np.exp(2j * np.pi * draws[:, :, periodic] / period)
        mean = np.einsum("sn,snd->sd", weights, phase)
        centre[:, periodic] = np.angle(mean) * period / (2 * np.pi)
    moved = draws - centre[:, None]
    moved = np.where(periodic, _wrapped(moved, period), moved)
    order = np.argsort(moved, axis=1, kind="stable")
    values = np.take_along_axis(moved, order, axis=1)
    reach = np.cumsum(np.take_along_axis(weights[:, :, None], order, axis=1), axis=1)
    ends = [[(1 - level) / 2, (1 + level) / 2] for level in levels]
    low, high = np.empty((2, s, d, len(levels)))
    for i, (below, above) in enumerate(ends):
        for out, share in ((low, below), (high, above)):
            at = np.minimum((reach < share - 1e-12).sum(axis=1), n - 1)
            out[:, :, i] = np.take_along_axis(values, at[:, None], axis=1)[:, 0]
    return centre, low, high


def _wrapped(values: np.ndarray, period: float) -> np.ndarray:
    """The same angle in [-period / 2, period / 2)."""
    return (values + period / 2) % period - period / 2


def coverage_of_intervals(conformal: Conformal, trials: Trials) -> list[dict[str, Any]]:
    """Coverage on simulations that were not calibrated on, beside that of the network itself.

    Args:
        conformal: The calibrated intervals.
        trials: Fresh simulations.

    Returns:
        For each quantity and level: the shares of truths inside, the 95 % Clopper-Pearson interval
        of the calibrated one, and the median ratio of the two widths.
    """
    plain = Conformal(
        conformal.levels,
        np.zeros_like(conformal.corrections),
        conformal.names,
        conformal.periodic,
        conformal.period,
        conformal.simulations,
        conformal.draws,
    )
    held, own = conformal.holds(trials), plain.holds(trials)
    wide = np.diff(conformal.intervals(trials.draws, trials.log_weights))[..., 0]
    narrow = np.diff(plain.intervals(trials.draws, trials.log_weights))[..., 0]
    rows = []
    for d, name in enumerate(conformal.names):
        for i, level in enumerate(conformal.levels):
            count = int(held[:, d, i].sum())
            interval = binomtest(count, len(trials)).proportion_ci(0.95, method="exact")
            good = narrow[:, d, i] > 0
            ratio = wide[good, d, i] / narrow[good, d, i]
            rows.append(
                {
                    "quantity": name,
                    "level": level,
                    "covered": count / len(trials),
                    "covered_95": [float(interval.low), float(interval.high)],
                    "network_alone": float(own[:, d, i].mean()),
                    "width_ratio": float(np.median(ratio)) if good.any() else float("nan"),
                    "simulations": len(trials),
                }
            )
    return rows
