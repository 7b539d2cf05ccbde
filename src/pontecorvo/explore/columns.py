"""What the panels show: every scalar of the draws by name, in handy units, and their regions."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..base.quantiles import circular_mean, weighted_quantiles
from ..core.draws import Draws
from ..core.exploration import Exploration
from ..core.problem import Problem
from ..core.quantity import Quantity
from ..core.target import LikelihoodTarget
from ..report.posterior_sample import Column, Sample, in_handy_unit
from ..report.regions import REGIONS, density2d
from ..study.posterior_file import build_groups
from .outlines import pieces, symbol

LEVELS = np.array([0.5, 0.16, 0.84, 0.025, 0.975])
_GRID = 48


@dataclass(frozen=True)
class Shown:
    """One column as the page knows it.

    Attributes:
        column: Values, symbol, unit.
        group: ``prediction`` or ``parameter``.
        log: Whether its axis is logarithmic.
    """

    column: Column
    group: str
    log: bool = False

    def describe(self) -> dict[str, Any]:
        """For the page."""
        column = self.column
        return {
            "name": column.name,
            "symbol": symbol(column.symbol, column.name),
            "unit": pieces(column.unit),
            "description": column.description,
            "group": self.group,
            "period": column.period,
            "log": self.log,
        }


def sample_of(
    problem: Problem, target: LikelihoodTarget, draws: Draws, like: Sample | None = None
) -> Sample:
    """Draws with their predictions, in the units of another sample where one is given."""
    return Sample(target, build_groups(target.model, draws, problem.extra_predictions), like)


def shown_columns(
    sample: Sample, theta: np.ndarray, exploration: Exploration, like: dict[str, Shown]
) -> dict[str, Shown]:
    """Every column by name: predictions, the problem's own, parameters.

    Args:
        sample: Draws.
        theta: Their parameters (N, P).
        exploration: What the problem adds.
        like: Columns of another sample, whose units are taken.
    """
    found: dict[str, Shown] = {}
    logs = set(exploration.logs)
    for name, column in sample.predictions.items():
        found[name] = Shown(column, "prediction", name in logs)
    if exploration.columns is not None:
        for name, (values, quantity) in exploration.columns(theta).items():
            known = like[name].column if name in like else None
            column = in_handy_unit(_plain(name, values, quantity), sample.weight, known)
            found[name] = Shown(column, "parameter", name in logs)
    for name, column in sample.parameters.items():
        found.setdefault(name, Shown(column, "parameter", name in logs))
    return found


def _plain(name: str, values: np.ndarray, quantity: Quantity) -> Column:
    return Column(
        name,
        np.asarray(values, dtype=float),
        quantity.latex,
        "" if quantity.unit == "1" else quantity.unit,
        description=quantity.description,
    )


def intervals(column: Column, weight: np.ndarray) -> dict[str, Any]:
    """Median, 68 and 95 % central intervals in the column's unit; of angles the mean direction."""
    values = column.values
    good = np.isfinite(values)
    if not good.any() or not weight[good].sum() > 0:
        return {"quantiles": None}
    share = weight[good] / weight[good].sum()
    result: dict[str, Any] = {"quantiles": weighted_quantiles(values[good], share, LEVELS).tolist()}
    if column.period:
        turn = 2 * np.pi / column.period
        mean, length = circular_mean(values[good] * turn, share)
        result |= {"mean": mean / turn, "length": length}
    return result


def regions(first: Shown, second: Shown, weight: np.ndarray) -> list[dict[str, Any]]:
    """The 68 and 95 % regions of highest density of two columns, as polygons with holes.

    Returns:
        For each level ``level`` and ``polygons``: lists of rings, each a flat list x, y, x, y ...;
        decimal logarithms on axes that are logarithmic.
    """
    from contourpy import FillType, contour_generator

    x, y = _on_axis(first), _on_axis(second)
    good = np.isfinite(x.values) & np.isfinite(y.values) & (weight > 0)
    if good.sum() < 50:
        return []
    columns = [Column(c.name, c.values[good], c.symbol, c.unit, c.factor, c.period) for c in (x, y)]
    share = weight[good] / weight[good].sum()
    ranges = [_range(c, share) for c in columns]
    if not all(high > low for low, high in ranges):
        return []
    density = density2d(columns[0], columns[1], share, ranges[0], ranges[1], _GRID)
    lines: Any = contour_generator(  # typed for every kind of filling at once
        density.x, density.y, density.values.T, fill_type=FillType.OuterOffset
    )
    top = 2 * float(density.values.max()) or 1.0
    result = []
    for level, height in zip(sorted(REGIONS, reverse=True), density.levels(), strict=False):
        found: Any = lines.filled(float(height), top)
        points, offsets = found
        polygons = [
            [np.round(p[a:b].ravel(), 6).tolist() for a, b in pairwise(o)]
            for p, o in zip(points, offsets, strict=True)
        ]
        result.append({"level": level, "polygons": polygons})
    return result


def _on_axis(shown: Shown) -> Column:
    column = shown.column
    if not shown.log:
        return column
    with np.errstate(all="ignore"):
        return Column(column.name, np.log10(column.values))


def _range(column: Column, weight: np.ndarray) -> tuple[float, float]:
    """The whole circle for angles, else all draws but the tails, and a margin."""
    if column.period is not None:
        return 0.0, column.period
    low, high = weighted_quantiles(column.values, weight, np.array([0.001, 0.999]))
    margin = 0.06 * (high - low)
    return float(low - margin), float(high + margin)
