"""Expected coverage of every estimator of the sterile plane, in one picture and one line each."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ....diagnostics.uniformity import uniform_band
from ....report.page import PageFigure
from ....report.style import empty_figure
from ..neural.plane_flows import TITLES as FLOWS
from ..neural.ratio import TITLES as RATIOS
from ..neural.plane_snpe import TITLE as SNPE_C
from .plane_style import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLES = {**FLOWS, **RATIOS, "snpe-c": SNPE_C}
"""Names of all estimators, by kind."""
COLOURS = {
    **{"fmpe": "#0072B2", "npse": "#D55E00"},
    **{"nre": "#009E73", "dnre": "#CC79A7", "snpe-c": "#8C6D1F"},
}
FILE = "coverage.json"
"""Checks of the estimators that have no certificate (`benchmarks/sterile_neural_coverage.py`)."""


def other_checks(folder: Path, networks: str) -> dict[str, dict[str, Any]]:
    """Checks by estimator that lie beside the networks; none of other networks or damaged.

    Args:
        folder: Of the networks.
        networks: Mark of the embedding's arrays that they must name.
    """
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {
            kind: dict(found[kind])
            for kind in COLOURS
            if kind in found
            and found[kind]["networks"] == networks
            and isinstance(found[kind]["verdict"], str)
            and found[kind]["coverage_curve"]["raw"]
        }
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def other_line(kind: str, check: Mapping[str, Any]) -> str:
    """One sentence on an estimator that a run does not draw from; failures are named."""
    failed = check["failed"]
    raw = [verdict["name"] for verdict in check["raw"] if not verdict["passed"]]
    text = f"{TITLES[kind]}: {check['verdict']} over {check['simulations']:,} simulated data sets"
    if failed:
        text += f"; FAILED: {', '.join(failed)}"
    return text + (f"; its raw draws FAIL: {', '.join(raw)}" if raw else "; its raw draws pass")


def coverage_part(checks: Mapping[str, Mapping[str, Any]]) -> PageFigure:
    """The picture of all checks (`diagnostics.certificate.Check.describe`), by estimator."""
    return PageFigure(
        "neural-coverage",
        coverage_figure(checks),
        "Expected coverage of highest-density regions over simulated data sets, less their "
        "credibility, with the simultaneous 95 % band: below zero is overconfident. Solid: "
        "weighted draws; dotted: raw draws.",
        "Coverage less credibility against credibility for each estimator, in its band.",
    )


def coverage_figure(checks: Mapping[str, Mapping[str, Any]]) -> "Figure":
    """Coverage less credibility of every estimator, in the simultaneous band."""
    with style():
        figure = empty_figure(4.6, 3.6)
        axes = figure.subplots()
        # the widest of the bands: data sets left aside differ by a few
        count = min(int(check["simulations"]) for check in checks.values())
        band = uniform_band(count, 0.05)
        axes.fill_between(
            band.grid, band.lower - band.grid, band.upper - band.grid, color="0.88", lw=0
        )
        axes.axhline(0, color="0.4", lw=0.8)
        for kind, check in checks.items():
            for name, line in (("weighted", "-"), ("raw", ":")):
                curve = np.asarray(check["coverage_curve"][name], dtype=float)
                grid = np.linspace(0, 1, len(curve))
                label = TITLES[kind] if name == "weighted" else None
                axes.plot(grid, curve - grid, line, color=COLOURS[kind], lw=1.2, label=label)
        axes.set_xlim(0, 1)
        axes.set_xlabel("credibility")
        axes.set_ylabel("coverage - credibility")
        figure.legend(loc="outside lower center", ncols=2, fontsize=8)
    return figure
