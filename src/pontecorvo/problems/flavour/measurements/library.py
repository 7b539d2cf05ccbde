"""The library of named measurements: what there is, where it comes from, and what it contains."""

from dataclasses import dataclass
from functools import cache

from ....base.errors import InputError, suggest
from ....base.tables import read_table, shipped
from ....core.measurement import GaussianMeasurement, Measured
from ..nufit import OSCILLATION, Ordering, nufit
from .published import observable

PACKAGE = "pontecorvo.problems.flavour.measurements"
ABSOLUTE = ("sum_m", "m_beta", "m_ee")
"""Absolute masses that may stand in a combination; see `absolute`."""
ORDER = (*OSCILLATION, "delta_cp")
"""Order of the quantities of a named measurement."""


@dataclass(frozen=True)
class NamedMeasurement:
    """One variant of a measurement of the library.

    Attributes:
        name: Such as ``nufit-6.1``.
        variant: Such as ``with-sk``.
        kind: ``global fit``, ``experiment``, ``joint fit`` or ``forecast``.
        title: For people.
        date: Year and month.
        source: Paper or talk.
        licence: Of the numbers.
        preliminary: Whether the authors call it so.
        contains: The data sets in it.
        note: What to know.
        quantities: Observables that it measures in either ordering, in the library's order.
        orderings: Those that it measures.
    """

    name: str
    variant: str
    kind: str
    title: str
    date: str
    source: str
    licence: str
    preliminary: bool
    contains: frozenset[str]
    note: str
    quantities: tuple[str, ...]
    orderings: tuple[Ordering, ...]

    @property
    def key(self) -> str:
        """``name:variant``, which names it in a combination."""
        return f"{self.name}:{self.variant}"


@cache
def library() -> tuple[NamedMeasurement, ...]:
    """Every variant of every named measurement; the first one of a name is its default."""
    values = _values()
    result = []
    for row in read_table(shipped(PACKAGE, "library.csv")).rows():
        name, variant = str(row["name"]), str(row["variant"])
        measured = {o: values.get((name, variant, o), ()) for o in ("no", "io")}
        present = {q.name for quantities in measured.values() for q in quantities}
        result.append(
            NamedMeasurement(
                name=name,
                variant=variant,
                kind=str(row["kind"]),
                title=str(row["title"]),
                date=str(row["date"]),
                source=str(row["reference"]),
                licence=str(row["licence"]),
                preliminary=row["preliminary"] == "yes",
                contains=frozenset(str(row["contains"]).split(";")),
                note=str(row["note"]),
                quantities=tuple(q for q in ORDER if q in present),
                orderings=tuple(o for o in ("no", "io") if measured[o]),  # type: ignore[misc]
            )
        )
    return tuple(result)


def find(name: str, variant: str | None = None) -> NamedMeasurement:
    """A measurement by name and variant; without a variant the name's default.

    Raises:
        InputError: If there is none.
    """
    having = [entry for entry in library() if entry.name == name]
    if not having:
        names = list(dict.fromkeys(entry.name for entry in library()))
        raise InputError(f"measurement {name!r} is unknown; {suggest(name, names)}")
    for entry in having:
        if variant in (None, entry.variant):
            return entry
    variants = [entry.variant for entry in having]
    raise InputError(f"measurement {name}: variant {variant!r}; {suggest(str(variant), variants)}")


def quantities_of(entry: NamedMeasurement, ordering: Ordering) -> tuple[Measured, ...]:
    """The measured quantities of a variant for one ordering, in the observables' units.

    Raises:
        InputError: If it says nothing of that ordering.
    """
    found = _values().get((entry.name, entry.variant, ordering), ())
    if not found:
        raise InputError(
            f"measurement {entry.key}: has no numbers for ordering {ordering!r}; "
            f"{suggest(ordering, list(entry.orderings))}"
        )
    return found


def statuses(entry: NamedMeasurement, ordering: Ordering) -> dict[str, str]:
    """What of a variant's numbers was not published, by quantity; empty where all was."""
    found = {}
    for row in read_table(shipped(PACKAGE, "values.csv")).rows():
        same = (row["name"], row["variant"]) == (entry.name, entry.variant)
        if same and row["ordering"] in (ordering, "both") and row["what"]:
            found[str(row["quantity"])] = f"{row['status']}: {row['what']}"
    return found


def correlations_of(entry: NamedMeasurement) -> list[tuple[str, str, float, str, str]]:
    """Correlations of a variant: quantity, quantity, coefficient, status, source."""
    return [
        (
            str(row["first"]),
            str(row["second"]),
            float(row["coefficient"]),
            str(row["status"]),
            str(row["source"]),
        )
        for row in read_table(shipped(PACKAGE, "correlations.csv")).rows()
        if (row["name"], row["variant"]) == (entry.name, entry.variant)
    ]


def ordering_offset(entry: NamedMeasurement) -> float | None:
    """Delta chi2 of the best fits, inverted minus normal ordering; None where none is known."""
    for row in read_table(shipped(PACKAGE, "orderings.csv")).rows():
        if (row["name"], row["variant"]) == (entry.name, entry.variant):
            return float(row["delta_chi2_io_no"])
    return None


@cache
def _values() -> dict[tuple[str, str, str], tuple[Measured, ...]]:
    found: dict[tuple[str, str, str], list[Measured]] = {}
    for row in read_table(shipped(PACKAGE, "values.csv")).rows():
        orderings: tuple[Ordering, ...] = ("no", "io")
        for ordering in orderings:
            if row["ordering"] not in (ordering, "both"):
                continue
            low, high = (float(row[key]) if str(row[key]) else None for key in ("low", "high"))
            measured = observable(
                str(row["published"]),
                ordering,
                float(row["central"]),
                float(row["plus"]),
                float(row["minus"]),
                low,
                high,
            )
            key = (str(row["name"]), str(row["variant"]), ordering)
            found.setdefault(key, []).append(measured)
    for variant in ("with-sk", "without-sk"):
        for ordering in ("no", "io"):
            older: GaussianMeasurement = nufit(ordering, variant, ORDER)  # type: ignore[arg-type]
            found["nufit-6.0", variant, ordering] = list(older.quantities)
    return {
        key: tuple(sorted(quantities, key=lambda q: ORDER.index(q.name)))
        for key, quantities in found.items()
    }
