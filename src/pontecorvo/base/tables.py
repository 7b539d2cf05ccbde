"""Small published tables as CSV: a '#' header that names the source, then columns or a matrix.

Every fault of a table is one sentence that names the file, so that a user's own tables are as safe
as those that ship.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError, brief


@dataclass(frozen=True)
class Table:
    """Columns by name, and where they come from.

    Attributes:
        name: File name, for messages.
        source: The '#' header as one string.
        columns: Column name -> values (n,): numbers, or text where a value is no number.
    """

    name: str
    source: str
    columns: dict[str, np.ndarray]

    def __getitem__(self, column: str) -> np.ndarray:
        return self.columns[column]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def rows(self) -> Iterator[dict[str, Any]]:
        """One mapping of column name to value for each row."""
        for index in range(len(self)):
            yield {name: values[index] for name, values in self.columns.items()}

    def matrix(self, names: Sequence[str]) -> np.ndarray:
        """Columns side by side, (n, len(names))."""
        return np.stack([self.columns[name] for name in names], axis=1)


def shipped(package: str, name: str) -> Path:
    """Path of a table in the folder ``tables`` of a package, of this one or of a user's own."""
    with as_file(files(package) / "tables" / name) as path:
        return path


MOST_BYTES = 256_000_000
"""Largest table that is read."""


def read_rows(path: Path | str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Comments of a CSV file, and its rows with the line (from 1) on which each ends.

    UTF-8 with or without a byte-order mark; lines end as on Unix, on Windows or on old Macs. A line
    that begins with '#' is a comment; empty rows are left out. Every reader of tables begins here,
    so that all accept and refuse the same.

    Raises:
        InputError: If it cannot be read, or is no CSV.
    """
    path = Path(path)
    try:
        if not path.is_file():
            what = "is no regular file" if path.exists() else "there is no such file"
            raise InputError(f"{path}: cannot be read ({what}); give a CSV file")
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: is above {MOST_BYTES // 10**6} MB; give a smaller table")
        text = path.read_text(encoding="utf-8-sig")  # line ends become one kind
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(f"{path}: cannot be read ({reason}); give a CSV file") from None
    comments: list[str] = []
    line = 0

    def content() -> Iterator[str]:
        nonlocal line
        for part in text.split("\n"):
            line += 1
            if part.startswith("#"):
                comments.append(part)
            else:
                yield part + "\n"

    rows = []
    try:
        for row in csv.reader(content(), strict=True):
            if any(cell.strip() for cell in row):
                rows.append((line, row))
    except csv.Error as error:
        raise InputError(f"{path}: line {line}: is no CSV ({error})") from None
    return comments, rows


def read_lines(path: Path | str) -> tuple[str, list[list[str]]]:
    """Split a CSV file into its '#' header (one string) and its rows of cells.

    Raises:
        InputError: If the file cannot be read or has no rows.
    """
    comments, rows = read_rows(path)
    if not rows:
        raise InputError(f"{path}: holds no rows; give a CSV file with a line of column names")
    header = " ".join(line.lstrip("# ").strip() for line in comments)
    return header, [[cell.strip() for cell in row] for _, row in rows]


def read_table(
    path: Path | str,
    required: Sequence[str] = (),
    positive: Sequence[str] = (),
    not_negative: Sequence[str] = (),
) -> Table:
    """Read a table with a line of column names.

    Args:
        path: The file.
        required: Columns that must be there and hold finite numbers.
        positive: Columns that must be above zero.
        not_negative: Columns that must not be below zero.

    Raises:
        InputError: If the file cannot be read, or a column is missing or breaks a rule.
    """
    path = Path(path)
    source, rows = read_lines(path)
    names, body = rows[0], rows[1:]
    if not body:
        raise InputError(f"{path}: holds column names but no rows")
    for number, row in enumerate(body, start=1):
        if len(row) != len(names):
            raise InputError(
                f"{path}: row {number} has {len(row)} values; the header names {len(names)} columns"
            )
    wanted = [*required, *positive, *not_negative]
    for name in wanted:
        if name not in names:
            raise InputError(
                f"{path}: column {name!r} is missing; it has {brief(', '.join(names))}"
            )
    columns: dict[str, np.ndarray] = {}
    for index, name in enumerate(names):
        cells = [row[index] for row in body]
        try:
            columns[name] = np.array([float(cell) for cell in cells])
        except ValueError:
            if name in wanted:
                raise InputError(f"{path}: column {name!r} must hold numbers only") from None
            columns[name] = np.array(cells)
    for name in wanted:
        if not np.isfinite(columns[name]).all():
            raise InputError(f"{path}: column {name!r} must hold finite numbers only")
    for names_, bad, word in (
        (positive, np.less_equal, "positive"),
        (not_negative, np.less, "zero or positive"),
    ):
        for name in names_:
            wrong = bad(columns[name], 0)
            if wrong.any():
                value = columns[name][wrong][0]
                raise InputError(f"{path}: column {name!r} holds {value:g}; it must be {word}")
    return Table(path.name, source, columns)


def read_matrix(path: Path | str, shape: tuple[int, int] | None = None) -> np.ndarray:
    """Read a matrix of numbers without column names, checked to be finite.

    Raises:
        InputError: If a value is no finite number or the shape is not `shape`.
    """
    _, rows = read_lines(path)
    try:
        values = np.array([[float(cell) for cell in row] for row in rows])
    except ValueError:
        raise InputError(f"{path}: must be a rectangle of numbers only") from None
    if shape is not None and values.shape != shape:
        raise InputError(
            f"{path}: is {values.shape[0]} x {values.shape[1]}; it must be {shape[0]} x {shape[1]}"
        )
    if not np.isfinite(values).all():
        raise InputError(f"{path}: holds values that are not finite")
    return values


def read_covariance(path: Path | str, size: int) -> np.ndarray:
    """Read a covariance matrix (size, size): symmetric (it is made exactly so) and positive.

    Raises:
        InputError: If it is not.
    """
    return check_covariance(read_matrix(path, (size, size)), str(path))


def check_covariance(values: np.ndarray, name: str) -> np.ndarray:
    """Return a covariance made exactly symmetric, or say why it is none.

    Raises:
        InputError: If it is asymmetric beyond rounding or not positive definite.
    """
    scale = np.sqrt(np.abs(np.outer(np.diagonal(values), np.diagonal(values))))
    if np.any(np.abs(values - values.T) > 1e-6 * scale + 1e-300):
        raise InputError(f"{name}: is not symmetric; a covariance must be")
    values = (values + values.T) / 2
    try:
        np.linalg.cholesky(values)
    except np.linalg.LinAlgError:
        raise InputError(f"{name}: is not positive definite; a covariance must be") from None
    return values
