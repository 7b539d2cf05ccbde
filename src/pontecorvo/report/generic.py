"""The report of any model: corner plots, table, checks, and how it was made."""

from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..core.problem import RunView
from ..core.target import LikelihoodTarget
from .corner import corner_figure, varying
from .first_screen import verdict_of
from .how_made import how_made_section
from .interval_table import ANGLE_NOTE, has_angles, interval_table
from .math_svg import paragraphs, user_text
from .numbers import interval, number, places_of
from .page import PageFigure, Section, Tile, write_page
from .posterior_sample import Column, Sample
from .prior_table import prior_sections
from .reliability import trust_section
from .style import BLUE

_GREEN = " Green: measured values with their 1, 2 and 3 sigma ranges."
_IN_SIGHT = 12  # parameters in a table before the rest is folded away


def write_generic(target: LikelihoodTarget, run: RunView, title: str = "") -> Path:
    """Write the page of a model of which nothing is known but the protocol.

    Sections that the problem gave come after the posterior's pictures.
    """
    out, groups, summary = run.out, run.groups, run.summary
    reference, reference_name = run.reference, run.reference_name
    sample = Sample(target, groups)
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
                _corner_caption(kind, len(shown), len(columns))
                + (_GREEN if any(name in sample.measured for name in shown) else "")
                + (f" Dashed, dark: {reference_name}, to compare with." if beneath else ""),
                f"Corner plot of {kind}: {', '.join(shown)}",
            )
        )
    sections = [
        Section("Posterior", "", figures),
        *run.extra,
        *closing_sections(target, run, sample),
    ]
    return write_page(
        out,
        user_text(title or summary.get("study") or target.model.name),
        _subtitle(target, summary),
        _headline(sample),
        sections,
        [tile(column, sample) for column in list(sample.predictions.values())[:6]],
        warning=warning_of(summary),
        verdict=verdict_of(target, groups, summary, sample),
    )


def closing_sections(
    target: LikelihoodTarget, run: RunView, sample: Sample, model_text: str | Markup = ""
) -> list[Section]:
    """What every page of a posterior ends with: numbers, priors, trust, how it was made."""
    return [
        *numbers_sections(sample),
        *prior_sections(run.summary, sample),
        trust_section(target, run.groups, run.summary, sample),
        how_made_section(run.out, target, run.summary, model_text),
    ]


def _corner_caption(kind: str, shown: int, total: int) -> str:
    which = f"All {total}" if shown == total else f"The first {shown} of {total}"
    return (
        f"{which} {kind} that vary, each pair and each alone: regions of highest density that "
        "hold 68 and 95 % of the posterior, smoothed. Above each histogram, median and central "
        "68 % interval."
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
    value = number(middle, places) + after_number(column.unit)
    return Tile(column.math, value, f"68 %: {interval(low, high, places)}")


def after_number(unit: str) -> str:
    """A unit as it stands behind a number: powers of ten with their sign of multiplication."""
    return f" × {unit}" if unit.startswith("$10^") else f" {unit}" if unit else ""


def _subtitle(target: LikelihoodTarget, summary: dict[str, Any]) -> str:
    """Study, number of parameters, data, method."""
    study = user_text(summary.get("study") or target.model.name)
    source = getattr(target.measurement, "source", "")
    given = f" given {user_text(source)}" if source else ""
    return (
        f"Study {study}: posterior of {len(target.model.parameters)} parameters{given}, by the "
        f"method “{summary.get('method', 'unknown')}”"
    )


def _headline(sample: Sample) -> list[str]:
    parts = []
    for column in list(sample.predictions.values())[:4]:
        low, middle, high = sample.quantiles(column.name, [0.16, 0.5, 0.84])
        places = places_of(low, middle, high)
        name = column.math
        value = number(middle, places) + after_number(column.unit)
        parts.append(f"{name} = {value} ({interval(low, high, places)})")
    more = len(sample.predictions) - len(parts)
    tail = f", and {more} more below" if more > 0 else ""
    return [f"Posterior medians and central 68 % intervals: {'; '.join(parts)}{tail}."]


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
