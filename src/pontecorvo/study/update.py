"""Last year's posterior against this year's data: what moved, by how many sigma, in one page."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base.files import write_json
from ..base.folders import claimed_folder
from ..base.quantiles import around_mean, weighted_quantiles
from ..base.weights import normalised
from ..core.measurement import NamedLikelihood
from .export_chains import varying
from .finished_run import Column, FinishedRun
from .reweight import ReweightedRun, verdict

_LEVELS = np.array([0.16, 0.5, 0.84])
MOVED = 0.5
"""A quantity that moves by more than this many of its old sigma has moved."""


@dataclass(frozen=True)
class Change:
    """One quantity, before and after.

    Attributes:
        name: Of the quantity.
        unit: Its unit.
        before: Ends and middle (16, 50, 84 %) of the old posterior; of an angle around its
            circular mean.
        after: The same of the new one.
        shift: Change of the middle, in half-widths of the old 68 % interval.
        shrink: Width of the new 68 % interval over the old one.
        label: Its symbol in math text, or its name.
    """

    name: str
    unit: str
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    shift: float
    shrink: float
    label: str = ""


@dataclass(frozen=True)
class Tension:
    """A measured quantity against what the old posterior predicted for it.

    Attributes:
        name: Of the quantity.
        measured: New central value.
        error: Its error.
        predicted: Mean of the old posterior.
        spread: Its standard deviation.
        pull: (measured - predicted) over both errors in quadrature. Where the old posterior holds
            part of the same data, it is smaller than that of independent data would be.
    """

    name: str
    measured: float
    error: float
    predicted: float
    spread: float
    pull: float


def changes(result: ReweightedRun) -> list[Change]:
    """Every prediction and varying parameter, the most moved first."""
    old, new = result.run.weights, normalised(result.weights.log_weight)
    found = [_change(column, old, new) for column in varying(result.run)]
    return sorted(found, key=lambda change: -abs(change.shift))


def _change(column: Column, old: np.ndarray, new: np.ndarray) -> Change:
    values = around_mean(column.values, old) if column.unit == "rad" else column.values
    before = weighted_quantiles(values, old, _LEVELS)
    after = weighted_quantiles(values, new, _LEVELS)
    half = 0.5 * (before[2] - before[0])
    label = f"${column.latex}$" if column.latex else column.name
    if half <= 0:
        return Change(column.name, column.unit, _three(before), _three(after), 0.0, 1.0, label)
    shift = float((after[1] - before[1]) / half)
    shrink = float((after[2] - after[0]) / (before[2] - before[0]))
    return Change(column.name, column.unit, _three(before), _three(after), shift, shrink, label)


def _three(values: np.ndarray) -> tuple[float, float, float]:
    low, middle, high = (float(value) for value in values)
    return low, middle, high


def tensions(run: FinishedRun, measurement: NamedLikelihood) -> list[Tension]:
    """Each measured quantity against the run's posterior."""
    weight, found = run.weights, []
    values = run.observables(measurement.names)
    for column, quantity in enumerate(measurement.quantities):
        x = values[:, column]
        x = x if quantity.period is None else around_mean(x, weight)
        mean = float(weight @ x)
        spread = float(np.sqrt(weight @ (x - mean) ** 2))
        gap = quantity.central - mean
        if quantity.period is not None:
            gap = (gap + 0.5 * quantity.period) % quantity.period - 0.5 * quantity.period
        error = quantity.minus if gap > 0 else quantity.plus
        pull = float(gap / np.hypot(error, spread))
        found.append(Tension(quantity.name, quantity.central, error, mean, spread, pull))
    return found


def headline(result: ReweightedRun, moved: list[Change]) -> list[str]:
    """The answer in a few sentences."""
    most = [change for change in moved if abs(change.shift) > MOVED]
    narrower = [change for change in moved if change.shrink < 0.8]
    lines = [f"The draws of {result.run.name}, weighed by the new data: {verdict(result)}."]
    if most:
        shown = ", ".join(f"{change.name} by {change.shift:+.2f} sigma" for change in most[:4])
        lines.append(f"Moved by more than half of their old sigma: {shown}.")
    else:
        lines.append("Nothing moved by more than half of its old sigma.")
    if narrower:
        shown = ", ".join(
            f"{change.name} to {100 * change.shrink:.0f} %" for change in narrower[:4]
        )
        lines.append(f"Intervals that shrank: {shown} of the old width.")
    if np.isfinite(result.log_evidence):
        lines.append(
            f"Log-evidence of the new data: {result.log_evidence:.2f} +- "
            f"{result.log_evidence_error:.2f} (before, of the old data: "
            f"{result.run.summary['log_evidence']:.2f})."
        )
    return lines


def write_update(
    result: ReweightedRun,
    measurement: NamedLikelihood,
    out: Path | str,
    overwrite: bool = False,
) -> list[str]:
    """Write the page (report.html) and its numbers (update.json).

    Args:
        result: The run under the new data.
        measurement: The new data.
        out: Folder.
        overwrite: Replace the update of another run or by other data.

    Returns:
        The headline's sentences.

    Raises:
        InputError: If `out` holds what is not of the same command.
    """
    asked = {"from": str(result.run.folder.resolve()), "measurement": measurement.describe()}
    with claimed_folder(out, "update.json", asked, overwrite) as (out, mark):
        from ..report.page import PageFigure, Section, Tile, table, write_page

        moved, pulls = changes(result), tensions(result.run, measurement)
        predictions = {column.name for column in result.run.columns if column.prediction}
        shown = [change for change in moved if change.name in predictions] or moved
        sentences = headline(result, shown)
        rows = [
            [
                change.label,
                _interval(change.before),
                _interval(change.after),
                change.unit if change.unit != "1" else "",
                f"{change.shift:+.2f}",
                f"{change.shrink:.2f}",
            ]
            for change in shown
        ]
        data = [
            [
                pull.name,
                f"{pull.measured:.5g} ± {pull.error:.2g}",
                f"{pull.predicted:.5g} ± {pull.spread:.2g}",
                f"{pull.pull:+.2f}",
            ]
            for pull in pulls
        ]
        worst = max(pulls, key=lambda pull: abs(pull.pull))
        first = shown[0]
        caption = (
            "Median and 68 % interval of each prediction before (grey) and after (blue), in units "
            "of the old posterior's half-width from its median."
        )
        figure = PageFigure("update", _figure(shown), caption, "Intervals before and after.")
        content = {
            "asked": mark,
            "from": str(result.run.folder),
            "study": result.run.name,
            "measurement": measurement.describe(),
            "ess": result.ess,
            "k_hat": result.weights.k_hat,
            "log_evidence": result.log_evidence,
            "log_evidence_error": result.log_evidence_error,
            "headline": sentences,
            "changes": [vars(change) for change in moved],
            "tensions": [vars(pull) for pull in pulls],
        }
        write_json(out / "update.json", content)  # first: it says whose the folder is
        write_page(
            out,
            f"Update of {result.run.name}",
            measurement.source,
            sentences,
            [
                Section(
                    "What moved",
                    "Medians with 68 % intervals; the shift is in half-widths of the old interval.",
                    [figure],
                    table(["quantity", "before", "after", "unit", "shift", "width"], rows),
                ),
                Section(
                    "The new data against the old posterior",
                    "The pull is the difference over both errors in quadrature. Where the old "
                    "posterior holds part of the same data, the two are not independent and the "
                    "pull is too small.",
                    after=table(["quantity", "measured", "old posterior", "pull"], data),
                ),
            ],
            tiles=[
                Tile("effective draws", f"{result.ess:.0f}", f"of {len(result.log_likelihood)}"),
                Tile("most moved", f"{first.shift:+.2f} sigma", first.name),
                Tile("largest pull", f"{worst.pull:+.2f}", worst.name),
            ],
        )
        return sentences


def _interval(three: tuple[float, float, float]) -> str:
    low, middle, high = three
    return f"{middle:.5g} (+{high - middle:.2g} −{middle - low:.2g})"


def _figure(shown: list[Change]) -> Any:
    """Old and new intervals side by side, in old sigmas."""
    from matplotlib.figure import Figure

    from ..report.style import BLUE, PALE, styled

    @styled
    def draw() -> Figure:
        figure = Figure(figsize=(6.5, 0.34 * len(shown) + 1.0), layout="constrained")
        axes = figure.add_subplot()
        for row, change in enumerate(shown):
            middle, half = change.before[1], 0.5 * (change.before[2] - change.before[0])
            for three, colour, width, shift in (
                (change.before, PALE, 7.0, 0.0),
                (change.after, BLUE, 2.2, 0.0),
            ):
                ends = [(value - middle) / (half or 1.0) for value in three]
                axes.plot([ends[0], ends[2]], [row + shift] * 2, color=colour, lw=width)
                axes.plot([ends[1]], [row + shift], "o", color=colour, ms=5)
        axes.set_yticks(range(len(shown)), [change.label for change in shown])
        axes.invert_yaxis()
        axes.tick_params(axis="y", which="minor", left=False, right=False)
        axes.set_xlabel("old sigma from the old median")
        return figure

    return draw()
