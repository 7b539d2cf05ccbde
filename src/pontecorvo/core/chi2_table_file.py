"""A user's chi2 table: CSV with one or two columns of observables, and one of chi2.

Columns are named as the observables; ``NAME_deg`` is the angle NAME in degrees. The last column is
``chi2`` or ``delta_chi2``. Two observables stand on a full rectangular grid, its points in any
order.
"""

from collections.abc import Mapping
from math import pi
from pathlib import Path

import numpy as np

from ..base.errors import InputError
from ..base.tables import read_table
from .chi2_table import Chi2Table, TableAxis

CHI2 = ("delta_chi2", "chi2")
_DEGREES = "_deg"


def read_chi2_table(path: Path | str, periods: Mapping[str, float] | None = None) -> Chi2Table:
    """Read a chi2 table.

    Args:
        path: The file.
        periods: Observables that are angles in rad, and their period; those in degrees are known.

    Raises:
        InputError: One sentence that names the file and says what is wrong in it.
    """
    table = read_table(path)
    columns = [name for name in table.columns if name not in CHI2]
    given = [name for name in table.columns if name in CHI2]
    if len(given) != 1 or len(columns) not in (1, 2):
        raise InputError(
            f"{path}: has columns {', '.join(table.columns)}; give one or two observables and one "
            "column chi2 or delta_chi2"
        )
    table = read_table(path, required=[*columns, *given])
    chi2 = table[given[0]]
    grids, indices = [], []
    for name in columns:
        grid, index = np.unique(table[name], return_inverse=True)
        grids.append(grid)
        indices.append(index)
    shape = tuple(len(grid) for grid in grids)
    if len(chi2) != np.prod(shape):
        what = "a value stands twice" if len(shape) == 1 else "points are missing or stand twice"
        raise InputError(
            f"{path}: {len(chi2)} rows for a grid of {' x '.join(map(str, shape))}; {what}"
        )
    values = np.full(shape, np.nan)
    values[tuple(indices)] = chi2
    if np.isnan(values).any():
        raise InputError(f"{path}: points of the grid are missing, others stand twice")
    axes = []
    for name, grid in zip(columns, grids, strict=True):
        degrees = name.endswith(_DEGREES)
        observable = name.removesuffix(_DEGREES) if degrees else name
        period = 2 * pi if degrees else (periods or {}).get(observable)
        axes.append(TableAxis(observable, np.deg2rad(grid) if degrees else grid, period))
    try:
        return Chi2Table(axes, values, table.source or str(Path(path).name))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
