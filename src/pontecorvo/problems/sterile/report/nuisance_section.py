"""The section on every pull inferred: where the data pull each nuisance, beside the plane."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from ....base.quantiles import weighted_correlation
from ....report.page import PageFigure, Section
from ....report.style import empty_figure
from ..fits import Fit
from . import fit_tables as tables
from .plane_style import plane_axes, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..neural.nuisance_posterior import NuisanceDraws

HEAD = ("nuisance", "mean", "sd", "correlation_with_log10_s22", "correlation_with_log10_dm2")
LEVELS = (0.68, 0.95)


def nuisances_section(
    names: tuple[str, ...],
    draws: "NuisanceDraws",
    folder: Path,
    joint: Fit | None = None,
    left_out: tuple[str, ...] = (),
) -> Section:
    """Table, CSV and figure of the pulls.

    Args:
        names: Names (D,) of the parameters, the plane first.
        draws: Weighed draws of all of them.
        folder: Where the table (CSV) is written.
        joint: The run's fit of the same experiments, whose exact regions are drawn in the plane.
        left_out: Experiments of the run that the network has not seen.
    """
    rows = pull_rows(names, draws)
    folder.mkdir(exist_ok=True)
    tables.write_csv(folder / "nuisances.csv", HEAD, rows)
    weights = draws.weights
    text = Markup(
        "<p>A network of the plane and all {} named pulls: {} Energy scales are Gaussian pulls "
        "here, and every number of the likelihood is exact: shifted spectra are shifted, counts "
        "are Poisson.</p>"
    ).format(len(names) - 2, weights.verdict)
    if left_out:
        text += Markup("<p>Left out: {} (the network has not seen it or them).</p>").format(
            ", ".join(left_out)
        )
    body = text + tables.as_html(
        HEAD, rows, "Pulls in standard deviations of their priors: 0 and 1 where data say nothing."
    )
    figure = PageFigure(
        "nuisances",
        pulls_figure(names, draws, joint),
        "Left: posterior of each pull, mean and 68 % (grey: its prior). Right: the plane, pulls "
        "integrated out; lines are the exact 68 and 95 % regions of this run.",
        "Posterior of every pull, and of the plane",
    )
    return Section("Every pull inferred", body, [figure])


def pull_rows(names: tuple[str, ...], draws: "NuisanceDraws") -> tables.Rows:
    """Mean, spread and correlations of every pull under the weights."""
    weight, points = draws.weights.weights, draws.points
    rows = []
    for k, name in enumerate(names[2:], start=2):
        mean = weight @ points[:, k]
        spread = np.sqrt(weight @ (points[:, k] - mean) ** 2)
        both = [weighted_correlation(points[:, k], points[:, c], weight) for c in (0, 1)]
        rows.append([name, f"{mean:.2f}", f"{spread:.2f}", *(f"{value:.2f}" for value in both)])
    return rows


def pulls_figure(
    names: tuple[str, ...], draws: "NuisanceDraws", joint: Fit | None = None
) -> "Figure":
    """Pulls as points with bars over their prior's band; the plane's draws beside them."""
    weight, points = draws.weights.weights, draws.points
    place = np.arange(len(names) - 2)[::-1]
    with style():
        figure = empty_figure(7.2, 0.26 * len(place) + 1.2)
        left, right = figure.subplots(1, 2)
        left.axvspan(-1, 1, color="0.9")
        left.axvline(0, color="0.7", lw=0.8)
        for k, y in enumerate(place, start=2):
            mean = weight @ points[:, k]
            spread = np.sqrt(weight @ (points[:, k] - mean) ** 2)
            left.errorbar(mean, y, xerr=spread, fmt="o", ms=4, color="#0072B2", lw=1.2)
        left.set_yticks(place, names[2:])
        left.tick_params(axis="y", which="both", left=False, right=False)
        left.set_xlim(-3.6, 3.6)
        left.set_xlabel("pull [standard deviations of its prior]")
        chosen = draws.weights.resample(min(1500, len(points)), 0)
        right.plot(*(10.0 ** points[chosen, :2].T), ".", ms=1.5, color="#0072B2", alpha=0.5)
        if joint is not None:
            posterior = joint.posterior
            x, y = 10.0**posterior.plane.x.values, 10.0**posterior.plane.y.values
            levels = sorted(posterior.highest_density(level) for level in LEVELS)
            density = posterior.plane.map(posterior.density).T
            right.contour(x, y, density, levels, colors="#222222", linewidths=(0.7, 1.2))
        plane_axes(right)
    return figure
