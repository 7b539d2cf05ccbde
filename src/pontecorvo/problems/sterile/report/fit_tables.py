"""Tables of the sterile report, as CSV and as HTML: fits, tension, published numbers."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from ....base import files
from ....frequentist.goodness import ParameterGoodness
from ....report.page import table
from ....report.style import empty_figure
from ..fits import Fit
from ..statements import Statement
from .plane_style import METHOD_COLOURS, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Rows = list[list[str]]

FIT_HEAD = (
    *("set", "bins", "sin2_2theta", "dm2_eV2", "chi2_best", "chi2_null", "delta_chi2"),
    *("p_trials", "sigma_trials", "sigma_wilks", "sigma_local", "trials_factor", "ln_bayes_factor"),
)
TENSION_HEAD = (
    *("sets", "chi2_pg", "p_trials", "p_trials_low", "p_trials_high", "sigma_trials"),
    *("p_textbook", "sigma_textbook", "median_in_trials", "trials"),
)
PUBLISHED_HEAD = ("subject", "published", "source", "ours")


def fit_rows(fits: Mapping[str, Fit]) -> Rows:
    """Best fit and preference over no oscillation of every set."""
    rows = []
    for fit in fits.values():
        best, null = fit.best, fit.null
        rows.append(
            [
                fit.title,
                str(fit.bins),
                f"{10**best.x:.3g}",
                f"{10**best.y:.3g}",
                f"{best.chi2:.2f}",
                f"{best.null_chi2:.2f}",
                f"{null.statistic:.2f}",
                f"{null.value:.2g}",
                f"{null.sigma:.2f}",
                f"{fit.null_wilks[1]:.2f}",
                f"{fit.elsewhere.local_sigma:.2f}",
                f"{fit.elsewhere.trials_factor:.3g}",
                f"{fit.posterior.log_bayes_factor:.2f}",
            ]
        )
    return rows


def tension_rows(tensions: Sequence[ParameterGoodness]) -> Rows:
    """Parameter goodness of fit of every pair."""
    rows = []
    for result in tensions:
        t = result.by_trials
        rows.append(
            [
                " - ".join(result.names),
                f"{result.statistic:.2f}",
                f"{t.value:.3g}",
                f"{t.low:.3g}",
                f"{t.high:.3g}",
                f"{t.sigma:.2f}",
                f"{result.textbook:.3g}",
                f"{result.textbook_sigma:.2f}",
                f"{result.quantiles[0]:.2f}",
                str(t.trials),
            ]
        )
    return rows


def statement_rows(statements: Sequence[Statement]) -> Rows:
    """Published statements and ours."""
    return [[s.subject, s.published, s.source, s.ours] for s in statements]


def bayes_rows(fits: Mapping[str, Fit]) -> tuple[list[str], Rows]:
    """ln Bayes factor of every set under every prior, with its column names."""
    head: list[str] = ["set"]
    rows = []
    for fit in fits.values():
        factors = fit.bayes_factors
        head = ["set", *factors]
        rows.append([fit.title, *(f"{value:.2f}" for value in factors.values())])
    return head, rows


def write_csv(path: Path, head: Sequence[str], rows: Rows) -> Path:
    """Write a table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    files.write_text(path, text.getvalue())
    return path


def as_html(head: Sequence[str], rows: Rows, caption: str) -> Markup:
    """A table in HTML below its caption."""
    return Markup("<p>{}</p>").format(caption) + table(
        [name.replace("_", " ") for name in head], rows
    )


def significance_figure(fits: Mapping[str, Fit]) -> "Figure":
    """Preference over no oscillation of every set: local, by Wilks, by trials."""
    kinds = (
        ("local, at the best $\\Delta m^2$", "#56B4E9", "v", lambda f: f.elsewhere.local_sigma),
        ("Wilks, two parameters", METHOD_COLOURS["wilks"], "s", lambda f: f.null_wilks[1]),
        ("trials, whole plane", METHOD_COLOURS["feldman-cousins"], "o", lambda f: f.null.sigma),
    )
    shown = list(fits.values())
    place = np.arange(len(shown))[::-1]
    with style():
        figure = empty_figure(5.6, 0.27 * len(shown) + 1.3)
        axes = figure.subplots()
        for label, colour, marker, value in kinds:
            values = [value(fit) for fit in shown]
            axes.plot(values, place, marker, color=colour, ms=5, label=label)
        for fit, y in zip(shown, place, strict=True):
            axes.plot(fit.null.sigma_range, [y, y], color=METHOD_COLOURS["feldman-cousins"], lw=1.2)
        axes.set_yticks(place, [fit.title for fit in shown])
        axes.tick_params(axis="y", which="both", left=False, right=False)
        axes.grid(axis="x", lw=0.4, color="0.85")
        axes.set_axisbelow(True)
        axes.set_xlim(left=0)
        axes.set_ylim(-0.6, len(shown) - 0.4)
        axes.set_xlabel("preference over no oscillation [two-sided $\\sigma$]")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
