"""A diagnostic slice by slice: a posterior can be right on average and wrong in every corner.

Slices are made on the *data* (or anything computed from it), never on the true parameters: given
the truth, the rank of the truth is not uniform even for a perfect posterior.
"""

from collections.abc import Callable

import numpy as np

from ..base.errors import InputError
from .calibration_set import Trials
from .uniformity import bonferroni
from .verdict import ALPHA, Verdict, judged_by_p


def by_slice(
    check: Callable[..., Verdict],
    trials: Trials,
    value: np.ndarray,
    parts: int = 4,
    name: str = "data",
    alpha: float = ALPHA,
    smallest: int = 50,
) -> tuple[Verdict, list[Verdict]]:
    """Run a diagnostic in slices of equal size of one value of the data.

    Args:
        check: A diagnostic of trials with a p-value, such as `sbc` or `coverage`.
        trials: Truths and draws.
        value: What is sliced (S,): a column of the data, or computed from the data alone.
        parts: Number of slices.
        name: What `value` is, for the sentence.
        alpha: Rate of false alarms over all slices.
        smallest: Fewest data sets in a slice.

    Returns:
        The verdict on all slices together, and each slice's own (at alpha / parts). ``arrays`` of
        the first has ``edges`` (parts + 1,) and ``p_value`` (parts,).
    """
    value = np.asarray(value, dtype=float)
    if value.shape != (len(trials),) or not np.all(np.isfinite(value)):
        raise InputError(
            f"slices: value has shape {value.shape}; give {len(trials)} finite numbers"
        )
    if parts < 1 or len(trials) < parts * smallest:
        raise InputError(
            f"slices: {len(trials)} data sets in {parts} slices; "
            f"a slice needs at least {smallest}, so use at most {len(trials) // smallest}"
        )
    pieces = np.array_split(np.argsort(value, kind="stable"), parts)
    verdicts = [check(trials.subset(rows), alpha=alpha / parts) for rows in pieces]
    p_values = np.array([1.0 if v.p_value is None else v.p_value for v in verdicts])
    edges = np.array([value[rows].min() for rows in pieces] + [value.max()])
    worst = int(np.argmin(p_values))
    title = verdicts[0].name
    together = judged_by_p(
        f"{title} by slice",
        bonferroni(p_values),
        alpha,
        f"{title} holds in all {parts} slices of {name}",
        f"{title} fails for {name} from {edges[worst]:.4g} to {edges[worst + 1]:.4g}",
        arrays={"edges": edges, "p_value": p_values},
    )
    return together, verdicts
