"""Classifier two-sample test (C2ST): can a classifier tell two sets of draws apart?

Lopez-Paz & Oquab, arXiv:1610.06545. Held-out accuracy, cross-validated and balanced between the
two sets: 0.5 where they cannot be told apart, 1 where they never overlap. Both sets may carry
importance weights; with them the accuracy is that on the weighted distributions.

Its p-value allows for the folds' dependence. Were the classifier linear, s = F D with D the
difference of the sets' mean features in the other folds, the held-out difference of scores would
be a sum of D_j F D_k over pairs of folds j != k, each counted twice. With no fault its variance is
then *twice* what independent folds would have. Measured: without the factor 5.5 % of right
posteriors gave p < 0.01 (``classifier="products"``, ``benchmarks/diagnostics_alarm_rates.py``).
"""

from typing import Any

import numpy as np
from scipy.stats import norm

from ..base.errors import InputError
from ..base.seeds import stream
from .classifier import ClassifierSettings, train
from .discriminant import contrast, rich_features
from .verdict import ALPHA, Verdict
from .weighted_sample import Sample, make_pair, standard_features


def c2st(
    x: np.ndarray,
    y: np.ndarray,
    log_weights_x: np.ndarray | None = None,
    log_weights_y: np.ndarray | None = None,
    periodic: np.ndarray | None = None,
    period: float | np.ndarray = 1.0,
    limit: float | None = None,
    alpha: float = ALPHA,
    folds: int = 5,
    classifier: str = "network",
    settings: ClassifierSettings | None = None,
    seed: int = 0,
) -> Verdict:
    """Cross-validated classifier two-sample test.

    Exact duplicates within a set are merged with their weights. Sets that share points (one made
    from the other) are not independent: do not test them.

    Args:
        x: First draws (N, D).
        y: Second draws (M, D).
        log_weights_x: Unnormalised log weights (N,), or None for equal ones.
        log_weights_y: Likewise (M,).
        periodic: Which columns (D,) are periodic: the classifier sees their cos and sin.
        period: Their period: 1 on a chart's cube.
        limit: Largest accuracy that passes. By default the test passes unless the accuracy is above
            0.5 with a p-value below `alpha`, so that more draws make it more demanding.
        alpha: Rate of false alarms where no `limit` is given.
        folds: Number of parts, each tested by a classifier trained on the others.
        classifier: ``"network"`` (a multilayer perceptron); ``"trees"`` (scikit-learn's gradient-
            boosted trees), a second opinion that sees edges well and rotated structure badly; or
            ``"products"`` (`discriminant`: least squares on products and waves), twenty times as
            fast, for widths, shifts, correlations and coarse shapes.
        settings: How the networks are trained.
        seed: Seed of folds and training.

    Returns:
        A verdict whose statistic is the accuracy; ``values`` has ``accuracy``, its standard
        ``error`` (as of independent folds), ``auc``, ``ess_x`` and ``ess_y``; ``arrays`` has the
        held-out probabilities of belonging to y, ``score_x`` and ``score_y``, and their weights
        ``weight_x``, ``weight_y``.
    """
    first, second = make_pair(x, y, log_weights_x, log_weights_y)
    if min(len(first.points), len(second.points)) < 4 * folds or folds < 2:
        raise InputError(
            f"two-sample test: {len(first.points)} and {len(second.points)} distinct draws in "
            f"{folds} folds; give at least two folds and four draws of each set a fold"
        )
    score = _held_out_scores(first, second, periodic, period, folds, classifier, settings, seed)
    n = len(first.points)
    right = np.concatenate([score[:n] < 0.5, score[n:] > 0.5]) + 0.5 * (score == 0.5)
    accuracy, variance = 0.0, 0.0
    for sample, hits in ((first, right[:n]), (second, right[n:])):
        share = sample.weights @ hits
        accuracy += 0.5 * share
        # a share near 0 or 1 has no spread of its own: keep it from claiming a zero error
        floor = 0.5 / (len(hits) + 1)
        spread = max(sample.weights**2 @ (hits - share) ** 2, floor * (1 - floor) / sample.ess)
        variance += 0.25 * spread
    error = float(np.sqrt(variance))
    by_chance = np.sqrt(2) * error
    p_value = float(norm.sf((accuracy - 0.5) / by_chance))
    largest = limit if limit is not None else 0.5 + by_chance * float(norm.isf(alpha))
    passed = bool(accuracy <= largest)
    line = (
        f"a classifier tells the two sets apart with accuracy {accuracy:.3f} +- {error:.3f} "
        f"({'at most' if passed else 'more than'} {largest:.3f}; 0.5 is chance)"
    )
    return Verdict(
        name="classifier two-sample test",
        statistic=float(accuracy),
        statistic_name="accuracy",
        band=(0.0, float(largest)),
        passed=passed,
        line=line,
        p_value=p_value,
        values={
            "accuracy": float(accuracy),
            "error": error,
            "auc": _auc(score, first, second),
            "ess_x": first.ess,
            "ess_y": second.ess,
        },
        arrays={
            "score_x": score[:n],
            "score_y": score[n:],
            "weight_x": first.weights,
            "weight_y": second.weights,
        },
    )


def _held_out_scores(
    first: Sample,
    second: Sample,
    periodic: np.ndarray | None,
    period: float | np.ndarray,
    folds: int,
    classifier: str,
    settings: ClassifierSettings | None,
    seed: int,
) -> np.ndarray:
    """Probability of belonging to the second set, by a classifier that has not seen the point."""
    rng = stream(seed, "c2st")
    points = np.concatenate([first.points, second.points])
    pooled = 0.5 * np.concatenate([first.weights, second.weights])
    labels = np.repeat([0, 1], [len(first.points), len(second.points)])
    features = standard_features(points, pooled, periodic, period)
    fold = np.concatenate(
        [rng.permutation(np.arange(len(s.points)) % folds) for s in (first, second)]
    )
    weights = pooled * len(pooled)
    if classifier == "trees":
        return _tree_scores(features, labels, weights, fold, folds, seed)
    if classifier == "products":
        return _product_scores(features, labels, pooled, fold, folds, rng)
    if classifier != "network":
        raise InputError(f"classifier {classifier!r}; allowed: network, trees, products")
    held_out = fold == np.arange(folds)[:, None]
    watched = (rng.random((folds, len(labels))) < 0.15) & ~held_out
    networks = train(
        features,
        labels,
        np.where(held_out | watched, 0.0, weights),
        np.where(watched, weights, 0.0),
        settings or ClassifierSettings(),
        seed=int(rng.integers(2**62)),
    )
    return networks.probability(features)[fold, np.arange(len(labels))]


def _tree_scores(
    features: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    fold: np.ndarray,
    folds: int,
    seed: int,
) -> np.ndarray:
    """The same by gradient-boosted trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    score = np.empty(len(labels))
    for k in range(folds):
        options: dict[str, Any] = {"learning_rate": 0.08, "max_iter": 150, "max_leaf_nodes": 15}
        trees = HistGradientBoostingClassifier(
            early_stopping=True, validation_fraction=0.15, random_state=seed % 2**31, **options
        )
        seen = fold != k
        with threadpool_limits(1):  # OpenMP's threads beside other work slow it twentyfold
            trees.fit(features[seen], labels[seen], sample_weight=weights[seen])
            score[~seen] = trees.predict_proba(features[~seen])[:, 1]
    return score


def _product_scores(
    features: np.ndarray,
    labels: np.ndarray,
    pooled: np.ndarray,
    fold: np.ndarray,
    folds: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """The same by least squares on products and waves, as a number between 0 and 1."""
    rich = rich_features(features, pooled, rng)
    score = np.empty(len(labels))
    for k in range(folds):
        shares = np.where(fold != k, pooled, 0.0)
        signed = np.where(labels == 1, shares, -shares)
        for kind in (0, 1):  # each set sums to one in each part
            signed[labels == kind] /= np.abs(signed[labels == kind].sum())
        learned = contrast(rich, shares / shares.sum(), signed[:, None])[:, 0]
        score[fold == k] = rich[fold == k] @ learned
    # the contrast is four times the probability's distance from one half
    return np.clip(0.5 + 0.25 * score, 0.0, 1.0)


def _auc(score: np.ndarray, first: Sample, second: Sample) -> float:
    """Weighted area under the receiver operating characteristic; ties count one half."""
    n = len(first.points)
    order = np.argsort(score[:n])
    ranked = score[:n][order]
    cumulative = np.concatenate([[0.0], np.cumsum(first.weights[order])])
    below = cumulative[np.searchsorted(ranked, score[n:], side="left")]
    upto = cumulative[np.searchsorted(ranked, score[n:], side="right")]
    return float(second.weights @ (0.5 * (below + upto)))
