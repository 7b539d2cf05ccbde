"""The tables that ship with the problem; every file's first lines name its source."""

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from ...base.tables import Table, read_covariance, read_table


def shipped(name: str) -> Path:
    """Path of a table of this problem, such as ``juno/spectrum.csv``."""
    with as_file(files(__package__) / "tables" / name) as path:
        return path


def table(name: str, required: Sequence[str] = (), positive: Sequence[str] = ()) -> Table:
    """Read a shipped table, checked; see `read_table`."""
    return read_table(shipped(name), required=required, positive=positive)


def covariance(name: str, size: int) -> np.ndarray:
    """Read a shipped covariance matrix (size, size)."""
    return read_covariance(shipped(name), size)
