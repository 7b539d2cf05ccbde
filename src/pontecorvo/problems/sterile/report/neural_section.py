"""The neural section of the sterile report: draws over the exact posterior, weights, coverage."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ....report.page import PageFigure, Section
from ....report.style import empty_figure
from ..neural.neural_fits import NeuralFit, NeuralResult
from ..posterior_shape import is_flat
from . import fit_tables as tables
from .learned_section import LearnedContours, contours_part
from .plane_style import ESTIMATOR_COLOURS, estimator_titles, plane_axes, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVELS = (0.68, 0.95)
SHOWN = 600
BENCHMARKS = (
    "Here is what this run found. How every estimator is calibrated over simulated data sets, and "
    "what it takes beside the exact method, is measured in docs/sterile-neural.md."
)
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
    certificates, titles = certificates or {}, estimator_titles()
    said = [_introduction(result), *_limits(result)]
    body = [Markup("<p>{}</p>").format(text) for text in said] + [_misfit(result)]
    shown = {name: by for name, by in result.fits.items() if by}
    joint = {result.whole: shown[result.whole]}
    title = next(iter(joint[result.whole].values())).fit.title
    figures = [
        PageFigure(
            "neural-joint",
            draws_figure(
                {titles[k]: {k: fit} for by in joint.values() for k, fit in by.items()}, True
            ),
            _caption(title),
            "Draws of the networks as dots over contours of the exact posterior.",
        )
    ]
    if len(shown) > 1:
        figures.append(
            PageFigure(
                "neural-sets",
                draws_figure({n: by for n, by in shown.items() if n not in joint}),
                _caption("Every set, by the same networks"),
                "A small panel for each set with the networks' draws over the exact contours.",
            )
        )
    after = [_fit_table(result, folder), _tension_table(result, folder)]
    lines = _known_lines(result, certificates)
    if lines:
        after.append(Markup("<ul>{}</ul>").format(Markup("").join(lines)))
    if learned is not None:
        contours, belts = contours_part(learned, folder)
        figures.append(contours)
        after.append(belts)
    after.append(Markup("<p>{}</p>").format(BENCHMARKS))
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
    return Markup("<details><summary>{}</summary>{}</details>").format(
        f"Every estimator on every set ({len(rows)} rows)",
        tables.as_html(FIT_HEAD, rows, _fit_caption()),
    )


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
    titles = estimator_titles()
    names = ", ".join(titles[kind] for kind in next(iter(result.fits.values())))
    return (
        f"One network each of {names}, trained once on simulated data with every uncertainty and "
        "with any subset of experiments switched on, gives every posterior below. Points are draws "
        "as the networks gave them; lines are the exact posterior on the grid. Each draw is "
        "weighed by the exact likelihood, which gives the effective sample size and the evidence."
    )


def _limits(result: NeuralResult) -> list[str]:
    """A sentence on what the networks do not know, and one on what they know otherwise."""
    said = []
    if result.left_out:
        reasons: dict[str, list[str]] = {}
        for name, why in result.left_out.items():
            reasons.setdefault(why, []).append(name)
        parts = [f"{', '.join(names)} ({why})" for why, names in reasons.items()]
        said.append(
            f"Left out: {'; '.join(parts)}; the largest set below is that of all experiments that "
            "the networks know, and the exact posterior beside it is of the same."
        )
    if result.other_settings:
        said.append(
            f"The networks were trained with other settings of {_listed(result.other_settings)}. "
            "They read the data through the likelihood of this run, and their draws are weighed by "
            "it, so that weighted draws and evidences are exact; their certificates, and the "
            "coverage of learned regions, were measured with the settings of their training."
        )
    return said


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _caption(what: str) -> str:
    return (
        f"{what}: raw draws (dots) over the exact regions of highest posterior density at 68 and "
        "95 % (lines; none where the density is flat). Flat priors in both logarithms."
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
        titles = estimator_titles()
        for place, (axes, (name, by)) in enumerate(zip(panels.ravel(), fits.items(), strict=False)):
            fit = next(iter(by.values())).fit
            plane, density = fit.posterior.plane, fit.posterior.density
            levels = sorted(
                fit.posterior.highest_density(level)
                for level in LEVELS
                if not is_flat(fit.posterior, level)
            )
            x, y = 10.0**plane.x.values, 10.0**plane.y.values
            if levels:
                table = plane.map(density).T
                widths = (0.7, 1.2)[-len(levels) :]
                axes.contour(x, y, table, levels, colors="k", linewidths=widths)
            for kind, neural in by.items():
                few = 10.0 ** neural.draws.points[: SHOWN // len(by)]
                label, colour = titles[kind], ESTIMATOR_COLOURS[kind]
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
    """What is known of each network: its certificate's verdict."""
    titles = estimator_titles()
    return [
        Markup("<li>{}</li>").format(f"{titles[kind]}: {certificates[kind]['line']}")
        for kind in result.bundle.posteriors
        if kind in certificates
    ]


def draws_cells(about: Mapping[str, Any]) -> list[str]:
    """Draws, effective share, k-hat, MAP and Bayes factors of `describe()`, as cells."""
    return [
        str(about["draws"]),
        f"{about['ess_fraction']:.3f}",
        f"{about['k_hat']:.2f}",
        f"{10 ** about['map_log10_s22']:.3g}",
        f"{10 ** about['map_log10_dm2']:.3g}",
        f"{about['log_bayes_factor']:.2f}",
        f"{about['log_bayes_factor_error']:.2f}",
        f"{about['exact_log_bayes_factor']:.2f}",
    ]


def fit_rows(result: NeuralResult) -> list[list[str]]:
    """One row a set and network."""
    rows, titles = [], estimator_titles()
    for by in result.fits.values():
        for kind, neural in by.items():
            about = neural.describe()
            rows.append(
                [
                    neural.fit.title,
                    titles[kind],
                    *draws_cells(about),
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
