"""The sterile part of a report: its sections, and every contour and table as CSV beside them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ....frequentist.belts import Belt
from ....frequentist.contours import Contour
from ....frequentist.goodness import ParameterGoodness
from ....frequentist.trial_region import LEVELS
from ....report.page import PageFigure, Section, definitions
from ..fits import JOINT, Fit
from ..plane_coordinates import write_shown
from ..statements import Statement
from . import fit_tables as tables
from .data_figures import data_figure
from .plane_figures import (
    METHODS,
    critical_figure,
    experiments_figure,
    lines_of,
    methods_figure,
    posterior_figure,
)

HIGHEST = max(LEVELS)


def sections(
    fits: Mapping[str, Fit],
    belts: Mapping[str, Belt],
    tensions: Sequence[ParameterGoodness],
    statements: Sequence[Statement],
    folder: Path,
) -> list[Section]:
    """Draw everything, write the CSV files, and return the report's sections in order.

    Args:
        fits: Those of `problems.sterile.fits.sets_of`.
        belts: Feldman-Cousins belts by the name of their fit; fits without one are drawn without.
        tensions: Parameter goodness of fit.
        statements: Published statements beside ours.
        folder: Where contours and tables are written; figures are written with the page.
    """
    made = [
        _plane(fits, belts, folder),
        _each(fits, belts),
        _preference(fits, folder),
        _tension(tensions, folder),
        _published(statements, folder),
        _bayes(fits, folder),
        _data(fits),
    ]
    if belts:
        made.insert(2, _critical(fits, belts))
    return made


def write_all_contours(
    fits: Mapping[str, Fit], belts: Mapping[str, Belt], folder: Path
) -> list[Path]:
    """One CSV a fit with its contours by every method."""
    result = []
    for name, fit in fits.items():
        lines: list[Contour] = []
        for method in METHODS:
            if method != "feldman-cousins" or name in belts:
                lines.extend(lines_of(fit, method, LEVELS, belts.get(name)))
        path = folder / f"contours-{name}.csv"
        write_shown(path, lines)
        result.append(path)
    return result


def _built(fits: Mapping[str, Fit], belts: Mapping[str, Belt]) -> str:
    """Which fits have belts."""
    if len(belts) == len(fits):
        return "all of them"
    names = ", ".join(fits[name].title for name in belts)
    return f"{names or 'none'} (frequentist.belts in the settings says which)"


def _plane(fits: Mapping[str, Fit], belts: Mapping[str, Belt], folder: Path) -> Section:
    write_all_contours(fits, belts, folder)
    percent = ", ".join(f"{100 * level:g}" for level in LEVELS)
    shown = PageFigure(
        "regions-by-method",
        methods_figure(fits, belts, LEVELS),
        f"Allowed regions of the joint fit at {percent} % (shaded) and of each set of "
        f"experiments at {100 * HIGHEST:g} % (lines), by each method. Regions by Wilks' "
        "theorem are shown for comparison: its conditions fail here. By trials: "
        f"{_built(fits, belts)}. Critical values by trials are "
        "averaged over neighbouring points to draw these lines. Bayesian regions hold the highest "
        "posterior density for flat priors in both logarithms; where a posterior is flat along its "
        "boundary none is drawn. A star is drawn where a best fit says something: inside the "
        "plane, and better than no oscillation.",
        "Allowed regions in the plane of mixing and mass splitting by three methods, side by side.",
        main=True,
    )
    return Section("Regions in the plane", figures=[shown])


def _each(fits: Mapping[str, Fit], belts: Mapping[str, Belt]) -> Section:
    shown = PageFigure(
        "regions-by-experiment",
        experiments_figure(fits, belts, HIGHEST),
        f"Regions of each set and each experiment at {100 * HIGHEST:g} % by the three methods; "
        f"by trials: {_built(fits, belts)}.",
        "A small panel for each set and experiment with its region by three methods.",
    )
    return Section("Each experiment", figures=[shown])


def _critical(fits: Mapping[str, Fit], belts: Mapping[str, Belt]) -> Section:
    shown = PageFigure(
        "critical-values",
        critical_figure(belts, fits, HIGHEST),
        f"Critical values at {100 * HIGHEST:g} % by trials, relative to that of Wilks' theorem: "
        "above one (red) Wilks' region is too small, below one (blue) too large.",
        "Map of critical values over the plane, in units of Wilks' value.",
    )
    trials = sum(int(belt.trials.sum()) for belt in belts.values())
    after = f"{trials:,} trials in all, each refitted over the whole plane."
    return Section("Where Wilks' theorem fails", figures=[shown], after=after)


def _preference(fits: Mapping[str, Fit], folder: Path) -> Section:
    shown = PageFigure(
        "preference",
        tables.significance_figure(fits),
        "Preference over no oscillation, three ways. Local: as if the best dm2 had been chosen "
        "before looking. By trials: the probability that data without oscillation prefer "
        "any point of the plane as much. Only the last is a significance.",
        "Significance of each set's preference, local, by Wilks' theorem and by trials.",
    )
    rows = tables.fit_rows(fits)
    tables.write_csv(folder / "fits.csv", tables.FIT_HEAD, rows)
    after = tables.as_html(
        tables.FIT_HEAD,
        rows,
        "Best fits and preference over no oscillation. ln Bayes factor: flat priors in both "
        "logarithms; it depends on the prior's lower end, see below.",
    )
    return Section("Preference over no oscillation", figures=[shown], after=after)


def _tension(tensions: Sequence[ParameterGoodness], folder: Path) -> Section:
    title, rows = "Do the experiments agree?", tables.tension_rows(tensions)
    tables.write_csv(folder / "tension.csv", tables.TENSION_HEAD, rows)
    if not rows:
        return Section(title, "No two independent sets among the chosen experiments.")
    body = tables.as_html(
        tables.TENSION_HEAD,
        rows,
        "Parameter goodness of fit (Maltoni and Schwetz 2003): p-values counted in trials "
        "drawn at the best joint fit; the textbook chi2 distribution, whose median is 1.39, "
        "does not hold.",
    )
    return Section(title, body)


def _published(statements: Sequence[Statement], folder: Path) -> Section:
    rows = tables.statement_rows(statements)
    tables.write_csv(folder / "published.csv", tables.PUBLISHED_HEAD, rows)
    body = tables.as_html(tables.PUBLISHED_HEAD, rows, "Published statements and our own numbers.")
    return Section("Beside the published numbers", body)


def _bayes(fits: Mapping[str, Fit], folder: Path) -> Section:
    fit = fits.get(JOINT) or next(iter(fits.values()))
    shown = PageFigure(
        "posterior",
        posterior_figure(fit),
        f"Posterior of {fit.title} for flat priors in both logarithms, nuisances "
        "integrated out, with regions of highest density at 68 and 95 %.",
        "Posterior density over the plane with its two marginals.",
    )
    head, rows = tables.bayes_rows(fits)
    tables.write_csv(folder / "bayes-factors.csv", head, rows)
    after = tables.as_html(
        head, rows, "ln of the Bayes factor of 3+1 against no oscillation under several priors."
    )
    return Section("Posterior and evidence", figures=[shown], after=after)


def _data(fits: Mapping[str, Fit]) -> Section:
    joint = fits.get(JOINT)
    shown, notes = [], []
    for fit in fits.values():
        if len(fit.experiments) != 1 or fit.name == JOINT:
            continue
        experiment = fit.experiments[0]
        shown.append(
            PageFigure(
                f"data-{experiment.name}",
                data_figure(experiment, fit.best, joint.best if joint else None),
                f"{experiment.title}: data and fitted expectations. Error bars leave out the "
                "pulls, which take their best values under each hypothesis. "
                f"{experiment.source}",
                f"Data of {experiment.title} with three fitted expectations.",
            )
        )
        notes += [(experiment.title, note) for note in experiment.notes]
    after = definitions(notes) if notes else ""
    return Section("Data against prediction", figures=shown, after=after)
