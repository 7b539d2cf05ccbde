"""The report of any model: corner plots, table, checks, and how it was made."""

from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from ..core.problem import RunView
from ..core.target import LikelihoodTarget
from .corner import corner_figure, varying
from .how_made import how_made_section
from .interval_table import ANGLE_NOTE, has_angles, interval_table
from .math_svg import paragraphs
from .numbers import interval, number, percent, places_of, plain
from .page import PageFigure, Section, Tile, write_page
from .posterior_sample import Column, Sample
from .prior_table import prior_sections
from .reliability import trust_section, within_three_sigma
from .style import BLUE

_IN_SIGHT = 12  # parameters in a table before the rest is folded away


def write_generic(target: LikelihoodTarget, run: RunView) -> Path:
    """Write the page of a model of which nothing is known but the protocol.

    Sections that the problem gave come after the posterior's pictures.
    """
    out, groups, summary = run.out, run.groups, run.summary
    reference, reference_name = run.reference, run.reference_name
    own_name = "posterior" if reference is None else str(summary.get("method", "posterior"))
    sample = Sample(target, groups, name=own_name)
    beneath = None
    if reference is not None:
        beneath = Sample(target, reference, sample, reference_name)
    figures = []
    for kind, columns in (("predictions", sample.predictions), ("parameters", sample.parameters)):
        shown = varying(sample, list(columns))
        if not shown:
            continue
        figures.append(
            PageFigure(
                f"corner-{kind}",
                corner_figure(sample, shown, beneath, BLUE),
                _corner_caption(kind, len(shown), len(columns)),
                f"Corner plot of {kind}: {', '.join(shown)}",
            )
        )
    sections = [
        Section("Posterior", "", figures),
        *run.extra,
        *numbers_sections(sample),
        *prior_sections(summary, sample),
        trust_section(target, groups, summary, sample),
        how_made_section(out, target, summary),
    ]
    return write_page(
        out,
        summary.get("study") or target.model.name,
        f"Posterior of {len(target.model.parameters)} parameters by the method "
        f"“{summary.get('method', 'unknown')}”",
        [*_headline(sample, target), trust_sentence(target, groups, summary, sample)],
        sections,
        [tile(column, sample) for column in list(sample.predictions.values())[:5]],
        warning=warning_of(summary),
    )


def _corner_caption(kind: str, shown: int, total: int) -> str:
    which = f"All {total}" if shown == total else f"The first {shown} of {total}"
    return (
        f"{which} {kind} that vary, each pair and each alone: regions of highest density that "
        "hold 68 and 95 % of the posterior, smoothed. Above each histogram, median and central "
        "68 % interval. Green: measured values with their 1, 2 and 3 sigma ranges, where a "
        "quantity is measured."
    )


def numbers_sections(sample: Sample) -> list[Section]:
    """Table of predictions, and of parameters, the latter folded away where they are many."""
    text = paragraphs(
        "Medians and central intervals, weighted. An interval of a quantity that the likelihood "
        "measures is mostly the measurement given back."
    )
    if has_angles({**sample.predictions, **sample.parameters}):
        text += paragraphs(ANGLE_NOTE)
    text += Markup("<h3>Predictions</h3>") + interval_table(sample, sample.predictions)
    if sample.parameters:
        inside = interval_table(sample, sample.parameters)
        count = len(sample.parameters)
        if count <= _IN_SIGHT:
            text += Markup("<h3>Parameters</h3>") + inside
        else:
            text += Markup("<details><summary>The {} parameters</summary>{}</details>").format(
                count, inside
            )
    return [Section("The numbers", text)]


def tile(column: Column, sample: Sample) -> Tile:
    """Median and 68 % interval of one quantity."""
    low, middle, high = sample.quantiles(column.name, [0.16, 0.5, 0.84])
    places = places_of(low, middle, high)
    unit = f" {column.unit}" if column.unit else ""
    return Tile(column.math, number(middle, places) + unit, f"68 %: {interval(low, high, places)}")


def _headline(sample: Sample, target: LikelihoodTarget) -> list[str]:
    parts = []
    for column in list(sample.predictions.values())[:4]:
        low, middle, high = sample.quantiles(column.name, [0.16, 0.5, 0.84])
        places = places_of(low, middle, high)
        unit = f" {column.unit}" if column.unit else ""
        name = column.math
        parts.append(f"{name} = {number(middle, places)}{unit} ({interval(low, high, places)})")
    more = len(sample.predictions) - len(parts)
    tail = f", and {more} more below" if more > 0 else ""
    return [f"Posterior medians and central 68 % intervals: {'; '.join(parts)}{tail}."]


def trust_sentence(
    target: LikelihoodTarget, groups: dict[str, Any], summary: dict[str, Any], sample: Sample
) -> str:
    """How many draws, how many effective, how much evidence, how many within 3 sigma."""
    text = f"{plain(len(sample))} draws by the method “{summary.get('method', 'unknown')}”"
    ess = summary.get("ess")
    if ess is not None and np.isfinite(ess):
        text += f", effective size {plain(round(ess))}"
    inside = within_three_sigma(target, groups, sample)
    if inside is not None:
        text += f"; {percent(inside)} of the posterior lies within 3 sigma of every measured value"
    evidence, error = summary.get("log_evidence"), summary.get("log_evidence_error")
    if evidence is not None and evidence == evidence:
        text += f"; log-evidence {number(evidence, 2)}"
        if error is not None and error == error:
            text += f" ± {number(error, 2)}"
    return text + "."


def warning_of(summary: dict[str, Any]) -> str:
    """A sentence for the top of the page where the method says that it has not converged."""
    if summary.get("converged", True):
        return ""
    own = summary.get("method_notes", {}).get("warning")
    if own:
        return str(own)
    return (
        "NOT CONVERGED: the method itself says that these draws cannot be trusted yet. "
        "Its reasons are in the section “Can these draws be trusted?”."
    )
