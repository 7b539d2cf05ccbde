"""`summary.json`: what was drawn, how good it is, and what it says, in numbers."""

import platform
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from ..base.quantiles import circular_mean, weighted_quantiles
from ..core.draws import Draws, weights_from_logs
from ..core.target import LikelihoodTarget

_PACKAGES = (
    "pontecorvo",
    "numpy",
    "scipy",
    "numba",
    "torch",
    "xarray",
    "h5netcdf",
    "nautilus-sampler",
    "emcee",
)


def intervals(groups: dict[str, xr.Dataset]) -> dict[str, dict[str, Any]]:
    """Median, 68 and 95 % central intervals of every scalar parameter and prediction.

    Angles (unit rad) get them too, as numbers in [0, 2 pi), beside their circular mean.
    """
    weight = weights_from_logs(groups["sample_stats"]["log_weight"].values.ravel())
    levels = np.array([0.5, 0.16, 0.84, 0.025, 0.975])
    result: dict[str, dict[str, Any]] = {}
    for group in ("predictions", "posterior"):
        for name, array in groups[group].data_vars.items():
            flat = array.values.reshape(array.shape[0] * array.shape[1], -1)
            for column, suffix in enumerate(suffixes(array)):
                median, low68, high68, low95, high95 = weighted_quantiles(
                    flat[:, column], weight, levels
                )
                entry: dict[str, Any] = {
                    "unit": array.attrs.get("units", "1"),
                    "median": median,
                    "ci68": [low68, high68],
                    "ci95": [low95, high95],
                }
                if entry["unit"] == "rad":
                    entry["circular_mean"], entry["resultant_length"] = circular_mean(
                        flat[:, column], weight
                    )
                result[f"{name}{suffix}"] = entry
    return result


def suffixes(array: xr.DataArray) -> list[str]:
    """``[e,1]`` and so on, of the entries of an array; one empty text for a scalar."""
    labels = [[str(label) for label in array[dim].values] for dim in array.dims[2:]]
    return [f"[{','.join(entry)}]" if entry else "" for entry in product(*labels)]


def closure(target: LikelihoodTarget, theta: np.ndarray, draws: Draws) -> dict[str, Any]:
    """Pass the stored parameters through the forward map once more and compare.

    Raw acceptance is what the method proposed; this is what the posterior in the file holds: the
    weighted fraction inside the 3 sigma ranges, and the largest change of the log-likelihood.
    """
    weight = weights_from_logs(draws.log_weight)
    again = target.log_likelihood(theta)
    inside = target.within_three_sigma(theta)
    same = again == draws.log_likelihood  # minus infinity, both times, is no change
    change = np.abs(np.subtract(again, draws.log_likelihood, where=~same, out=np.zeros(len(same))))

    def share(mask: np.ndarray) -> float:
        return 1.0 if mask.all() else float(weight[mask].sum())  # exactly one, if all are

    content: dict[str, Any] = {
        "within_three_sigma": share(inside),
        "inside_prior": share(np.isfinite(target.log_prior(theta))),
        "max_log_likelihood_change": float(np.max(change)),
    }
    for name, mask in target.model.acceptances(theta).items():
        content[name] = share(mask)
    return content


def comparison(
    groups: dict[str, xr.Dataset], draws: Draws, beneath: dict[str, xr.Dataset], other: Draws
) -> dict[str, Any]:
    """How far two samplers of one posterior agree: evidence, and each prediction's distribution.

    The distributions are compared by the largest gap of their weighted distribution functions
    (Kolmogorov-Smirnov), in units of its 95 % point for these effective sample sizes.
    """
    gap = draws.log_evidence - other.log_evidence
    error = float(np.hypot(draws.log_evidence_error, other.log_evidence_error))
    weights = [
        weights_from_logs(g["sample_stats"]["log_weight"].values.ravel()) for g in (groups, beneath)
    ]
    sizes = [1 / np.sum(weight**2) for weight in weights]
    limit = 1.358 * np.sqrt(sum(1 / size for size in sizes))  # N. Smirnov, 1948
    worst: tuple[float, str] = (0.0, "")
    for name, values in groups["predictions"].data_vars.items():
        other_values = beneath["predictions"][name].values.ravel()
        distance = weighted_gap(values.values.ravel(), weights[0], other_values, weights[1])
        worst = max(worst, (distance / limit, str(name)))
    return {
        "method": other.method,
        "draws": len(other.theta),
        "log_evidence": other.log_evidence,
        "log_evidence_error": other.log_evidence_error,
        "log_evidence_difference_in_sigma": gap / error if error > 0 else float("nan"),
        "largest_distance": {"prediction": worst[1], "over_its_95_percent_point": worst[0]},
    }


def weighted_gap(x: np.ndarray, x_weight: np.ndarray, y: np.ndarray, y_weight: np.ndarray) -> float:
    """Largest difference of two weighted distribution functions; weights sum to one."""
    points = np.concatenate([x, y])
    signed = np.concatenate([x_weight, -y_weight])
    order = np.argsort(points, kind="stable")
    last = np.append(np.diff(points[order]) > 0, True)  # equal points count together
    return float(np.abs(np.cumsum(signed[order])[last]).max())


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that made the numbers."""
    result = {"python": platform.python_version(), "machine": platform.machine()}
    for package in _PACKAGES:
        try:
            result[package] = version(package)
        except PackageNotFoundError:
            continue
    return result
