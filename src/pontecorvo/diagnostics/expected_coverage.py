"""Expected coverage of highest-density regions.

The credibility at which the highest-density region just reaches the truth is uniform for a right
posterior (Hermans et al., arXiv:2110.06581; Deistler et al., arXiv:2210.04815). Coverage below the
credibility means overconfidence. Any score may take the density's place: the statement stays exact.
"""

import numpy as np

from ..base.errors import InputError
from .calibration_set import Trials
from .uniformity import ecdf, uniform_band, uniformity_p
from .verdict import ALPHA, Verdict, judged_by_p

_LEVELS = (0.5, 0.6827, 0.9, 0.9545)


def coverage(trials: Trials, alpha: float = ALPHA, seed: int = 0) -> Verdict:
    """Expected coverage over the trials, in the simultaneous band of uniform credibilities.

    Args:
        trials: Truths and draws with ``log_density`` and ``truth_log_density``.
        alpha: Rate of false alarms.
        seed: Seed of the numbers that spread ranks within their steps.

    Returns:
        A verdict; ``values["coverage"]`` maps credibility levels to the fraction of truths inside;
        ``arrays`` has ``credibility`` (S,), ``grid``, ``ecdf``, ``lower`` and ``upper`` (K,).
    """
    if trials.log_density is None or trials.truth_log_density is None:
        raise InputError(
            "expected coverage: the trials have no log_density and truth_log_density; "
            "it needs both to order points by density"
        )
    inside = 1 - trials.ranks(trials.log_density, trials.truth_log_density, seed)
    levels = {f"{level:g}": float(np.mean(inside <= level)) for level in _LEVELS}
    band = uniform_band(len(trials), alpha)
    side = "overconfident" if inside.mean() > 0.5 else "underconfident"
    numbers = f"90 % regions hold {100 * levels['0.9']:.1f} % of {len(trials)} truths"
    return judged_by_p(
        "expected coverage",
        uniformity_p(inside),
        alpha,
        f"highest-density regions cover as they claim, {numbers}",
        f"highest-density regions are {side}, {numbers}",
        values={"coverage": levels},
        arrays={"credibility": inside, **band.beside(ecdf(inside))},
    )
