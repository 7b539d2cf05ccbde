"""Figures of data against prediction, one an experiment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ....frequentist.scan import BestFit
from ....report.style import empty_figure
from ..experiment import Block, Experiment
from .plane_style import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINES = (("no oscillation", "#999999", "--"), ("own best fit", "#0072B2", "-"),
          ("joint best fit", "#D55E00", "-"))  # fmt: skip
MOST_PANELS = 12


def errors_of(experiment: Experiment) -> np.ndarray:
    """Standard deviation (B,) of each bin, without pulls."""
    if experiment.statistic == "poisson":
        return np.sqrt(np.maximum(experiment.data, 1.0))
    matrix = np.asarray(experiment.covariance())
    return np.sqrt(np.diagonal(matrix, axis1=-2, axis2=-1)).reshape(-1, experiment.size)[0]


@dataclass(frozen=True)
class _Shown:
    """Data (B,), their errors (B,), and the expectations (B,) of the hypotheses."""

    data: np.ndarray
    errors: np.ndarray
    curves: Sequence[np.ndarray]

    def within(self, block: Block) -> "_Shown":
        """The bins of one panel."""
        bins = block.bins
        return _Shown(self.data[bins], self.errors[bins], [curve[bins] for curve in self.curves])


def data_figure(experiment: Experiment, own: BestFit, joint: BestFit | None = None) -> "Figure":
    """Data with errors, and the fitted expectations of three hypotheses, panel by panel.

    Spectra are shown as they are, with the ratio to no oscillation below; ratios and lists as
    points. Pulls take their best values under each hypothesis.
    """
    curves = [experiment.fitted(0.0, 1.0)[0], experiment.fitted(10**own.x, 10**own.y)[0]]
    if joint is not None:
        curves.append(experiment.fitted(10**joint.x, 10**joint.y)[0])
    shown = _Shown(experiment.data, errors_of(experiment), curves)
    blocks = experiment.blocks[:MOST_PANELS]
    columns = min(4, len(blocks))
    rows = -(-len(blocks) // columns)
    crowded = len(blocks) > 1
    with style():
        tall = max((len(b.labels) for b in blocks), default=0)
        height = max(2.6, 0.8 + 0.19 * tall) if tall else (2.5 if crowded else 3.6)
        figure = empty_figure(max(2.4 * columns, 4.6) + 0.3, height * rows + 0.35)
        outer = figure.add_gridspec(rows, columns)
        for place, block in enumerate(blocks):
            cell, inside = outer[place // columns, place % columns], shown.within(block)
            if block.edges is None:
                _list_panel(figure.add_subplot(cell), block, inside)
            elif "ratio" in block.y:
                _ratio_panel(figure.add_subplot(cell), block, inside)
            else:
                inner = cell.subgridspec(2, 1, height_ratios=(2, 1.2), hspace=0.04)
                upper = figure.add_subplot(inner[0])
                lower = figure.add_subplot(inner[1], sharex=upper)
                _spectrum_panel(upper, lower, block, inside, place % columns)
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4)
        if len(experiment.blocks) > MOST_PANELS:
            figure.suptitle(
                f"{experiment.title}: the first {MOST_PANELS} of {len(experiment.blocks)} panels"
            )
        elif crowded or blocks[0].title != experiment.title:
            figure.suptitle(experiment.title, fontsize=11)
    return figure


def _spectrum_panel(upper: "Axes", lower: "Axes", block: Block, own: _Shown, column: int) -> None:
    edges = np.asarray(block.edges)
    centre = (edges[1:] + edges[:-1]) / 2
    data, error, reference = own.data, own.errors, own.curves[0]
    _stairs(upper, own.curves, edges)
    _stairs(lower, [values / reference for values in own.curves], edges)
    style_of: dict[str, Any] = {"fmt": "o", "ms": 2.2, "lw": 0.8, "color": "k"}
    upper.errorbar(centre, data, error, label="data", **style_of)
    lower.errorbar(centre, data / reference, error / reference, **style_of)
    spread = np.abs(data / reference - 1) + 0.7 * error / reference
    reach = min(1.0, 1.15 * float(np.quantile(spread, 0.95)))
    lower.set_ylim(1 - reach, 1 + reach)
    upper.tick_params(labelbottom=False)
    upper.set_title(block.title, fontsize=9)
    lower.set_xlabel(block.x)
    if column == 0:
        upper.set_ylabel(block.y)
        lower.set_ylabel("ratio")


def _stairs(axes: "Axes", curves: Sequence[np.ndarray], edges: np.ndarray) -> None:
    """Expectations (B,) of the hypotheses, in their colours."""
    for values, (label, colour, dashes) in zip(curves, _LINES, strict=False):
        axes.stairs(values, edges, color=colour, ls=dashes, lw=1.1, label=label, baseline=None)


def _ratio_panel(axes: "Axes", block: Block, own: _Shown) -> None:
    """What is measured is a ratio: one panel says all."""
    edges = np.asarray(block.edges)
    _stairs(axes, own.curves, edges)
    centre = (edges[1:] + edges[:-1]) / 2
    axes.errorbar(centre, own.data, own.errors, fmt="o", ms=2.2, lw=0.8, color="k", label="data")
    axes.set_title(block.title, fontsize=9)
    axes.set_xlabel(block.x)
    axes.set_ylabel(block.y)


def _list_panel(axes: "Axes", block: Block, own: _Shown) -> None:
    data, error = own.data, own.errors
    place = np.arange(len(data))[::-1]
    for values, (label, colour, dashes) in zip(own.curves, _LINES, strict=False):
        axes.plot(
            np.repeat(values, 2), np.stack([place + 0.5, place - 0.5], 1).ravel(),
            color=colour, ls=dashes, lw=1.1, label=label,
        )  # fmt: skip
    axes.errorbar(data, place, xerr=error, fmt="o", ms=3, lw=0.9, color="k", label="data")
    axes.set_yticks(place, block.labels or [str(i + 1) for i in range(len(data))], fontsize=8)
    axes.tick_params(axis="y", which="both", left=False, right=False)
    axes.set_ylim(-0.7, len(data) - 0.3)
    axes.set_xlabel(block.y)
    if block.x:
        axes.set_ylabel(block.x)
    axes.set_title(block.title, fontsize=9)
