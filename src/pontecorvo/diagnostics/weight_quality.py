"""How good are the importance weights? Effective sample size and Pareto k-hat, judged.

The numbers themselves are in `pontecorvo.base.weights`, where samplers and correction use them too.
"""

import numpy as np

from ..base.weights import k_limit, kish_ess, log_evidence, normalised, pareto_k, tail_trusted
from .verdict import Verdict


def check_weights(log_weights: np.ndarray, smallest_efficiency: float = 0.0) -> Verdict:
    """Judge importance weights by k-hat, and by ESS/N where a smallest value is asked for.

    k-hat counts where ESS/N is below `base.weights.FLAT`.

    Args:
        log_weights: Unnormalised log weights (N,), -inf allowed.
        smallest_efficiency: Smallest ESS/N that passes.

    Returns:
        A verdict whose statistic is k-hat; ``values`` has ``ess``, ``efficiency``, ``k_hat``,
        ``largest_weight`` (its share of the total), ``log_evidence`` and its error; ``arrays`` has
        ``sorted_weights`` (N,), the largest first.
    """
    n = len(log_weights)
    ess, k = kish_ess(log_weights), pareto_k(log_weights)
    log_z, error = log_evidence(log_weights)
    weights = np.sort(normalised(log_weights))[::-1]
    limit = k_limit(n)
    tail = tail_trusted(ess / n, k, limit)
    passed = tail and ess / n >= smallest_efficiency
    line = f"{n} draws are worth {ess:.0f} (ESS/N = {ess / n:.3f}), k-hat {k:.2f}"
    if k > limit and tail:
        line += ", which says nothing of weights as equal as these"
    elif not tail:
        line += f" > {limit:.2f}: the weights' tail is too heavy to be trusted"
    elif not passed:
        line += f"; ESS/N below the {smallest_efficiency:g} asked for"
    return Verdict(
        name="importance weights",
        statistic=k,
        statistic_name="k-hat",
        band=(-np.inf, limit),
        passed=bool(passed),
        line=line,
        values={
            "ess": ess,
            "efficiency": ess / n,
            "k_hat": k,
            "largest_weight": float(weights[0]),
            "log_evidence": log_z,
            "log_evidence_error": error,
        },
        arrays={"sorted_weights": weights},
    )
