"""m_ee against the lightest mass and the sum of masses, with allowed bands and limits."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from ....report.figure_data import hide_series, name_series
from ....report.posterior_sample import Column, Sample
from ....report.regions import draw_points, draw_regions
from ....report.style import GREY, INK, ORDERING_COLOUR, new_figure, styled
from ...flavour.m_ee_bands import band_against_lightest, band_against_sum
from ...flavour.measurements.absolute import shown_lines
from ...flavour.nufit import MassLimit
from .seesaw_sample import ORDERINGS, lightest_mass, ordering_of, variant_of

_FLOOR, _TOP = 0.15, 1000.0  # meV, vertical axis


@styled
def m_ee_figure(sample: Sample, reference: Sample | None = None) -> Figure:
    """Two panels: m_ee against the lightest mass, and against the sum of masses.

    Args:
        sample: Draws of a seesaw.
        reference: Draws of another sampler, as dashed lines.

    Returns:
        The figure, with the bands that NuFIT's 3 sigma ranges allow for any Majorana phases in both
        orderings, and the limits of `flavour.measurements.absolute.shown_lines`.
    """
    figure, (left, right) = new_figure(11, 5.2, 1, 2, sharey=True)
    variant, ordering = variant_of(sample), ordering_of(sample)
    x = np.geomspace(0.01, 1000, 400)
    _bands(left, x, [band_against_lightest(1e-3 * x, o, variant) for o in ORDERINGS])
    total = np.geomspace(50, 400, 800)
    _bands(right, total, [band_against_sum(1e-3 * total, o, variant) for o in ORDERINGS])
    for axes, against in ((left, None), (right, "sum_m")):
        _posterior(axes, sample, against, ORDERING_COLOUR[ordering], filled=True)
        if reference is not None:
            _posterior(axes, reference, against, INK, filled=False)
        axes.set(xscale="log", yscale="log", ylim=(_FLOOR, _TOP))
        _double_beta_limit(axes, label=axes is left)
    left.set(xlim=(0.01, 1000), xlabel="lightest mass [meV]", ylabel=r"$m_{ee}$ [meV]")
    right.set(xlim=(50, 400), xlabel=r"$\Sigma m_\nu$ [meV]", xticks=[50, 60, 80, 100, 200, 400])
    for axis in (left.xaxis, left.yaxis, right.xaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
    _other_limits(left, right)
    left.text(0.0125, 0.56, "normal, allowed", color=ORDERING_COLOUR["no"])
    left.text(0.0125, 11, "inverted, allowed", color=ORDERING_COLOUR["io"])
    right.legend(
        loc="lower right", fontsize=11.5, frameon=True, facecolor="white", edgecolor="none",
        framealpha=1,
    )  # fmt: skip
    return figure


def _bands(axes: Axes, x: np.ndarray, bands: list[tuple[np.ndarray, np.ndarray]]) -> None:
    for ordering, (low, high) in zip(ORDERINGS, bands, strict=True):
        colour = ORDERING_COLOUR[ordering]
        allowed = f"allowed by the 3 sigma ranges, {ordering.upper()}"
        low, high = np.maximum(1e3 * low, _FLOOR / 10), 1e3 * high
        hide_series(axes.fill_between(x, low, high, color=colour, alpha=0.10, lw=0, zorder=0))
        for edge in (low, high):
            (line,) = axes.plot(x, edge, color=colour, lw=0.7, alpha=0.7, zorder=1)
            name_series(line, allowed)


def _posterior(axes: Axes, sample: Sample, against: str | None, colour: str, filled: bool) -> None:
    x = lightest_mass(sample) if against is None else sample[against]
    y = sample["m_ee"]
    if filled:
        draw_points(axes, x, y, sample.equal(2500), colour)
    log_x, log_y = (Column(c.name, np.log10(np.maximum(c.values, 1e-6))) for c in (x, y))
    (low_x, high_x), (low_y, high_y) = (_reach(c.values[sample.weight > 0]) for c in (log_x, log_y))
    name = {"no": "normal", "io": "inverted"}[ordering_of(sample)]
    draw_regions(
        axes,
        log_x,
        log_y,
        sample.weight,
        ((low_x, high_x), (low_y, high_y)),
        colour,
        filled,
        label=f"{sample.name} ({name} ordering), 68 and 95 %",
        log=(True, True),
        bins=90,
        smooth=(1.3, 0.7),
    )


def _reach(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.0005, 0.9995])
    return float(low - 0.1 * (high - low)), float(high + 0.1 * (high - low))


def _limits(quantity: str) -> list[MassLimit]:
    return [limit for limit in shown_lines() if limit.quantity == quantity]


def _name(limit: MassLimit) -> str:
    return f"{limit.name}, {100 * limit.confidence:.0f} %"


def _double_beta_limit(axes: Axes, label: bool) -> None:
    for limit in _limits("m_ee"):
        low, high = 1e3 * limit.low, 1e3 * limit.high
        hatch: Any = {
            "facecolor": "none",
            "edgecolor": GREY,
            "hatch": "////",
            "lw": 0,
            "alpha": 0.55,
        }
        axes.axhspan(low, high, zorder=1, **hatch)
        axes.axhspan(high, _TOP, color=GREY, alpha=0.16, lw=0, zorder=1)
        for edge in (low, high):
            name_series(axes.axhline(edge, color=GREY, lw=0.8, zorder=1), _name(limit))
        if label:
            axes.text(0.0125, high * 1.12, f"excluded by {_name(limit)}", color=INK)


def _other_limits(left: Axes, right: Axes) -> None:
    text: Any = {"rotation": 90, "fontsize": 11}
    for limit, style in zip(_limits("sum_m"), ("--", "-."), strict=False):
        name_series(right.axvline(1e3 * limit.high, color=INK, ls=style, lw=1), _name(limit))
        right.text(1e3 * limit.high * 1.015, 920, _name(limit), va="top", **text)
    for limit in _limits("m_beta"):  # where masses are large, m_beta is the lightest mass
        name_series(left.axvline(1e3 * limit.high, color=INK, ls=":", lw=1), _name(limit))
        left.text(1e3 * limit.high * 0.94, 1.0, _name(limit), va="bottom", ha="right", **text)
