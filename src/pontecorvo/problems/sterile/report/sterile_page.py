"""The page of a sterile run: its story first, then the posterior, fits, tensions and networks."""

from typing import Any

from markupsafe import Markup

from ....core.problem import RunView
from ....core.target import LikelihoodTarget
from ....report.corner import corner_figure, varying
from ....report.first_screen import verdict_of
from ....report.generic import closing_sections, warning_of
from ....report.math_svg import user_text
from ....report.page import PageFigure, Section, Tile, Verdict, definitions, write_page
from ....report.posterior_sample import Sample
from ....report.style import BLUE
from ..story import Story

STATE = {True: "bad", False: "plain"}


def write_sterile(target: LikelihoodTarget, run: RunView, story: Story, title: str) -> None:
    """Write the page.

    Args:
        target: Model and data.
        run: The run; its `extra` sections are those of `follow`.
        story: What is to be read first.
        title: Title of the page.
    """
    out, groups, summary = run.out, run.groups, run.summary
    sample = Sample(target, groups)
    figures = []
    shown = varying(sample, list(sample.parameters))
    if shown:
        figures.append(
            PageFigure(
                "corner-parameters",
                corner_figure(sample, shown, None, BLUE),
                "The run's own draws: regions of highest density that hold 68 and 95 %, smoothed. "
                "Above each histogram, median and central 68 % interval: of a posterior with "
                "several peaks neither is its mode, see the lines at the head of the page.",
                "Corner plot of both parameters.",
            )
        )
    draws = verdict_of(target, groups, summary, sample)
    verdict = Verdict(STATE[story.contradicted], story.verdict, story.lines)
    sections = [
        *run.extra,
        Section("Draws of the posterior", _draws(draws), figures),
        *closing_sections(target, run, sample),
    ]
    write_page(
        out,
        title,
        _subtitle(target, summary),
        [f"{draws.text}; what that rests on is in the section “Draws of the posterior”."],
        sections,
        [Tile(*tile) for tile in story.tiles],
        warning=warning_of(summary),
        verdict=verdict,
    )


def _draws(verdict: Verdict) -> Markup:
    return Markup("<p><strong>{}.</strong></p>").format(verdict.text) + definitions(verdict.rows)


def _subtitle(target: Any, summary: dict[str, Any]) -> str:
    experiments = target.model.joint.experiments
    bins = sum(one.size for one in experiments)
    name = user_text(str(summary.get("study", "")))
    return (
        f"Study {name}: {len(experiments)} experiments, {bins} data points, 3+1 neutrinos with "
        "$\\sin^2 2\\theta_{ee}$ and $\\Delta m^2_{41}$ free"
    )
