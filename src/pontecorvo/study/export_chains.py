"""A run's draws for other programs: getdist and anesthetic chains, ArviZ, CSV; weights survive.

getdist and CSV carry the weights as they are. ArviZ knows no weights: what it reads as posterior
must be equally likely draws, so its file holds resampled draws under ``posterior`` and the weighted
ones, under names of their own, beside them.
"""

import csv
import io
import re
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError
from ..base.files import atomic_path, write_text
from ..base.seeds import stream
from ..base.weights import kish_ess
from ..core.draws import systematic_resample
from .finished_run import Column, FinishedRun
from .reweight import WEIGHT_NOTE
from .summary import suffixes as suffixes

_CHAINS = 4  # ArviZ' diagnostics want several


def varying(run: FinishedRun) -> list[Column]:
    """The columns that are not constant, and finite; the others are no parameters of a chain."""
    return [
        column
        for column in run.columns
        if np.isfinite(column.values).all() and np.ptp(column.values) > 0
    ]


def chain_name(name: str) -> str:
    """A name that getdist takes: letters, digits and underscores."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")


def write_getdist(run: FinishedRun, root: Path | str, overwrite: bool = False) -> list[Path]:
    """Write ``root.txt``, ``root.paramnames`` and ``root.ranges``.

    Columns are the weight (largest one 1), minus the log of prior times likelihood, and the
    parameters, then the predictions, which are marked as derived. Draws of weight zero are left
    out, as the format asks. Of angles (unit rad) the ranges say that they end at 0 and 2 pi.

    Returns:
        The paths.

    Raises:
        InputError: If a file is there already and must not be replaced, or two names are one.
    """
    root = Path(root)
    paths = [root.with_name(root.name + end) for end in (".txt", ".paramnames", ".ranges")]
    refuse_existing(paths, overwrite)
    weight = np.exp(run.log_weight - run.log_weight.max())
    kept = weight > 0
    stats = run.groups["sample_stats"]
    posterior = stats["log_prior"].values.ravel() + run.log_likelihood
    columns = sorted(varying(run), key=lambda column: column.prediction)
    names = [chain_name(column.name) for column in columns]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise InputError(f"export: two quantities become {sorted(repeated)[0]!r} in getdist")
    table = np.stack([weight, -posterior, *(column.values for column in columns)], axis=1)[kept]
    lines, ranges = [], []
    for name, column in zip(names, columns, strict=True):
        lines.append(f"{name}{'*' if column.prediction else ''}\t{column.latex or name}")
        ends = (0.0, 2 * np.pi) if column.unit == "rad" else None
        inside = ends and ends[0] <= column.values.min() and column.values.max() <= ends[1]
        ranges.append(f"{name} {ends[0]!r} {ends[1]!r}" if inside and ends else f"{name} N N")
    stream_ = io.StringIO()
    np.savetxt(stream_, table, fmt="%.17g")
    for path, text in zip(
        paths,
        (stream_.getvalue(), "\n".join(lines) + "\n", "\n".join(ranges) + "\n"),
        strict=True,
    ):
        write_text(path, text)
    return paths


def write_arviz(
    run: FinishedRun, path: Path | str, seed: int = 0, overwrite: bool = False
) -> list[Path]:
    """Write a NetCDF file that ArviZ 0.23 and 1.x read, and whose summaries are right.

    ``posterior``, ``predictions`` and ``sample_stats`` are draws resampled to equal weights, as
    many as the effective sample size; ``weighted_posterior``, ``weighted_predictions`` and
    ``weighted_sample_stats`` are the run's own with ``log_weight``. Constants are left out of the
    first, where they would stop plots.

    Args:
        run: The run.
        path: File to be written.
        seed: Of the resampling.
        overwrite: Replace the file.
    """
    import xarray as xr

    path = Path(path)
    refuse_existing([path], overwrite)
    weight = run.weights
    size = max(int(kish_ess(run.log_weight)), 1)
    chains = _CHAINS if size >= 4 * _CHAINS else 1  # independent draws: any split is fair
    size -= size % chains
    picked = systematic_resample(weight, size, stream(seed, "export", "arviz"))
    note = f"{size} draws resampled to equal weights from {len(weight)} weighted ones"
    groups: dict[str, Any] = {}
    for name in ("posterior", "predictions", "sample_stats"):
        source = run.groups[name]
        flat = source.stack(all_draws=("chain", "draw")).isel(all_draws=picked)
        content: dict[str, Any] = {}
        for variable, values in source.data_vars.items():
            if name == "sample_stats" and variable in ("log_weight", "log_q"):
                continue
            chosen = flat[variable].transpose("all_draws", *values.dims[2:]).values
            chosen = chosen.reshape(chains, -1, *chosen.shape[1:])
            dims = ("chain", "draw", *values.dims[2:])
            if name == "posterior" and np.ptp(chosen, axis=(0, 1)).min() == 0:
                content |= _varying_entries(str(variable), values, chosen)
            else:
                content[str(variable)] = (dims, chosen, dict(values.attrs))
        coords = {d: source[d].values for d in source.coords if d not in ("chain", "draw")}
        axes = {"chain": np.arange(chains), "draw": np.arange(size // chains), **coords}
        groups[name] = xr.Dataset(content, axes, {**source.attrs, "weights": note})
        weighted = source.copy()
        if name == "sample_stats":
            weighted["log_weight"].attrs["long_name"] = WEIGHT_NOTE
        weighted.attrs["weights"] = "see log_weight in weighted_sample_stats"
        groups[f"weighted_{name}"] = weighted
    with atomic_path(path) as temporary:
        head = xr.Dataset(attrs={"study": run.name, "weights": note})
        head.to_netcdf(temporary, mode="w", engine="h5netcdf")
        for name, group in groups.items():
            group.to_netcdf(temporary, mode="a", group=name, engine="h5netcdf")
    return [path]


def _varying_entries(name: str, values: Any, chosen: np.ndarray) -> dict[str, Any]:
    """The entries that vary of an array (chain, draw, ...) with constant ones, each by itself."""
    flat = chosen.reshape(*chosen.shape[:2], -1)
    return {
        chain_name(f"{name}{suffix}"): (("chain", "draw"), flat[..., i], dict(values.attrs))
        for i, suffix in enumerate(suffixes(values))
        if np.ptp(flat[..., i]) > 0
    }


def write_csv(run: FinishedRun, path: Path | str, overwrite: bool = False) -> list[Path]:
    """Write a CSV table: weight (they sum to one), log_likelihood, then every column.

    Header lines say the study and the units; every number comes back to the last bit.
    """
    path = Path(path)
    refuse_existing([path], overwrite)
    columns = run.columns
    text = io.StringIO()
    text.write(f"# {run.name}: weighted draws; weight sums to one\n")
    units = ", ".join(f"{c.name} [{c.unit}]" for c in columns if c.unit != "1")
    text.write(f"# units: {units or 'none'}\n")
    writer = csv.writer(text, lineterminator="\n")
    names = (safe_cell(column.name) for column in columns)
    writer.writerow(["weight", "log_likelihood", *names])
    table = [run.weights, run.log_likelihood, *(column.values for column in columns)]
    writer.writerows(map(repr, row) for row in np.stack(table, axis=1).tolist())
    write_text(path, text.getvalue())
    return [path]


def safe_cell(text: str) -> str:
    """Text for a cell of a CSV file: what a spreadsheet would take for a formula gets a quote."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def refuse_existing(paths: list[Path], overwrite: bool) -> None:
    """Refuse to replace files unasked.

    Raises:
        InputError: The first that is there.
    """
    for path in paths:
        if path.exists() and not overwrite:
            raise InputError(f"{path}: is there already; give another name, or --overwrite")
        if path.is_dir():
            raise InputError(f"{path}: is a folder; give the name of a file")
