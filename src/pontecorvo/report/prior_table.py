"""The section that shows predictions under several priors side by side."""

from typing import Any

from .math_svg import paragraphs, user_text
from .numbers import number, plain
from .page import Section, table
from .posterior_sample import Sample

_PLACES = 2


def prior_sections(summary: dict[str, Any], sample: Sample) -> list[Section]:
    """One section from ``summary["prior_dependence"]``; none where it is missing."""
    rows = summary.get("prior_dependence")
    if not rows:
        return []
    names = [name for name in rows[0] if name in sample]
    cells = []
    for row in rows:
        line: list[str] = [user_text(row["prior"]), plain(round(row["ess"]))]
        if not row["usable"]:
            reason = "overlaps too little with this run's prior to be answered from its draws"
            cells.append([*line, reason, *[""] * (len(names) - 1)])
            continue
        decided = row.get("decided_by_the_prior", [])
        for name in names:
            scale = sample[name].factor
            middle = number(scale * row[name]["median"], _PLACES)
            low, high = (number(scale * end, _PLACES) for end in row[name]["ci68"])
            line.append(f"{middle} ({low} – {high}){' *' if name in decided else ''}")
        cells.append(line)
    headers = ["prior", "ESS", *(sample[name].label for name in names)]
    body = paragraphs(
        "The same draws under other priors, by the ratio of the two densities: medians and 68 % "
        "intervals. A star marks a median that moves by more than half of the interval's "
        "half-width: there the prior decides, not the data."
    ) + table(headers, cells)
    return [Section("How much of this is the prior?", body)]
