"""Small p-values by weighted trials.

Five sigma would take 1e8 plain trials. Here trials are drawn from a mixture over hypotheses that
make the statistic as large as the observed one, and each is weighted by p(d | tested) / q(d), q
being the mixture's density: the estimate is unbiased (importance sampling). Pulls that cannot be
integrated in closed form are drawn and kept; then both densities are those given the pulls.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from ..base.parallel import one_blas_thread
from ..base.progress import Advance
from ..base.seeds import stream
from ..base.workers import map_shards
from .plane import GridProblem
from .toys import BLOCK, Significance, sigma_of, statistic

_PLAIN = 0.1  # share of trials from the tested hypothesis itself: bounds every weight by 10


@dataclass(frozen=True)
class WeightedProbability(Significance):
    """A p-value from weighted trials.

    Attributes:
        value: The estimate.
        error: Its standard error.
        trials: Number of trials.
        effective: Effective number of trials beyond the data, (sum w)^2 / sum w^2 of these.
        statistic: The data's value.
    """

    value: float
    error: float
    trials: int
    effective: float
    statistic: float

    @property
    def sigma_range(self) -> tuple[float, float]:
        """Significance one standard error either side."""
        low = max(self.value - self.error, 0.1 * self.value)
        return sigma_of(self.value + self.error), sigma_of(low)


def weighted_p_value(
    problem: GridProblem,
    hypothesis: int,
    n: int,
    seed: int,
    observed: float | None = None,
    advance: Advance | None = None,
) -> WeightedProbability:
    """Probability, under a hypothesis, of a statistic at least as large as the observed one.

    Args:
        problem: The fit.
        hypothesis: The truth and the tested hypothesis.
        n: Number of trials, rounded up to whole blocks.
        seed: The run's seed.
        observed: The data's value of the statistic; by default that of `problem.observed`.
        advance: Progress, by block.
    """
    if observed is None:
        chi2 = problem.observed_chi2
        observed = float(chi2[hypothesis] - chi2.min())
    share = _mixture(problem, hypothesis, observed)
    chosen = np.flatnonzero(share)

    def block(index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = stream(seed, "weighted-trials", problem.name, hypothesis, index)
        counts = rng.multinomial(BLOCK, share[chosen])
        drawn = [
            problem.draw_latent(int(h), int(k), rng)
            for h, k in zip(chosen, counts, strict=True)
            if k
        ]
        data = np.vstack([piece for piece, _ in drawn])
        latent = np.vstack([piece for _, piece in drawn])
        value = statistic(problem, data, hypothesis)
        weight = np.zeros(len(data))
        beyond = value >= observed  # the others count nothing, whatever their weight
        if beyond.any():
            every = np.append(chosen, hypothesis)
            density = -0.5 * problem.deviance(data[beyond], latent[beyond], every)
            mixture = logsumexp(density[:, :-1] + np.log(share[chosen]), axis=1)
            weight[beyond] = np.exp(density[:, -1] - mixture)
        return value, weight

    values, weights = [], []
    with one_blas_thread():
        for value, weight in map_shards(block, range(-(-n // BLOCK))):
            values.append(value)
            weights.append(weight)
            if advance:
                advance(1)
    statistics, weight = np.concatenate(values), np.concatenate(weights)
    beyond = np.where(statistics >= observed, weight, 0.0)
    square = float((beyond**2).sum())
    return WeightedProbability(
        float(beyond.mean()),
        float(beyond.std(ddof=1) / np.sqrt(len(beyond))),
        len(beyond),
        float(beyond.sum() ** 2 / square) if square > 0 else 0.0,
        observed,
    )


def _mixture(problem: GridProblem, hypothesis: int, observed: float) -> np.ndarray:
    """Share (H,) of trials by hypothesis: at each y, that whose own statistic is about observed.

    y is where the effect is and x its size, so that every place is visited once.

    Where no x reaches that far, the one that comes nearest.
    """
    distance = problem.chi2(problem.expected(hypothesis)[None])[0]
    distance = np.sqrt(np.maximum(distance - distance[hypothesis], 0.0))
    miss = np.abs(distance - np.sqrt(max(observed, 0.0)))
    share = np.zeros(problem.hypotheses)
    columns = np.round(problem.plane.fitted[:, 1], 9)
    for column in np.unique(columns):
        members = np.flatnonzero(columns == column)
        share[members[miss[members].argmin()]] = 1.0
    share *= (1 - _PLAIN) / share.sum()
    share[hypothesis] += _PLAIN
    return share
