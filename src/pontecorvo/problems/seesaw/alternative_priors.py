"""Other priors of the same seesaw, as ratios to the run's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ...base.errors import InputError
from ...core.problem import LogRatio
from .haar_prior import LightPrior
from .model import Seesaw, SeesawPrior


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
