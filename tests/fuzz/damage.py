"""A run's folder with one thing wrong in it: what a disk, a copy or a script may do to one."""

import random
from pathlib import Path

import numpy as np
import xarray as xr
from mutations import mutated

from pontecorvo.study.posterior_file import write_groups

FILES = ("posterior.nc", "summary.json", "settings.yaml")
GROUPS = ("posterior", "sample_stats", "predictions")


def _with(values: xr.DataArray, data: np.ndarray) -> xr.Dataset | xr.DataArray:
    return xr.DataArray(data, dims=values.dims, attrs=values.attrs)


VALUES = [
    lambda v: _with(v, np.full(v.shape, np.nan)),
    lambda v: _with(v, np.full(v.shape, -np.inf)),
    lambda v: _with(v, np.full(v.shape, 1e300)),
    lambda v: _with(v, v.values.astype("U32")),
    lambda v: _with(v, v.values + 1j),
    lambda v: _with(v, v.values.astype(np.int8)),
    lambda v: _with(v, v.values > 0),
    lambda v: _with(v, v.values[::-1, ::-1]),
    lambda v: v.isel(draw=0, drop=True),
    lambda v: v.isel(chain=0, drop=True),
    lambda v: v.expand_dims("more", axis=-1),
    lambda v: v.transpose(*reversed(v.dims)),
    lambda v: xr.DataArray(np.float64(1)),
    lambda v: None,
]
"""What may become of one variable; None: it is gone."""


def _dataset(name: str, groups: dict[str, xr.Dataset], rng: random.Random) -> xr.Dataset:
    group = groups[name]
    kind = rng.randrange(8)
    if kind == 0:
        return xr.Dataset()
    if kind == 1:
        return group.isel(draw=slice(0, 3))
    if kind == 2:
        return group.isel(draw=slice(0, 0))
    if kind == 3:
        return groups[rng.choice(GROUPS)]
    variable = rng.choice(sorted(map(str, group.data_vars)))
    if kind == 4:
        return group.rename({variable: rng.choice(["other", "another", "Z"])})
    changed = rng.choice(VALUES)(group[variable])
    rest = group.drop_vars(variable)
    return rest if changed is None else rest.assign({variable: changed})


def damaged(folder: Path, groups: dict[str, xr.Dataset], rng: random.Random) -> str:
    """Spoil one thing in a copy of a run, and say what.

    Args:
        folder: The copy; it is changed.
        groups: The content of its posterior.nc.
        rng: Chooses.
    """
    if rng.random() < 0.35:
        name = rng.choice(FILES)
        path = folder / name
        kind = rng.randrange(5)
        if kind == 0:
            path.unlink()
        elif kind == 1:
            path.write_bytes(b"")
        elif kind == 2:
            path.unlink()
            path.mkdir()
        else:
            path.write_bytes(mutated(path.read_bytes(), rng))
        return f"{name}: {kind}"
    name = rng.choice(GROUPS)
    spoiled = {**groups, name: _dataset(name, groups, rng)}
    try:
        write_groups(folder / "posterior.nc", spoiled, {})
    except (TypeError, ValueError):  # what cannot be written cannot be found either
        (folder / "posterior.nc").write_bytes(b"")
    return f"group {name}"
