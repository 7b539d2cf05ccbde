"""Curves and points of other experiments, drawn over ours and labelled as what they are: curves.

No likelihood can be had from a curve, so none of them enters a fit. Those that ship are in
``tables/published_curves.csv``; a user's own lie as CSV files in the folder ``curves`` of the data
folder, with the columns ``s22`` (sin^2 2theta_ee) and ``dm2_ev2``; a blank line or a column
``piece`` begins another line.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...base.errors import InputError
from ...base.tables import Table, read_table
from .data_folder import find
from .shipped_tables import shipped_table

FOLDER = "curves"
COLUMNS = ("s22", "dm2_ev2")
TITLES = {
    "katrin": "KATRIN 2025, excluded",
    "microboone": "MicroBooNE 2025, excluded",
    "stereo": "STEREO, excluded",
    "prospect": "PROSPECT, excluded",
    "danss": "DANSS, excluded",
    "reno-neos": "RENO + NEOS, excluded",
    "gallium": "gallium, allowed at 2 sigma",
}


@dataclass(frozen=True)
class Curve:
    """A published curve.

    Attributes:
        title: What it is, for a legend.
        pieces: Its lines, each (N, 2) of sin^2 2theta_ee and dm2 [eV^2].
        own: The user's, not shipped.
    """

    title: str
    pieces: tuple[np.ndarray, ...]
    own: bool = False


@dataclass(frozen=True)
class Mark:
    """A published best fit with its errors.

    Attributes:
        title: What it is.
        s22: sin^2 2theta_ee and its error.
        dm2: dm2 and its error [eV^2].
        source: The paper.
    """

    title: str
    s22: tuple[float, float]
    dm2: tuple[float, float]
    source: str


MARKS = (
    Mark(
        "Neutrino-4, best fit (2.9 sigma claimed)",
        (0.36, 0.12),
        (7.3, 1.17),  # 0.13 statistical and 1.16 systematic
        "arXiv:2005.05301",
    ),
)


def shipped_curves() -> list[Curve]:
    """The curves that ship, in the order of their table."""
    table = shipped_table("published_curves.csv", required=("piece",), positive=COLUMNS)
    names = np.array([str(name) for name in table["curve"]])
    return [
        Curve(TITLES[name], _pieces(table, names == name)) for name in dict.fromkeys(names.tolist())
    ]


def user_curves(data: Path | None) -> list[Curve]:
    """The curves of a data folder, by file name.

    Raises:
        InputError: If a file there is no curve.
    """
    folder = find(data, FOLDER)
    if folder is None:
        return []
    return [read_curve(path) for path in sorted(folder.glob("*.csv"))]


def read_curve(path: Path) -> Curve:
    """Read one CSV file.

    Raises:
        InputError: If columns are missing, a value is not positive, or sin^2 2theta is above one.
    """
    table = read_table(path, positive=COLUMNS)
    if table["s22"].max() > 1:
        raise InputError(
            f"{path}: s22 is {table['s22'].max():g}; give sin^2 2theta_ee, at most 1 "
            "(of |U_e4|^2 = u it is 4 u (1 - u))"
        )
    return Curve(path.stem, _pieces(table, np.ones(len(table), dtype=bool)), True)


def _pieces(table: Table, chosen: np.ndarray) -> tuple[np.ndarray, ...]:
    points = table.matrix(COLUMNS)[chosen]
    if "piece" not in table.columns:
        return (points,)
    pieces = table["piece"][chosen]
    return tuple(points[pieces == piece] for piece in dict.fromkeys(pieces.tolist()))
