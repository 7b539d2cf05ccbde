r"""Local classifier two-sample test: is the posterior right at *this* data set?

After Linhart, Gramfort & Rodrigues, arXiv:2306.03580. A classifier learns, over simulated data
sets, to tell the truth (theta*, x) from posterior draws (theta, x). Where q = p it cannot: the
contrast (p - q) / m that it learns, m the density of both together, is zero. The statistic at x_o
is the mean square of the contrast over draws of q(. | x_o). The null distribution comes from the
same classifier on data whose truth was exchanged with one of its own posterior draws at random,
which changes nothing if q = p. It needs draws for the simulated data sets, but no truth and no
reference at x_o.

The classifier is linear in rich features and has a closed form (`discriminant`): hundreds of
exchanges cost one factorisation. (A hundred small networks in its place took twenty times as long
and caught 85 to 93 % of 60 posteriors with wrong widths; for this one see
``benchmarks/diagnostics_alarm_rates.py``.)
"""

import numpy as np

from ..base.errors import InputError
from ..base.seeds import stream
from ..base.weights import normalised
from .calibration_set import Trials
from .discriminant import contrast, rich_features
from .moments import moments
from .verdict import ALPHA, Verdict, judged_by_p
from .weighted_sample import standard_features


def local_c2st(
    trials: Trials,
    observed: np.ndarray,
    draws: np.ndarray,
    log_weights: np.ndarray | None = None,
    alpha: float = ALPHA,
    replicas: int = 400,
    per_trial: int = 3,
    seed: int = 0,
) -> Verdict:
    """Test the posterior at one data set, or at several together.

    Args:
        trials: Truths, draws and ``data``; with weights, the draws used are chosen by them.
        observed: The data set x_o (K,), or several (B, K).
        draws: Posterior draws there (N, D), or (B, N, D).
        log_weights: Their unnormalised log weights (N,) or (B, N).
        alpha: Rate of false alarms, for each data set and for all together.
        replicas: Exchanges for the null distribution; the smallest p-value is 1/(replicas + 1).
        per_trial: Posterior draws used from each simulated data set.
        seed: Seed of everything random.

    Returns:
        A verdict on all data sets together (the mean statistic); ``arrays`` has ``statistic`` (B,)
        and ``p_value`` (B,) of each, and ``score`` (B, N): the contrast at every draw, (p - q)
        over the density of both together. Where it is positive, q has too little mass.
    """
    if trials.data is None:
        raise InputError("local C2ST: the trials have no data; it needs x for every data set")
    observed, draws = np.atleast_2d(observed), np.asarray(draws, dtype=float)
    draws = draws[None] if draws.ndim == 2 else draws
    if len(observed) != len(draws) or observed.shape[1] != trials.data.shape[1]:
        raise InputError(
            f"local C2ST: observed {observed.shape} and draws {draws.shape}; give rows of "
            f"{trials.data.shape[1]} data and as many sets of draws"
        )
    b, n, d = draws.shape
    log_weights = np.zeros((b, n)) if log_weights is None else np.reshape(log_weights, (b, n))
    shares = np.array([normalised(row) for row in log_weights])
    rng = stream(seed, "local-c2st")
    theta, pull, data, is_truth = _exchangeable_sets(trials, per_trial, replicas, rng)

    there = moments(draws, shares, trials.periodic, trials.period).pull(draws)
    pull = np.nan_to_num(np.concatenate([pull, there.reshape(b * n, d)]))
    everything = np.concatenate([theta, draws.reshape(b * n, d)])
    flat = np.r_[np.full(len(theta), 1 / len(theta)), np.zeros(b * n)]
    columns = standard_features(everything, flat, trials.periodic, trials.period)
    seen = np.concatenate([data, np.repeat(observed, n, axis=0)])
    features = np.hstack([columns, standard_features(seen, flat), np.clip(pull, -8, 8)])

    everything_rich = rich_features(features, flat, rng)
    signed = np.where(is_truth, 1.0, -1.0 / per_trial).T / len(trials)
    known, asked = everything_rich[: len(theta)], everything_rich[len(theta) :]
    learned = contrast(known, flat[: len(theta)], signed)
    score = (asked @ learned).T.reshape(-1, b, n)
    statistic = np.sum(shares * score**2, axis=2)
    own = (1 + np.sum(statistic[1:] >= statistic[0], axis=0)) / (replicas + 1)
    together = statistic.mean(axis=1)
    p_value = (1 + np.count_nonzero(together[1:] >= together[0])) / (replicas + 1)
    where = "this data set" if b == 1 else f"{b} data sets"
    return judged_by_p(
        "local classifier two-sample test",
        p_value,
        alpha,
        f"no classifier trained on {len(trials)} simulations sees a fault at {where}",
        f"a classifier trained on {len(trials)} simulations sees a fault at {where}",
        values={"statistic": float(together[0]), "share_rejected": float(np.mean(own < alpha))},
        arrays={"statistic": statistic[0], "p_value": own, "score": score[0]},
    )


def _exchangeable_sets(
    trials: Trials, per_trial: int, replicas: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Truths and draws as one table, and which row counts as the truth in each exchange.

    Returns:
        theta (n, D), its pull among the draws that are not in the table (n, D), data (n, K), and
        is_truth (1 + replicas, n).
    """
    s, n, d = trials.draws.shape
    if per_trial + 10 > n:
        raise InputError(
            f"local C2ST: per_trial {per_trial}; the trials have {n} draws, and at least 10 "
            "must be left to measure centre and width"
        )
    shares, _ = trials.relative_weights()
    # exponential race: picks without repeats, in proportion to the weights
    with np.errstate(divide="ignore"):
        race = rng.standard_exponential((s, n)) / shares
    picked = np.argsort(race, axis=1)[:, :per_trial]
    chosen = np.take_along_axis(trials.draws, picked[..., None], axis=1)
    sets = np.concatenate([trials.truth[:, None], chosen], axis=1)
    # the picked draws may not help to measure themselves: the truth does not either
    rest = shares.copy()
    np.put_along_axis(rest, picked, 0.0, axis=1)
    rest[rest.sum(axis=1) <= 0] = 1.0
    pull = moments(trials.draws, rest, trials.periodic, trials.period).pull(sets)
    assert trials.data is not None
    data = np.repeat(trials.data, per_trial + 1, axis=0)
    role = np.concatenate([np.zeros((1, s), int), rng.integers(0, per_trial + 1, (replicas, s))])
    is_truth = role[..., None] == np.arange(per_trial + 1)
    table = sets.reshape(-1, d), pull.reshape(-1, d), data
    return *table, is_truth.reshape(replicas + 1, -1)
