"""Which components of a mixture make one mode, and what each mode weighs."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ..core.chart import Chart
from ..core.draws import systematic_resample
from ..core.target import Target
from .student_mixture import StudentMixture

_OVERLAP = 0.05
"""Two components are of one mode where they share this much of the smaller one's draws."""
_TABLE = 4000
_CHUNK = 2000


@dataclass(frozen=True)
class ModeFit:
    """A mixture that covers the posterior.

    Attributes:
        mixture: The proposal.
        mode: Which mode each component belongs to (K,).
        ends: Where the good starts ended (S, D).
        notes: How it was found.
    """

    mixture: StudentMixture
    mode: np.ndarray
    ends: np.ndarray
    notes: dict[str, Any] = field(default_factory=dict)

    def labels(self, u: np.ndarray) -> np.ndarray:
        """Mode (N,) of each point (N, D)."""
        count = int(self.mode.max()) + 1
        out = np.empty(len(u), int)
        for start in range(0, len(u), _CHUNK):
            r = responsibilities(self.mixture, u[start : start + _CHUNK])
            sums = np.zeros((len(r), count))
            np.add.at(sums.T, self.mode, r.T)
            out[start : start + _CHUNK] = np.argmax(sums, axis=1)
        return out


def responsibilities(mixture: StudentMixture, u: np.ndarray) -> np.ndarray:
    """Probability (N, K) that a point (N, D) of the mixture came from each component."""
    terms = mixture.log_terms(u)
    terms -= terms.max(axis=1, keepdims=True)
    r = np.exp(terms)
    return np.asarray(r / r.sum(axis=1, keepdims=True))


def connect(mixture: StudentMixture, u: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mode (K,) of each component: connected components of the graph of shared draws.

    Args:
        mixture: K components.
        u: Draws (N, D) of it.
        weight: Their normalised importance weights (N,).
    """
    rng = np.random.default_rng(0)  # which draws are looked at; any are fair
    points = u[systematic_resample(weight, _TABLE, rng)] if len(weight) == len(u) else u
    size = len(mixture)
    shared = np.zeros((size, size))
    for start in range(0, len(points), 500):
        r = responsibilities(mixture, points[start : start + 500])
        for row in r:
            some = np.flatnonzero(row > 1e-3)
            shared[np.ix_(some, some)] += np.minimum(row[some, None], row[None, some])
    own = np.diagonal(shared)
    smaller = np.minimum(own[:, None], own[None, :])
    edges = shared > _OVERLAP * np.maximum(smaller, 1e-300)
    edges &= shared > 0
    return np.asarray(connected_components(coo_matrix(edges), directed=False)[1])


def mode_table(
    target: Target, chart: Chart, fit: ModeFit, u: np.ndarray, weight: np.ndarray
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Modes in order of their share of the evidence, and the number of each draw's mode.

    Args:
        target: Model and measurement.
        chart: Coordinates of `u`.
        fit: Mixture and modes of its components.
        u: Draws (N, D).
        weight: Their normalised importance weights (N,).

    Returns:
        Rows with ``share``, ``error`` (one standard error), ``starts`` that ended there, ``chi2``
        and ``best`` (the most likely draw), ``mean`` and ``sd`` of each parameter; labels (N,).
    """
    labels = fit.labels(u)
    ends = fit.labels(fit.ends)
    names = [quantity.name for quantity in target.model.parameters]
    shares = np.bincount(labels, weight, minlength=int(fit.mode.max()) + 1)
    order = np.argsort(-shares, kind="stable")
    order = order[shares[order] > 0]
    rows = []
    for mode in order:
        mine = np.flatnonzero((labels == mode) & (weight > 0))
        theta, _ = chart.to_parameters(u[mine])
        w = weight[mine] / weight[mine].sum()
        log_likelihood = target.log_likelihood(theta)
        best = int(np.argmax(log_likelihood))
        mean = w @ theta
        spread = np.sqrt(np.maximum(w @ (theta - mean) ** 2, 0))
        share = float(shares[mode])
        # variance of a ratio of importance-sampling sums
        indicator = (labels == mode) - share
        rows.append(
            {
                "share": share,
                "error": float(np.sqrt(np.sum((weight * indicator) ** 2))),
                "starts": int(np.sum(ends == mode)),
                "chi2": _chi2(target, theta[best : best + 1]),
                "best": dict(zip(names, theta[best].tolist(), strict=True)),
                "mean": dict(zip(names, mean.tolist(), strict=True)),
                "sd": dict(zip(names, spread.tolist(), strict=True)),
            }
        )
    rank = np.zeros(int(fit.mode.max()) + 1, int)
    rank[order] = np.arange(len(order))
    return rows, rank[labels]


def _chi2(target: Any, theta: np.ndarray) -> float:
    """Sum of squared pulls at one point (1, P); NaN where the measurement has none."""
    measurement = target.measurement
    if not hasattr(measurement, "residuals"):
        return float("nan")
    observables = target.of_measured(target.model.forward(theta))
    pulls = measurement.residuals(observables)[0] / measurement.sigma
    return float(pulls @ np.linalg.solve(measurement.correlation, pulls))
