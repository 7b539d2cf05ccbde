"""The figure of a comparison: ln Bayes factors with their errors, best model on top."""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from .style import (
    BLUE,
    GREY,
    ORANGE,
    PALE,
    SKY,
    VERMILLION,
    new_figure,
    styled,
    write_figure,
)

_MOST = 30
_COLOURS = (VERMILLION, ORANGE, SKY, GREY)


@styled
def comparison_figure(rows: Sequence[dict[str, Any]], folder: Path) -> None:
    """Draw the first 30 rows of a ranking into ``comparison.png`` and ``comparison.pdf``."""
    shown = list(rows)[:_MOST]
    figure, axes = new_figure(7.2, 1.2 + 0.3 * max(len(shown), 3))
    place = np.arange(len(shown))
    gap = np.array([row["log_bayes_factor"] for row in shown])
    error = np.array([row["log_evidence_error"] for row in shown])
    axes.axvspan(-3, 0, color=PALE, alpha=0.4, lw=0)
    axes.errorbar(gap, place, xerr=error, fmt="o", color=BLUE, ms=5, lw=1.4, zorder=3)
    loose = [i for i, row in enumerate(shown) if not row["converged"]]
    axes.plot(gap[loose], place[loose], "o", mfc="white", mec=BLUE, ms=5, zorder=4)
    names = [key for key in shown[0] if key.startswith("log_evidence, ")]
    best = shown[0]["log_evidence"]
    for name, marker, colour in zip(names, cycle("dsv^"), cycle(_COLOURS), strict=False):
        other = np.array([row.get(name, np.nan) for row in shown], float) - best
        label = name.removeprefix("log_evidence, ")
        axes.plot(other, place + 0.2, marker, color=colour, ms=3.5, alpha=0.8, label=label)
    if names:
        figure.legend(loc="outside upper center", ncols=2, title="the same under other priors")
    axes.axvline(0, color=GREY, lw=0.8)
    axes.set_yticks(place, [row["model"] for row in shown])
    axes.tick_params(axis="y", which="minor", length=0)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlabel(r"$\ln B$ against the best model")
    write_figure(figure, folder, "comparison")
