"""Masses of the heavy neutrinos, alone and in pairs, against the prior."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ....base.quantiles import weighted_correlation
from ....base.seeds import stream
from ....report.figure_data import name_series
from ....report.numbers import number
from ....report.posterior_sample import Sample
from ....report.regions import draw_histogram, draw_points, draw_regions, plot_range
from ....report.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORDERING_COLOUR,
    PURPLE,
    new_figure,
    no_y_axis,
    styled,
)
from .seesaw_sample import ordering_of

HEAVY = ("log10_M[1]", "log10_M[2]", "log10_M[3]")
_COLOURS = (BLUE, GREEN, PURPLE)


@styled
def heavy_masses_figure(sample: Sample, reference: Sample | None = None) -> Figure:
    """The three heavy masses alone, and M1-M2 and M2-M3 in pairs.

    Args:
        sample: Draws of a seesaw.
        reference: Draws of another sampler, as dashed lines.

    Returns:
        The figure, with the prior as dotted lines and what M1 < M2 < M3 excludes hatched.
    """
    figure, (alone, *pairs) = new_figure(11, 4.1, 1, 3, width_ratios=[1.25, 1, 1])
    _alone(alone, sample, reference)
    colour = ORDERING_COLOUR[ordering_of(sample)]
    for axes, names in zip(pairs, (HEAVY[:2], HEAVY[1:]), strict=True):
        _pair(axes, sample, reference, names, colour)
    return figure


def _range(name: str, *samples: Sample | None) -> tuple[float, float]:
    """Range of the draws, cut where the prior ends."""
    low, high = plot_range(name, *samples)
    ends = next(s for s in samples if s is not None).target.model.prior.marginals[18].support
    return max(low, ends[0]), min(high, ends[1])


def _alone(axes: Axes, sample: Sample, reference: Sample | None) -> None:
    prior = sample.target.model.prior.sample(100_000, stream(0, "report", "prior"))[:, 18:21]
    low, high = _range(HEAVY[0], sample, reference)[0], _range(HEAVY[2], sample, reference)[1]
    edges = np.linspace(low, high, 56)
    tops = []
    for i, (name, colour) in enumerate(zip(HEAVY, _COLOURS, strict=True)):
        symbol, reach = f"M_{i + 1}", (low, high)
        draw_histogram(
            axes, sample[name], sample.weight, reach, colour, bins=55,
            name=f"{symbol}, {sample.name}",
        )  # fmt: skip
        if reference is not None:
            draw_histogram(
                axes, reference[name], reference.weight, reach, INK, False, bins=55, style="--",
                name=f"{symbol}, {reference.name}",
            )  # fmt: skip
        height = np.histogram(prior[:, i], edges)[0] / (len(prior) * (edges[1] - edges[0]))
        (line,) = axes.plot(0.5 * (edges[1:] + edges[:-1]), height, color=colour, ls=":", lw=1.3)
        name_series(line, f"{symbol}, prior")
        shown = np.histogram(sample[name].values, edges, weights=sample.weight)[0]
        tops.append(float(shown.max() / (edges[1] - edges[0])))
        middle = float(sample.quantiles(name, [0.5])[0])
        text: Any = {"ha": "center", "va": "bottom", "fontsize": 14}
        axes.text(middle, 1.03 * tops[-1], f"$M_{i + 1}$", color=colour, **text)
    axes.plot([], [], color=INK, ls=":", label="prior")
    if reference is not None:
        axes.plot([], [], color=INK, ls="--", lw=1.1, label=reference.name)
    axes.set(xlim=(low, high + 0.03), ylim=(0, 1.18 * max(tops)))
    axes.set_xlabel(r"$\log_{10}(M_i/\mathrm{GeV})$")
    axes.legend(loc="upper right")
    no_y_axis(axes)


def _pair(
    axes: Axes, sample: Sample, reference: Sample | None, names: tuple[str, ...], colour: str
) -> None:
    ranges = (_range(names[0], sample, reference), _range(names[1], sample, reference))
    x, y = sample[names[0]], sample[names[1]]
    draw_points(axes, x, y, sample.equal(2500), colour)
    draw_regions(axes, x, y, sample.weight, ranges, colour, name=sample.name)
    if reference is not None:
        other = (reference[names[0]], reference[names[1]])
        draw_regions(axes, *other, reference.weight, ranges, INK, False, name=reference.name)
    ends = np.array([ranges[0][0] - 1, ranges[0][1] + 1])
    styles: tuple[Any, ...] = (
        {"facecolor": "white"},
        {"facecolor": "none", "hatch": "////", "alpha": 0.6},
    )
    for style in styles:
        axes.fill_between(ends, ends - 9, ends, edgecolor=GREY, lw=0, zorder=2.4, **style)
    axes.plot(ends, ends, color=GREY, lw=0.8, zorder=2.4)
    axes.set(xlabel=x.label, ylabel=y.label, xlim=ranges[0], ylim=ranges[1])
    correlation = weighted_correlation(x.values, y.values, sample.weight)
    axes.set_title(f"linear correlation {number(correlation, 2)}", fontsize=12)
