"""Progress of long work: bars for people at a terminal, now and then a line for pipes and logs.

A block of work may stand inside another: the innermost says where things are. At a terminal all of
them share one display (rich refuses two). Elsewhere one thread watches the blocks and writes a line
on standard error when a block has lasted five seconds (``PONTECORVO_PROGRESS``), and every half
minute from then on, also while the work itself says nothing. Worker processes are silent: whoever
started them reports.
"""

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, Protocol


def _first() -> float:
    """Seconds of ``PONTECORVO_PROGRESS``; ``off`` is never, and what is no number is 5."""
    asked = os.environ.get("PONTECORVO_PROGRESS", "").strip().lower()
    try:
        seconds = float("inf" if asked == "off" else asked)
    except ValueError:
        return 5.0
    return seconds if seconds >= 0 else 5.0


FIRST, EVERY = _first(), 30.0
"""Seconds after which a block that no terminal shows says something, and between later lines."""
Loudness = Literal["quiet", "normal", "verbose"]

_loudness: Loudness = "normal"
_lock = threading.RLock()
_jobs: "list[_Job]" = []
_bars: Any = None  # the display that all bars share while any is shown
_watch: threading.Thread | None = None
_wake = threading.Event()
_said = -EVERY  # when the last line was written


def set_loudness(loudness: Loudness) -> None:
    """Say nothing of progress, the usual, or also when each part begins and ends."""
    global _loudness
    _loudness = loudness


def is_quiet() -> bool:
    """Whether only results and errors are wanted."""
    return _loudness == "quiet"


def at_a_terminal() -> bool:
    """Whether someone may watch standard error; a daemon or a window program has none."""
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # closed by the user's own program
        return False


class Advance(Protocol):
    """What a long job reports to: more work done, or a word about where it stands."""

    def __call__(self, steps: float = 1, note: str | None = None) -> None:
        """Add `steps` of work done; `note` replaces the text beside the bar."""


class _Job:
    """A block of work that lines tell of."""

    def __init__(self, title: str, total: float | None) -> None:
        self.title, self.total = title, total
        self.done, self.note = 0.0, ""
        self.start = time.monotonic()
        self.next = max(self.start + FIRST, _said + EVERY)

    def advance(self, steps: float = 1, note: str | None = None) -> None:
        self.done += steps
        if note is not None:
            self.note = note

    def line(self, now: float) -> str:
        """Where it stands, with an estimate of what is left where the work is counted."""
        passed = now - self.start
        text = f"{self.title}: "
        if self.total and 0 < self.done < self.total:
            share = self.done / self.total
            left = duration(passed * (1 - share) / share)
            text += f"{100 * share:.0f} % after {duration(passed)}, about {left} left"
        else:
            text += f"{duration(passed)} so far"
        return f"{text} ({self.note})" if self.note else text


def duration(seconds: float) -> str:
    """Seconds as people say them: ``8 s``, ``2 min 5 s``, ``3 h 20 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


@contextmanager
def progress(
    title: str, total: float | None = None, enabled: bool | None = None, bar: bool = True
) -> Iterator[Advance]:
    """Tell how far the work of this block has come.

    Args:
        title: What is being done.
        total: The amount of work, or None when it is not known before.
        enabled: Show a bar or stay silent; by default a bar where standard error is a terminal,
            and lines elsewhere.
        bar: False: no bar at a terminal, lines elsewhere (for a whole command, whose parts have
            bars).
    """
    inside = multiprocessing.parent_process() is not None
    if enabled is False or (enabled is None and (is_quiet() or inside)):
        yield lambda steps=1, note=None: None
    elif enabled or at_a_terminal():
        if not bar:
            yield lambda steps=1, note=None: None
            return
        with _bar(title, total) as advance:
            yield advance
    else:
        with _lines(title, total) as advance:
            yield advance


@contextmanager
def _lines(title: str, total: float | None) -> Iterator[Advance]:
    global _watch
    job = _Job(title, total)
    with _lock:
        _jobs.append(job)
        if _watch is None or not _watch.is_alive():
            _watch = threading.Thread(target=_watching, name="pontecorvo-progress", daemon=True)
            _watch.start()
    _wake.set()
    if _loudness == "verbose":
        _say(f"{title} ...")
    try:
        yield job.advance
        if _loudness == "verbose":
            _say(f"{title}: done in {duration(time.monotonic() - job.start)}")
    finally:
        with _lock:
            _jobs.remove(job)
            for outer in _jobs:  # it has just been heard of
                outer.next = max(outer.next, time.monotonic() + FIRST)
        _wake.set()


def _watching() -> None:
    """Write the innermost job's line whenever it is due; end when there is no job."""
    global _watch, _said
    while True:
        _wake.clear()
        with _lock:
            if not _jobs:
                _watch = None
                return
            job, now = _jobs[-1], time.monotonic()
            if now >= job.next:
                _say(job.line(now))
                _said = now
                for one in _jobs:
                    one.next = now + EVERY
            pause = job.next - now
        _wake.wait(min(max(pause, 0.05), 3600.0))


def _say(line: str) -> None:
    try:
        print(f"pontecorvo: {line}", file=sys.stderr, flush=True)
    except (OSError, ValueError, AttributeError):  # nobody reads: the work is worth more
        return


@contextmanager
def _bar(title: str, total: float | None) -> Iterator[Advance]:
    global _bars
    with _lock:
        owner = _bars is None
        if owner:
            _bars = _display()
            _bars.start()
        bars = _bars
        task = bars.add_task(title, total=total, note="")

    def advance(steps: float = 1, note: str | None = None) -> None:
        bars.update(task, advance=steps)
        if note is not None:
            bars.update(task, note=note)

    try:
        yield advance
        bars.update(task, completed=total)
    finally:
        with _lock:
            bars.stop_task(task)
            if owner:
                _bars = None
                bars.stop()
            else:
                bars.update(task, visible=False)


def _display() -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns: list[Any] = [
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[note]}"),
    ]
    return Progress(*columns, console=Console(stderr=True))
