"""A finished run, as its files tell of it: draws, weights, predictions, settings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..base.errors import InputError, suggest
from ..base.weights import normalised
from ..base.yaml_files import read_yaml
from .posterior_file import read_groups
from .summary import suffixes as suffixes

_FILES = ("posterior.nc", "summary.json", "settings.yaml")


@dataclass(frozen=True)
class Column:
    """One scalar of a run: a prediction, or one entry of a parameter.

    Attributes:
        name: Such as ``m_ee`` or ``Y_re[e,1]``.
        values: One a draw (N,).
        unit: As stored; ``"1"`` where there is none.
        latex: Symbol, or empty.
        prediction: Whether it is a prediction rather than a parameter.
    """

    name: str
    values: np.ndarray
    unit: str
    latex: str
    prediction: bool


@dataclass(frozen=True)
class FinishedRun:
    """What stands in a run's folder.

    Attributes:
        folder: The folder.
        groups: xarray datasets ``posterior``, ``sample_stats`` and ``predictions``.
        summary: Content of summary.json.
        settings: Content of settings.yaml.
    """

    folder: Path
    groups: dict[str, xr.Dataset]
    summary: dict[str, Any]
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        """Name of the study."""
        return str(self.summary.get("study", self.folder.name))

    @cached_property
    def log_weight(self) -> np.ndarray:
        """Log weights (N,)."""
        return np.asarray(self.groups["sample_stats"]["log_weight"].values.ravel(), dtype=float)

    @cached_property
    def log_likelihood(self) -> np.ndarray:
        """Log-likelihood (N,) of the run's own measurement."""
        return np.asarray(self.groups["sample_stats"]["log_likelihood"].values.ravel(), dtype=float)

    @property
    def weights(self) -> np.ndarray:
        """Weights (N,) that sum to one."""
        return normalised(self.log_weight)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every scalar: the predictions, then the parameters, entry by entry."""
        found = []
        for group in ("predictions", "posterior"):
            for name, array in self.groups[group].data_vars.items():
                flat = array.values.reshape(array.shape[0] * array.shape[1], -1)
                many = flat.shape[1] > 1
                for index, suffix in enumerate(suffixes(array)):
                    symbol = str(array.attrs.get("latex", ""))
                    if symbol and many:
                        symbol = f"({symbol})_{{{suffix[1:-1]}}}"
                    found.append(
                        Column(
                            f"{name}{suffix}",
                            np.asarray(flat[:, index], dtype=float),
                            str(array.attrs.get("units", "1")),
                            symbol,
                            group == "predictions",
                        )
                    )
        return tuple(found)

    def observables(self, names: Sequence[str]) -> np.ndarray:
        """Stored values (N, K) of named quantities.

        Raises:
            InputError: If the run stored none of that name.
        """
        known = {column.name: column.values for column in self.columns}
        for name in names:
            if name not in known:
                predicted = [column.name for column in self.columns if column.prediction]
                raise InputError(
                    f"{self.folder}: the run has no {name}; {suggest(name, predicted)}"
                )
        return np.stack([known[name] for name in names], axis=1)


def open_run(folder: Path | str) -> FinishedRun:
    """Read a finished run.

    Raises:
        InputError: If the folder holds none, or a file in it cannot be read.
    """
    folder = Path(folder)
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise InputError(f"{folder}: holds no finished run ({', '.join(missing)} missing)")
    groups = read_groups(folder / "posterior.nc")
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise InputError(f"{folder / 'summary.json'}: is not valid JSON") from None
    if not isinstance(summary, dict):
        raise InputError(f"{folder / 'summary.json'}: must hold an object")
    return FinishedRun(folder, groups, summary, read_yaml(folder / "settings.yaml"))
