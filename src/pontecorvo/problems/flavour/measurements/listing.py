"""The library as a table: for the command line, for JSON, and for docs/measurements.md."""

from math import degrees
from typing import Any

from ....core.chi2_table import ONE_SIGMA, THREE_SIGMA, Chi2Table
from ....core.measurement import Measured
from ..nufit import Ordering
from .absolute import mass_lines, variants
from .library import (
    ABSOLUTE,
    NamedMeasurement,
    correlations_of,
    library,
    ordering_offset,
    quantities_of,
    statuses,
)
from .profiles import profiles

COLUMNS = ("name", "date", "quantities", "correlations", "kind", "source", "licence")
_SHORT = {
    "dm2_21": "dm2_21",
    "dm2_3l": "dm2_3l",
    "sin2_theta12": "s12",
    "sin2_theta13": "s13",
    "sin2_theta23": "s23",
    "delta_cp": "delta",
}


def rows(kind: str | None = None) -> list[dict[str, str]]:
    """One row a variant of the library, then one a variant of an absolute mass."""
    found = []
    for entry in library():
        pairs = [
            f"{_SHORT[first]},{_SHORT[second]} {value:+.2f} ({status})"
            for first, second, value, status, _ in correlations_of(entry)
        ]
        found.append(
            {
                "name": entry.key,
                "date": entry.date,
                "quantities": " ".join(_SHORT[name] for name in entry.quantities),
                "correlations": "; ".join(pairs) or "none",
                "kind": entry.kind + (", preliminary" if entry.preliminary else ""),
                "source": entry.source,
                "licence": entry.licence,
            }
        )
    for quantity in ABSOLUTE:
        lines = {line.name: line for line in (*mass_lines(quantity), *mass_lines(quantity, True))}
        for variant, line in zip(variants(quantity), lines.values(), strict=True):
            found.append(
                {
                    "name": f"{quantity}:{variant}",
                    "date": "",
                    "quantities": quantity,
                    "correlations": "none",
                    "kind": f"below {_span(line.low, line.high)} eV at {100 * line.confidence:g} %",
                    "source": line.source,
                    "licence": "published number",
                }
            )
    return [row for row in found if kind is None or row["kind"].startswith(kind)]


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def as_markdown() -> str:
    """The table of docs/measurements.md, which `pontecorvo measurements --markdown` prints."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    lines += [
        "| " + " | ".join([f"`{row['name']}`", *(row[c] for c in COLUMNS[1:])]) + " |"
        for row in rows()
    ]
    return "\n".join(lines) + "\n"


def details(entry: NamedMeasurement) -> list[str]:
    """Everything of one variant, as lines of text."""
    lines = [
        f"{entry.key}: {entry.title}, {entry.date}, {entry.source}",
        f"licence: {entry.licence}; contains {', '.join(sorted(entry.contains))}",
    ]
    if entry.note:
        lines.append(f"note: {entry.note}")
    for ordering in entry.orderings:
        lines.append(f"ordering {ordering}:")
        said = statuses(entry, ordering)
        for quantity in quantities_of(entry, ordering):
            why = f"  ({said[quantity.name]})" if quantity.name in said else ""
            lines.append(f"  {_numbers(quantity)}{why}")
        for name, table in profiles(entry, ordering).items():
            lines.append(f"  table of {name}: {_intervals(table, name)}")
    offset = ordering_offset(entry)
    if offset is not None:
        lines.append(f"Delta chi2 of the best fits, inverted minus normal ordering: {offset:.3f}")
    for first, second, value, status, source in correlations_of(entry):
        lines.append(f"correlation of {first} and {second}: {value:+.3f} ({status}: {source})")
    return lines


def _intervals(table: Chi2Table, name: str) -> str:
    """One- and three-sigma intervals of a table, all of them."""
    convert = degrees if table.axes[0].period is not None else float
    shown = []
    for sigma, level in ((1, ONE_SIGMA), (3, THREE_SIGMA)):
        parts = [
            f"[{convert(low):.5g}, {convert(high):.5g}]"
            for low, high in table.intervals(name, level)
        ]
        shown.append(f"{sigma} sigma {' and '.join(parts)}")
    return ", ".join(shown)


def _numbers(q: Measured) -> str:
    convert = degrees if q.period is not None else float
    centre, plus, minus, low, high = map(convert, (q.central, q.plus, q.minus, q.low, q.high))
    unit = "deg" if q.period is not None else ("eV^2" if q.name.startswith("dm2") else "")
    return (
        f"{q.name:13s} {centre:11.5g} +{plus:.2g} -{minus:.2g}  "
        f"3 sigma [{low:.5g}, {high:.5g}] {unit}"
    ).rstrip()


def as_plain(ordering: Ordering = "no") -> list[dict[str, Any]]:
    """The library with its numbers for one ordering, as JSON types."""
    found = []
    for entry in library():
        if ordering not in entry.orderings:
            continue
        found.append(
            {
                "name": entry.name,
                "variant": entry.variant,
                "title": entry.title,
                "kind": entry.kind,
                "date": entry.date,
                "source": entry.source,
                "licence": entry.licence,
                "preliminary": entry.preliminary,
                "contains": sorted(entry.contains),
                "note": entry.note,
                "quantities": {
                    q.name: {
                        "central": q.central,
                        "sigma_plus": q.plus,
                        "sigma_minus": q.minus,
                        "three_sigma": [q.low, q.high],
                        "status": statuses(entry, ordering).get(q.name, "published"),
                    }
                    for q in quantities_of(entry, ordering)
                },
                "correlations": [list(pair) for pair in correlations_of(entry)],
            }
        )
    return found
