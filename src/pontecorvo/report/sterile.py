"""The sterile report: sections of HTML, with every figure as PNG and PDF and every table as CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.progress import Advance
from ..inference.contours import Contour, write_contours
from ..inference.feldman_cousins import Belt
from ..inference.goodness import ParameterGoodness
from ..inference.sterile_fits import JOINT, Fit
from ..inference.sterile_statements import Statement
from . import sterile_tables as tables
from .sterile_data import data_figure
from .sterile_planes import (
    METHODS,
    critical_figure,
    experiments_figure,
    lines_of,
    methods_figure,
    posterior_figure,
)
from .sterile_style import figure_html, save

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes:
        name: Anchor in the page.
        title: Heading.
        html: Content, whole in itself (pictures inside).
        files: What was written beside it.
    """

    name: str
    title: str
    html: str
    files: tuple[Path, ...] = ()


def sections(
    fits: Mapping[str, Fit],
    belts: Mapping[str, Belt],
    tensions: Sequence[ParameterGoodness],
    statements: Sequence[Statement],
    folder: Path,
    levels: Sequence[float] = (0.68, 0.90, 0.95),
    advance: Advance | None = None,
) -> list[Section]:
    """Draw and write everything; return the report's sections in order.

    Args:
        fits: Those of `inference.sterile_fits.sets_of`.
        belts: Feldman-Cousins belts by the name of their fit; fits without one are drawn without.
        tensions: Parameter goodness of fit.
        statements: Published statements beside ours.
        folder: Where figures (PNG, PDF) and tables (CSV) are written.
        levels: Levels of the regions.
        advance: Progress, one step a section.
    """
    made = [
        _plane(fits, belts, folder, levels),
        _each(fits, belts, folder, levels),
        _preference(fits, folder),
        _tension(tensions, folder),
        _published(statements, folder),
        _bayes(fits, folder),
        _data(fits, folder),
    ]
    if belts:
        made.insert(2, _critical(fits, belts, folder, levels))
    if advance:
        advance(len(made))
    return made


def write_all_contours(
    fits: Mapping[str, Fit],
    belts: Mapping[str, Belt],
    folder: Path,
    levels: Sequence[float],
    methods: Sequence[str] = METHODS,
) -> list[Path]:
    """One CSV a fit with its contours by every method."""
    result = []
    for name, fit in fits.items():
        lines: list[Contour] = []
        for method in methods:
            if method != "feldman-cousins" or name in belts:
                lines.extend(lines_of(fit, method, levels, belts.get(name)))
        path = folder / f"contours-{name}.csv"
        write_contours(path, lines)
        result.append(path)
    return result


def _drawn(figure: "Figure", folder: Path, name: str, caption: str) -> tuple[str, list[Path]]:
    return figure_html(figure, caption), save(figure, folder, name)


def _percent(levels: Sequence[float]) -> str:
    return ", ".join(f"{100 * level:g}" for level in levels) + " %"


def _plane(
    fits: Mapping[str, Fit], belts: Mapping[str, Belt], folder: Path, levels: Sequence[float]
) -> Section:
    html, made = _drawn(
        methods_figure(fits, belts, levels),
        folder,
        "regions-by-method",
        f"Allowed regions of the joint fit at {_percent(levels)} (shaded) and of each set of "
        f"experiments at {100 * max(levels):g} % (lines), by each method. Regions by Wilks' "
        "theorem are shown for comparison: its conditions fail here. Critical values by trials are "
        "averaged over neighbouring points to draw these lines. Bayesian regions hold the highest "
        "posterior density for flat priors in both logarithms; where the data say nothing the "
        "density is flat, and the place of their boundary has no meaning.",
    )
    made += write_all_contours(fits, belts, folder, levels)
    return Section("sterile-plane", "Regions in the plane", html, tuple(made))


def _each(
    fits: Mapping[str, Fit], belts: Mapping[str, Belt], folder: Path, levels: Sequence[float]
) -> Section:
    html, made = _drawn(
        experiments_figure(fits, belts, max(levels)),
        folder,
        "regions-by-experiment",
        f"Regions of each set and each experiment at {100 * max(levels):g} % by the three methods.",
    )
    return Section("sterile-experiments", "Each experiment", html, tuple(made))


def _critical(
    fits: Mapping[str, Fit], belts: Mapping[str, Belt], folder: Path, levels: Sequence[float]
) -> Section:
    level = max(levels)
    html, made = _drawn(
        critical_figure(belts, fits, level),
        folder,
        "critical-values",
        f"Critical values at {100 * level:g} % by trials, relative to that of Wilks' theorem: "
        "above one (red) Wilks' region is too small, below one (blue) too large.",
    )
    trials = sum(int(belt.trials.sum()) for belt in belts.values())
    html += f"<p>{trials:,} trials in all, each refitted over the whole plane.</p>"
    return Section("sterile-critical", "Where Wilks' theorem fails", html, tuple(made))


def _preference(fits: Mapping[str, Fit], folder: Path) -> Section:
    html, made = _drawn(
        tables.significance_figure(fits),
        folder,
        "preference",
        "Preference over no oscillation, three ways. Local: as if the best dm2 had been chosen "
        "before looking. By trials: the probability that data without oscillation prefer "
        "any point of the plane as much. Only the last is a significance.",
    )
    rows = tables.fit_rows(fits)
    made.append(tables.write_csv(folder / "fits.csv", tables.FIT_HEAD, rows))
    html += tables.as_html(
        tables.FIT_HEAD,
        rows,
        "Best fits and preference over no oscillation. ln Bayes factor: flat priors in both "
        "logarithms; it depends on the prior's lower end, see below.",
    )
    return Section("sterile-preference", "Preference over no oscillation", html, tuple(made))


def _tension(tensions: Sequence[ParameterGoodness], folder: Path) -> Section:
    rows = tables.tension_rows(tensions)
    path = tables.write_csv(folder / "tension.csv", tables.TENSION_HEAD, rows)
    html = (
        tables.as_html(
            tables.TENSION_HEAD,
            rows,
            "Parameter goodness of fit (Maltoni and Schwetz 2003): p-values counted in trials "
            "drawn at the best joint fit; the textbook chi2 distribution, whose median is 1.39, "
            "does not hold.",
        )
        if rows
        else "<p>No two independent sets among the chosen experiments.</p>"
    )
    return Section("sterile-tension", "Do the experiments agree?", html, (path,))


def _published(statements: Sequence[Statement], folder: Path) -> Section:
    rows = tables.statement_rows(statements)
    path = tables.write_csv(folder / "published.csv", tables.PUBLISHED_HEAD, rows)
    html = tables.as_html(tables.PUBLISHED_HEAD, rows, "Published statements and our own numbers.")
    return Section("sterile-published", "Beside the published numbers", html, (path,))


def _bayes(fits: Mapping[str, Fit], folder: Path) -> Section:
    fit = fits.get(JOINT) or next(iter(fits.values()))
    html, made = _drawn(
        posterior_figure(fit),
        folder,
        "posterior",
        f"Posterior of {escape(fit.title)} for flat priors in both logarithms, nuisances "
        "integrated out, with regions of highest density at 68 and 95 %.",
    )
    head, rows = tables.bayes_rows(fits)
    made.append(tables.write_csv(folder / "bayes-factors.csv", head, rows))
    html += tables.as_html(
        head, rows, "ln of the Bayes factor of 3+1 against no oscillation under several priors."
    )
    return Section("sterile-bayes", "Posterior and evidence", html, tuple(made))


def _data(fits: Mapping[str, Fit], folder: Path) -> Section:
    joint = fits.get(JOINT)
    pieces, made = [], []
    for fit in fits.values():
        if len(fit.experiments) != 1 or fit.name == JOINT:
            continue
        experiment = fit.experiments[0]
        figure = data_figure(experiment, fit.best, joint.best if joint else None)
        html, paths = _drawn(
            figure,
            folder,
            f"data-{experiment.name}",
            f"{escape(experiment.title)}: data and fitted expectations. Error bars leave out the "
            "pulls, which take their best values under each hypothesis. "
            f"{escape(experiment.source)}",
        )
        notes = "".join(f"<li>{escape(note)}</li>" for note in experiment.notes)
        pieces.append(html + (f"<ul>{notes}</ul>" if notes else ""))
        made += paths
    return Section("sterile-data", "Data against prediction", "".join(pieces), tuple(made))
