"""The page of a certificate: one line a verdict, the figures behind, what may be concluded."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ..diagnostics.verdict import Verdict
from .page import PageFigure, Section, Tile, table, write_page
from .style import BLUE, GREY, new_figure, styled

_MEANING = {
    "simulation-based calibration": "The truth's rank among the posterior draws must be uniform, "
    "for every quantity. It is not, where a posterior is too narrow, too wide or shifted.",
    "expected coverage": "A 90 % highest-density region must hold 90 % of the truths. It sees a "
    "wrong joint shape, but not two errors that undo each other.",
    "TARP": "The same with balls around random points; sees a wrong joint shape, too.",
    "pulls": "Truth minus centre over width must have mean zero and width one.",
    "importance weights": "A lowest ESS/N near zero means a data set where the network misses the "
    "posterior, and where its weighted draws say little.",
}


def write_certificate(
    out: Path,
    subject: str,
    corrected: Sequence[Verdict],
    raw: Sequence[Verdict],
    simulations: int | None = None,
) -> None:
    """Write ``report.html`` and ``figures/`` of a certificate to `out`.

    Args:
        out: Folder, which exists.
        subject: What was checked.
        corrected: Verdicts on the weighted draws: these decide.
        raw: Verdicts on the same draws without weights.
        simulations: Number of simulated data sets, where there are any.
    """
    rows = [("pass" if v.passed else "FAIL", "weighted", v.name, v.line) for v in corrected]
    rows += [("pass" if v.passed else "fail", "raw", v.name, v.line) for v in raw]
    failed = [v.name for v in corrected if not v.passed]
    headline = [
        f"All {len(corrected)} diagnostics of the weighted draws pass."
        if not failed
        else f"{len(failed)} of {len(corrected)} diagnostics of the weighted draws "
        f"fail: {', '.join(failed)}.",
        "A pass says that no fault of the size that this many draws can show was found; it "
        "does not say that there is none. Each diagnostic gives a false alarm once in a hundred.",
        "Raw draws are shown whatever they are: a network need not be right, its weights must.",
    ]
    tiles = [
        Tile("verdict", "pass" if not failed else "FAIL"),
        Tile("diagnostics", f"{len(corrected)}", "of the weighted draws"),
    ]
    if simulations:
        tiles.append(Tile("simulated data sets", f"{simulations}"))
    sections = [Section("Verdicts", table(("", "draws", "diagnostic", "what it says"), rows))]
    figures = _figures(corrected, raw)
    if figures:
        sections.append(Section("The figures behind", "", figures))
    known = [(name, text) for name, text in _MEANING.items() if simulations]
    if known:
        sections.append(Section("What each can and cannot show", table(("", ""), known)))
    write_page(
        out,
        "Can it be trusted?",
        subject,
        headline,
        sections,
        tiles,
        warning="" if not failed else "Do not rely on this without looking at what failed.",
    )


def _figures(corrected: Sequence[Verdict], raw: Sequence[Verdict]) -> list[PageFigure]:
    result = []
    plain = {verdict.name: verdict for verdict in raw}
    for number, verdict in enumerate(corrected):
        if {"grid", "ecdf", "lower", "upper"} <= set(verdict.arrays):
            figure = _ecdf(verdict, plain.get(verdict.name))
            result.append(
                PageFigure(
                    f"check-{number}",
                    figure,
                    f"{verdict.name}: empirical distribution minus the uniform one, with its "
                    "simultaneous band (grey). Blue: weighted draws; dotted: raw draws.",
                    f"Deviation of the distribution function for {verdict.name}.",
                )
            )
        elif "efficiency" in verdict.arrays:
            figure = _histogram(verdict.arrays["efficiency"])
            result.append(
                PageFigure(
                    f"check-{number}",
                    figure,
                    "Importance-sampling efficiency of every simulated data set.",
                    "Histogram of ESS/N.",
                )
            )
    return result


@styled
def _histogram(efficiency: np.ndarray) -> Figure:
    figure, axes = new_figure(4.2, 2.8)
    axes.hist(efficiency, bins=40, color=BLUE, alpha=0.8)
    axes.set_xlabel("ESS/N of a data set")
    axes.set_ylabel("data sets")
    return figure


@styled
def _ecdf(verdict: Verdict, raw: Verdict | None) -> Figure:
    figure, axes = new_figure(4.2, 2.8)
    grid = verdict.arrays["grid"]
    axes.fill_between(
        grid, verdict.arrays["lower"] - grid, verdict.arrays["upper"] - grid, color=GREY, alpha=0.35
    )
    for curve in np.atleast_2d(verdict.arrays["ecdf"]):
        axes.plot(grid, curve - grid, color=BLUE, lw=0.9)
    if raw is not None and "ecdf" in raw.arrays:
        for curve in np.atleast_2d(raw.arrays["ecdf"]):
            axes.plot(raw.arrays["grid"], curve - raw.arrays["grid"], color="black", lw=0.6, ls=":")
    axes.axhline(0, color="black", lw=0.5)
    axes.set_xlabel("rank or credibility")
    axes.set_ylabel("deviation")
    axes.set_title(verdict.name, fontsize=9)
    return figure
