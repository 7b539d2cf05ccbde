"""Tables of HEPData (hepdata.net), as YAML or CSV, with their errors; and chi2 tables among them.

YAML as in HEPData's submission format: ``independent_variables`` and ``dependent_variables``, each
with a ``header`` and ``values`` (``value``, or ``low`` and ``high`` of a bin, and ``errors`` with
``symerror`` or ``asymerror``). CSV as its site gives it: ``#:`` comment lines, then a header line,
errors in columns that end in ``+`` and ``-``.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import Any

import numpy as np

from ....base.errors import InputError, suggest
from ....base.yaml_files import parse_yaml
from ....core.chi2_table import Chi2Table, TableAxis
from .slha import number, read_text_file


@dataclass(frozen=True)
class HEPDataTable:
    """One table.

    Attributes:
        path: Of the file.
        columns: Values (N,) by column name; the middle where a bin was given.
        units: Unit by column name, where there is one.
        plus: Upper total error (N,) by column name, where errors were given, in quadrature.
        minus: Lower ones, positive.
        edges: Lower and upper ends (N, 2) of columns that are bins.
    """

    path: Path
    columns: dict[str, np.ndarray]
    units: dict[str, str]
    plus: dict[str, np.ndarray]
    minus: dict[str, np.ndarray]
    edges: dict[str, np.ndarray]

    def column(self, name: str) -> np.ndarray:
        """Values (N,) of a column.

        Raises:
            InputError: If there is none of that name.
        """
        if name not in self.columns:
            raise InputError(
                f"{self.path}: no column {name!r}; {suggest(name, list(self.columns))}"
            )
        return self.columns[name]

    def chi2_table(
        self, axes: Mapping[str, TableAxis | str], chi2: str, scale: float = 1.0
    ) -> Chi2Table:
        """Columns of a released chi2 surface as a likelihood.

        Args:
            axes: Column name to the observable's name, one or two. (A `TableAxis` gives a period
                too; its grid is not read.)
            chi2: Column of chi2.
            scale: What a value of `chi2` is to be multiplied by, such as 2 for -log L.
        """
        grids, indices = [], []
        for name in axes:
            grid, index = np.unique(self.column(name), return_inverse=True)
            grids.append(grid)
            indices.append(index)
        shape = tuple(map(len, grids))
        values = np.full(shape, np.nan)
        values[tuple(indices)] = scale * self.column(chi2)
        if len(self.column(chi2)) != np.prod(shape) or np.isnan(values).any():
            raise InputError(
                f"{self.path}: {len(self.column(chi2))} rows are no full grid of "
                f"{' x '.join(map(str, shape))}"
            )
        made = []
        for given, grid in zip(axes.values(), grids, strict=True):
            name, period = (
                (given.name, given.period) if isinstance(given, TableAxis) else (given, None)
            )
            made.append(TableAxis(name, grid, period))
        return Chi2Table(made, values, f"HEPData {self.path.name}")


def read_hepdata(path: Path | str) -> HEPDataTable:
    """Read a table, YAML by its ending, else CSV.

    Raises:
        InputError: One sentence with the file and what is wrong in it.
    """
    path = Path(path)
    if path.suffix.lower() in (".yaml", ".yml"):
        return _from_yaml(path)
    return _from_csv(path)


def _from_yaml(path: Path) -> HEPDataTable:
    content = parse_yaml(read_text_file(path, "a HEPData table"), str(path))
    columns: dict[str, np.ndarray] = {}
    units: dict[str, str] = {}
    errors: tuple[dict[str, np.ndarray], dict[str, np.ndarray]] = ({}, {})
    edges: dict[str, np.ndarray] = {}
    for part in ("independent_variables", "dependent_variables"):
        variables = content.get(part)
        if not isinstance(variables, list):
            raise InputError(f"{path}: has no list {part!r}; give a table in HEPData's format")
        for variable in variables:
            if not isinstance(variable, Mapping) or not isinstance(variable.get("values"), list):
                raise InputError(f"{path}: {part}: each needs a header and a list of values")
            header = variable.get("header")
            if not isinstance(header, Mapping) or "name" not in header:
                raise InputError(f"{path}: {part}: a header has no name")
            name = str(header["name"])
            if name in columns:
                raise InputError(f"{path}: column {name!r} stands twice")
            if header.get("units"):
                units[name] = str(header["units"])
            rows = [_cell(row, f"{path}: {name}[{i}]") for i, row in enumerate(variable["values"])]
            columns[name] = np.array([row[0] for row in rows])
            if any(row[1] or row[2] for row in rows):
                errors[0][name] = np.array([row[1] for row in rows])
                errors[1][name] = np.array([row[2] for row in rows])
            if all(row[3] is not None for row in rows) and rows:
                edges[name] = np.array([row[3] for row in rows])
    _same_length(columns, path)
    return HEPDataTable(path, columns, units, *errors, edges)


def _cell(row: Any, where: str) -> tuple[float, float, float, tuple[float, float] | None]:
    """Value, upper and lower error, and bin of one entry."""
    if not isinstance(row, Mapping):
        raise InputError(f"{where}: must be a mapping with 'value', or 'low' and 'high'")
    bin_ends = None
    if "low" in row and "high" in row:
        bin_ends = (number(str(row["low"]), where), number(str(row["high"]), where))
    if "value" in row:
        value = number(str(row["value"]), where)
    elif bin_ends is not None:
        value = 0.5 * sum(bin_ends)
    else:
        raise InputError(f"{where}: has neither 'value' nor 'low' and 'high'")
    plus = minus = 0.0
    for error in row.get("errors") or []:
        up, down = _error(error, value, where)
        plus, minus = hypot(plus, up), hypot(minus, down)
    return value, plus, minus, bin_ends


def _error(error: Any, value: float, where: str) -> tuple[float, float]:
    if not isinstance(error, Mapping):
        raise InputError(f"{where}: errors must be mappings with symerror or asymerror")
    if "symerror" in error:
        size = abs(_relative(error["symerror"], value, where))
        return size, size
    sides = error.get("asymerror")
    if not isinstance(sides, Mapping) or not {"plus", "minus"} <= set(sides):
        raise InputError(f"{where}: give symerror, or asymerror with plus and minus")
    up, down = (_relative(sides[side], value, where) for side in ("plus", "minus"))
    return max(up, down, 0.0), max(-up, -down, 0.0)


def _relative(size: Any, value: float, where: str) -> float:
    text = str(size).strip()
    if text.endswith("%"):
        return 0.01 * number(text[:-1], where) * abs(value)
    return number(text, where)


def _same_length(columns: Mapping[str, np.ndarray], path: Path) -> None:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) != 1 or not next(iter(lengths.values())):
        raise InputError(
            f"{path}: columns of unlike lengths, "
            + ", ".join(f"{name} {length}" for name, length in lengths.items())
        )


def _from_csv(path: Path) -> HEPDataTable:
    lines = [
        line
        for line in read_text_file(path, "a HEPData table").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    try:
        rows = list(csv.reader(lines, strict=True))
    except csv.Error as error:
        raise InputError(f"{path}: is no CSV table ({error})") from None
    if len(rows) < 2:
        raise InputError(f"{path}: holds no rows; give a table with a line of column names")
    header, body = [cell.strip() for cell in rows[0]], rows[1:]
    for line_number, row in enumerate(body, 1):
        if len(row) != len(header):
            raise InputError(
                f"{path}: row {line_number} has {len(row)} values, the header {len(header)}"
            )
    return _csv_columns(path, header, body)


def _csv_columns(path: Path, header: Sequence[str], body: Sequence[Sequence[str]]) -> HEPDataTable:
    columns: dict[str, np.ndarray] = {}
    units: dict[str, str] = {}
    squares: dict[str, dict[str, np.ndarray]] = {"+": {}, "-": {}}
    last = ""
    for index, title in enumerate(header):
        values = np.array([number(row[index], f"{path}: column {title!r}") for row in body])
        if title[-1:] in "+-" and title and last:
            found = squares[title[-1]]
            found[last] = np.hypot(found.get(last, 0.0), values)
            continue
        name, _, unit = title.partition(" [")
        if name in columns:
            raise InputError(f"{path}: column {name!r} stands twice")
        columns[name] = values
        last = name
        if unit:
            units[name] = unit.rstrip("]")
    return HEPDataTable(path, columns, units, squares["+"], squares["-"], {})
