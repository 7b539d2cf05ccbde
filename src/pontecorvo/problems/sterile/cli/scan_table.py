"""The table of points of `pontecorvo scan`: read, checked, computed, written."""

import csv
import io
import tempfile
from pathlib import Path

import numpy as np

from ....base.errors import InputError, brief
from ....base.files import write_text
from ....base.progress import progress
from ....base.tables import read_rows
from ..experiment_registry import Setting
from ..joint import JointLikelihood
from ..plane_coordinates import MIXING, SIN2, check_choice, plane_points

COLUMNS = {SIN2: ("log10_s22", "log10_dm2"), MIXING: ("log10_ue4_squared", "log10_m4")}
CHUNK = 4096


def read_points(path: Path, axes: str = SIN2) -> tuple[list[str], list[list[str]], np.ndarray]:
    """Read a CSV table: its column names, its rows as text, and log10 s22, log10 dm2 (N, 2).

    `axes` says in which coordinates the table is.

    Raises:
        InputError: If it cannot be read, a column is missing, or a value is no finite number.
    """
    names = COLUMNS[check_choice(axes)]
    try:
        table = read_rows(path)[1]
    except InputError as error:
        raise InputError(f"--points {error}") from None
    if not table:
        raise InputError(f"--points {path}: is empty; it needs the columns {', '.join(names)}")
    header = [name.strip() for name in table[0][1]]
    for name in names:
        if name not in header:
            raise InputError(
                f"--points {path}: column {name!r} is missing; it has {brief(', '.join(header))}"
            )
    rows = [row for _, row in table[1:]]
    if not rows:
        raise InputError(f"--points {path}: holds column names but no points")
    values = np.empty((len(rows), 2))
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise InputError(
                f"--points {path}: row {number + 1} has {len(row)} values; "
                f"the header names {len(header)} columns"
            )
        for column, name in enumerate(names):
            cell = row[header.index(name)]
            try:
                values[number, column] = float(cell)
            except ValueError:
                values[number, column] = np.nan
            if not np.isfinite(values[number, column]):
                raise InputError(
                    f"--points {path}: row {number + 1}, column {name!r} holds "
                    f"{brief(cell.strip())}; it must be a finite number"
                )
    return header, rows, plane_points(values, axes)


def scan_points(
    experiments: str, setting: Setting, values: np.ndarray, path: Path | str = "points"
) -> np.ndarray:
    """Chi2 (N,) of the experiments at (log10_s22, log10_dm2) (N, 2).

    Raises:
        InputError: If an experiment is unknown or a point lies outside the tables.
    """
    high_mixing = values[:, 0] > 1e-9
    if high_mixing.any():
        row = int(np.argmax(high_mixing))
        raise InputError(
            f"--points {path}: row {row + 1}: log10_s22 = {values[row, 0]:g}; at most 0 is allowed"
        )
    joint = JointLikelihood.load(experiments, setting)
    low, high = np.log10(joint.dm2_range)
    outside = (values[:, 1] < low - 1e-9) | (values[:, 1] > high + 1e-9)
    if outside.any():
        row = int(np.argmax(outside))
        raise InputError(
            f"--points {path}: row {row + 1}: log10_dm2 = {values[row, 1]:g} is outside the "
            f"tabulated range; allowed: {low:g} to {high:g}"
        )
    s22 = 10.0 ** np.minimum(values[:, 0], 0.0)
    dm2 = 10.0 ** np.clip(values[:, 1], low, high)
    chi2 = np.empty(len(s22))
    with progress("chi2", len(s22)) as advance:
        for start in range(0, len(s22), CHUNK):
            part = slice(start, start + CHUNK)
            chi2[part] = joint.chi2(s22[part], dm2[part])
            advance(len(s22[part]))
    return chi2


def write_points(path: Path, header: list[str], rows: list[list[str]], chi2: np.ndarray) -> None:
    """Write the table with a column chi2 (replaced where it was there), whole or not at all.

    Raises:
        InputError: If the file cannot be written.
    """
    kept = [index for index, name in enumerate(header) if name != "chi2"]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*(header[index] for index in kept), "chi2"])
    for row, value in zip(rows, chi2, strict=True):
        writer.writerow([*(row[index] for index in kept), repr(float(value))])
    try:
        write_text(path, stream.getvalue())
    except OSError as error:
        raise InputError(_unwritable(path, error)) from None


def check_out(path: Path, overwrite: bool = False) -> None:
    """Say before a long scan that its table could not be written, or would replace another file.

    Raises:
        InputError: If so.
    """
    if path.is_file() and not overwrite and not _is_own(path):
        raise InputError(
            f"--out {path}: is there already and is no table of a scan; give --overwrite or "
            "another file"
        )
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise InputError(_unwritable(path, error)) from None


def _is_own(path: Path) -> bool:
    """Whether a file is what `write_points` writes: the coordinates, and chi2 at the end."""
    try:
        with path.open(encoding="utf-8") as stream:
            header = next(csv.reader(stream), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    own = any(set(names) <= set(header) for names in COLUMNS.values())
    return bool(header) and header[-1] == "chi2" and own


def _unwritable(path: Path, error: OSError) -> str:
    reason = error.strerror or error
    return f"--out {path}: cannot be written ({reason}); give a file in a folder you can write to"
