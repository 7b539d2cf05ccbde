"""`posterior.nc`: draws in the ArviZ layout, opened by xarray alone.

Groups ``posterior`` (parameters), ``sample_stats`` (log_weight, log_prior, log_likelihood, log_q
where there is one) and ``predictions``, all with dimensions (chain, draw, ...).

The draws carry weights. `equal.nc` beside it, in the same layout, holds equally likely draws for
readers that know of none.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
import xarray as xr
from xarray.backends import H5NetCDFStore

from .. import __version__
from ..base.errors import InputError, of_the_machine, one_line
from ..base.files import atomic_path
from ..base.seeds import stream
from ..core.draws import Draws, systematic_resample, weights_from_logs
from ..core.model import Model
from ..core.quantity import Quantity

_STATISTICS = {
    "log_weight": "natural log of the weight of a draw, not normalised; all equal where the draws "
    "are equally likely. Averages over posterior and predictions need the weights "
    "exp(log_weight - max) / sum; equal.nc holds equally likely draws",
    "log_prior": "natural log of the normalised prior density",
    "log_likelihood": "natural log of the likelihood",
    "log_q": "natural log of the density by which the draws were proposed",
}

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
    statistics = dataset({name: ((), values) for name, values in stats.items()}, {})
    for name, text in _STATISTICS.items():
        if name in statistics:
            statistics[name].attrs["long_name"] = text
    return {
        "posterior": dataset(
            model.variables(draws.theta),
            {**described, **model.variable_quantities},
            model.coordinates(),
        ),
        "sample_stats": statistics,
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


def equal_groups(groups: dict[str, xr.Dataset], ess: float, seed: int) -> dict[str, xr.Dataset]:
    """Equally likely draws from weighted ones, for readers that know of no weights.

    As many as the effective sample size, so that whoever counts them is not misled; resampled by
    weight (`core.draws.systematic_resample`). Variables that never vary are left out, since no
    corner plot can draw them; the attribute ``constant`` names them with their value.

    Args:
        groups: As `build_groups` gives them.
        ess: Effective sample size.
        seed: Seed of the choice.
    """
    weight = weights_from_logs(groups["sample_stats"]["log_weight"].values.ravel())
    size = int(np.clip(round(ess), 1, len(weight))) if np.isfinite(ess) else len(weight)
    if np.ptp(weight) == 0 and size == len(weight):
        index = np.arange(size)
    else:
        index = systematic_resample(weight, size, stream(seed, "equal weights"))
    result = {}
    for name in ("posterior", "predictions"):
        source = groups[name]
        kept, constant = {}, {}
        for key, array in source.data_vars.items():
            flat = array.values.reshape(len(weight), *array.shape[2:])
            if np.ptp(flat, axis=0).max() == 0 and len(flat) > 1:
                constant[str(key)] = str(flat[0].tolist())
                continue
            kept[key] = xr.Variable(array.dims, flat[index][None], array.attrs)
        axes = {str(k): v for k, v in source.coords.items() if k not in ("chain", "draw")}
        about = {
            **source.attrs,
            "weights": "none: every draw is equally likely",
            "constant": "; ".join(f"{key} = {value}" for key, value in constant.items()),
        }
        result[name] = xr.Dataset(kept, {"chain": [0], "draw": np.arange(size), **axes}, about)
    return result


def write_groups(path: Path, groups: dict[str, xr.Dataset], attributes: dict[str, Any]) -> None:
    """Write datasets as groups of one NetCDF-4 file, atomically; same content, same bytes.

    The file is made in memory and then written as a whole: where a disk fills under it, the HDF5
    library ends the process.
    """
    content = io.BytesIO()
    parts: list[tuple[str | None, xr.Dataset]] = [(None, xr.Dataset(attrs=attributes))]
    for name, group in [*parts, *groups.items()]:
        with h5netcdf.File(content, "w" if name is None else "a") as file:
            group.dump_to_store(H5NetCDFStore(file, group=name))
    with atomic_path(path) as temporary:
        temporary.write_bytes(content.getbuffer())


# h5netcdf's destructor asks for this also where a damaged file ended the constructor before it
if not hasattr(h5netcdf.File, "_writable"):
    h5netcdf.File._writable = False

_GROUPS = ("posterior", "sample_stats", "predictions")
_MOST_TIMES = 64
"""Largest memory of a group over its file's size: ours are not compressed."""


def read_groups(path: Path | str) -> dict[str, xr.Dataset]:
    """Datasets of a `posterior.nc`, loaded into memory.

    Raises:
        InputError: If the file is damaged, or is no such file; sizes are checked before memory is
            asked for.
    """
    path = Path(path)
    result = {}
    try:
        allowed = _MOST_TIMES * path.stat().st_size
        for name in _GROUPS:
            with xr.open_dataset(path, group=name, engine="h5netcdf") as group:
                if group.nbytes > allowed:
                    raise ValueError(f"group {name} claims {group.nbytes} bytes")
                result[name] = group.load()
    except OSError as error:
        if of_the_machine(error):
            raise
        if error.errno is not None and not path.is_file():
            what = "is a folder" if path.is_dir() else one_line(error.strerror, 150)
            raise InputError(f"{path}: cannot be read ({what})") from None
        raise _damaged(path, error) from None
    except Exception as error:  # whatever the libraries make of a damaged file
        if of_the_machine(error):
            raise
        raise _damaged(path, error) from None
    draws = result["sample_stats"].sizes.get("draw"), result["sample_stats"].sizes.get("chain")
    for name, group in result.items():
        if (group.sizes.get("draw"), group.sizes.get("chain")) != draws or not all(draws):
            raise _damaged(path, f"group {name} has other draws")
        for variable, values in group.data_vars.items():
            if values.dims[:2] != ("chain", "draw") or values.dtype.kind not in "biuf":
                raise _damaged(path, f"{variable} holds no numbers by chain and draw")
    for name in ("log_weight", "log_likelihood"):
        if name not in result["sample_stats"]:
            raise _damaged(path, f"sample_stats lacks {name}")
        if np.isnan(result["sample_stats"][name].values).any():
            raise _damaged(path, f"{name} holds what is no number")
    if not np.isfinite(result["sample_stats"]["log_weight"].values).any():
        raise _damaged(path, "no draw has any weight")
    return result


def parameters_of(model: Model, groups: dict[str, xr.Dataset]) -> np.ndarray:
    """Parameters (N, P) of stored draws."""
    stored = groups["posterior"].data_vars.items()
    return model.from_variables({str(n): v.values.reshape(-1, *v.shape[2:]) for n, v in stored})


def _damaged(path: Path, why: object) -> InputError:
    return InputError(
        f"{path}: is damaged or no result of a run ({one_line(why, 150)}); draw it again"
    )
