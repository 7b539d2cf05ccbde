"""Measurements by name: ``nufit-6.1``, ``nufit-6.0 + juno-2026``, ``nufit-6.1 + m_beta``.

A part of a combination is a name of the library or an absolute mass, with ``:variant`` where the
default is not meant: ``nufit-6.1:without-sk + sum_m:w0wa``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from ....base.errors import InputError, suggest
from ....core.measurement import GaussianMeasurement, Measured, NamedLikelihood, Shape
from ..nufit import Ordering
from .library import (
    ABSOLUTE,
    ORDER,
    NamedMeasurement,
    correlations_of,
    find,
    library,
    ordering_offset,
    quantities_of,
)

if TYPE_CHECKING:
    from ....core.combined import CombinedMeasurement

Correlations = Literal["published", "all", "none"]
SHAPES = ("gaussian", "two-piece", "box", "table")


@dataclass(frozen=True)
class _Wanted:
    ordering: Ordering
    names: tuple[str, ...] | None
    shape: str
    correlations: Correlations


def named(
    name: str,
    ordering: Ordering = "no",
    variant: str | None = None,
    names: Sequence[str] | None = None,
    shape: str = "gaussian",
    correlations: Correlations = "published",
) -> "GaussianMeasurement | CombinedMeasurement":
    """A measurement of the library, or a combination of several, by name.

    Args:
        name: A name, or several with ``+`` between them, each perhaps with ``:variant``.
        ordering: ``"no"`` or ``"io"``.
        variant: Of the parts that have it and name none themselves.
        names: Which quantities, in this order; None: all but delta_cp, which most studies leave
            out, unless a part measures nothing else.
        shape: ``"gaussian"``, ``"two-piece"`` or ``"box"`` as of `GaussianMeasurement`; or
            ``"table"``: chi2 tables where they ship, two-piece normals for the rest, and for
            inverted ordering what its best fit lacks behind that of normal ordering.
        correlations: Those that the measurement itself published, all known or assumed ones, or
            none; a box has none.

    Returns:
        A `GaussianMeasurement` for one part that is one; else a `CombinedMeasurement`.

    Raises:
        InputError: For an unknown name, quantity, variant or shape, or if two parts hold the same
            data.
    """
    if ordering not in ("no", "io"):
        raise InputError(f"ordering {ordering!r}; {suggest(str(ordering), ['no', 'io'])}")
    if shape not in SHAPES:
        raise InputError(f"likelihood {shape!r}; {suggest(str(shape), list(SHAPES))}")
    if correlations not in ("published", "all", "none"):
        allowed = ["published", "all", "none"]
        raise InputError(f"correlations {correlations!r}; {suggest(str(correlations), allowed)}")
    wanted = _Wanted(ordering, None if names is None else tuple(names), shape, correlations)
    entries, masses = _parts(name, variant)
    refuse_shared_data(entries)
    terms: list[NamedLikelihood] = []
    constant, notes = 0.0, []
    for entry in entries:
        built, behind = _terms(entry, wanted)
        terms += built
        if behind:
            constant += behind
            notes.append(f"{entry.key}: best fit against that of normal ordering")
    terms += [term for term in masses if names is None or term.names[0] in names]
    if not terms:
        raise InputError(f"measurement {name}: measures none of {', '.join(names or ())}")
    union = list(dict.fromkeys(q for term in terms for q in term.names))
    if names is not None:
        for wish in names:
            if wish not in union:
                raise InputError(f"measurement {name}: no {wish}; {suggest(wish, union)}")
        order = list(names)
    else:
        order = [q for q in ORDER if q in union] + [q for q in union if q not in ORDER]
    if len(terms) == 1 and isinstance(terms[0], GaussianMeasurement) and not constant:
        return terms[0]
    from ....core.combined import CombinedMeasurement

    return CombinedMeasurement(terms, order, constant, "; ".join(notes))


def _parts(name: str, variant: str | None) -> tuple[list[NamedMeasurement], list[NamedLikelihood]]:
    entries: list[NamedMeasurement] = []
    masses: list[NamedLikelihood] = []
    used = variant is None
    for text in name.split("+"):
        part, colon, own = (piece.strip() for piece in text.partition(":"))
        if not part or (colon and not own):
            raise InputError(
                f"measurement {name!r}: give names with + between them, such as "
                "'nufit-6.0 + juno-2026', and a variant after a colon"
            )
        if part in ABSOLUTE:
            from .absolute import mass_likelihood

            masses.append(mass_likelihood(part, own or None))
            continue
        has = {entry.variant for entry in library() if entry.name == part}
        if not has:
            names = list(dict.fromkeys(entry.name for entry in library()))
            allowed = [*names, *ABSOLUTE]
            raise InputError(f"measurement {part!r} is unknown; {suggest(part, allowed)}")
        if own:
            entries.append(find(part, own))
        else:
            used |= variant in has
            entries.append(find(part, variant if variant in has else None))
    if not used:
        having = {part.name for part in entries}
        allowed = sorted({entry.variant for entry in library() if entry.name in having})
        raise InputError(
            f"measurement {name}: no part has a variant {variant!r}; "
            f"{suggest(str(variant), allowed)}"
        )
    seen = [term.names[0] for term in masses]
    for quantity in seen:
        if seen.count(quantity) > 1:
            raise InputError(
                f"measurement {name}: {quantity} is given twice; its variants read much of the "
                "same data, choose one"
            )
    return entries, masses


def refuse_shared_data(entries: Sequence[NamedMeasurement]) -> None:
    """Refuse measurements that must not be multiplied.

    Raises:
        InputError: Names the two and what they share.
    """
    for first, second in combinations(entries, 2):
        shared = sorted(first.contains & second.contains)
        if shared:
            raise InputError(
                f"measurement {first.key} + {second.key}: both contain {', '.join(shared)}; "
                "the same data must not count twice, leave one out"
            )


def _terms(entry: NamedMeasurement, wanted: _Wanted) -> tuple[list[NamedLikelihood], float]:
    """Likelihoods of one library entry, and the constant that belongs to them."""
    kept = _kept(entry, wanted)
    if not kept:
        return [], 0.0
    if wanted.shape != "table":
        shape: Shape = wanted.shape  # type: ignore[assignment]
        return [_gaussian(entry, kept, wanted, shape)], 0.0
    terms = _tables(entry, kept, wanted)
    offset = ordering_offset(entry)
    if wanted.ordering == "no" or offset is None:
        return terms, 0.0
    # the likelihoods are densities of unlike widths: what must differ by the offset is their peaks
    normal = _Wanted("no", wanted.names, wanted.shape, wanted.correlations)
    other = _tables(entry, _kept(entry, normal), normal)
    return terms, sum(map(peak, other)) - sum(map(peak, terms)) - 0.5 * offset


def _kept(entry: NamedMeasurement, wanted: _Wanted) -> list[Measured]:
    quantities = quantities_of(entry, wanted.ordering)
    if wanted.names is not None:
        by_name = {q.name: q for q in quantities}
        return [by_name[name] for name in wanted.names if name in by_name]
    kept = [q for q in quantities if q.name != "delta_cp"]
    return kept or list(quantities)


def _tables(
    entry: NamedMeasurement, kept: Sequence[Measured], wanted: _Wanted
) -> list[NamedLikelihood]:
    from .profiles import profiles

    tables = profiles(entry, wanted.ordering)
    terms: list[NamedLikelihood] = [tables[q.name] for q in kept if q.name in tables]
    rest = [q for q in kept if q.name not in tables]
    if rest:
        terms.append(_gaussian(entry, rest, wanted, "two-piece"))
    return terms


def _gaussian(
    entry: NamedMeasurement, quantities: Sequence[Measured], wanted: _Wanted, shape: Shape
) -> GaussianMeasurement:
    names = [q.name for q in quantities]
    matrix, used = np.eye(len(names)), []
    for first, second, value, status, where in correlations_of(entry):
        take = wanted.correlations == "all" or wanted.correlations == status
        if take and shape != "box" and {first, second} <= set(names):
            i, j = names.index(first), names.index(second)
            matrix[i, j] = matrix[j, i] = value
            used.append(f"correlation {value:g} ({status}: {where})")
    parts = [f"{entry.title} ({entry.source})", wanted.ordering.upper(), entry.variant, *used]
    correlation = matrix if used else None
    return GaussianMeasurement(quantities, shape, correlation, ", ".join(parts))


def peak(term: NamedLikelihood) -> float:
    """Largest log-likelihood of a normal measurement or a chi2 table."""
    from ....core.chi2_table import Chi2Table

    if isinstance(term, Chi2Table):
        return -0.5 * term.offset - term.log_norm
    best = np.array([[q.central for q in term.quantities]])
    return float(term.log_likelihood(best)[0])
