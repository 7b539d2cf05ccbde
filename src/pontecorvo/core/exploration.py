"""What a problem shows in the live explorer beside what follows from its model and measurement.

Everything has a default, so that a model and a measurement can be explored; see
`Problem.explore`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from .measurement import Measured
from .quantity import Quantity

Columns = Mapping[str, tuple[np.ndarray, Quantity]]
"""Values (N,) by name, and what they are."""


@dataclass(frozen=True)
class Forecast:
    """A named change of the measurement: one button.

    Attributes:
        name: Its name in the library that it comes from.
        title: Text of the button.
        errors: Upper and lower 1 sigma errors by observable, in its unit; central values stay as
            they are, since a forecast measures what is true.
        source: Where the numbers come from.
    """

    name: str
    title: str
    errors: Mapping[str, tuple[float, float]]
    source: str = ""


@dataclass(frozen=True)
class PointTable:
    """A table about one draw.

    Attributes:
        title: What it is.
        columns: Heads of the columns; the first is that of the rows' names.
        rows: Cells as plain text; the first is the row's name.
        note: One sentence on convention and unit.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class PointFile:
    """A file format for one draw: its ending, its name, and its text at parameters (P,)."""

    ending: str
    title: str
    text: Callable[[np.ndarray], str]


@dataclass(frozen=True)
class Part:
    """One part of a sum of likelihoods that can be switched off.

    Attributes:
        name: Its name.
        title: For people.
        group: Heading under which it stands.
        on: Whether it is in the study.
        note: One sentence.
    """

    name: str
    title: str
    group: str = ""
    on: bool = True
    note: str = ""


@dataclass(frozen=True)
class PlaneAnswer:
    """Regions on a plane.

    Attributes:
        lines: Method, level, and vertices (n, 2) of each piece of a boundary.
        best: Best point (2,) in the plane's coordinates, or None.
        numbers: Name and text of what the fit says.
    """

    lines: Sequence[tuple[str, float, np.ndarray]]
    best: tuple[float, float] | None
    numbers: Sequence[tuple[str, str]]


class Switchboard(Protocol):
    """A likelihood on a plane whose parts can be switched: regions from cached parts."""

    @property
    def parts(self) -> Sequence[Part]:
        """What can be switched."""

    @property
    def axes(self) -> tuple[Quantity, Quantity]:
        """Of the plane; the coordinates are decimal logarithms of these quantities."""

    @property
    def ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Ends of the axes, in the coordinates."""

    @property
    def methods(self) -> Mapping[str, str]:
        """Methods that answer at once, by name, and what to call them."""

    @property
    def levels(self) -> Sequence[float]:
        """Levels that are shown first."""

    @property
    def notes(self) -> Sequence[str]:
        """What is not shown, and which command gives it."""

    def warm(self, advance: Callable[[float], None]) -> None:
        """Work out every part once."""

    def answer(
        self, on: Sequence[str], methods: Sequence[str], levels: Sequence[float]
    ) -> PlaneAnswer:
        """Regions of the parts that are on.

        Raises:
            InputError: For a name that is unknown, or no part at all.
        """

    def study(self, on: Sequence[str]) -> Mapping[str, Any]:
        """Content of a study file with these parts."""

    def commands(self, on: Sequence[str], methods: Sequence[str]) -> Sequence[str]:
        """Commands that give the same regions."""


@dataclass(frozen=True)
class Exploration:
    """What the explorer shows of a problem.

    Attributes:
        panels: Columns that are shown first; empty: the first predictions.
        pairs: Pairs of columns that are shown against each other first.
        logs: Columns that are shown on a logarithmic axis.
        forecasts: Buttons.
        optional: Further observables that may be measured, with their values; off at first.
        columns: Further columns of parameters (N, P).
        tables: Tables of one draw, of parameters (P,).
        files: Formats in which one draw can be written, beside JSON and CSV.
        study: Content of a study file at another measurement, given its file content; None where
            the problem's file cannot hold one.
        switchboard: A plane instead of posteriors.
    """

    panels: Sequence[str] = ()
    pairs: Sequence[tuple[str, str]] = ()
    logs: Sequence[str] = ()
    forecasts: Sequence[Forecast] = ()
    optional: Sequence[Measured] = ()
    columns: Callable[[np.ndarray], Columns] | None = None
    tables: Callable[[np.ndarray], Sequence[PointTable]] | None = None
    files: Sequence[PointFile] = ()
    study: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    switchboard: Switchboard | None = None
