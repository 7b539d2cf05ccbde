"""The figures behind a certificate's verdicts."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..diagnostics.certificate import Check
from ..diagnostics.verdict import Verdict
from .page import PageFigure
from .style import BLUE, GREY, INK, PALE, VERMILLION, new_figure, styled

_CURVES = ("simulation-based calibration", "expected coverage", "TARP")
_FLOOR = 5e-5  # smallest p-value that 20,000 simulated bands can give


def figures_of(check: Check, stem: str) -> list[PageFigure]:
    """The figures of one check.

    Args:
        check: With the arrays of its verdicts.
        stem: Start of the figures' file names.
    """
    by_name = {verdict.name: verdict for verdict in check.corrected}
    raw = {verdict.name: verdict for verdict in check.raw}
    result: list[PageFigure] = []

    def add(name: str, figure: Figure, caption: str, alt: str) -> None:
        result.append(PageFigure(f"{stem}-{name}", figure, f"{check.title}. {caption}", alt))

    curves = [name for name in _CURVES if name in by_name]
    if curves:
        add(
            "curves",
            curves_figure([(by_name[name], raw.get(name)) for name in curves]),
            "Distribution function of the truth's rank, of the credibility at "
            "which a highest-density region reaches it, and of the mass nearer to a random "
            "point than it, less that of a uniform number. Blue: weighted draws, one line a "
            "quantity; black dotted: raw draws; grey: the band that a right posterior leaves "
            "once in a hundred times or less.",
            "Deviations of distribution functions from uniform, within their bands.",
        )
    if "calibration by slice" in by_name:
        add(
            "slices",
            slices_figure(by_name["calibration by slice"], raw.get("calibration by slice")),
            "The p-value of all rank statistics in each slice of the data (a "
            "quarter of the data sets each). Full dots: weighted draws; open: raw draws; the "
            "red line is where a slice alone gives the alarm.",
            "P-values of the rank statistics slice by slice.",
        )
    if "importance weights" in by_name and "efficiency" in by_name["importance weights"].arrays:
        add(
            "weights",
            weights_figure(by_name["importance weights"], by_name.get("Pareto tails")),
            "Effective share of the draws, ESS/N, of every simulated data set; "
            "the same against a property of the data, medians as a line; and the Pareto shape "
            "of each set's weights.",
            "Histograms of ESS/N and of the Pareto shape, and ESS/N by slice.",
        )
    local = by_name.get("local C2ST at the measured data")
    if local is not None:
        add(
            "local",
            local_figure(local, raw.get("local C2ST at the measured data")),
            "Draws at the measured data, raw on the left and weighted on the "
            "right (area in proportion to the weight), coloured by what a classifier trained "
            "on the simulated data sets says there: red, it expects more truths than the draws "
            "show; blue, fewer. Colours mean something only where the test fails.",
            "Draws at the measured data coloured by the local classifier's score.",
        )
    pairs = [verdict for verdict in check.corrected if "score_x" in verdict.arrays]
    if pairs:
        add(
            "classifier",
            classifier_figure(pairs),
            "What the classifier says of draws it has not seen: the "
            "probability of being one of the exact draws. Where the two sets agree, both lie "
            "around one half, alike.",
            "Histograms of the classifier's probability for both sets of draws.",
        )
    return result


@styled
def curves_figure(pairs: Sequence[tuple[Verdict, Verdict | None]]) -> Figure:
    """Distribution functions less the uniform one, one panel a diagnostic."""
    figure, panels = new_figure(3.6 * len(pairs), 3.0, 1, len(pairs), sharey=True, squeeze=False)
    xs = {"expected coverage": "credibility", "TARP": "mass nearer than the truth"}
    for axes, (verdict, raw) in zip(panels[0], pairs, strict=True):
        grid = np.concatenate([[0.0], verdict.arrays["grid"], [1.0]])

        def closed(curve: np.ndarray, at: np.ndarray) -> np.ndarray:
            return np.concatenate([[0.0], curve, [1.0]]) - at

        arrays = verdict.arrays
        axes.fill_between(
            grid, closed(arrays["lower"], grid), closed(arrays["upper"], grid), color=PALE
        )
        for curve in np.atleast_2d(arrays["ecdf"]):
            axes.plot(grid, closed(curve, grid), color=BLUE, lw=1.0)
        if raw is not None:
            own = np.concatenate([[0.0], raw.arrays["grid"], [1.0]])
            for curve in np.atleast_2d(raw.arrays["ecdf"]):
                axes.plot(own, closed(curve, own), color=INK, lw=0.8, ls=":")
        axes.axhline(0, color=GREY, lw=0.6)
        axes.set_xlim(0, 1)
        axes.set_title(verdict.name)
        axes.set_xlabel(xs.get(verdict.name, "rank of the truth"))
    panels[0, 0].set_ylabel("deviation")
    return figure


@styled
def slices_figure(verdict: Verdict, raw: Verdict | None) -> Figure:
    """P-values by slice, one panel a property of the data."""
    found: dict[str, Any] = verdict.values["slices"]
    columns = min(3, len(found))
    rows = -(-len(found) // columns)
    width, height = 3.6 * columns, 2.7 * rows
    figure, panels = new_figure(width, height, rows, columns, sharey=True, squeeze=False)
    for axes in panels.ravel()[len(found) :]:
        axes.set_visible(False)
    for axes, (name, slices) in zip(panels.ravel(), found.items(), strict=False):
        parts = len(slices["p_values"])
        alarm = verdict.band[0] / len(found) / parts
        place = np.arange(parts)
        axes.plot(place, np.maximum(slices["p_values"], _FLOOR), "o", color=BLUE)
        if raw is not None:
            own = raw.values["slices"][name]["p_values"]
            axes.plot(place + 0.15, np.maximum(own, _FLOOR), "o", color=INK, mfc="none", ms=5)
        axes.axhline(alarm, color=VERMILLION, lw=1.2)
        axes.set_yscale("log")
        axes.set_ylim(_FLOOR / 2, 2)
        axes.set_xlim(-0.5, parts - 0.5)
        edges = slices["edges"]
        labels = [f"{low:.3g}\nto {high:.3g}" for low, high in pairwise(edges)]
        axes.set_xticks(place, labels, fontsize=9)
        axes.tick_params(axis="x", which="minor", bottom=False, top=False)
        axes.set_title(name, fontsize=11)
    for row in panels:
        row[0].set_ylabel("p-value")
    return figure


@styled
def weights_figure(verdict: Verdict, tails: Verdict | None) -> Figure:
    """ESS/N as a histogram and by slice, and k-hat."""
    sizes = verdict.arrays["efficiency"]
    by = {name[3:]: v for name, v in verdict.arrays.items() if name.startswith("by ")}
    count = 1 + bool(by) + (tails is not None)
    figure, panels = new_figure(3.6 * count, 3.0, 1, count, squeeze=False)
    axes, *rest = panels[0]
    axes.hist(sizes, bins=np.linspace(0, 1, 41), color=BLUE, alpha=0.85)
    axes.axvline(verdict.band[0], color=VERMILLION, lw=1.2)
    axes.set_xlim(0, 1)
    axes.set_xlabel("ESS/N of a data set")
    axes.set_ylabel("data sets")
    if by:
        axes, *rest = rest
        # the property by whose slices the medians differ most
        medians = verdict.values["medians_by_slice"]
        name = max(by, key=lambda key: np.ptp(medians[key]))
        axes.plot(by[name], sizes, ".", color=BLUE, ms=2.5, alpha=0.6, rasterized=True)
        rows = np.array_split(np.argsort(by[name], kind="stable"), len(medians[name]))
        for part, middle in zip(rows, medians[name], strict=True):
            ends = by[name][part].min(), by[name][part].max()
            axes.plot(ends, [middle, middle], color=INK, lw=1.6)
        if by[name].min() >= 0 and by[name].max() > 50 * max(np.median(by[name]), 1e-9):
            axes.set_xscale("symlog", linthresh=max(float(np.median(by[name])), 1e-3))
        axes.set_ylim(0, 1.02)
        axes.set_xlabel(name)
        axes.set_ylabel("ESS/N")
    if tails is not None:
        axes = rest[0]
        shapes = np.clip(tails.arrays["k_hat"], -0.5, 1.5)
        axes.hist(shapes, bins=np.linspace(-0.5, 1.5, 41), color=BLUE, alpha=0.85)
        axes.axvline(0.7, color=VERMILLION, lw=1.2)
        axes.set_xlabel("Pareto shape k-hat of the weights")
        axes.set_ylabel("data sets")
    return figure


@styled
def local_figure(verdict: Verdict, raw: Verdict | None) -> Figure:
    """Draws at the measured data by the classifier's score, raw and weighted."""
    names = verdict.values["quantities"]
    draws = verdict.arrays["draws"]
    share = np.exp(verdict.arrays["log_weights"] - verdict.arrays["log_weights"].max())
    score = verdict.arrays["score"][0]
    first, second = _telling(draws, score * share)
    both = [(raw, "raw", np.ones(len(share))), (verdict, "weighted", share)]
    shown = [(one, title, size) for one, title, size in both if one is not None]
    figure, panels = new_figure(
        4.3 * len(shown) + 0.6, 3.6, 1, len(shown), sharex=True, sharey=True, squeeze=False
    )
    limit = max(float(np.quantile(np.abs(one.arrays["score"]), 0.99)) for one, _, _ in shown)
    points: Any = None
    for axes, (one, title, size) in zip(panels[0], shown, strict=True):
        area = 260 * size / size.sum() * min(len(size), 60)
        points = axes.scatter(
            draws[:, first],
            draws[:, second],
            s=np.clip(area, 0, 90),
            c=one.arrays["score"][0],
            cmap="coolwarm",
            vmin=-limit,
            vmax=limit,
            linewidths=0,
            alpha=0.8,
            rasterized=True,
        )
        axes.set_title(f"{title}: p = {one.statistic:.2g}")
        axes.set_xlabel(_plain(names[first]))
    panels[0, 0].set_ylabel(_plain(names[second]))
    figure.colorbar(points, ax=panels[0].tolist(), label="score")
    return figure


def _telling(draws: np.ndarray, score: np.ndarray) -> tuple[int, int]:
    """The two quantities along which the score varies most, in their order."""
    if draws.shape[1] == 2:
        return 0, 1
    spread = draws.std(axis=0)
    gap = (draws - draws.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    strength = np.abs((gap * (score - score.mean())[:, None]).mean(axis=0))
    first, second = sorted(np.argsort(strength)[-2:])
    return int(first), int(second)


def _plain(name: str) -> str:
    return name.replace("_", " ")


@styled
def classifier_figure(verdicts: Sequence[Verdict]) -> Figure:
    """Held-out probabilities of both sets, one panel a test."""
    figure, panels = new_figure(4.0 * len(verdicts), 3.0, 1, len(verdicts), squeeze=False)
    for axes, verdict in zip(panels[0], verdicts, strict=True):
        arrays = verdict.arrays
        ends = np.concatenate([arrays["score_x"], arrays["score_y"]])
        bins = np.linspace(float(ends.min()), float(ends.max()), 41)
        for key, colour, label in (("y", GREY, "exact"), ("x", BLUE, "the run's")):
            axes.hist(
                arrays[f"score_{key}"],
                bins=bins,
                weights=arrays[f"weight_{key}"],
                histtype="stepfilled" if key == "y" else "step",
                color=PALE if key == "y" else colour,
                label=label,
                lw=1.4,
            )
        axes.set_title(verdict.name.rpartition(", ")[2])
        axes.set_xlabel("probability of being exact")
        axes.set_yticks([])
    panels[0, 0].legend()
    return figure
