"""Sections on a run of the founding paper's recipe: acceptance, chi-squares, label residuals."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from ...base.files import load_arrays
from ...core.draws import Draws
from ...core.problem import RunView
from ...core.target import LikelihoodTarget
from ...report.first_screen import verdict_of
from ...report.generic import numbers_sections, warning_of
from ...report.how_made import how_made_section
from ...report.math_svg import paragraphs
from ...report.numbers import plain
from ...report.page import PageFigure, Section, table, write_page
from ...report.posterior_sample import Sample
from ...report.reliability import trust_section
from ...report.style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, VERMILLION, new_figure, styled
from ..flavour.nufit import LABELS
from ..seesaw.model import OBSERVABLES
from .labels import PAPER_ACCEPTANCE

_COLOURS = (GREY, BLUE, VERMILLION, GREEN, PURPLE, ORANGE)


def founding_sections(stages: Path) -> list[Section]:
    """The sections, from what a run left in its stages.

    Args:
        stages: Folder with ``draws.npz`` and ``founding-paper.npz``.
    """
    notes = Draws.from_arrays(load_arrays(stages / "draws.npz")).notes
    arrays = load_arrays(stages / "founding-paper.npz")
    rounds = notes["rounds"]
    figures = [
        PageFigure(
            "founding-chi2",
            chi2_figure(arrays),
            "Chi-square of the two mass labels and of the nine mixing labels from L*, by network: "
            "the first, and those after each transfer learning. Dashed: the 95 % points of "
            "chi-square distributions with two and nine degrees of freedom. What leaves the axis "
            "is counted in its last bin.",
            "Histograms of chi-square by round",
        ),
        PageFigure(
            "founding-labels",
            pulls_figure(arrays["pulls"]),
            "Residual of every label, in units of its sigma (a sixth of NuFIT's 3 sigma range), "
            "for the last network: median, central 68 % (thick) and 95 % (thin). Shaded: within "
            "3 sigma. The axis is linear within 3 sigma and logarithmic beyond, up to $10^6$.",
            "Residuals of the eleven labels in sigma",
        ),
    ]
    body = paragraphs(
        "Acceptance of what the networks generated at L*, whatever it is. The test of "
        "arXiv:2503.21432 is all eleven labels inside their 3 sigma ranges; it reports "
        f"{plain(PAPER_ACCEPTANCE)} (104 of about 3e7). Fractions with their binomial errors; "
        "where none was accepted, the 95 % upper limit."
    )
    body += _acceptances(rounds)
    if notes.get("scan"):
        body += paragraphs(
            "Acceptance of the last network by scale of guidance: 0 is the unconditional network, "
            "1 the conditional one."
        ) + _scan(notes["scan"])
    if notes.get("beyond"):
        body += paragraphs(
            "Draws of the last network where the seesaw map is used besides, which the paper does "
            "not: steered, every denoising step is corrected by the map and its derivatives; "
            "mended, the lift carries each draw to the measurement afterwards. Fractions are of "
            "all that were drawn."
        ) + _beyond(notes["beyond"])
    return [Section("The founding paper's recipe", body, figures)]


def write_founding(target: LikelihoodTarget, run: RunView) -> Path:
    """Write the page of a run of the recipe.

    It has no pictures of a posterior, for there is none.
    """
    out, groups, summary, sections = run.out, run.groups, run.summary, run.extra
    sample = Sample(target, groups, name="generated draws")
    rounds = summary["method_notes"]["rounds"]
    last = rounds[-1]
    eleven, five = last["eleven_labels"], last["five_observables"]
    steered = summary["method_notes"]["recipe"].get("steered", "none") != "none"
    by = ", steered by the seesaw map (which the paper's are not)," if steered else ","
    headline = [
        f"Of {plain(eleven['of'])} draws of the last network{by} {plain(eleven['accepted'])} have "
        f"all 11 labels inside their 3 sigma ranges: {fraction(eleven)}. The founding paper's "
        f"acceptance is {plain(PAPER_ACCEPTANCE)}.",
        f"All five observables are inside for {fraction(five)}, and "
        f"{fraction(last['in_prior'])} of the draws lie inside the prior.",
    ]
    return write_page(
        out,
        "The founding paper's recipe",
        "Diffusion with classifier-free guidance and transfer learning, as in arXiv:2503.21432",
        headline,
        [
            *sections,
            *numbers_sections(sample),
            trust_section(target, groups, summary, sample),
            how_made_section(out, target, summary),
        ],
        accent=GREY,
        warning=warning_of(summary),
        verdict=verdict_of(target, groups, summary, sample),
    )


def _acceptances(rounds: list[dict[str, Any]]) -> Any:
    names = {
        "eleven_labels": "all 11 labels within 3 sigma",
        "eleven_labels_in_prior": "the same, and inside the prior",
        "five_observables": "all 5 observables within 3 sigma",
        "five_observables_in_prior": "the same, and inside the prior",
        "in_prior": "inside the prior",
        "near": "all 11 labels within 15 sigma, inside the prior",
    }
    heads = ["", *(_network(book) for book in rounds), "arXiv:2503.21432"]
    rows = []
    for key, text in names.items():
        own = [fraction(book[key]) for book in rounds]
        rows.append([text, *own, plain(PAPER_ACCEPTANCE) if key == "eleven_labels" else "–"])
    for key, text in (
        ("median_chi2", "median chi-square, 11 labels"),
        ("median_chi2_masses", "of the 2 masses"),
        ("median_chi2_mixings", "of the 9 mixings"),
        ("diversity", "diversity (1: the prior's)"),
    ):
        rows.append([text, *(plain(float(book[key])) for book in rounds), "–"])
    generated = [plain(book["eleven_labels"]["of"]) for book in rounds]
    rows.append(["generated", *generated, "about 3e7"])
    learned = [book.get("learned_again") for book in rounds]
    if any(learned):
        for key, text in (
            ("kept", "learned again: in all"),
            ("masses_alone", "masses alone tight"),
            ("mixings_alone", "mixings alone tight"),
            ("both", "both tight"),
            ("cuts_multiplied_by", "cuts multiplied by"),
        ):
            rows.append([text, *("–" if one is None else plain(one[key]) for one in learned), "–"])
    return table(heads, rows, classes="numbers")


def _scan(scan: list[dict[str, Any]]) -> Any:
    heads = [
        "scale",
        "draws",
        "11 labels",
        "inside the prior too",
        "all within 15 sigma",
        "in prior",
    ]
    heads += ["median chi-square", "diversity"]
    rows = [
        [
            plain(float(book["guidance"])),
            plain(book["in_prior"]["of"]),
            *(
                fraction(book[key])
                for key in ("eleven_labels", "eleven_labels_in_prior", "near", "in_prior")
            ),
            plain(float(book["median_chi2"])),
            plain(float(book["diversity"])),
        ]
        for book in scan
    ]
    return table(heads, rows, classes="numbers")


def _beyond(books: list[dict[str, Any]]) -> Any:
    keys = ("eleven_labels", "eleven_labels_in_prior", "five_observables_in_prior", "in_prior")
    heads = ["", "11 labels", "inside the prior too", "5 observables, inside", "in prior"]
    rows = [
        [book["what"], *("–" if "failed" in book else fraction(book[key]) for key in keys)]
        for book in books
    ]
    return table(heads, rows, classes="numbers")


def _network(book: dict[str, Any]) -> str:
    number = book["network"]
    return "first network" if number == 0 else f"after transfer {number}"


def fraction(entry: dict[str, float]) -> str:
    """A fraction of `problems.founding_paper.labels.share`, or its upper limit, as text."""
    if entry["accepted"] == 0:
        return f"0; < {plain(float(entry['upper_95']))}"
    return f"{plain(float(entry['value']))} ± {plain(float(entry['error']))}"


@styled
def chi2_figure(arrays: dict[str, np.ndarray]) -> Figure:
    """Chi-squares of masses and of mixings, one outline a round."""
    count = sum(name.startswith("masses_") for name in arrays)
    figure, axes = new_figure(10, 3.8, 1, 2)
    for one, name, label, limit in zip(
        axes,
        ("masses", "mixings"),
        ("2 mass labels", "9 mixing labels"),
        (5.99, 16.92),
        strict=True,
    ):
        logs = [np.log10(np.clip(arrays[f"{name}_{k}"], 1e-2, 1e12)) for k in range(count)]
        low = min(float(np.quantile(values, 0.001)) for values in logs)
        high = max(float(np.quantile(values, 0.999)) for values in logs)
        edges = np.linspace(min(low, 0.0), max(high, 2.0), 61)
        for k, values in enumerate(logs):
            shown = np.clip(values, edges[0], edges[-1])
            text = "first network" if k == 0 else f"after transfer {k}"
            one.hist(
                shown,
                edges,
                density=True,
                histtype="step",
                color=_COLOURS[k % len(_COLOURS)],
                lw=1.6,
                label=text,
            )
        one.axvline(np.log10(limit), color=INK, ls="--", lw=1)
        one.set_xlabel(rf"$\log_{{10}}\,\chi^2$, {label}")
    axes[0].set_ylabel("density")
    axes[0].legend()
    return figure


@styled
def pulls_figure(pulls: np.ndarray) -> Figure:
    """Median and central intervals of the residuals (N, 11) of the labels."""
    figure, axes = new_figure(8, 4.2)
    levels = np.nanquantile(np.where(np.isfinite(pulls), pulls, np.nan), _LEVELS, axis=0)
    levels = np.clip(levels, -_SEEN, _SEEN)
    rows = np.arange(len(LABELS))[::-1]
    axes.axvspan(-3, 3, color=GREEN, alpha=0.15, lw=0)
    axes.hlines(rows, levels[0], levels[4], color=BLUE, lw=1.2)
    axes.hlines(rows, levels[1], levels[3], color=BLUE, lw=4)
    axes.plot(levels[2], rows, "o", color=INK, ms=5)
    axes.set_xscale("symlog", linthresh=3)
    axes.set_xlim(-_SEEN, _SEEN)
    ticks = [-1e5, -1e3, -10, -3, 0, 3, 10, 1e3, 1e5]
    axes.set_xticks(ticks, [_tick(value) for value in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_yticks(rows, [f"${OBSERVABLES[name].latex}$" for name in LABELS])
    axes.tick_params(axis="y", which="minor", left=False, right=False)
    axes.set_xlabel(r"(label $-$ $L^*$) / $\sigma$")
    return figure


_LEVELS = np.array([0.025, 0.16, 0.5, 0.84, 0.975])
_SEEN = 1e6  # sigma


def _tick(value: float) -> str:
    if abs(value) < 100:
        return f"${value:g}$"
    return f"${'-' if value < 0 else ''}10^{{{round(np.log10(abs(value)))}}}$"
