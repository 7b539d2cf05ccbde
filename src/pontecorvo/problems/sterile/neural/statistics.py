"""The test statistic by each estimator, t(d, theta) = 2 [max ln r(d) - ln r(d, theta)], in bulk.

With a flat prior the posterior density is the likelihood ratio up to a constant, so the statistic
of a posterior estimator is twice the drop of its log-density from its MAP. Every estimator looks
for its top among the same candidates (`map_candidates`), so that these are found once for all of
them; a flow, whose density is dearer, looks among the highest.
"""

from typing import Protocol

import numpy as np

from .embedding import Embedding, Reading
from .map_candidates import candidates
from .plane_flows import NeuralPosterior
from .ratio import RatioEstimator

RATIO_KEPT, FLOW_KEPT = 32, 4
NODES = 3
"""Of a flow's path: three give the statistic's quantiles to 0.02 of those of twelve."""


class Statistic(Protocol):
    """-2 ln r up to a constant of the data, less its smallest: (T, N) at points (T, N, 2)."""

    def __call__(
        self, known: Reading, points: np.ndarray, tops: np.ndarray | None = None
    ) -> np.ndarray:
        """Of T data sets, each at its own points; `tops` (T, K, 2) are those of `find_tops`."""
        ...


def find_tops(embedding: Embedding, known: Reading) -> np.ndarray:
    """Candidates (T, `RATIO_KEPT`, 2) of data sets, highest by the map first."""
    return candidates(embedding, known.maps, RATIO_KEPT)[0]


def of_maps(embedding: Embedding) -> Statistic:
    """By the closed-form map alone."""

    def value(known: Reading, points: np.ndarray, tops: np.ndarray | None = None) -> np.ndarray:
        tops = find_tops(embedding, known) if tops is None else tops
        top = embedding.chart.values(known.maps, tops[:, :1])
        own = embedding.chart.values(known.maps, points)
        return np.maximum(2 * (np.maximum(top, 0.0) - own), 0.0)

    return value


def of_ratio(estimator: RatioEstimator) -> Statistic:
    """By a ratio network."""

    def value(known: Reading, points: np.ndarray, tops: np.ndarray | None = None) -> np.ndarray:
        tops = find_tops(estimator.embedding, known) if tops is None else tops
        return _drop(estimator.at(known, np.concatenate([tops, points], axis=1)), tops)

    return value


def of_posterior(posterior: NeuralPosterior, nodes: int = NODES) -> Statistic:
    """By a flow."""

    def value(known: Reading, points: np.ndarray, tops: np.ndarray | None = None) -> np.ndarray:
        tops = find_tops(posterior.embedding, known) if tops is None else tops
        tops = tops[:, :FLOW_KEPT]
        both = np.concatenate([tops, points], axis=1)
        return _drop(posterior.density_read(both, known, nodes), tops)

    return value


def _drop(values: np.ndarray, tops: np.ndarray) -> np.ndarray:
    """Twice the drop (T, N) from the highest of the first values; the truth is no candidate."""
    count = tops.shape[1]
    return np.maximum(2 * (values[:, :count].max(axis=1, keepdims=True) - values[:, count:]), 0.0)
