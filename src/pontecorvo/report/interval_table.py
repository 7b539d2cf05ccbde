"""The table of what was found: medians, 68 and 95 % intervals, and the measured inputs."""

import numpy as np
from markupsafe import Markup

from ..base.quantiles import circular_mean
from .numbers import interval, number, places_of
from .page import table
from .posterior_sample import Column, Sample

_HEAD = ("", "median", "68 %", "95 %", "unit", "measured input", "note")


def interval_table(sample: Sample, columns: dict[str, Column]) -> Markup:
    """Rows of median, central 68 and 95 % intervals, and the measurement where there is one."""
    rows = [_row(sample, column) for column in columns.values()]
    used = [any(row[i] != "" for row in rows) for i in range(len(_HEAD))]
    keep = [i for i, kept in enumerate(used) if kept or i == 0]
    return table(
        [_HEAD[i] for i in keep], [[row[i] for i in keep] for row in rows], classes="numbers"
    )


def _row(sample: Sample, column: Column) -> list[str]:
    middle, low68, high68, low95, high95 = sample.quantiles(
        column.name, [0.5, 0.16, 0.84, 0.025, 0.975]
    )
    places = places_of(low68, middle, high68)
    note = column.description
    if column.period is not None:
        mean, length = circular_mean(column.values * 2 * np.pi / column.period, sample.weight)
        direction = number(mean * column.period / (2 * np.pi), 0)
        note = f"mean direction {direction}, R = {number(length, 2)}"
    measured = sample.measured.get(column.name)
    found = ""
    if measured is not None:
        centre, up, down = (
            number(column.in_unit(v), places)
            for v in (measured.central, measured.plus, measured.minus)
        )
        found = f"{centre} ± {up}" if up == down else f"{centre} +{up} −{down}"
    return [
        column.math,
        number(middle, places),
        interval(low68, high68, places),
        interval(low95, high95, places),
        column.unit,
        found,
        note,
    ]


def has_angles(columns: dict[str, Column]) -> bool:
    """Whether any of the columns is an angle on a circle."""
    return any(column.period is not None for column in columns.values())


ANGLE_NOTE = (
    "Angles live on a circle, and their intervals are cut at 0. R is the mean resultant length: "
    "0 for a flat distribution, 1 for a sharp one; the mean direction says little where R is small."
)
