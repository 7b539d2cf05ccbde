"""How much of a result is the prior? The same draws under other priors, without a new run.

A draw of the posterior under prior p1 becomes one under p2 by the weight p2 / p1: the likelihood is
the same. Where the two priors hardly overlap a few draws carry all the weight, and the answer is
refused rather than given. A prior wider than the run's cannot be answered at all: there are no
draws where the run's own density is zero.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..base import weights as iw
from ..base.errors import InputError
from ..base.quantiles import weighted_quantiles
from ..core.prior import Prior
from ..core.target import Target
from ..problems.seesaw.haar_prior import LightPrior
from ..problems.seesaw.model import Seesaw, SeesawPrior

SMALLEST_ESS = 200.0
_LEVELS = np.array([0.5, 0.16, 0.84])
DECIDED = 0.5
"""A median that moves by more than this many half-widths of its 68 % interval is the prior's."""
RUN = "as in this run"

LogRatio = Callable[[np.ndarray, Mapping[str, np.ndarray]], np.ndarray]
"""Another prior: parameters (N, P) and predictions, (N,) each by name, to the log of its density
over the run's own (N,), up to a constant; -inf where the other prior is zero."""


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


def seesaw_ratio(model: Seesaw, settings: SeesawPrior, light: LightPrior | None = None) -> LogRatio:
    """Another prior of a seesaw, as a ratio to its own.

    Args:
        model: The seesaw of the run.
        settings: The other prior's settings; inside the run's own (`reaches_beyond`).
        light: What replaces, in that prior, the distribution of the light neutrinos.

    Raises:
        InputError: If the other prior reaches beyond the run's own.
    """
    outside = reaches_beyond(model.prior_settings, settings)
    if outside:
        raise InputError(outside)
    names = [quantity.name for quantity in model.observables]
    other = Seesaw(model.ordering, settings, model.vev, names)

    def log_ratio(theta: np.ndarray, _: Mapping[str, np.ndarray]) -> np.ndarray:
        before = model.prior.log_density(theta)
        after = other.prior.log_density(theta)
        use = np.isfinite(before) & np.isfinite(after)
        result = np.full(len(theta), -np.inf)
        result[use] = after[use] - before[use]
        if light is not None:
            result[use] += light.log_ratio(other, theta[use])
        return result

    return log_ratio


def reaches_beyond(now: SeesawPrior, other: SeesawPrior) -> str:
    """Where another prior reaches beyond the present one, as a sentence; empty if nowhere."""
    least = {p: p.yukawa_min if p.yukawa == "log-uniform" else 0.0 for p in (now, other)}
    for what, beyond, end in (
        ("yukawa_max", other.yukawa_max > now.yukawa_max, now.yukawa_max),
        ("log10_M_max", other.log10_M_max > now.log10_M_max, now.log10_M_max),
        ("log10_M_min", other.log10_M_min < now.log10_M_min, now.log10_M_min),
        ("smallest abs(Re Y), abs(Im Y)", least[other] < least[now], least[now]),
    ):
        if beyond:
            return (
                f"{what} reaches beyond the run's prior, which ends at {end:g}; "
                "there are no draws to reweight: stay inside, or run that prior"
            )
    return ""


def alternatives(model: Seesaw) -> dict[str, LogRatio]:
    """Other priors of the same seesaw, by what changes."""
    now = model.prior_settings
    middle, lower = 0.5 * (now.log10_M_min + now.log10_M_max), now.log10_M_max - 1
    half = now.yukawa_max / 2
    changes: dict[str, dict[str, Any]] = {}
    if lower > now.log10_M_min:
        changes[f"heavy masses below 10^{lower:g} GeV"] = {"log10_M_max": lower}
    changes[f"heavy masses above 10^{middle:g} GeV"] = {"log10_M_min": middle}
    if now.yukawa == "uniform" or half > now.yukawa_min:
        changes[f"Yukawas within {half:g}"] = {"yukawa_max": half}
    if now.yukawa == "uniform":
        for least in (0.1, 0.01, 0.001):
            size = least * now.yukawa_max
            changes[f"Yukawas log-uniform from {size:g}"] = {
                "yukawa": "log-uniform",
                "yukawa_min": size,
            }
    result = {name: seesaw_ratio(model, replace(now, **change)) for name, change in changes.items()}
    if now.yukawa == "uniform":
        for light in (LightPrior("masses"), LightPrior("haar")):
            result[light.title] = seesaw_ratio(model, now, light)
    return result


def prior_dependence(
    target: Target,
    theta: np.ndarray,
    log_weight: np.ndarray,
    predictions: Mapping[str, np.ndarray],
    names: tuple[str, ...] = ("sum_m", "m_ee", "m_beta"),
    others: Mapping[str, LogRatio] | None = None,
) -> list[dict[str, Any]]:
    """Predictions under other priors, as plain JSON types; the run's own comes first.

    The user's own priors follow it, then `alternatives`.

    Args:
        target: A seesaw and its measurement.
        theta: Parameters (N, P).
        log_weight: Log weights (N,).
        predictions: Values (N,) by name.
        names: Which predictions; angles are left out, their medians say nothing.
        others: Priors of the user's own, by name.

    Raises:
        InputError: If one of these gives no log ratio, or has the name of another row.
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

    flat = {name: np.asarray(values).ravel() for name, values in predictions.items()}
    columns = {name: flat[name] for name in names}
    columns |= {f"log10_M[{i + 1}]": theta[:, 18 + i] for i in range(3)}
    rows = [row(RUN, reweight(theta, log_weight, model.prior, model.prior))]
    built_in = alternatives(model)
    for name, ratio in (others or {}).items():
        if name == RUN or name in built_in:
            raise InputError(f"other prior {name!r}: the report has one of this name; rename it")
        try:
            rows.append(row(name, reweight_by(log_weight, ratio(theta, flat))))
        except InputError as error:
            raise InputError(f"other prior {name!r}: {error}") from None
    for name, ratio in built_in.items():
        rows.append(row(name, reweight_by(log_weight, ratio(theta, flat))))
    for other_row in rows[1:]:
        if other_row["usable"] and rows[0]["usable"]:
            other_row["decided_by_the_prior"] = [
                name for name in columns if _moved(rows[0][name], other_row[name]) > DECIDED
            ]
    return rows


def _moved(first: dict[str, Any], second: dict[str, Any]) -> float:
    half = 0.5 * (first["ci68"][1] - first["ci68"][0])
    return abs(second["median"] - first["median"]) / half if half > 0 else np.inf
