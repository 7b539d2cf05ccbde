"""The test statistic by each estimator, t(d, theta) = 2 [max ln r(d) - ln r(d, theta)], in bulk.

With a flat prior the posterior density is the likelihood ratio up to a constant, so the statistic
of a posterior estimator is twice the drop of its log-density from its MAP. Every estimator looks
for its top among the same candidates (`tops`); a flow, whose density is dearer, among the highest.
"""

from typing import Protocol

import numpy as np

from .embedding import Embedding, Reading
from .posterior import NeuralPosterior
from .ratio import RatioEstimator
from .tops import candidates

RATIO_KEPT, FLOW_KEPT = 64, 8


class Statistic(Protocol):
    """-2 ln r up to a constant of the data, less its smallest: (T, N) at points (T, N, 2)."""

    def __call__(self, known: Reading, points: np.ndarray) -> np.ndarray:
        """Of T data sets, each at its own points."""
        ...


def of_maps(embedding: Embedding) -> Statistic:
    """By the closed-form map alone."""

    def value(known: Reading, points: np.ndarray) -> np.ndarray:
        _, level = candidates(embedding, known.maps, 1)
        own = embedding.chart.values(known.maps, points)
        return np.maximum(2 * (np.maximum(level[:, :1], 0.0) - own), 0.0)

    return value


def of_ratio(estimator: RatioEstimator) -> Statistic:
    """By a ratio network."""

    def value(known: Reading, points: np.ndarray) -> np.ndarray:
        _, top = estimator.best(known, RATIO_KEPT)
        return np.maximum(2 * (top[:, None] - estimator.at(known, points)), 0.0)

    return value


def of_posterior(posterior: NeuralPosterior, nodes: int = 6) -> Statistic:
    """By a flow."""

    def value(known: Reading, points: np.ndarray) -> np.ndarray:
        tops, _ = candidates(posterior.embedding, known.maps, FLOW_KEPT)
        both = posterior.density_read(np.concatenate([tops, points], axis=1), known, nodes)
        top = both[:, :FLOW_KEPT].max(axis=1, keepdims=True)
        return np.maximum(2 * (top - both[:, FLOW_KEPT:]), 0.0)

    return value
