"""Figures of the JUNO fit: spectrum, regions of the solar parameters, errors by exposure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...report.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    new_figure,
    styled,
)
from .fit import PUBLISHED, PUBLISHED_CORRELATION, BestFit, Surface
from .forecast import PRELIMINARY, PUBLISHED_SIX_YEARS, Forecast
from .juno import BACKGROUNDS, Juno

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray
LEVELS = {"68.3 %": 2.296, "95.4 %": 6.180, "99.7 %": 11.829}
"""Rise of chi2 at the edge of Wilks' regions of two parameters."""
_TITLES = {
    "li9_he8": r"$^9$Li/$^8$He",
    "geoneutrino": "geoneutrinos",
    "world_reactors": "other reactors",
    "bi_po": r"$^{214}$Bi-$^{214}$Po",
    "other": "other",
}
_COLOURS = (PURPLE, GREEN, SKY, ORANGE, GREY)
_TURN = np.linspace(0, 2 * np.pi, 181)


@styled
def spectrum_figure(juno: Juno, best: BestFit) -> "Figure":
    """Data, fit and backgrounds above; below, signal over the expectation without oscillation."""
    figure, (top, bottom) = new_figure(7.2, 6.2, 2, 1, sharex=True, height_ratios=[2.2, 1.0])
    edges, data = juno.edges, juno.observed()
    per = 0.1 / np.diff(edges)
    middle = 0.5 * (edges[1:] + edges[:-1])
    expected, response = juno.expectation(best.theta[None])
    fitted = expected[0] + response[0] @ best.pulls
    first = juno.nuisances.index(BACKGROUNDS[0])
    rates, shapes = np.s_[first : first + len(BACKGROUNDS)], np.s_[first + len(BACKGROUNDS) :]
    scaled = juno.backgrounds + (response[0][:, rates] * best.pulls[rates]).T
    scaled[0] += response[0][:, shapes] @ best.pulls[shapes]
    below = np.zeros(juno.size)
    for name, counts, colour in zip(BACKGROUNDS, scaled, _COLOURS, strict=True):
        filled = {"fill": True, "color": colour, "alpha": 0.75, "label": _TITLES[name]}
        top.stairs((below + counts) * per, edges, baseline=below * per, **filled)
        below = below + counts
    top.stairs(fitted * per, edges, color=BLUE, label="fit")
    top.stairs(juno.unoscillated * per, edges, color=GREY, ls=":", label="no oscillation")
    _points(top, middle, data * per, np.sqrt(data) * per, "JUNO, 59.1 days")
    top.set_ylabel("events / 0.1 MeV")
    top.set_ylim(0, 1.25 * float((data * per).max()) + 10)
    figure.legend(ncols=4, loc="outside upper center")
    signal = fitted - below
    bottom.stairs(signal / juno.unoscillated, edges, color=BLUE)
    seen, error = (data - below) / juno.unoscillated, np.sqrt(data) / juno.unoscillated
    _points(bottom, middle, seen, error, "")
    bottom.axhline(1, color=GREY, ls=":", lw=0.8)
    bottom.set_ylim(0, 1.2)
    bottom.set_xlim(edges[0], 9.4)
    bottom.set_xlabel("prompt energy [MeV]")
    bottom.set_ylabel("ratio to\nno oscillation")
    return figure


def _points(axes: "Axes", x: Array, y: Array, error: Array, label: str) -> None:
    axes.errorbar(x, y, error, fmt="o", ms=2.6, lw=0.8, color=INK, label=label or None)


@styled
def regions_figure(plane: Surface, best: BestFit) -> "Figure":
    """Regions of sin2_theta12 and dm2_21 on a plane of chi2, against the published point."""
    from matplotlib.lines import Line2D

    figure, axes = new_figure(5.8, 4.9)
    dashes = ["-", "--", ":"]
    x_axis, y_axis, values = plane.fine()
    rise = (values - values.min()).T
    levels = list(LEVELS.values())
    axes.contour(x_axis, 1e5 * y_axis, rise, levels=levels, colors=BLUE, linestyles=dashes)
    axes.plot(best.theta[0], 1e5 * best.theta[1], "*", ms=10, color=BLUE)
    (x, dx), (y, dy) = PUBLISHED["sin2_theta12"], PUBLISHED["dm2_21"]
    rho = PUBLISHED_CORRELATION
    # the ellipse of the published errors and correlation, at the first level
    size = np.sqrt(LEVELS["68.3 %"])
    along = size * np.cos(_TURN)
    across = size * (rho * np.cos(_TURN) + np.sqrt(1 - rho**2) * np.sin(_TURN))
    axes.plot(x + dx * along, 1e5 * (y + dy * across), color=VERMILLION, lw=1.2)
    axes.errorbar(x, 1e5 * y, 1e5 * dy, dx, fmt="s", ms=4.5, color=VERMILLION, capsize=2, lw=1.0)
    axes.set_xlabel(r"$\sin^2\theta_{12}$")
    axes.set_ylabel(r"$\Delta m^2_{21}$ [$10^{-5}$ eV$^2$]")
    handles = [
        Line2D([], [], color=BLUE, ls=style, label=f"this fit, {name}")
        for name, style in zip(LEVELS, dashes, strict=True)
    ]
    handles += [
        Line2D([], [], color=BLUE, marker="*", ls="", ms=9, label="best fit"),
        Line2D([], [], color=VERMILLION, marker="s", ms=4.5, label="JUNO 2025, 68.3 %"),
    ]
    figure.legend(handles=handles, ncols=3, loc="outside upper center", fontsize=10)
    return figure


@styled
def forecast_figure(results: Sequence[Forecast]) -> "Figure":
    """Relative errors of the solar parameters by exposure, beside JUNO's own numbers."""
    from matplotlib.ticker import FormatStrFormatter

    figure, axes = new_figure(5.8, 4.4)
    days = np.array([result.days for result in results])
    relative = np.array([result.errors / np.abs(result.truth) for result in results])
    six = 6 * 365.25
    for column, name, label, colour in (
        (0, "sin2_theta12", r"$\sin^2\theta_{12}$", BLUE),
        (1, "dm2_21", r"$\Delta m^2_{21}$", VERMILLION),
    ):
        axes.plot(days, 100 * relative[:, column], color=colour, label=label)
        value, error = PUBLISHED_SIX_YEARS[name]
        axes.plot(six, 100 * error / value, "s", ms=5, color=colour)
        for day, table in ((59.1, PUBLISHED), (207.2, PRELIMINARY)):
            value, error = table[name]
            axes.plot(day, 100 * error / value, "o", ms=5, color=colour)
    axes.plot([], [], "o", ms=5, color=INK, label="JUNO 2025, and preliminary 2026")
    axes.plot([], [], "s", ms=5, color=INK, label="JUNO's forecast of 2022, six years")
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FormatStrFormatter("%g"))
    axes.yaxis.set_minor_formatter(FormatStrFormatter("%g"))
    axes.set_xlabel("live days")
    axes.set_ylabel("relative error [%]")
    axes.legend()
    return figure
