"""Do the data lie where simulations lie? Goodness of fit and novelty against the posterior's toys.

A network answers for any data, also for such as it has never seen. Data sets are simulated at
draws of the posterior; the measured ones are compared with them by

* each experiment's smallest chi2 over the plane: too large means a model or an error too small;
  too small means errors too large, or correlations left out;
* the distance of what the network reads from the simulations' mean, in their covariance.

Neither needs the network to be right: a wrong posterior shows as misfit, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import gamma

from ....base.seeds import stream
from .embedding import Embedding
from .ratio_maps import RatioMaps
from .simulated import simulate

ALARM = 0.01


STRONGEST = 1e4
"""Height of the likelihood map, the gain over no oscillation in log-likelihood, up to which the
likelihood itself is good. Beyond, at 140 sigma, Bugey-3's two energy scales matter between the few
paths through their box that its likelihood follows: at sin^2 2theta = 0.99 by hundreds of chi2."""


@dataclass(frozen=True)
class Misspecification:
    """Where the data lie among simulations.

    Attributes:
        goodness: Experiment -> probability of a smallest chi2 at least the data's.
        too_good: Experiment -> probability of one at most the data's.
        novelty: Share of simulations at least as far from the others as the data.
        simulations: Number of simulations.
        height: Height of the data's likelihood map; see `STRONGEST`.
    """

    goodness: dict[str, float]
    too_good: dict[str, float]
    novelty: float
    simulations: int
    height: float = 0.0

    @property
    def odd(self) -> dict[str, float]:
        """What lies outside, with its p-value: both tails of goodness, corrected for the number."""
        count = len(self.goodness)
        found = {
            name: min(1.0, 2 * count * min(p, self.too_good[name]))
            for name, p in self.goodness.items()
        }
        found["what the network reads"] = self.novelty
        return {name: p for name, p in found.items() if p < ALARM}

    @property
    def warning(self) -> str:
        """One sentence; empty where nothing is odd."""
        if self.height > STRONGEST:
            return (
                f"the signal is far beyond what the likelihood was made for: ln L rises by "
                f"{self.height:.3g} over no oscillation (at most {STRONGEST:g})"
            )
        if not self.odd:
            return ""
        listed = ", ".join(f"{name} (p = {p:.2g})" for name, p in self.odd.items())
        return (
            f"the data do not lie where the simulations lie: {listed}; a network's posterior is "
            "not to be trusted there without its weights, nor any posterior of this model"
        )


def smallest_chi2(maps: RatioMaps, data: np.ndarray, name: str) -> np.ndarray:
    """Smallest chi2 (T,) of one experiment over the plane, and no oscillation."""
    total: np.ndarray | float = 0.0
    for part, bins in maps.parts([name]):
        total = total + part.problem.chi2(np.hstack([data[:, own] for own in bins]))
    return np.min(total, axis=1)


def misspecification(
    embedding: Embedding,
    data: np.ndarray,
    points: np.ndarray,
    seed: int,
    active: Sequence[str] | None = None,
) -> Misspecification:
    """Compare data (B,) with simulations at points (N, 2), one each.

    Args:
        embedding: What the network reads.
        data: The measured data.
        points: Draws of the posterior (weighted ones resampled), a few hundred.
        seed: Seed of the simulations.
        active: Experiments that are on; all by default.
    """
    maps = embedding.maps
    active = maps.check(maps.names if active is None else active)
    _, toys = simulate(maps, len(points), stream(seed, "misfit"), points)
    both = np.vstack([data[None], toys])
    goodness, low = {}, {}
    for name in active:
        value = smallest_chi2(maps, both, name)
        goodness[name], low[name] = tails(value[1:], float(value[0]))
    rows = embedding(both, active).rows
    height = float(np.sinh(rows[0, embedding.names.index("height")].astype(float)))
    return Misspecification(goodness, low, _novelty(rows), len(toys), height)


def tails(simulated: np.ndarray, value: float) -> tuple[float, float]:
    """P(simulation >= value) and P(simulation <= value): counted, or from a fitted gamma.

    The smallest chi2 of Gaussian data is nearly a chi2, and the gamma contains it; it is used where
    fewer than ten simulations lie beyond, since counting alone could never find anything rarer than
    one in the number of simulations.
    """
    count = len(simulated)
    mean, variance = float(simulated.mean()), float(simulated.var())
    smooth = simulated.min() > 0 and variance > 0 and value > 0
    shape, scale = (mean**2 / variance, variance / mean) if smooth else (1.0, 1.0)
    result = []
    for beyond, tail in (
        (int(np.sum(simulated >= value)), gamma.sf),
        (int(np.sum(simulated <= value)), gamma.cdf),
    ):
        counted = (beyond + 0.5) / (count + 1)
        few = beyond < 10 and smooth
        result.append(min(float(tail(value, shape, scale=scale)), counted) if few else counted)
    return result[0], result[1]


def _novelty(rows: np.ndarray) -> float:
    """Share of later rows at least as far from their mean as the first, itself among them."""
    rows = rows[:, rows.std(axis=0) > 1e-6].astype(float)
    first, half = rows[0], 1 + (len(rows) - 1) // 2
    fitted, ranked = rows[1:half], rows[half:]
    mean, spread = fitted.mean(axis=0), fitted.std(axis=0) + 1e-9
    white = (np.vstack([fitted, ranked, first[None]]) - mean) / spread
    covariance = np.cov(white[: len(fitted)].T) + 0.1 * np.eye(white.shape[1])
    solved = np.linalg.solve(covariance, white.T).T
    distance = np.einsum("nc,nc->n", white, solved)[len(fitted) :]
    return float((1 + np.sum(distance[:-1] >= distance[-1])) / len(distance))
