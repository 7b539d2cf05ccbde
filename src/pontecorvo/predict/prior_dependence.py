"""How much of a result is the prior? The same draws under other priors, without a new run.

A draw of the posterior under prior p1 becomes one under p2 by the weight p2 / p1: the likelihood is
the same. Where the two priors hardly overlap a few draws carry all the weight, and the answer is
refused rather than given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..base import weights as iw
from ..models.base import Target
from ..models.prior import Prior
from ..models.seesaw import Seesaw
from .weighted import weighted_quantiles

SMALLEST_ESS = 200.0
_LEVELS = np.array([0.5, 0.16, 0.84])
DECIDED = 0.5
"""A median that moves by more than this many half-widths of its 68 % interval is the prior's."""


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
    change = other.log_density(theta) - now.log_density(theta)
    total = np.where(np.isfinite(log_weight), log_weight + change, -np.inf)
    inside = np.isfinite(total)
    if not inside.any():
        return Reweighted(total, 0.0, np.inf, 0.0)
    share = iw.normalised(log_weight)[inside].sum()
    return Reweighted(total, iw.kish_ess(total), iw.pareto_k(total), float(share))


def alternatives(model: Seesaw) -> dict[str, Seesaw]:
    """The same seesaw under other priors, by what changes."""
    now = model.prior_settings
    middle = 0.5 * (now.log10_M_min + now.log10_M_max)
    changes: dict[str, dict[str, Any]] = {
        f"heavy masses below 10^{now.log10_M_max - 1:g} GeV": {"log10_M_max": now.log10_M_max - 1},
        f"heavy masses above 10^{middle:g} GeV": {"log10_M_min": middle},
        f"Yukawas within {now.yukawa_max / 2:g}": {"yukawa_max": now.yukawa_max / 2},
    }
    if now.yukawa == "uniform":
        for least in (0.1, 0.01, 0.001):
            size = least * now.yukawa_max
            changes[f"Yukawas log-uniform from {size:g}"] = {
                "yukawa": "log-uniform",
                "yukawa_min": size,
            }
    return {
        name: Seesaw(
            model.ordering,
            replace(now, **change),
            model.vev,
            [quantity.name for quantity in model.observables],
        )
        for name, change in changes.items()
    }


def prior_dependence(
    target: Target,
    theta: np.ndarray,
    log_weight: np.ndarray,
    predictions: Mapping[str, np.ndarray],
    names: tuple[str, ...] = ("sum_m", "m_ee", "m_beta"),
) -> list[dict[str, Any]]:
    """Predictions under other priors, as plain JSON types; the run's own comes first.

    Args:
        target: A seesaw and its measurement.
        theta: Parameters (N, P).
        log_weight: Log weights (N,).
        predictions: Values (N,) by name.
        names: Which predictions; angles are left out, their medians say nothing.
    """
    model = target.model
    assert isinstance(model, Seesaw)

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

    columns = {name: np.asarray(predictions[name]).ravel() for name in names}
    columns |= {f"log10_M[{i + 1}]": theta[:, 18 + i] for i in range(3)}
    rows = [row("as in this run", reweight(theta, log_weight, model.prior, model.prior))]
    for name, other in alternatives(model).items():
        rows.append(row(name, reweight(theta, log_weight, model.prior, other.prior)))
    for other_row in rows[1:]:
        if other_row["usable"] and rows[0]["usable"]:
            other_row["decided_by_the_prior"] = [
                name for name in columns if _moved(rows[0][name], other_row[name]) > DECIDED
            ]
    return rows


def _moved(first: dict[str, Any], second: dict[str, Any]) -> float:
    half = 0.5 * (first["ci68"][1] - first["ci68"][0])
    return abs(second["median"] - first["median"]) / half if half > 0 else np.inf
