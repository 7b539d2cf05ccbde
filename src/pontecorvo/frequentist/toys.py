"""Trials: data sets drawn under a hypothesis, each refitted over the whole plane.

The statistic is that of Feldman and Cousins (1998), chi2(h) - min over all hypotheses of chi2. Its
distribution is counted, never assumed. Numbers are drawn in blocks, each with its own stream, and
linear algebra runs on one thread inside a block, so that results do not depend on how blocks are
split over threads or runs.
"""

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.special import betaincinv, ndtri

from ..base import files
from ..base.parallel import one_blas_thread
from ..base.progress import Advance
from ..base.seeds import stream
from ..base.workers import map_shards
from .coarse_scan import CANDIDATES
from .plane import GridProblem

BLOCK = 1000
"""Trials in a block: the data sets drawn from one stream and fitted in one product."""

FAR = 100.0
"""A statistic above this is not looked at on a finer lattice: no belt reaches it."""


class Significance(ABC):
    """What a p-value and its range are in standard deviations."""

    value: float

    @property
    def sigma(self) -> float:
        """Two-sided significance: the normal deviation whose two tails hold `value`."""
        return sigma_of(self.value)

    @property
    @abstractmethod
    def sigma_range(self) -> tuple[float, float]:
        """Significance at the upper and at the lower end of the value's 68 % range."""

    def describe(self) -> dict[str, object]:
        """Plain types."""
        own = asdict(self)  # type: ignore[call-overload]
        return {**own, "sigma": self.sigma, "sigma_range": self.sigma_range}


@dataclass(frozen=True)
class TrialProbability(Significance):
    """A probability counted in trials.

    Attributes:
        value: Fraction of trials beyond the data, (k + 1) / (n + 1): never zero.
        low: Lower end of its 68 % Clopper-Pearson interval.
        high: Upper end.
        trials: Number of trials n.
        beyond: How many, k, were at least as extreme as the data.
        statistic: The data's value.
    """

    value: float
    low: float
    high: float
    trials: int
    beyond: int
    statistic: float

    @property
    def sigma_range(self) -> tuple[float, float]:
        """Significance at `high` and at `low`."""
        return sigma_of(self.high), sigma_of(self.low)

    @property
    def limit_only(self) -> bool:
        """Whether no trial was beyond the data, so that only a bound is known."""
        return self.beyond == 0


def sigma_of(p: float) -> float:
    """Two-sided significance in standard deviations of a p-value."""
    return float(-ndtri(min(max(p, 0.0), 1.0) / 2)) if p > 0 else float("inf")


def binomial_interval(
    beyond: np.ndarray | int, trials: np.ndarray | int
) -> tuple[np.ndarray, np.ndarray]:
    """68.27 % Clopper-Pearson interval of a fraction, elementwise."""
    k, n = np.asarray(beyond, dtype=float), np.asarray(trials, dtype=float)
    tail = (1 - 0.6827) / 2
    low = np.where(k > 0, betaincinv(np.maximum(k, 1e-9), n - k + 1, tail), 0.0)
    high = np.where(k < n, betaincinv(k + 1, np.maximum(n - k, 1e-9), 1 - tail), 1.0)
    return low, high


def count_probability(values: np.ndarray, observed: float) -> TrialProbability:
    """The fraction of trial values (n,) at or beyond the observed one."""
    beyond, n = int(np.count_nonzero(values >= observed)), len(values)
    low, high = binomial_interval(beyond, n)
    return TrialProbability(
        (beyond + 1) / (n + 1), float(low), float(high), n, beyond, float(observed)
    )


def statistic(
    problem: GridProblem, data: np.ndarray, hypothesis: int, alike: bool = False
) -> np.ndarray:
    """chi2(hypothesis) - min chi2 (T,) of data sets (T, B), over the plane and what is near it.

    Data sets that are `alike` were all drawn under one hypothesis; that takes less time.
    """
    result = _on_the_plane(problem, data, hypothesis, CANDIDATES, alike)
    near = problem.near(hypothesis)
    if near is None:
        return result
    # box-like pulls make the screen coarse where the data are precise: no candidate is left out
    _, chi2 = near.best(data, near.null - 1, near.hypotheses)
    return np.maximum(result, chi2[:, -1] - near.lowest(chi2[:, :-1]))


def observed_statistic(problem: GridProblem, hypothesis: int) -> float:
    """The statistic of the measured data, chi2 not approximated."""
    chi2 = problem.observed_chi2
    value = float(chi2[hypothesis] - chi2.min())
    if value > FAR:
        return value
    near = problem.near(hypothesis)
    if near is None:
        return value
    chi2 = near.observed_chi2
    return max(value, float(chi2[near.null - 1] - near.lowest(chi2[None])[0]))


def _on_the_plane(
    problem: GridProblem, data: np.ndarray, hypothesis: int, candidates: int, alike: bool
) -> np.ndarray:
    _, chi2 = problem.best(data, hypothesis, candidates, alike)
    return chi2[:, -1] - chi2.min(axis=1)


def minimum(problem: GridProblem, data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smallest chi2 (T,) over all hypotheses and where it is (T,)."""
    chosen, chi2 = problem.best(data)
    best = np.arange(len(chi2)), chi2.argmin(axis=1)
    return chi2[best], chosen[best]


def null_statistics(
    problem: GridProblem,
    hypothesis: int,
    n: int,
    seed: int,
    checkpoint: Path | None = None,
    advance: Advance | None = None,
    threads: int | None = None,
) -> np.ndarray:
    """Statistic (n,) of trials drawn under a hypothesis and tested against it.

    Args:
        problem: The fit.
        hypothesis: The truth and the tested hypothesis.
        n: Number of trials; rounded up to whole blocks while drawing, cut to n at the end.
        seed: The run's seed.
        checkpoint: Folder in which finished pieces are kept, by problem and hypothesis.
        advance: Progress, by block.
        threads: Worker threads.
    """
    blocks = -(-n // BLOCK)
    piece = 100  # blocks in a checkpoint
    result = []
    for start in range(0, blocks, piece):
        stop = min(start + piece, blocks)
        path = None
        if checkpoint is not None:
            path = checkpoint / f"null-{hypothesis:06d}-{start:06d}-{stop:06d}.npz"
            if path.exists():
                result.append(files.load_arrays(path)["statistic"])
                if advance:
                    advance(stop - start)
                continue

        def block(index: int) -> np.ndarray:
            rng = stream(seed, "trials", problem.name, hypothesis, index)
            return statistic(problem, problem.draw(hypothesis, BLOCK, rng), hypothesis, alike=True)

        with one_blas_thread():
            pieces = []
            for values in map_shards(block, range(start, stop), threads):
                pieces.append(values)
                if advance:
                    advance(1)
        values = np.concatenate(pieces)
        if path is not None:
            files.save_arrays(path, statistic=values)
        result.append(values)
    return np.concatenate(result)[:n]


def p_value(
    problem: GridProblem,
    hypothesis: int,
    n: int,
    seed: int,
    checkpoint: Path | None = None,
    advance: Advance | None = None,
) -> TrialProbability:
    """Probability, under a hypothesis, of data that disfavour it as much as the observed."""
    values = null_statistics(problem, hypothesis, n, seed, checkpoint, advance)
    return count_probability(values, observed_statistic(problem, hypothesis))
