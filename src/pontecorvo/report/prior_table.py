"""The section that shows predictions under several priors side by side."""

from typing import Any

from .math_svg import paragraphs
from .numbers import number, plain
from .page import Section, table

_COLUMNS = {
    "sum_m": ("$\\Sigma m_\\nu$ [meV]", 1e3, 2),
    "m_ee": ("$m_{ee}$ [meV]", 1e3, 2),
    "m_beta": ("$m_\\beta$ [meV]", 1e3, 2),
    "log10_M[1]": ("$\\log_{10} M_1$", 1.0, 2),
    "log10_M[2]": ("$\\log_{10} M_2$", 1.0, 2),
    "log10_M[3]": ("$\\log_{10} M_3$", 1.0, 2),
}


def prior_sections(summary: dict[str, Any]) -> list[Section]:
    """One section from ``summary["prior_dependence"]``; none where it is missing."""
    rows = summary.get("prior_dependence")
    if not rows:
        return []
    names = [name for name in _COLUMNS if name in rows[0]]
    cells = []
    for row in rows:
        line: list[str] = [row["prior"], plain(round(row["ess"]))]
        if not row["usable"]:
            reason = "overlaps too little with this run's prior to be answered from its draws"
            cells.append([*line, reason, *[""] * (len(names) - 1)])
            continue
        decided = row.get("decided_by_the_prior", [])
        for name in names:
            _, scale, digits = _COLUMNS[name]
            middle = number(scale * row[name]["median"], digits)
            low, high = (number(scale * end, digits) for end in row[name]["ci68"])
            line.append(f"{middle} ({low} – {high}){' *' if name in decided else ''}")
        cells.append(line)
    headers = ["prior", "ESS", *(_COLUMNS[name][0] for name in names)]
    body = paragraphs(
        "The same draws under other priors, by the ratio of the two densities: medians and 68 % "
        "intervals. A star marks a median that moves by more than half of the interval's "
        "half-width: there the prior decides, not the data."
    ) + table(headers, cells)
    return [Section("How much of this is the prior?", body)]
