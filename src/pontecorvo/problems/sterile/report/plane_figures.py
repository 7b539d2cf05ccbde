"""Figures of the (sin^2 2theta, dm2) plane: regions by method, critical values, posterior."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ....frequentist.belts import Belt
from ....frequentist.contours import Contour, contour_lines
from ....frequentist.plane import Plane
from ....frequentist.wilks import wilks_critical
from ....report.style import empty_figure
from .. import groups
from ..fits import JOINT, Fit
from ..posterior_shape import is_flat
from .plane_style import METHOD_COLOURS, METHOD_TITLES, plane_axes, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METHODS = ("wilks", "feldman-cousins", "bayes")


def region(
    fit: Fit, method: str, level: float, belt: Belt | None = None
) -> tuple[Plane, np.ndarray]:
    """The plane and the map (G,) that is negative inside a region."""
    plane = fit.posterior.plane
    if method == "wilks":
        return plane, fit.wilks_margin(level)
    if method == "bayes":
        return plane, fit.posterior.margin(level)
    if belt is None:
        raise ValueError(f"{fit.name}: no belt was built")
    return plane, fit.belt_margin(belt, level)


def lines_of(
    fit: Fit, method: str, levels: Sequence[float], belt: Belt | None = None
) -> list[Contour]:
    """Boundaries of the regions of a fit by one method; none of a posterior that is flat there."""
    result: list[Contour] = []
    for level in levels:
        if method == "bayes" and is_flat(fit.posterior, level):
            continue
        plane, margin = region(fit, method, level, belt)
        result.extend(contour_lines(plane, margin, method, level))
    return result


def methods_figure(
    fits: Mapping[str, Fit],
    belts: Mapping[str, Belt],
    levels: Sequence[float],
) -> "Figure":
    """One panel a method: the joint regions shaded by level, the sets' 95 % lines over them."""
    from matplotlib.lines import Line2D

    joint = fits.get(JOINT) or next(iter(fits.values()))
    level = max(levels)
    colours = groups.colours()
    names = [n for n in colours if n in fits and fits[n] is not joint]
    with style():
        figure = empty_figure(3.3 * len(METHODS) + 0.3, 4.6)
        panels = figure.subplots(1, len(METHODS), sharey=True)
        for axes, method in zip(panels, METHODS, strict=True):
            if method == "feldman-cousins" and joint.name not in belts:
                axes.text(0.5, 0.5, "no belt was built", transform=axes.transAxes, ha="center")
            else:
                shade(axes, joint, method, levels, belts.get(joint.name))
            for name in names:
                belt = belts.get(name)
                if method == "feldman-cousins" and belt is None:
                    continue
                draw_lines(axes, fits[name], method, [level], colours[name], belt=belt)
            mark_best(axes, joint)
            plane_axes(axes, y_label=axes is panels[0])
            axes.set_title(METHOD_TITLES[method])
            if method == "bayes":
                flat = [fits[n].title for n in names if is_flat(fits[n].posterior, level)]
                _say_flat(axes, "\n".join(flat))
        handles = [
            Line2D([], [], color=colours[name], label=f"{fits[name].title}, {100 * level:g} %")
            for name in names
        ]
        ordered = sorted(levels)
        for index, value in enumerate(ordered):
            label, grey = f"{joint.title}, {100 * value:g} %", _grey(index, len(ordered))
            handles.append(Line2D([], [], marker="s", ls="", ms=7, color=grey, label=label))
        handles.append(Line2D([], [], marker="*", ls="", color="k", label="joint best fit"))
        figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure


def experiments_figure(
    fits: Mapping[str, Fit], belts: Mapping[str, Belt], level: float = 0.95
) -> "Figure":
    """One panel an experiment or set: its region at one level by the three methods."""
    from matplotlib.lines import Line2D

    names = list(fits)
    columns = min(4, len(names))
    rows = -(-len(names) // columns)
    with style():
        figure = empty_figure(2.25 * columns + 0.4, 2.45 * rows + 0.5)
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for axes in panels.ravel()[len(names) :]:
            axes.set_visible(False)
        for place, (axes, name) in enumerate(zip(panels.ravel(), names, strict=False)):
            fit = fits[name]
            for method in METHODS:
                belt = belts.get(name)
                if method == "feldman-cousins" and belt is None:
                    continue
                colour, dashes = METHOD_COLOURS[method], _dashes(method)
                draw_lines(axes, fit, method, [level], colour, dashes, belt=belt)
            mark_best(axes, fit)
            if is_flat(fit.posterior, level):
                _say_flat(axes)
            bottom = place + columns >= len(names)
            plane_axes(axes, x_label=bottom, y_label=place % columns == 0)
            if bottom:
                axes.xaxis.set_tick_params(labelbottom=True)
            axes.set_title(textwrap.fill(fit.title, 26), fontsize=8.5)
        handles = [
            Line2D([], [], color=METHOD_COLOURS[m], ls=_dashes(m), label=METHOD_TITLES[m])
            for m in METHODS
        ]
        handles.append(Line2D([], [], marker="*", ls="", color="k", label="best fit"))
        title = f"regions at {100 * level:g} %"
        figure.legend(handles=handles, loc="outside lower center", ncols=4, title=title)
    return figure


def single_figure(
    fit: Fit, method: str, levels: Sequence[float], belt: Belt | None = None
) -> "Figure":
    """The regions of one fit by one method."""
    with style():
        figure = empty_figure(4.4, 4.3)
        axes = figure.subplots()
        shade(axes, fit, method, levels, belt)
        draw_lines(axes, fit, method, levels, "0.25", width=0.8, belt=belt)
        mark_best(axes, fit)
        plane_axes(axes)
        title = fit.title if len(fit.title) < 50 else f"{len(fit.experiments)} experiments"
        percent = ", ".join(f"{100 * level:g}" for level in sorted(levels))
        axes.set_title(f"{title}\n{METHOD_TITLES[method]}, {percent} %", fontsize=9)
    return figure


def critical_figure(belts: Mapping[str, Belt], fits: Mapping[str, Fit], level: float) -> "Figure":
    """Critical values over the plane, in units of what Wilks' theorem has."""
    names = [n for n in (JOINT, *groups.largest_sets()) if n in belts]
    names = names or list(belts)[:1]
    with style():
        figure = empty_figure(2.9 * len(names) + 0.9, 3.3)
        panels = np.atleast_1d(figure.subplots(1, len(names), sharey=True))
        for axes, name in zip(panels, names, strict=True):
            belt = belts[name]
            column = int(np.argmin(np.abs(belt.levels - level)))
            ratio = belt.plane.map(belt.critical[:, column]) / wilks_critical(level)
            x, y = 10**belt.plane.x.values, 10**belt.plane.y.values
            limits = {"vmin": 0, "vmax": 2}
            mesh = axes.pcolormesh(x, y, ratio.T, cmap="RdBu_r", rasterized=True, **limits)
            plane_axes(axes, y_label=axes is panels[0], lowest=1e-4)
            axes.set_title(fits[name].title)
        bar = figure.colorbar(mesh, ax=panels, pad=0.02)
        bar.set_label(
            f"critical $\\Delta\\chi^2$ at {100 * level:g} % / {wilks_critical(level):.2f}"
        )
    return figure


def posterior_figure(fit: Fit) -> "Figure":
    """Posterior density of one fit with its marginals."""
    posterior = fit.posterior
    plane = posterior.plane
    density = plane.map(posterior.density)
    with style():
        figure = empty_figure(5.0, 4.6)
        grid = figure.add_gridspec(2, 2, width_ratios=(4, 1), height_ratios=(1, 4))
        axes = figure.add_subplot(grid[1, 0])
        top = figure.add_subplot(grid[0, 0], sharex=axes)
        side = figure.add_subplot(grid[1, 1], sharey=axes)
        x, y = 10**plane.x.values, 10**plane.y.values
        mesh = axes.pcolormesh(
            x, y, (density / density.max()).T, cmap="Blues", vmin=0, vmax=1, rasterized=True
        )
        mesh.set_edgecolor("face")
        for level, width in ((0.68, 1.2), (0.95, 0.8)):
            draw_lines(axes, fit, "bayes", [level], "#08306B", width=width)
        plane_axes(axes, lowest=1e-4)
        if is_flat(fit.posterior, 0.95):
            _say_flat(axes)
        top.plot(x, posterior.marginal(0), color="#08306B", lw=1)
        side.plot(posterior.marginal(1), y, color="#08306B", lw=1)
        for panel in (top, side):
            panel.tick_params(labelbottom=False, labelleft=False)
            panel.tick_params(which="both", left=False, bottom=False, top=False, right=False)
            for edge in ("top", "right"):
                panel.spines[edge].set_visible(False)
        top.set_ylim(bottom=0)
        side.set_xlim(left=0)
        top.set_title(f"Posterior, {fit.title} (68, 95 %)")
    return figure


def shade(axes: "Axes", fit: Fit, method: str, levels: Sequence[float], belt: Belt | None) -> None:
    """Fill the regions of a fit, the smallest level darkest."""
    ordered = sorted(levels)
    for index, level in reversed(list(enumerate(ordered))):  # the smallest on top
        if method == "bayes" and is_flat(fit.posterior, level):
            continue
        plane, margin = region(fit, method, level, belt)
        x, y, grey = 10**plane.x.values, 10**plane.y.values, _grey(index, len(ordered))
        axes.contourf(x, y, plane.map(margin).T, levels=[-np.inf, 0.0], colors=[grey])


def draw_lines(
    axes: "Axes",
    fit: Fit,
    method: str,
    levels: Sequence[float],
    colour: str,
    dashes: str = "-",
    width: float = 1.2,
    belt: Belt | None = None,
) -> None:
    """Boundaries of the regions of a fit."""
    for contour in lines_of(fit, method, levels, belt):
        x, y = (10**contour.points).T
        axes.plot(x, y, color=colour, ls=dashes, lw=width)


def mark_best(axes: "Axes", fit: Fit) -> None:
    """A star at the best fit, where that says something (`Fit.meaningful_best`)."""
    if not fit.meaningful_best:
        return
    axes.plot(10**fit.best.x, 10**fit.best.y, "*", color="k", ms=8, mec="w", mew=0.6, zorder=5)


def _say_flat(axes: "Axes", names: str = "this posterior") -> None:
    """That a posterior has a plateau where its boundary would be drawn."""
    if names:
        text = f"flat, no boundary:\n{names}" if names != "this posterior" else "posterior flat"
        axes.text(
            0.03, 0.03, text, transform=axes.transAxes, fontsize=6.5, color="0.35", va="bottom"
        )


def _dashes(method: str) -> str:
    return "--" if method == "wilks" else "-"


def _grey(index: int, count: int) -> str:
    """Shade of the index-th level, the lowest level darkest."""
    return str(0.55 + 0.33 * index / max(count - 1, 1))
