"""`summary.json`: what was drawn, how good it is, and what it says, in numbers."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import xarray as xr

from ..inference.draws import Draws, weights_from_logs
from ..models.base import Target
from ..predict.weighted import circular_mean, weighted_quantiles

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
            for column, suffix in enumerate(_suffixes(array)):
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


def _suffixes(array: xr.DataArray) -> list[str]:
    dims = array.dims[2:]
    if not dims:
        return [""]
    labels = [[str(label) for label in array[dim].values] for dim in dims]
    names = [""]
    for values in labels:
        names = [f"{name},{value}" if name else value for name in names for value in values]
    return [f"[{name}]" for name in names]


def closure(target: Target, theta: np.ndarray, draws: Draws) -> dict[str, Any]:
    """Pass the stored parameters through the forward map once more and compare.

    Raw acceptance is what the method proposed; this is what the posterior in the file holds: the
    weighted fraction inside the 3 sigma ranges, and the largest change of the log-likelihood.
    """
    weight = weights_from_logs(draws.log_weight)
    again = target.log_likelihood(theta)
    inside = target.within_three_sigma(theta)

    def share(mask: np.ndarray) -> float:
        return 1.0 if mask.all() else float(weight[mask].sum())  # exactly one, if all are

    content: dict[str, Any] = {
        "within_three_sigma": share(inside),
        "inside_prior": share(np.isfinite(target.log_prior(theta))),
        "max_log_likelihood_change": float(np.max(np.abs(again - draws.log_likelihood))),
    }
    for name, mask in target.model.acceptances(theta).items():
        content[name] = share(mask)
    return content


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that made the numbers."""
    result = {"python": platform.python_version(), "machine": platform.machine()}
    for package in _PACKAGES:
        try:
            result[package] = version(package)
        except PackageNotFoundError:
            continue
    return result
