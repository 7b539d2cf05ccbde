"""How much of a result is the prior? The same draws under other priors, without a new run.

A draw of the posterior under prior p1 becomes one under p2 by the weight p2 / p1: the likelihood is
the same. Where the two priors hardly overlap a few draws carry all the weight, and the answer is
refused rather than given. A prior wider than the run's cannot be answered at all: there are no
draws where the run's own density is zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base import weights as iw
from ..base.errors import InputError
from ..base.quantiles import weighted_quantiles
from ..core.prior import Prior
from ..core.problem import LogRatio
from ..core.target import LikelihoodTarget

SMALLEST_ESS = 200.0
_LEVELS = np.array([0.5, 0.16, 0.84])
DECIDED = 0.5
"""A median that moves by more than this many half-widths of its 68 % interval is the prior's."""
RUN = "as in this run"


@dataclass(frozen=True)
class Reweighted:
    """Draws under another prior.

    Attributes:
        log_weight: Log weights (N,), -inf outside the other prior.
        ess: Kish's effective sample size; 0 where nothing is left.
        k_hat: Pareto shape of the weights' tail; inf where nothing is left.
        kept: Share of the posterior that lies in the other prior's support.
    """

    log_weight: np.ndarray
    ess: float
    k_hat: float
    kept: float

    @property
    def usable(self) -> bool:
        """Whether the two posteriors overlap enough to say anything."""
        return self.ess >= SMALLEST_ESS and self.k_hat <= iw.k_limit(len(self.log_weight))


def reweight(theta: np.ndarray, log_weight: np.ndarray, now: Prior, other: Prior) -> Reweighted:
    """Weights of draws under another prior.

    Args:
        theta: Parameters (N, P).
        log_weight: Log weights (N,) under the present prior.
        now: The present prior.
        other: The other one, over the same parameters.
    """
    before = now.log_density(theta)
    known = np.isfinite(before)
    ratio = np.full(len(theta), -np.inf)
    ratio[known] = other.log_density(theta[known]) - before[known]
    return reweight_by(log_weight, ratio)


def reweight_by(log_weight: np.ndarray, log_ratio: np.ndarray) -> Reweighted:
    """Weights of draws under a prior of which only the ratio to the present one is known.

    Args:
        log_weight: Log weights (N,) under the present prior.
        log_ratio: Log of the other density over the present one (N,), up to a constant; -inf where
            the other one is zero.

    Raises:
        InputError: If the ratio has another shape, or is NaN or +inf.
    """
    log_ratio = np.asarray(log_ratio, dtype=float)
    if log_ratio.shape != log_weight.shape:
        raise InputError(
            f"log ratio of the priors: shape {log_ratio.shape}; "
            f"give one value a draw, {log_weight.shape}"
        )
    wrong = np.isnan(log_ratio) | (log_ratio == np.inf)
    if wrong.any():
        raise InputError(
            f"log ratio of the priors: {int(wrong.sum())} of {len(wrong)} values are NaN or +inf; "
            "allowed are finite ones, and -inf where the other prior is zero"
        )
    total = np.full(len(log_weight), -np.inf)
    known = np.isfinite(log_weight)
    total[known] = log_weight[known] + log_ratio[known]
    inside = np.isfinite(total)
    if not inside.any():
        return Reweighted(total, 0.0, np.inf, 0.0)
    share = iw.normalised(log_weight)[inside].sum()
    return Reweighted(total, iw.kish_ess(total), iw.pareto_k(total), float(share))


def prior_dependence(
    target: LikelihoodTarget,
    theta: np.ndarray,
    log_weight: np.ndarray,
    columns: Mapping[str, np.ndarray],
    predictions: Mapping[str, np.ndarray],
    built_in: Mapping[str, LogRatio],
    others: Mapping[str, LogRatio] | None = None,
) -> list[dict[str, Any]]:
    """Quantities under other priors, as plain JSON types; the run's own comes first.

    The user's own priors follow it, then those that are built in.

    Args:
        target: The posterior.
        theta: Parameters (N, P).
        log_weight: Log weights (N,).
        columns: What is shown, (N,) by name; no angles, whose medians say nothing.
        predictions: Every prediction, (N,) by name.
        built_in: Priors that the problem itself compares with.
        others: Priors of the user's own, by name.

    Raises:
        InputError: If one of these gives no log ratio, or has the name of another row.
    """

    def row(name: str, weights: Reweighted) -> dict[str, Any]:
        content: dict[str, Any] = {
            "prior": name,
            "ess": weights.ess,
            "k_hat": weights.k_hat if np.isfinite(weights.k_hat) else None,
            "posterior_inside": weights.kept,
            "usable": weights.usable,
        }
        if weights.usable:
            share = iw.normalised(weights.log_weight)
            for quantity, values in columns.items():
                middle, low, high = weighted_quantiles(values, share, _LEVELS)
                content[quantity] = {"median": middle, "ci68": [low, high]}
        return content

    prior = target.model.prior
    rows = [row(RUN, reweight(theta, log_weight, prior, prior))]
    for name, ratio in (others or {}).items():
        if name == RUN or name in built_in:
            raise InputError(f"other prior {name!r}: the report has one of this name; rename it")
        try:
            rows.append(row(name, reweight_by(log_weight, ratio(theta, predictions))))
        except InputError as error:
            raise InputError(f"other prior {name!r}: {error}") from None
    for name, ratio in built_in.items():
        rows.append(row(name, reweight_by(log_weight, ratio(theta, predictions))))
    for other_row in rows[1:]:
        if other_row["usable"] and rows[0]["usable"]:
            other_row["decided_by_the_prior"] = [
                name for name in columns if _moved(rows[0][name], other_row[name]) > DECIDED
            ]
    return rows


def _moved(first: dict[str, Any], second: dict[str, Any]) -> float:
    half = 0.5 * (first["ci68"][1] - first["ci68"][0])
    return abs(second["median"] - first["median"]) / half if half > 0 else np.inf
