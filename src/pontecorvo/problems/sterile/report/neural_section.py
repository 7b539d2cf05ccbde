"""The neural section of the sterile report: draws over the exact posterior, weights, coverage."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ....report.page import PageFigure, Section
from ....report.style import empty_figure
from ..fits import JOINT
from ..neural.neural_fits import NeuralFit, NeuralResult
from . import fit_tables as tables
from .coverage_figure import COLOURS, TITLES, coverage_part, other_checks, other_line
from .learned_section import LearnedContours, contours_part
from .plane_style import plane_axes, style
from .timing_table import timing_part

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVELS = (0.68, 0.95)
SHOWN = 600
FIT_HEAD = (
    *("set", "estimator", "draws", "ess_fraction", "k_hat", "map_sin2_2theta", "map_dm2_eV2"),
    *("ln_bayes_factor", "error", "exact", "seconds_draw", "seconds_weigh"),
)
TENSION_KINDS = ("fmpe", "npse", "nre", "dnre")
TENSION_HEAD = ("sets", "ln_R_exact", *(f"ln_R_{kind}" for kind in TENSION_KINDS))


def neural_section(
    result: NeuralResult,
    folder: Path,
    certificates: Mapping[str, Mapping[str, Any]] | None = None,
    learned: LearnedContours | None = None,
) -> Section:
    """Draw everything the networks said and write its tables; return the report's section.

    Args:
        result: What `problems.sterile.neural.neural_fits.run_networks` gave.
        folder: Where tables (CSV) are written; figures are written with the page.
        certificates: What is known of each network's calibration: ``line``, and ``checks`` as
            `diagnostics.certificate.Check` describes itself.
        learned: The joint fit's regions by learned critical values.
    """
    certificates = certificates or {}
    body = [Markup("<p>{}</p>").format(_introduction(result)), _misfit(result)]
    shown = {name: by for name, by in result.fits.items() if by}
    joint = {JOINT: shown[JOINT]} if JOINT in shown else dict(list(shown.items())[:1])
    figures = [
        PageFigure(
            "neural-joint",
            draws_figure(
                {TITLES[k]: {k: fit} for by in joint.values() for k, fit in by.items()}, True
            ),
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
    curves = {
        kind: known["checks"][0]
        for kind, known in certificates.items()
        if known["checks"] and "coverage_curve" in known["checks"][0]
    }
    others = other_checks(result.bundle.folder, str(result.bundle.card["arrays_sha256"]))
    if curves or others:
        figures.append(coverage_part({**curves, **others}))
    after = [_fit_table(result, folder), _tension_table(result, folder)]
    lines = _known_lines(result, certificates)
    lines += [
        Markup("<li>{}</li>").format(other_line(kind, check)) for kind, check in others.items()
    ]
    if lines:
        after.append(Markup("<ul>{}</ul>").format(Markup("").join(lines)))
    if learned is not None:
        contours, belts = contours_part(learned, folder)
        figures.append(contours)
        after.append(belts)
    after.append(timing_part(result.bundle.folder, folder))
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
    tables.write_csv(folder / "neural-tension.csv", TENSION_HEAD, rows)
    caption = (
        "Tension as a ratio of evidences, ln R = ln Z(both) - ln Z(first) - ln Z(second), by "
        "the networks' weights and by the exact grid. Negative: the sets pull apart. It "
        "depends on the prior, as every evidence does."
    )
    return tables.as_html(TENSION_HEAD, rows, caption)


def _introduction(result: NeuralResult) -> str:
    names = ", ".join(TITLES[kind] for kind in next(iter(result.fits.values())))
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


def draws_figure(fits: Mapping[str, Mapping[str, NeuralFit]], titled: bool = False) -> "Figure":
    """One panel a set: exact contours, and raw draws of every network.

    Args:
        fits: Networks' draws by panel.
        titled: The panels' names are their titles; else the sets' are.
    """
    columns = min(4, len(fits))
    rows = -(-len(fits) // columns)
    size = 4.6 if len(fits) == 1 else 2.3
    with style():
        figure = empty_figure(size * columns + 0.4, 0.95 * size * rows + 0.5)
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for axes in panels.ravel()[len(fits) :]:
            axes.set_visible(False)
        handles: dict[str, Any] = {}
        for place, (axes, (name, by)) in enumerate(zip(panels.ravel(), fits.items(), strict=False)):
            fit = next(iter(by.values())).fit
            plane, density = fit.posterior.plane, fit.posterior.density
            levels = sorted(fit.posterior.highest_density(level) for level in LEVELS)
            x, y = 10.0**plane.x.values, 10.0**plane.y.values
            if levels[0] < levels[-1] < density.max():
                table = plane.map(density).T
                axes.contour(x, y, table, levels, colors="k", linewidths=(0.7, 1.2))
            for kind, neural in by.items():
                few = 10.0 ** neural.draws.points[: SHOWN // len(by)]
                label = TITLES[kind]
                colour = COLOURS[kind]
                marks = axes.plot(*few.T, ".", ms=1.6, color=colour, alpha=0.5, rasterized=True)
                handles[label] = marks[0]
            plane_axes(axes, place // columns == rows - 1, place % columns == 0)
            axes.set_title(name if titled else fit.title, fontsize=8 if len(fits) > 1 else 10)
        figure.legend(
            handles.values(), handles.keys(), loc="outside lower center", ncols=2, markerscale=5
        )
    return figure


def _known_lines(
    result: NeuralResult, certificates: Mapping[str, Mapping[str, Any]]
) -> list[Markup]:
    """What is known of each network: its certificate's verdict, and how it does where exact."""
    lines = []
    for kind, posterior in result.bundle.posteriors.items():
        if kind in certificates:
            text = f"{TITLES[kind]}: {certificates[kind]['line']}"
            lines.append(Markup("<li>{}</li>").format(text))
        exact = posterior.flow.card["calibration"].get("against_exact", {}).get("summary")
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
            *(_number(tension.log_r.get(kind)) for kind in TENSION_KINDS),
        ]
        for tension in result.tensions
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
