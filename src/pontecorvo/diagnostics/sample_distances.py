r"""Cheap companions of the classifier test: column by column, and one joint distance.

Both get their p-values from a multiplier bootstrap: with signed weights a_i (w_i in the first set,
-w_i in the second) any difference of weighted means is sum_i a_i f(x_i), and under the null it
scatters as sum_i a_i xi_i (f(x_i) - mean f), xi_i ~ N(0, 1). So importance weights, periodic and
correlated columns need no special case. Source of the bootstrap: Bücher & Kojadinovic,
arXiv:1306.3930, for independent data.
"""

import numpy as np

from ..base.seeds import stream
from .verdict import ALPHA, Verdict, judged_by_p
from .weighted_sample import Sample, distances, make_pair, standard_features


def marginal_distances(
    x: np.ndarray,
    y: np.ndarray,
    log_weights_x: np.ndarray | None = None,
    log_weights_y: np.ndarray | None = None,
    periodic: np.ndarray | None = None,
    names: list[str] | None = None,
    alpha: float = ALPHA,
    replicas: int = 1000,
    seed: int = 0,
) -> Verdict:
    """Kolmogorov-Smirnov distance of every column (Kuiper's for periodic ones), judged together.

    Args:
        x: First draws (N, D).
        y: Second draws (M, D).
        log_weights_x: Unnormalised log weights (N,), or None.
        log_weights_y: Likewise (M,).
        periodic: Which columns (D,) are periodic.
        names: Names of the columns, for the sentence.
        alpha: Rate of false alarms over all columns.
        replicas: Number of bootstrap replicas; the smallest p-value is 1/(replicas + 1).
        seed: Seed of the bootstrap.

    Returns:
        A verdict on the family-wise p-value (the largest standardised distance against its own
        bootstrap, Westfall & Young); ``values["worst"]`` names the column; ``arrays`` has
        ``distance`` (D,) and ``p_value`` (D,), each column's own.
    """
    first, second = make_pair(x, y, log_weights_x, log_weights_y)
    points = np.concatenate([first.points, second.points])
    signed = np.concatenate([first.weights, -second.weights])
    pooled = np.abs(signed) / 2
    d = points.shape[1]
    circular = np.zeros(d, bool) if periodic is None else np.asarray(periodic, bool)
    noise = stream(seed, "marginal-distances").standard_normal((replicas, len(signed)))
    scatter = noise * signed
    distance, replica = np.empty(d), np.empty((d, replicas))
    for column in range(d):
        order = np.argsort(points[:, column], kind="stable")
        last = np.append(np.diff(points[order, column]) > 0, True)  # ties move together
        share = np.cumsum(pooled[order])[last]
        distance[column] = _span(np.cumsum(signed[order])[None, last], circular[column])[0]
        for start in range(0, replicas, 100):
            block = scatter[start : start + 100]
            paths = np.cumsum(block[:, order], axis=1)[:, last]
            paths -= share * block.sum(axis=1, keepdims=True)
            replica[column, start : start + 100] = _span(paths, circular[column])
    centre, spread = replica.mean(axis=1), replica.std(axis=1)
    spread = np.where(spread > 0, spread, np.inf)
    standard = (distance - centre) / spread
    worst = int(np.argmax(standard))
    largest = ((replica - centre[:, None]) / spread[:, None]).max(axis=0)
    p_value = (1 + np.count_nonzero(largest >= standard[worst])) / (replicas + 1)
    own = (1 + np.count_nonzero(replica >= distance[:, None], axis=1)) / (replicas + 1)
    name = names[worst] if names else f"column {worst}"
    return judged_by_p(
        "marginal distances",
        p_value,
        alpha,
        f"all {d} marginals agree, the largest distance is {distance[worst]:.3f} in {name}",
        f"the marginal of {name} differs by {distance[worst]:.3f}",
        values={"worst": name, "largest_distance": float(distance[worst])},
        arrays={"distance": distance, "p_value": own},
    )


def _span(paths: np.ndarray, circular: bool) -> np.ndarray:
    """Kolmogorov-Smirnov distance of difference paths (R, n), or Kuiper's, free of an origin."""
    if circular:
        high, low = paths.max(axis=1), paths.min(axis=1)
        return np.maximum(high, 0) - np.minimum(low, 0)
    return np.abs(paths).max(axis=1)


def energy_distance(
    x: np.ndarray,
    y: np.ndarray,
    log_weights_x: np.ndarray | None = None,
    log_weights_y: np.ndarray | None = None,
    periodic: np.ndarray | None = None,
    period: float | np.ndarray = 1.0,
    alpha: float = ALPHA,
    max_draws: int = 1500,
    replicas: int = 1000,
    seed: int = 0,
) -> Verdict:
    r"""Energy distance 2 E|X-Y| - E|X-X'| - E|Y-Y'| of the standardised columns, jointly.

    Székely & Rizzo (2004); it is the maximum mean discrepancy with the kernel -|x - y|, zero only
    for equal distributions.

    Args:
        x: First draws (N, D).
        y: Second draws (M, D).
        log_weights_x: Unnormalised log weights (N,), or None.
        log_weights_y: Likewise (M,).
        periodic: Which columns (D,) are periodic (compared by cos and sin).
        period: Their period.
        alpha: Rate of false alarms.
        max_draws: Larger sets are thinned to this many at random: the cost grows as its square.
        replicas: Number of bootstrap replicas.
        seed: Seed of thinning and bootstrap.

    Returns:
        A verdict on the p-value; ``values["energy_distance"]`` is the distance.
    """
    rng = stream(seed, "energy-distance")
    pair = make_pair(x, y, log_weights_x, log_weights_y)
    first, second = (_thinned(sample, max_draws, rng) for sample in pair)
    points = np.concatenate([first.points, second.points])
    signed = np.concatenate([first.weights, -second.weights])
    pooled = np.abs(signed) / 2
    # single precision is twice as fast, and far finer than the bootstrap's own scatter
    features = standard_features(points, pooled, periodic, period).astype(np.float32)
    kernel = distances(features)
    share = pooled.astype(np.float32)
    mean = share @ kernel
    kernel = mean[:, None] + (mean - share @ mean) - kernel
    statistic = float(signed @ (kernel @ signed.astype(np.float32)))
    noise = (signed[:, None] * rng.standard_normal((len(signed), replicas))).astype(np.float32)
    replica = np.einsum("ir,ir->r", noise, kernel @ noise).astype(float)
    p_value = (1 + np.count_nonzero(replica >= statistic)) / (replicas + 1)
    return judged_by_p(
        "energy distance",
        p_value,
        alpha,
        f"the sets agree jointly, energy distance {statistic:.2g}",
        f"the sets differ jointly, energy distance {statistic:.2g}",
        values={"energy_distance": statistic},
        arrays={"replicas": replica},
    )


def _thinned(sample: Sample, largest: int, rng: np.random.Generator) -> Sample:
    """At most `largest` points, chosen blindly, with their weights renormalised."""
    if len(sample.points) <= largest:
        return sample
    rows = rng.choice(len(sample.points), largest, replace=False)
    weights = sample.weights[rows]
    return Sample(sample.points[rows], weights / weights.sum())
