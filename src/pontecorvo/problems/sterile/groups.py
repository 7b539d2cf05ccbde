"""Sets of experiments: their titles and colours, and the pairs whose tension is tested.

Which experiments a set holds is theirs to say (`declaration.Declaration.groups`). A set that is
named there and not here has its own name for a title.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .discovery import declared, present_names


@dataclass(frozen=True)
class Group:
    """A set.

    Attributes:
        title: Name in figures.
        colour: Colour in figures; empty: drawn in small panels only.
        fitted: Fitted as a set of its own where two or more members are there.
    """

    title: str
    colour: str = ""
    fitted: bool = True


GROUPS: dict[str, Group] = {
    "rates": Group("Reactor rates", fitted=False),
    "reactor-rates": Group("Reactor rates and evolution", "#0072B2"),
    "reactor-spectra": Group("Reactor spectra", "#56B4E9"),
    "reactors": Group("All reactors"),
    "gallium": Group("Gallium", "#D55E00"),
    "carbon": Group("KARMEN and LSND", "#009E73"),
}
OTHERS = "all others"
GALLIUM = "gallium"
"""The set that is in tension, if any is."""


@dataclass(frozen=True)
class Pair:
    """Two sides whose agreement is asked for.

    Attributes:
        first: A set.
        second: A set, an experiment, or `OTHERS`.
        evidence: Also by the ratio of evidences.
    """

    first: str
    second: str
    evidence: bool = True


PAIRS = (
    Pair(GALLIUM, "reactor-rates", evidence=False),
    Pair(GALLIUM, "reactor-spectra", evidence=False),
    Pair(GALLIUM, "reactors"),
    Pair(GALLIUM, "solar"),
    Pair(GALLIUM, OTHERS),
    Pair("reactor-rates", "reactor-spectra"),
)


def group_names() -> list[str]:
    """Names of the sets that have members, those of `GROUPS` first."""
    named = [name for one in declared().values() for name in one.groups]
    return list(dict.fromkeys([*(name for name in GROUPS if name in named), *named]))


def group_of(name: str) -> Group:
    """Title and colour of a set."""
    return GROUPS.get(name) or Group(name.replace("-", " ").capitalize())


def members(name: str) -> tuple[str, ...]:
    """The experiments of a set, or the one of that name, in order; none for an unknown name."""
    every = declared()
    return tuple(n for n, one in every.items() if name in one.groups or name == n)


def present_members(name: str, data: Path | None) -> tuple[str, ...]:
    """`members`, of a set only those that ship, are installed, or lie in the data folder."""
    every = members(name)
    if every == (name,):  # asked for by its own name: it says itself what it lacks
        return every
    at_hand = present_names(data)
    return tuple(n for n in every if n in at_hand) or every


def fitted_sets() -> dict[str, tuple[str, ...]]:
    """The sets that are fitted as such, with all their members."""
    return {name: members(name) for name in group_names() if group_of(name).fitted}


def largest_sets() -> list[str]:
    """The fitted sets that are no part of another one."""
    every = fitted_sets()
    return [
        name
        for name, own in every.items()
        if not any(set(own) < set(other) for other in every.values())
    ]


def pairs(
    present: Sequence[str], evidence: bool = False
) -> dict[tuple[str, str], tuple[list[str], list[str]]]:
    """Both sides of every pair of `PAIRS` that has two, by their names in tables.

    Args:
        present: The experiments at hand, in their order in the joint fit.
        evidence: Only pairs of which the evidences are compared.
    """
    result = {}
    for pair in PAIRS:
        if evidence and not pair.evidence:
            continue
        first = [name for name in members(pair.first) if name in present]
        if pair.second == OTHERS:
            second = [name for name in present if name not in first]
        else:
            second = [name for name in members(pair.second) if name in present]
        if first and second:
            result[_label(pair.first), _label(pair.second)] = first, second
    return result


def colours() -> dict[str, str]:
    """Colours of the sets, and experiments, that an overview of the plane draws."""
    sets = {name: group_of(name).colour for name in group_names()}
    alone = {name: one.colour for name, one in declared().items()}
    return {name: colour for name, colour in (sets | alone).items() if colour}


def _label(name: str) -> str:
    return name.replace("-", " ")
