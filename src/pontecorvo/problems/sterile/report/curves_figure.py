"""Published curves over the regions of a run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ....frequentist.belts import Belt
from ....report.page import PageFigure, Section
from ....report.style import empty_figure
from ..curves import MARKS, Curve
from ..fits import JOINT, Fit
from .plane_figures import draw_lines, mark_best, shade
from .plane_style import plane_axes, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# those of Okabe & Ito, and dashes that tell the rest apart
COLOURS = ("#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#D55E00")
DASHES = ("-", "--", "-.")
LEVEL = 0.95


def curves_section(
    fits: Mapping[str, Fit], belts: Mapping[str, Belt], curves: Sequence[Curve]
) -> Section:
    """The figure, and what may not be concluded from it."""
    sources = "; ".join(f"{mark.title}: {mark.source}" for mark in MARKS)
    method = "by trials" if fit_of(fits).name in belts else "by Wilks' theorem, for comparison"
    shown = PageFigure(
        "published-curves",
        curves_figure(fits, belts, curves),
        f"Grey: the joint fit's region at {100 * LEVEL:g} %, {method}. Lines: curves as published, "
        "many of them read off figures. They are drawn for comparison only: a curve is no "
        f"likelihood, and none of them is in the fit. {sources}.",
        "Exclusion curves of other experiments over the region of the joint fit.",
    )
    return Section("Beside published curves", figures=[shown])


def fit_of(fits: Mapping[str, Fit]) -> Fit:
    """The joint fit, or the only one."""
    return fits.get(JOINT) or next(iter(fits.values()))


def curves_figure(
    fits: Mapping[str, Fit], belts: Mapping[str, Belt], curves: Sequence[Curve]
) -> "Figure":
    """The joint region shaded, every curve as a line, every published point with its errors."""
    fit = fit_of(fits)
    method = "feldman-cousins" if fit.name in belts else "wilks"
    with style():
        figure = empty_figure(7.2, 4.6)
        axes = figure.subplots()
        shade(axes, fit, method, [LEVEL], belts.get(fit.name))
        draw_lines(axes, fit, method, [LEVEL], "0.35", width=0.8, belt=belts.get(fit.name))
        for place, curve in enumerate(curves):
            colour = COLOURS[place % len(COLOURS)]
            dashes = DASHES[place // len(COLOURS) % len(DASHES)]
            for number, piece in enumerate(curve.pieces):
                label = f"{curve.title} (curve)" if number == 0 else None
                axes.plot(*piece.T, color=colour, ls=dashes, lw=1.0, label=label)
        for mark in MARKS:
            axes.errorbar(
                mark.s22[0], mark.dm2[0], mark.dm2[1], mark.s22[1],
                fmt="D", ms=4, color="#7F0000", lw=1.0, label=mark.title,
            )  # fmt: skip
        mark_best(axes, fit)
        plane_axes(axes)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper")
    return figure
