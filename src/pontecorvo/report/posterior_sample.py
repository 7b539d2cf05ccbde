"""Weighted draws as figures and tables want them: flat columns with symbols and handy units."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from ..base.errors import InputError
from ..base.quantiles import weighted_quantiles
from ..core.draws import weights_from_logs
from ..core.measurement import Measured
from ..core.quantity import Quantity
from ..core.target import LikelihoodTarget
from .math_svg import user_text


@dataclass(frozen=True)
class Column:
    """One scalar quantity of every draw.

    Attributes:
        name: Its name in `posterior.nc`, with the index of an array's entry in brackets.
        values: Values (N,) in `unit`.
        symbol: Math text without dollars; may be empty.
        unit: Unit of the values, as plain or math text.
        factor: Values are the file's numbers times this.
        period: Period of an angle, in `unit`.
        description: What it is.
    """

    name: str
    values: np.ndarray
    symbol: str = ""
    unit: str = ""
    factor: float = 1.0
    period: float | None = None
    description: str = ""

    @property
    def math(self) -> str:
        """Symbol in dollars, or the name."""
        return f"${self.symbol}$" if self.symbol else user_text(self.name)

    @property
    def label(self) -> str:
        """Axis label with unit."""
        return f"{self.math} [{self.unit}]" if self.unit else self.math

    def in_unit(self, value: float) -> float:
        """A number of the file's unit, in this column's."""
        return value * self.factor


class Sample:
    """Draws of one posterior, ready to be drawn.

    Args:
        target: Model and measurement.
        groups: Datasets ``posterior``, ``predictions`` and ``sample_stats`` with ``log_weight``.
        like: Another sample, whose units are taken.
        name: What legends call it.

    Further columns, for figures only, may be put into `extra`.

    Raises:
        InputError: If no draw has any weight.
    """

    def __init__(
        self,
        target: LikelihoodTarget,
        groups: dict[str, Any],
        like: "Sample | None" = None,
        name: str = "posterior",
    ) -> None:
        self.target = target
        log_weight = groups["sample_stats"]["log_weight"].values.ravel()
        if not np.isfinite(log_weight).any():
            raise InputError("report: no draw has a finite log_weight; there is nothing to show")
        self.weight = weights_from_logs(log_weight)
        self.name = name
        self.extra: dict[str, Column] = {}
        self._groups = groups
        self._like = like

    def __len__(self) -> int:
        return len(self.weight)

    def __contains__(self, name: str) -> bool:
        return any(name in part for part in (self.extra, self.predictions, self.parameters))

    def __getitem__(self, name: str) -> Column:
        for part in (self.extra, self.predictions):
            if name in part:
                return part[name]
        return self.parameters[name]

    @cached_property
    def predictions(self) -> dict[str, Column]:
        """Columns of the predictions, in the file's order."""
        return self._columns("predictions")

    @cached_property
    def parameters(self) -> dict[str, Column]:
        """Columns of the parameters, arrays entry by entry; what never varies is left out."""
        return {
            name: column
            for name, column in self._columns("posterior").items()
            if varies(column.values)
        }

    @cached_property
    def measured(self) -> dict[str, Measured]:
        """Measured quantities by name, where the measurement lists them."""
        return {q.name: q for q in getattr(self.target.measurement, "quantities", ())}

    def raw(self, name: str) -> np.ndarray:
        """Values (N,) in the file's unit."""
        column = self[name]
        return column.values / column.factor

    def variables(self) -> dict[str, np.ndarray]:
        """Arrays (N, ...) of the group ``posterior``."""
        return {str(k): _flat(v) for k, v in self._groups["posterior"].data_vars.items()}

    def quantiles(self, name: str, levels: list[float]) -> np.ndarray:
        """Weighted quantiles (L,) of a column, in its unit."""
        return weighted_quantiles(self[name].values, self.weight, np.array(levels))

    def probability(self, mask: np.ndarray) -> float:
        """Weight of the draws (N,) that are marked."""
        return float(self.weight[mask].sum())

    def equal(self, size: int) -> np.ndarray:
        """Indices of at most `size` equally likely draws, spread evenly over the file."""
        size = min(size, len(self))
        edges = np.cumsum(self.weight)
        positions = (np.arange(size) + 0.5) / size
        return np.minimum(np.searchsorted(edges / edges[-1], positions), len(self) - 1)

    def _columns(self, group: str) -> dict[str, Column]:
        model = self.target.model
        described = {q.name: q for q in (*model.prediction_quantities, *model.parameters)}
        result = {}
        for column in _read(self._groups[group], described):
            known = None
            if self._like is not None and column.name in self._like:
                known = self._like[column.name]
            result[column.name] = in_handy_unit(column, self.weight, known)
        return result


def varies(values: np.ndarray) -> bool:
    """Whether values (N,) differ by more than rounding."""
    return bool(np.ptp(values) > 1e-9 * np.abs(values).max())


def _flat(array: Any) -> np.ndarray:
    return array.values.reshape(-1, *array.shape[2:])


def _read(dataset: Any, described: dict[str, Quantity]) -> Iterator[Column]:
    for key, array in dataset.data_vars.items():
        flat = _flat(array).reshape(array.shape[0] * array.shape[1], -1)
        labels = [[str(label) for label in array[dim].values] for dim in array.dims[2:]]
        for index, entry in enumerate(product(*labels)):
            name = f"{key}[{','.join(entry)}]" if entry else str(key)
            latex = array.attrs.get("latex", "")
            if entry and latex:
                latex = rf"{latex}_{{{','.join(entry)}}}"
            unit = array.attrs.get("units", "")
            quantity = described.get(name)
            if quantity is not None:
                latex, unit = quantity.latex or latex, quantity.unit
            text = array.attrs.get("long_name", "")
            text = "" if text == key else text
            yield Column(name, flat[:, index], latex, "" if unit == "1" else unit, description=text)


def in_handy_unit(column: Column, weight: np.ndarray, like: Column | None = None) -> Column:
    """Angles in degrees, masses below 1 eV in meV, squared masses with their power of ten."""
    if like is not None:
        factor, unit, period = like.factor, like.unit, like.period
    else:
        factor, unit, period = _handy(column, weight)
    return replace(column, values=column.values * factor, factor=factor, unit=unit, period=period)


def _handy(column: Column, weight: np.ndarray) -> tuple[float, str, float | None]:
    typical = abs(float(weighted_quantiles(column.values, weight, np.array([0.5]))[0]))
    if column.unit == "rad":
        inside = column.values.min() >= 0 and column.values.max() <= 2 * np.pi
        return 180 / np.pi, "deg", 360.0 if inside else None
    if column.unit == "eV" and typical < 1:
        return 1e3, "meV", None
    if column.unit == "eV^2":
        power = int(np.floor(np.log10(typical))) if typical > 0 else 0
        if -1 <= power <= 2:
            return 1.0, r"eV$^2$", None
        return 10.0**-power, rf"$10^{{{power}}}$ eV$^2$", None
    return 1.0, column.unit, None
