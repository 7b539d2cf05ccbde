"""One table of times by every method, and what it says.

`sterile_neural_timing.py` measures it. Every sentence about who wins is worked out from the figures
here, so that none can outlive them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

EXACT = "exact grid"
ONE, MANY, MAP, BELT, TRAINING = COLUMNS = (
    *("posterior of one", "posterior of 1,000", "MAP of one", "90 % belt", "training"),
)
SETS = 1000
"""Data sets of the second column."""
QUALITY = {
    "marginal_gap": "largest gap of a marginal distribution function",
    "ln_evidence_gap": "ln Z less the exact one",
    "effective": "effective draws, share",
    "map_gap": "MAP: -2 ln L above the lowest",
}


@dataclass(frozen=True)
class Time:
    """One cell.

    Attributes:
        seconds: How long, or, where it was stopped, how long at least.
        multiplied: By what a time was multiplied, 1 where all of it was measured.
        more: Whether it was stopped at a limit.
    """

    seconds: float
    multiplied: int = 1
    more: bool = False

    @property
    def text(self) -> str:
        """Three digits; "more than" where it was stopped, a star where it was multiplied."""
        star = "*" if self.multiplied > 1 else ""
        return f"{'more than ' if self.more else ''}{number(self.seconds)}{star}"

    def over(self, other: "Time") -> str:
        """How many times as long as another that was not stopped."""
        return f"{'more than ' if self.more else ''}{number(self.seconds / other.seconds)}"


@dataclass(frozen=True)
class Row:
    """One method.

    Attributes:
        times: By column; a method that does not give something has no cell.
        quality: By the names of `QUALITY`: is the posterior, or the point, that was timed right?
        how: Settings, and what the method says of itself, in a few words.
        extra: Other seconds: ``prepare``, ``next_belt`` of the exact grid.
    """

    times: dict[str, Time] = field(default_factory=dict)
    quality: dict[str, float] = field(default_factory=dict)
    how: str = ""
    extra: dict[str, float] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "times": {name: vars(time) for name, time in self.times.items()},
            "quality": self.quality,
            "how": self.how,
            "extra": self.extra,
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Row":
        """What `describe` gave."""
        times = {name: Time(**time) for name, time in kept["times"].items()}
        quality = {name: value for name, value in kept["quality"].items() if value is not None}
        return cls(times, quality, str(kept["how"]), dict(kept["extra"]))


Rows = Mapping[str, Row]

OFF = {ONE: ("marginal_gap", 0.05), MANY: ("marginal_gap", 0.05), MAP: ("map_gap", 1.0)}
"""From what gap on an answer is not the one asked for: it wins nothing, however fast."""


def off(row: Row, column: str) -> bool:
    """Whether what was timed in a column is wrong."""
    key, most = OFF.get(column, ("", 0.0))
    return row.quality.get(key, 0.0) > most


def number(value: float) -> str:
    """Three significant digits, without an exponent, thousands apart."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"


def pays_from(network: Row, other: Row) -> tuple[float, str] | None:
    """From how many data sets on training and posteriors take less than another's posteriors.

    Returns:
        The number, infinity for never, and "", "at least " or "at most " where a time is a limit;
        None where a time is not known, or limits decide nothing.
    """
    if TRAINING not in network.times or MANY not in network.times or MANY not in other.times:
        return None
    training, own, theirs = network.times[TRAINING], network.times[MANY], other.times[MANY]
    saved = (theirs.seconds - own.seconds) / SETS
    later, sooner = training.more or own.more, theirs.more
    if (later and sooner) or (saved <= 0 and sooner):
        return None
    if saved <= 0:
        return np.inf, ""
    return float(np.ceil(training.seconds / saved)), _bound(later, sooner)


def _bound(later: bool, sooner: bool) -> str:
    return "at least " if later else "at most " if sooner else ""


def _pays_text(found: tuple[float, str] | None) -> str:
    if found is None:
        return ""
    count, bound = found
    return "never" if np.isinf(count) else f"{bound}{number(count)}"


def statements(rows: Rows, belt_training: float | None) -> list[str]:
    """Where the exact method wins, and from how many data sets on training pays.

    Args:
        rows: The table.
        belt_training: Seconds in which all learned belts were made, networks apart.
    """
    lines = [plainly(rows)]
    lines += [contest(rows, column) for column in COLUMNS if column != TRAINING]
    prepare = rows[EXACT].extra.get("prepare") if EXACT in rows else None
    if prepare is not None:
        lines.append(
            f"Before any data, the coefficients of the maps take {number(prepare)} s once, for the "
            "exact grid as for the networks; training and this are not in the comparison above."
        )
    lines += [amortisation(rows, name) for name in rows]
    lines.append(belts(rows, belt_training))
    return [line for line in lines if line]


def plainly(rows: Rows) -> str:
    """Where the exact method wins when the networks' training is counted."""
    if EXACT not in rows or not any(TRAINING in row.times for row in rows.values()):
        return ""
    exact, lines = rows[EXACT], []
    others = [row for row in rows.values() if TRAINING in row.times]
    for column in (ONE, MAP):
        known = [
            row.times[column].seconds + row.times[TRAINING].seconds
            for row in others
            if column in row.times and not off(row, column)
        ]
        if column in exact.times and known and min(known) > exact.times[column].seconds:
            lines.append(column)
    pays = {n: pays_from(row, exact) for n, row in rows.items() if not off(row, MANY)}
    ends = {name: found for name, found in pays.items() if found and np.isfinite(found[0])}
    if ends:
        first = min(ends, key=lambda name: ends[name][0])
        count, bound = ends[first]
        if count > 1 and bound != "at most ":  # at least as many is as good
            lines.append(f"posteriors of fewer than {number(count)} data sets ({first})")
    elif any(pays.values()):
        lines.append("posteriors of any number of data sets")
    if not lines:
        return ""
    return f"With training counted, the exact method wins against the networks: {', '.join(lines)}."


def contest(rows: Rows, column: str) -> str:
    """One column: does the exact method win, and by how much?"""
    times = {name: row.times[column] for name, row in rows.items() if column in row.times}
    wrong = [name for name in times if name != EXACT and off(rows[name], column)]
    times = {name: time for name, time in times.items() if name not in wrong}
    if EXACT not in times or len(times) < 2:
        return ""
    exact = times.pop(EXACT)
    order = sorted(times, key=lambda name: times[name].seconds)
    # one that was stopped earlier than the exact method ends may be on either side of it
    open_ = [name for name in order if times[name].more and times[name].seconds < exact.seconds]
    faster = [n for n in order if times[n].seconds < exact.seconds and n not in open_]
    slower = [n for n in order if times[n].seconds >= exact.seconds]
    said = ", ".join(f"{name} {times[name].over(exact)}" for name in slower)
    if not faster:
        head = f"{column}: the exact method wins ({exact.text} s)"
        if open_:
            head = f"{column}: the exact method takes {exact.text} s and none is known to be faster"
        tail = f"; times as long: {said}" if said else ""
    else:
        others = f"; faster too: {', '.join(faster[1:])}" if faster[1:] else ""
        share = number(exact.seconds / times[faster[0]].seconds)
        head = (
            f"{column}, training apart: {faster[0]} is fastest ({times[faster[0]].text} s), the "
            f"exact method takes {exact.text} s, {share} times as long{others}"
        )
        tail = f"; the exact method wins against (times as long): {said}" if said else ""
    undecided = f"; not decided, stopped too early: {', '.join(open_)}" if open_ else ""
    left = f"; not counted, its answer is off: {', '.join(wrong)}" if wrong else ""
    return f"{head}{tail}{undecided}{left}."


def amortisation(rows: Rows, name: str) -> str:
    """From how many data sets on one network pays, against every method that is not trained."""
    network = rows[name]
    if TRAINING not in network.times or MANY not in network.times:
        return ""
    parts = []
    for other, row in rows.items():
        if TRAINING in row.times or MANY not in row.times:
            continue
        found = pays_from(network, row)
        if found is None:
            parts.append(f"against {other} it is not known")
        elif np.isinf(found[0]):
            parts.append(f"against {other} never")
        else:
            parts.append(f"against {other} from {found[1]}{number(found[0])} data sets on")
    if not parts:
        return ""
    training, wrong = network.times[TRAINING].text, off(network, MANY)
    if wrong:
        name += f" (its draws are off, by {network.quality['marginal_gap']:.2f})"
    return f"{name}, after {training} s of training, pays {', '.join(parts)}."


def belts(rows: Rows, training: float | None) -> str:
    """Learned critical values beside exact ones: neither depends on the data."""
    learned = [r.times[BELT] for n, r in rows.items() if BELT in r.times and n != EXACT]
    learned = [time for time in learned if time.multiplied == 1 and not time.more]
    exact = rows[EXACT] if EXACT in rows else Row()
    following = exact.extra.get("next_belt")
    if not learned or training is None or following is None or BELT not in exact.times:
        return ""
    first, slowest = exact.times[BELT].seconds, max(time.seconds for time in learned)
    made = first - following
    if training >= made and slowest >= following:
        pays = "for no number of data sets"
    elif training >= made:
        pays = f"from {math.ceil((training - made) / (following - slowest)):,} data sets on"
    elif slowest >= following:
        pays = f"up to {math.floor((made - training) / (slowest - following)):,} data sets"
    else:
        pays = "for any number of data sets"
    return (
        "Critical values, exact or learned, depend on the experiments and not on their data: exact "
        f"ones take {number(made)} s once, and then {number(following)} s for each data set; all "
        f"learned ones {number(training)} s, their networks apart, and then up to "
        f"{number(slowest)} s. So learned belts pay {pays}."
    )


def time_rows(rows: Rows) -> tuple[tuple[str, ...], list[list[str]]]:
    """Head and cells of the table of times."""
    exact = rows.get(EXACT, Row())
    body = []
    for name, row in rows.items():
        cells = [row.times[column].text if column in row.times else "" for column in COLUMNS]
        body.append([name, *cells, _pays_text(pays_from(row, exact))])
    return ("method", *(f"{column} [s]" for column in COLUMNS), "pays from [data sets]"), body


def quality_rows(rows: Rows) -> tuple[tuple[str, ...], list[list[str]]]:
    """Head and cells of the table of what was timed."""
    form = {"marginal_gap": "{:.3f}", "ln_evidence_gap": "{:+.3f}", "effective": "{:.2f}"}
    body = []
    for name, row in rows.items():
        cells = [
            form.get(key, "{:.2f}").format(row.quality[key]) if key in row.quality else ""
            for key in QUALITY
        ]
        body.append([name, *cells, row.how])
    return ("method", *QUALITY.values(), "how"), body
