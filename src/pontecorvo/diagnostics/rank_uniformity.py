"""Simulation-based calibration: the rank of the truth among the draws is uniform.

Talts et al., arXiv:1804.06788; bands of arXiv:2103.10522; ranks with importance weights as in
`trials`. Besides the parameters, any function of parameters and data may be ranked: the joint log
density sees what no marginal does (Modrák et al., arXiv:2211.02383).
"""

import numpy as np

from .calibration_set import Trials
from .uniformity import bonferroni, ecdf, uniform_band, uniformity_p
from .verdict import ALPHA, Verdict, judged_by_p


def sbc(trials: Trials, alpha: float = ALPHA, joint: bool = True, seed: int = 0) -> Verdict:
    """Simulation-based calibration of every parameter, judged together.

    Args:
        trials: Truths and draws.
        alpha: Rate of false alarms over all parameters (Bonferroni).
        joint: Rank the log density too, where the trials have it.
        seed: Seed of the numbers that spread ranks within their steps.

    Returns:
        A verdict on the smallest p-value times the number of ranked quantities. ``values`` names
        the ``worst`` and every ``p_values``; ``arrays`` has ``ranks`` (S, Q), ``grid`` (K,),
        ``ecdf`` (Q, K), and the band of one quantity, ``lower`` and ``upper`` (K,).
    """
    ranks = trials.ranks(trials.draws, trials.truth, seed)
    names = trials.labels
    if joint and trials.log_density is not None and trials.truth_log_density is not None:
        own = trials.ranks(trials.log_density, trials.truth_log_density, seed + 1)
        ranks, names = np.column_stack([ranks, own]), [*names, "log density"]
    p_values = np.array([uniformity_p(column) for column in ranks.T])
    worst = int(np.argmin(p_values))
    band = uniform_band(len(trials), alpha / len(names))
    return judged_by_p(
        "simulation-based calibration",
        bonferroni(p_values),
        alpha,
        f"ranks of {len(names)} quantities over {len(trials)} data sets are uniform",
        f"ranks of {names[worst]} over {len(trials)} data sets are not uniform: "
        f"{fault_in_words(ranks[:, worst])}",
        values={"worst": names[worst], "p_values": dict(zip(names, p_values, strict=True))},
        arrays={"ranks": ranks, **band.beside(np.array([ecdf(column) for column in ranks.T]))},
    )


def fault_in_words(ranks: np.ndarray) -> str:
    """The likeliest fault behind ranks (S,) that are not uniform.

    The mean of the ranks shows a shift, their spread a wrong width: whichever is further from its
    uniform value, in its own standard errors, is named.
    """
    s = len(ranks)
    mean = (ranks.mean() - 0.5) * np.sqrt(12 * s)
    spread = (np.mean((ranks - 0.5) ** 2) - 1 / 12) * np.sqrt(180 * s)
    if max(abs(mean), abs(spread)) < 2:
        return "of the wrong shape"
    if abs(mean) > abs(spread):
        return "the posterior lies too low" if mean > 0 else "the posterior lies too high"
    return "the posterior is too narrow" if spread > 0 else "the posterior is too wide"
