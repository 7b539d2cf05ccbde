"""Feldman-Cousins regions of any fit: from data, hypotheses, a simulator and a chi2.

The construction of Feldman & Cousins (Phys. Rev. D 57 (1998) 3873) for one's own likelihood, in any
number of parameters. The statistic of a data set d under a hypothesis h is
t = chi2(d, h) - min chi2(d), the minimum over the allowed parameters; its distribution under h is
counted in trials drawn under h; h belongs to the region at level L if the data's t is among the
smallest L of them. Regions are limits or two-sided as the data have it. Fits on a plane with a fast
chi2 have `belts.feldman_cousins`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..base.errors import InputError
from ..base.parallel import map_threads
from ..base.progress import Advance
from ..base.seeds import stream
from .toys import BLOCK
from .trial_region import LEVELS, TrialRegion, counted, undecided_points

SAME = 1e-9
"""Statistics that differ by less, relative to 1 + t, are equal: counts give the same one often."""

Simulate = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]
Chi2 = Callable[[np.ndarray, np.ndarray], np.ndarray]
Minimum = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class ConfidenceSet(TrialRegion):
    """What the construction says of H hypotheses at L levels; see `TrialRegion`.

    Attributes:
        hypotheses: The tested ones (H,) or (H, D).
        statistic: The data's t (H,).
    """

    hypotheses: np.ndarray
    statistic: np.ndarray

    def inside(self, level: float) -> np.ndarray:
        """Which hypotheses (H,) the region at a level contains."""
        return self.margin(level) <= 0

    def margin(self, level: float) -> np.ndarray:
        """Statistic less critical value (H,): negative inside, zero on the boundary."""
        limit = self.critical[:, self.column(level)]
        return np.asarray(self.statistic - limit - SAME * (1 + self.statistic))

    def intervals(self, level: float) -> np.ndarray:
        """The region of one parameter as intervals (K, 2), ascending; edges between hypotheses.

        Edges are where the margin, linear between neighbours, is zero. A region that reaches the
        first or the last hypothesis ends there.

        Raises:
            InputError: If the hypotheses are no ascending values of one parameter.
        """
        x, margin = self._line(), self.margin(level)
        inside = margin <= 0
        edges = np.flatnonzero(np.diff(inside.astype(int)))
        at = [_crossing(x, margin, int(left)) for left in edges]
        first = [float(x[0])] if inside[0] else []
        last = [float(x[-1])] if inside[-1] else []
        return np.array([*first, *at, *last]).reshape(-1, 2)

    def bounds(self, level: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lowest and highest value of one parameter in the region, and their Monte-Carlo errors.

        An end that lies on the first or last hypothesis, such as a physical boundary, has no error.

        Raises:
            InputError: If the hypotheses are no line, or the region is empty.
        """
        found = self.intervals(level)
        if not len(found):
            raise InputError(
                f"level {level}: no hypothesis lies in the region; lay them closer to each other"
            )
        x, column = self._line(), self.column(level)
        margin = self.margin(level)
        spread = (self.critical_high - self.critical_low)[:, column] / 2
        ends = float(found[0, 0]), float(found[-1, 1])
        errors = []
        for end in ends:
            if end in (x[0], x[-1]):
                errors.append(0.0)
                continue
            left = int(np.clip(np.searchsorted(x, end) - 1, 0, len(x) - 2))
            low, high = max(left - 2, 0), min(left + 4, len(x))
            slope = abs(float(np.polyfit(x[low:high], margin[low:high], 1)[0]))
            step = float(x[left + 1] - x[left])
            noise = float(np.mean(spread[low:high]))
            errors.append(float(np.hypot(noise / max(slope, 1e-300), step / np.sqrt(12))))
        return ends, (errors[0], errors[1])

    def _line(self) -> np.ndarray:
        x = self.hypotheses.reshape(len(self.hypotheses), -1)
        if x.shape[1] != 1 or len(x) < 2 or not np.all(np.diff(x[:, 0]) > 0):
            raise InputError("intervals: the hypotheses must be ascending values of one parameter")
        return np.asarray(x[:, 0])


def feldman_cousins_set(
    observed: np.ndarray,
    hypotheses: np.ndarray,
    simulate: Simulate,
    chi2: Chi2,
    *,
    minimum: Minimum | None = None,
    levels: Sequence[float] = LEVELS,
    trials: int = 4000,
    max_trials: int | None = None,
    seed: int = 1,
    advance: Advance | None = None,
    threads: int = 1,
) -> ConfidenceSet:
    """Test each hypothesis by the unified construction; see the module's docstring.

    Args:
        observed: The data, of any shape (...), as one data set of `simulate` has it.
        hypotheses: Values of one parameter (H,), or rows of several (H, D).
        simulate: ``simulate(hypothesis, n, rng)`` gives n data sets (n, ...) under one hypothesis,
            with every uncertainty of the measurement drawn, nuisances too.
        chi2: ``chi2(data, hypotheses)`` gives -2 ln likelihood (n, K) of n data sets under K
            hypotheses, nuisances profiled; any function of the data alone may be added.
        minimum: ``minimum(data)`` gives the smallest chi2 (n,) over all allowed parameters. By
            default it is the smallest over the hypotheses: lay these so close to each other that
            chi2 differs by little between neighbours, or critical values come out too low.
        levels: Confidence levels.
        trials: Trials of each hypothesis, a multiple of 1,000.
        max_trials: Most trials, for hypotheses that the first ones cannot place on one side of a
            boundary within two Monte-Carlo errors; by default `trials`.
        seed: Seed; each block of 1,000 trials has a stream of its own.
        advance: Progress, in hypotheses.
        threads: Worker threads, for functions that release the interpreter's lock.

    Returns:
        The same, to the last bit, for any number of threads.

    Raises:
        InputError: If settings are no good, or a function returns another shape or no number.
    """
    levels = tuple(sorted(levels))
    most = trials if max_trials is None else max_trials
    if trials < BLOCK or trials % BLOCK or most < trials:
        raise InputError(
            f"trials {trials}, at most {most}: give multiples of {BLOCK}, "
            "the second not smaller than the first"
        )
    if not levels or not all(0 < level < 1 for level in levels):
        raise InputError(f"levels {levels}: each must lie between 0 and 1")
    tested = np.asarray(hypotheses, dtype=float)
    if tested.ndim not in (1, 2) or not len(tested) or not np.all(np.isfinite(tested)):
        raise InputError(f"hypotheses {tested.shape}: give finite values (H,) or rows (H, D)")
    measured = np.asarray(observed, dtype=float)[None]
    delta = np.array(
        [_statistic(measured, tested, h, chi2, minimum)[0] for h in range(len(tested))]
    )
    wanted = np.array(levels)

    def test(h: int) -> np.ndarray:
        values = np.empty(0)
        blocks = trials // BLOCK
        while blocks:
            start = len(values) // BLOCK
            for index in range(start, start + blocks):
                rng = stream(seed, "feldman-cousins-set", h, index)
                data = np.asarray(simulate(tested[h], BLOCK, rng), dtype=float)
                if data.shape != (BLOCK, *measured.shape[1:]):
                    raise InputError(
                        f"simulate: gave data of shape {data.shape}; "
                        f"it must be {(BLOCK, *measured.shape[1:])}, as the observed ones"
                    )
                values = np.append(values, _statistic(data, tested, h, chi2, minimum))
            p, count = np.array([_beyond(values, delta[h]) / len(values)]), np.array([len(values)])
            near = bool(undecided_points(p, count, 1 - wanted, 2.0)[0])
            blocks = min(len(values), most - len(values)) // BLOCK if near else 0
        return values

    values, beyond = [], []
    for own, t in zip(map_threads(test, range(len(tested)), threads), delta, strict=True):
        values.append(own)
        beyond.append(_beyond(own, t))
        if advance:
            advance(1)
    return ConfidenceSet(hypotheses=tested, statistic=delta, **counted(values, beyond, wanted))


def _statistic(
    data: np.ndarray, hypotheses: np.ndarray, h: int, chi2: Chi2, minimum: Minimum | None
) -> np.ndarray:
    """t (n,) of data sets under hypothesis h."""
    asked = hypotheses if minimum is None else hypotheses[h : h + 1]
    values = np.asarray(chi2(data, asked), dtype=float)
    if values.shape != (len(data), len(asked)) or np.isnan(values).any():
        raise InputError(
            f"chi2: gave shape {values.shape} for {len(data)} data sets and {len(asked)} "
            f"hypotheses, or no number; it must be {(len(data), len(asked))}"
        )
    if minimum is None:
        return values[:, h] - values.min(axis=1)
    lowest = np.asarray(minimum(data), dtype=float)
    if lowest.shape != (len(data),) or np.isnan(lowest).any():
        raise InputError(
            f"minimum: gave shape {lowest.shape} for {len(data)} data sets, or no number; "
            f"it must be {(len(data),)}"
        )
    return np.maximum(values[:, 0] - lowest, 0.0)  # a minimiser may stop a little early


def _beyond(values: np.ndarray, observed: float) -> int:
    return int(np.count_nonzero(values >= observed - SAME * (1 + observed)))


def _crossing(x: np.ndarray, margin: np.ndarray, left: int) -> float:
    a, b = margin[left], margin[left + 1]
    if not np.isfinite(a - b) or a == b:
        return float(x[left] + x[left + 1]) / 2
    return float(x[left] + (x[left + 1] - x[left]) * a / (a - b))
