"""Corner plots: every pair of some quantities, and each alone.

Made here and not with the `corner` package because the axes of angles are circles, measured inputs
are drawn in, and a second posterior may lie beneath.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..core.measurement import Measured
from .figure_data import name_axes
from .numbers import decimals_for, number
from .posterior_sample import Column, Sample, varies
from .regions import draw_histogram, draw_regions, plot_range
from .style import BLUE, GREEN, INK, styled


@styled
def corner_figure(
    sample: Sample,
    names: Sequence[str],
    reference: Sample | None = None,
    colour: str = BLUE,
) -> Figure:
    """Corner plot of weighted draws.

    Args:
        sample: The draws.
        names: Which predictions or parameters, in order.
        reference: Draws of another sampler, as dashed lines.
        colour: Colour of the draws.

    Returns:
        The figure: 68 and 95 % regions of highest density, histograms with the median and the
        68 % interval as title, and the measured quantities' 1, 2 and 3 sigma ranges in green.
    """
    size = len(names)
    panel = 1.42 if size > 4 else 2.1
    width = panel * size + 1.05
    figure = Figure(figsize=(width, width))
    edge = 0.95 / width
    grid = figure.add_gridspec(
        size, size, left=edge, bottom=edge, right=1 - 0.1 / width, top=1 - 0.4 / width,
        wspace=0.07, hspace=0.07,
    )  # fmt: skip
    ranges = [plot_range(name, sample, reference) for name in names]
    for row, name in enumerate(names):
        for column in range(row + 1):
            axes = figure.add_subplot(grid[row, column])
            if row == column:
                _alone(axes, sample, reference, name, ranges[row], colour)
            else:
                pair = (names[column], name)
                _pair(axes, sample, reference, pair, (ranges[column], ranges[row]), colour)
            x_label, y_label = sample[names[column]].label, sample[name].label
            name_axes(axes, x_label, "density" if row == column else y_label)
            _ticks(axes, sample, name, names[column], (row, column), size)
    _legend(figure, sample, names, reference, colour)
    return figure


def _alone(
    axes: Axes,
    sample: Sample,
    reference: Sample | None,
    name: str,
    x_range: tuple[float, float],
    colour: str,
) -> None:
    column = sample[name]
    draw_histogram(axes, column, sample.weight, x_range, colour, name=sample.name)
    if reference is not None and name in reference:
        draw_histogram(
            axes, reference[name], reference.weight, x_range, INK, False,
            style="--", name=reference.name,
        )  # fmt: skip
    if name in sample.measured:
        _bands(axes, sample.measured[name], column, vertical=True, strength=0.09)
    low, middle, high = sample.quantiles(name, [0.16, 0.5, 0.84])
    places = decimals_for((high - low) / 2)
    if column.period is None:
        up, down = number(high - middle, places), number(middle - low, places)
        title = f"${number(middle, places)}^{{+{up}}}_{{-{down}}}$".replace("−", "-")
        axes.set_title(title, fontsize=11, loc="center", pad=6)
    axes.set_ylim(0, axes.get_ylim()[1] * 1.02)
    axes.set_yticks([])


def _pair(
    axes: Axes,
    sample: Sample,
    reference: Sample | None,
    names: tuple[str, str],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    colour: str,
) -> None:
    for name, vertical in zip(names, (True, False), strict=True):
        if name in sample.measured:
            _bands(axes, sample.measured[name], sample[name], vertical, 0.045)
    x, y = (sample[name] for name in names)
    draw_regions(axes, x, y, sample.weight, ranges, colour, bins=48, name=sample.name)
    if reference is not None and all(name in reference for name in names):
        x, y = (reference[name] for name in names)
        draw_regions(axes, x, y, reference.weight, ranges, INK, False, bins=48, name=reference.name)


def _bands(axes: Axes, measured: Measured, column: Column, vertical: bool, strength: float) -> None:
    """Shade the 1, 2 and 3 sigma ranges of a measured quantity, one over the other."""
    centre, span = measured.central, axes.axvspan if vertical else axes.axhspan
    for low, high in (
        (centre - measured.minus, centre + measured.plus),
        (centre - 2 * measured.minus, centre + 2 * measured.plus),
        (measured.low, measured.high),
    ):
        for part in on_circle(column.in_unit(low), column.in_unit(high), column.period):
            span(*part, color=GREEN, alpha=strength, lw=0, zorder=0)


def on_circle(low: float, high: float, period: float | None) -> list[tuple[float, float]]:
    """A range as one part, or as two where it passes the end of a circle."""
    if period is None:
        return [(low, high)]
    low, high = low % period, low % period + min(high - low, period)
    return [(low, high)] if high <= period else [(low, period), (0.0, high - period)]


def _ticks(
    axes: Axes, sample: Sample, y_name: str, x_name: str, place: tuple[int, int], size: int
) -> None:
    row, column = place
    axes.minorticks_off()
    for axis, name, shown in (
        (axes.xaxis, x_name, row == size - 1),
        (axes.yaxis, y_name, column == 0 and row > 0),
    ):
        if axis is axes.yaxis and row == column:
            axes.tick_params(axis="y", which="both", left=False, right=False)
            continue
        if sample[name].period == 360.0:
            axis.set_ticks([90, 180, 270])
        else:
            axis.set_major_locator(MaxNLocator(3, prune="both"))
        axis.set_tick_params(which="both", labelsize=9.5, length=3)
        if shown:
            axis.set_label_text(sample[name].label, fontsize=12)
            away = -0.42 if size > 4 else -0.3
            axis.set_label_coords(*((0.5, away) if axis is axes.xaxis else (away, 0.5)))
            if axis is axes.xaxis:
                for text in axes.get_xticklabels():
                    text.set_rotation(35)
        else:
            axis.set_tick_params(labelbottom=False, labelleft=False)


def _legend(
    figure: Figure,
    sample: Sample,
    names: Sequence[str],
    reference: Sample | None,
    colour: str,
) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [Patch(facecolor=colour, alpha=0.55, label=f"{sample.name}, 68 and 95 %")]
    if reference is not None:
        handles.append(Line2D([], [], color=INK, lw=1.1, ls="--", label=reference.name))
    if any(name in sample.measured for name in names):
        handles.append(Patch(facecolor=GREEN, alpha=0.22, label="measured, 1, 2 and 3 sigma"))
    if len(names) > 1:
        letters = 14 if len(names) > 5 else 12 if len(names) > 3 else 10
        place = (0.995, 1 - 0.3 / figure.get_figwidth())
        figure.legend(handles=handles, loc="upper right", fontsize=letters, bbox_to_anchor=place)


def varying(sample: Sample, names: Sequence[str], most: int = 8) -> list[str]:
    """The first few of `names` that are finite and vary."""
    return [
        name
        for name in names
        if np.isfinite(sample[name].values).all() and varies(sample[name].values)
    ][:most]
