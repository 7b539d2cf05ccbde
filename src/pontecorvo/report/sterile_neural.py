"""The neural section of the sterile report: draws over the exact posterior, weights, coverage."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from ..diagnostics.uniformity import uniform_band
from ..inference.neural.fits import NeuralFit, NeuralResult
from ..inference.sterile_fits import JOINT, Fit
from . import sterile_tables as tables
from .page import PageFigure, Section
from .sterile_learned import KIND_COLOURS, TITLES, LearnedContours, contours_part, timing_table
from .sterile_style import plane_axes, style
from .style import empty_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEVELS = (0.68, 0.95)
SHOWN = 600
FIT_HEAD = (
    *("set", "estimator", "draws", "ess_fraction", "k_hat", "map_sin2_2theta", "map_dm2_eV2"),
    *("ln_bayes_factor", "error", "exact", "seconds_draw", "seconds_weigh"),
)


def neural_section(
    result: NeuralResult, folder: Path, learned: LearnedContours | None = None
) -> Section:
    """Draw everything the networks said and write its tables; return the report's section.

    Args:
        result: What `inference.neural.fits.run_networks` gave.
        folder: Where tables (CSV) are written; figures are written with the page.
        learned: The joint fit's regions by learned critical values.
    """
    body = [Markup("<p>{}</p>").format(_introduction(result)), _misfit(result)]
    shown = {name: by for name, by in result.fits.items() if by}
    joint = {JOINT: shown[JOINT]} if JOINT in shown else dict(list(shown.items())[:1])
    figures = [
        PageFigure(
            "neural-joint",
            draws_figure(joint),
            _caption("the joint fit"),
            "Draws of the networks as dots over contours of the exact posterior.",
        )
    ]
    if len(shown) > 1:
        figures.append(
            PageFigure(
                "neural-sets",
                draws_figure({n: by for n, by in shown.items() if n not in joint}),
                _caption("every set, by the same networks"),
                "A small panel for each set with the networks' draws over the exact contours.",
            )
        )
    cards = {kind: card for kind, card in result.cards.items() if card.get("curve")}
    if cards:
        figures.append(
            PageFigure(
                "neural-coverage",
                coverage_figure(cards),
                "Expected coverage of highest-density regions of the raw networks over simulated "
                "data sets of the joint fit, less their credibility, with the simultaneous 95 % "
                "band: below zero is overconfident. Made when the networks were trained; not "
                "weighed.",
                "Coverage less credibility against credibility for each network, in its band.",
            )
        )
    after = [_fit_table(result, folder), _tension_table(result, folder)]
    if cards:
        after.append(Markup("<ul>{}</ul>").format(Markup("").join(_card_lines(cards))))
    if learned is not None:
        shown_contours, belts = contours_part(learned, folder)
        figures.append(shown_contours)
        after.append(belts)
    after.append(timing_table(result.bundle.folder))
    for name, why in result.left_out.items():
        after.append(Markup("<p>Left out: {} ({}).</p>").format(name, why))
    return Section("Neural posteriors", Markup("").join(body), figures, Markup("").join(after))


def _misfit(result: NeuralResult) -> Markup:
    warning = result.misfit.warning
    if warning:
        return Markup("<p class='warning'><strong>Warning: {}.</strong></p>").format(warning)
    return Markup("<p>{}</p>").format(
        "The data lie where the simulations lie: no experiment's smallest chi2 and nothing that "
        f"the network reads stands out among {result.misfit.simulations} simulations at the "
        f"posterior (novelty p = {result.misfit.novelty:.2f})."
    )


def _fit_table(result: NeuralResult, folder: Path) -> Markup:
    rows = fit_rows(result)
    tables.write_csv(folder / "neural-fits.csv", FIT_HEAD, rows)
    return tables.as_html(FIT_HEAD, rows, _fit_caption())


def _tension_table(result: NeuralResult, folder: Path) -> Markup:
    if not result.tensions:
        return Markup("")
    rows = tension_rows(result)
    head = ("sets", "ln_R_exact", *(f"ln_R_{kind}" for kind in result.estimators))
    tables.write_csv(folder / "neural-tension.csv", head, rows)
    caption = (
        "Tension as a ratio of evidences, ln R = ln Z(both) - ln Z(first) - ln Z(second), by "
        "the networks' weights and by the exact grid. Negative: the sets pull apart. It "
        "depends on the prior, as every evidence does."
    )
    return tables.as_html(head, rows, caption)


def _introduction(result: NeuralResult) -> str:
    names = ", ".join(TITLES[kind] for kind in result.estimators)
    return (
        f"One network each of {names}, trained once on simulated data with every uncertainty and "
        "with any subset of experiments switched on, gives every posterior below. Points are draws "
        "as the networks gave them; lines are the exact posterior on the grid. Each draw is "
        "weighed by the exact likelihood, which gives the effective sample size and the evidence."
    )


def _caption(what: str) -> str:
    return (
        f"Raw draws of {what} (dots) over the exact regions of highest posterior density at 68 and "
        "95 % (lines). Flat priors in both logarithms."
    )


def _fit_caption() -> str:
    return (
        "Draws weighed by the exact likelihood: share of effective draws, Pareto shape of the "
        "weights (above 0.7 they are not to be trusted), MAP, ln of the Bayes factor of 3+1 "
        "against no oscillation with its error, and the exact one; seconds of this run."
    )


def draws_figure(fits: Mapping[str, Mapping[str, NeuralFit]]) -> "Figure":
    """One panel a set: exact contours, and raw draws of every network."""
    columns = min(4, len(fits))
    if len(fits) == 1:
        return _joint_figure(next(iter(fits.values())))
    rows = -(-len(fits) // columns)
    size = 2.3
    with style():
        figure = empty_figure(size * columns + 0.4, 0.95 * size * rows + 0.5)
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for axes in panels.ravel()[len(fits) :]:
            axes.set_visible(False)
        handles: dict[str, Any] = {}
        for place, (axes, by) in enumerate(zip(panels.ravel(), fits.values(), strict=False)):
            _exact_lines(axes, next(iter(by.values())).fit)
            for kind, neural in by.items():
                handles[TITLES[kind]] = _dots(axes, kind, neural, SHOWN // len(by))
            plane_axes(axes, place // columns == rows - 1, place % columns == 0)
            axes.set_title(next(iter(by.values())).fit.title, fontsize=8)
        figure.legend(
            handles.values(), handles.keys(), loc="outside lower center", ncols=4, markerscale=5
        )
    return figure


def _joint_figure(by: Mapping[str, NeuralFit]) -> "Figure":
    """One panel a network."""
    columns = min(2, len(by))
    rows = -(-len(by) // columns)
    with style():
        figure = empty_figure(3.6 * columns + 0.3, 3.1 * rows + 0.3)
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for axes in panels.ravel()[len(by) :]:
            axes.set_visible(False)
        for place, (axes, (kind, neural)) in enumerate(
            zip(panels.ravel(), by.items(), strict=False)
        ):
            _exact_lines(axes, neural.fit)
            _dots(axes, kind, neural, SHOWN)
            plane_axes(axes, place // columns == rows - 1, place % columns == 0)
            axes.set_title(f"{TITLES[kind]}: ESS/N {neural.weights.efficiency:.2f}")
    return figure


def _exact_lines(axes: "Axes", fit: Fit) -> None:
    """Exact regions of highest density."""
    plane, density = fit.posterior.plane, fit.posterior.density
    levels = sorted(fit.posterior.highest_density(level) for level in LEVELS)
    if levels[0] < levels[-1] < density.max():
        x, y = 10.0**plane.x.values, 10.0**plane.y.values
        axes.contour(x, y, plane.map(density).T, levels, colors="k", linewidths=(0.7, 1.2))


def _dots(axes: "Axes", kind: str, neural: NeuralFit, count: int) -> Any:
    """Raw draws of a network."""
    few = 10.0 ** neural.draws.points[:count]
    colour = KIND_COLOURS[kind]
    return axes.plot(*few.T, ".", ms=1.6, color=colour, alpha=0.5, rasterized=True)[0]


def coverage_figure(cards: Mapping[str, Mapping[str, Any]]) -> "Figure":
    """Coverage less credibility of every network, in the simultaneous band."""
    with style():
        figure = empty_figure(4.6, 3.2)
        axes = figure.subplots()
        count = int(next(iter(cards.values()))["data_sets"])
        band = uniform_band(count, 0.05)
        axes.fill_between(
            band.grid, band.lower - band.grid, band.upper - band.grid, color="0.88", lw=0
        )
        axes.axhline(0, color="0.4", lw=0.8)
        for kind, card in cards.items():
            curve = np.asarray(card["curve"], dtype=float)
            grid = np.linspace(0, 1, len(curve))
            axes.plot(grid, curve - grid, color=KIND_COLOURS[kind], label=TITLES[kind])
        axes.set_xlim(0, 1)
        axes.set_xlabel("credibility")
        axes.set_ylabel("coverage - credibility")
        axes.legend()
    return figure


def _card_lines(cards: Mapping[str, Mapping[str, Any]]) -> list[Markup]:
    lines = []
    for kind, card in cards.items():
        for value in card.values():
            if isinstance(value, dict) and "line" in value:
                word = "passes" if value["passed"] else "FAILS"
                text = f"{TITLES[kind]} {word} {value['name']}: {value['line']}"
                lines.append(Markup("<li>{}</li>").format(text))
        exact = card.get("against_exact", {}).get("summary")
        if exact:
            lines.append(
                Markup("<li>{}</li>").format(
                    f"{TITLES[kind]} against the exact grid over {exact['data_sets']:.0f} "
                    "simulated data sets: median two-sample accuracy "
                    f"{exact['c2st_median']:.3f} (0.5 is chance), "
                    f"median ESS/N {exact['efficiency_median']:.2f}"
                )
            )
    return lines


def fit_rows(result: NeuralResult) -> list[list[str]]:
    """One row a set and network."""
    rows = []
    for by in result.fits.values():
        for kind, neural in by.items():
            about = neural.describe()
            rows.append(
                [
                    neural.fit.title,
                    TITLES[kind],
                    str(about["draws"]),
                    f"{about['ess_fraction']:.3f}",
                    f"{about['k_hat']:.2f}",
                    f"{10 ** about['map_log10_s22']:.3g}",
                    f"{10 ** about['map_log10_dm2']:.3g}",
                    f"{about['log_bayes_factor']:.2f}",
                    f"{about['log_bayes_factor_error']:.2f}",
                    f"{about['exact_log_bayes_factor']:.2f}",
                    f"{neural.seconds[0]:.2f}",
                    f"{neural.seconds[1]:.2f}",
                ]
            )
    return rows


def tension_rows(result: NeuralResult) -> list[list[str]]:
    """One row a pair of sets."""
    return [
        [
            " - ".join(tension.names),
            f"{tension.exact:.2f}",
            *(_number(tension.log_r.get(kind)) for kind in result.estimators),
        ]
        for tension in result.tensions
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
