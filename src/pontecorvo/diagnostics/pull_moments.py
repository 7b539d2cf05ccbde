"""Pulls: how many posterior standard deviations lie between posterior and truth.

Two kinds. The *moment pull* (truth - mean) / standard deviation is what physicists plot; it is
standard normal for a normal posterior only. The *probit pull*, the normal quantile of the truth's
rank, is standard normal for every right posterior, exactly: it is the one that is judged.
"""

import numpy as np
from scipy.special import ndtri
from scipy.stats import chi2, norm

from ..base.weights import normalised
from .calibration_set import Trials
from .moments import moments
from .uniformity import bonferroni
from .verdict import ALPHA, Verdict, judged_by_p


def pulls(trials: Trials, alpha: float = ALPHA, seed: int = 0) -> Verdict:
    """Mean and width of every parameter's probit pulls against zero and one, judged together.

    Args:
        trials: Truths and draws.
        alpha: Rate of false alarms over two tests a parameter (Bonferroni).
        seed: Seed of the numbers that spread ranks within their steps.

    Returns:
        A verdict; ``values`` has ``mean`` and ``width`` by parameter and their standard errors
        ``mean_error`` and ``width_error``; ``arrays`` has ``pulls`` and ``moment_pulls`` (S, D). On
        a periodic parameter the moment pull goes the short way round from the circular mean.
    """
    s = len(trials)
    ranks = trials.ranks(trials.draws, trials.truth, seed)
    probit = ndtri(np.clip(ranks, 1e-300, 1 - 1e-16))
    mean, width = probit.mean(axis=0), probit.std(axis=0, ddof=1)
    p_mean = 2 * norm.sf(np.abs(mean) * np.sqrt(s))
    chi = (s - 1) * width**2
    p_width = np.minimum(1.0, 2 * np.minimum(chi2.cdf(chi, s - 1), chi2.sf(chi, s - 1)))
    p_values = np.concatenate([p_mean, p_width])
    worst = int(np.argmin(p_values)) % len(mean)
    names = trials.labels
    shown = (
        f"{names[worst]} has mean {mean[worst]:+.2f} +- {1 / np.sqrt(s):.2f} "
        f"and width {width[worst]:.2f} +- {1 / np.sqrt(2 * s):.2f}"
    )
    return judged_by_p(
        "pulls",
        bonferroni(p_values),
        alpha,
        f"pulls of {len(names)} parameters over {s} data sets are standard normal; {shown}",
        f"pulls are not standard normal: {shown}",
        values={
            "mean": dict(zip(names, mean, strict=True)),
            "width": dict(zip(names, width, strict=True)),
            "mean_error": 1 / np.sqrt(s),
            "width_error": 1 / np.sqrt(2 * s),
        },
        arrays={"pulls": probit, "moment_pulls": moment_pulls(trials)},
    )


def moment_pulls(trials: Trials) -> np.ndarray:
    """(truth - weighted mean) / weighted standard deviation, (S, D)."""
    # the draws' weights among themselves: a truth that outweighs them all would leave nothing
    logs = trials.log_weights
    flat = np.full(trials.draws.shape[:2], 1 / trials.draws.shape[1])
    weights = flat if logs is None else np.array([normalised(row) for row in logs])
    measured = moments(trials.draws, weights, trials.periodic, trials.period)
    return measured.pull(trials.truth[:, None])[:, 0]
