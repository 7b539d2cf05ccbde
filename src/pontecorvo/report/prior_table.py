"""The section that shows predictions under several priors: a quantity a row, a prior a column."""

import re
from typing import Any

from markupsafe import Markup

from .math_svg import paragraphs, user_text
from .numbers import interval, number, places_of, plain
from .page import Section, table
from .posterior_sample import Sample


def _title(name: str) -> str:
    """A prior's name, its powers of ten set as such."""
    return re.sub(r"10\^(-?[\d.]+)", r"$10^{\1}$", user_text(name))


def prior_sections(summary: dict[str, Any], sample: Sample) -> list[Section]:
    """One section from ``summary["prior_dependence"]``; none where it is missing.

    Priors that the draws cannot answer for are named below the table: a column without a number
    would only push the others together.
    """
    rows = summary.get("prior_dependence")
    if not rows:
        return []
    names = [name for name in rows[0] if name in sample]
    usable = [row for row in rows if row["usable"]]
    cells: list[list[object]] = []
    for name in names:
        line: list[object] = [sample[name].label]
        for row in usable:
            scale = sample[name].factor
            low, middle, high = (
                scale * v for v in (row[name]["ci68"][0], row[name]["median"], row[name]["ci68"][1])
            )
            places = places_of(low, middle, high)
            star = " *" if name in row.get("decided_by_the_prior", []) else ""
            line.append(
                Markup('<b>{}{}</b> <span class="range">{}</span>').format(
                    number(middle, places), star, interval(low, high, places)
                )
            )
        cells.append(line)
    sizes: list[object] = ["effective size", *(plain(round(row["ess"])) for row in usable)]
    headers = ["", *(_title(row["prior"]) for row in usable)]
    body = paragraphs(
        "The same draws under other priors, by the ratio of the two densities: medians, and 68 % "
        "intervals. A star marks a median that moves by more than half of the interval's "
        "half-width: there the prior decides, not the data."
    ) + table(headers, [*cells, sizes], classes="priors")
    left = [row for row in rows if not row["usable"]]
    if left:
        said = "; ".join(
            f"{user_text(row['prior'])} (effective size {plain(round(row['ess']))})" for row in left
        )
        body += paragraphs(
            "Priors that overlap too little with this run's to be answered from its draws; a run "
            f"of its own can answer: {said}."
        )
    return [Section("How much of this is the prior?", body)]
