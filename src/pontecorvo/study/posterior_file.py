"""`posterior.nc`: draws in the ArviZ layout, opened by xarray alone.

Groups ``posterior`` (parameters), ``sample_stats`` (log_weight, log_prior, log_likelihood, log_q
where there is one) and ``predictions``, all with dimensions (chain, draw, ...).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from .. import __version__
from ..base.errors import InputError
from ..base.files import atomic_path
from ..core.draws import Draws
from ..core.model import Model
from ..core.quantity import Quantity

Extra = tuple[dict[str, np.ndarray], dict[str, Quantity]]
"""Predictions (N,) by name, and what they are."""


def build_groups(
    model: Model, draws: Draws, extra: Callable[[Draws], Extra] | None = None
) -> dict[str, xr.Dataset]:
    """Datasets by group name, for draws of a model.

    Args:
        model: The model.
        draws: The draws.
        extra: Gives further predictions of the draws, with what they are.

    Raises:
        InputError: If one of these has the name of a prediction of the model.
    """
    chains = 1
    if draws.chain is not None:
        counts = np.bincount(draws.chain)
        if len(set(counts)) == 1 and np.all(np.diff(draws.chain) >= 0):
            chains = len(counts)

    def shaped(values: np.ndarray) -> np.ndarray:
        return np.asarray(values).reshape(chains, -1, *values.shape[1:])

    def dataset(
        content: dict[str, tuple[tuple[str, ...], np.ndarray]],
        quantities: dict[str, Quantity],
        coords: dict[str, Any] | None = None,
    ) -> xr.Dataset:
        variables = {
            name: xr.Variable(
                ("chain", "draw", *dims), shaped(values), _attributes(quantities.get(name))
            )
            for name, (dims, values) in content.items()
        }
        steps = len(draws.theta) // chains
        axes = {"chain": np.arange(chains), "draw": np.arange(steps), **(coords or {})}
        attributes = {"inference_library": "pontecorvo", "inference_library_version": __version__}
        return xr.Dataset(variables, axes, attributes)

    stats = {
        "log_weight": draws.log_weight,
        "log_prior": draws.log_prior,
        "log_likelihood": draws.log_likelihood,
    }
    if draws.log_q is not None:
        stats["log_q"] = draws.log_q
    predictions = model.predict(draws.theta)
    more, what = extra(draws) if extra is not None else ({}, {})
    for name in more:
        if name in predictions:
            raise InputError(f"prediction {name!r}: the model has one of this name; rename it")
    described = {q.name: q for q in (*model.parameters, *model.prediction_quantities)}
    return {
        "posterior": dataset(
            model.variables(draws.theta),
            {**described, **model.variable_quantities},
            model.coordinates(),
        ),
        "sample_stats": dataset({name: ((), values) for name, values in stats.items()}, {}),
        "predictions": dataset(
            {
                **{q.name: ((), predictions[q.name]) for q in model.prediction_quantities},
                **{name: ((), values) for name, values in more.items()},
            },
            {**described, **what},
        ),
    }


def _attributes(quantity: Quantity | None) -> dict[str, str]:
    if quantity is None:
        return {}
    pairs = {
        "units": quantity.unit or "1",
        "latex": quantity.latex,
        "long_name": quantity.description or quantity.name,
    }
    return {key: value for key, value in pairs.items() if value}


def write_groups(path: Path, groups: dict[str, xr.Dataset], attributes: dict[str, Any]) -> None:
    """Write datasets as groups of one NetCDF-4 file, atomically; same content, same bytes."""
    with atomic_path(path) as temporary:
        xr.Dataset(attrs=attributes).to_netcdf(temporary, mode="w", engine="h5netcdf")
        for name, group in groups.items():
            group.to_netcdf(temporary, mode="a", group=name, engine="h5netcdf")


def read_groups(path: Path | str) -> dict[str, xr.Dataset]:
    """Datasets of a `posterior.nc`, loaded into memory."""
    result = {}
    for name in ("posterior", "sample_stats", "predictions"):
        with xr.open_dataset(path, group=name, engine="h5netcdf") as group:
            result[name] = group.load()
    return result
