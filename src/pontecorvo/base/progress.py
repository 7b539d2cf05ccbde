"""Progress bars for people, silence for pipes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


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


@contextmanager
def progress(
    title: str, total: float | None = None, enabled: bool | None = None
) -> Iterator[Advance]:
    """Show a rich progress bar while the block runs.

    Args:
        title: What is being done.
        total: The amount of work, or None when it is not known before.
        enabled: Show it or not; by default only when standard error is a terminal.
    """
    if enabled is None:
        enabled = at_a_terminal()
    if not enabled:
        yield lambda steps=1, note=None: None
        return
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
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(title, total=total, note="")

        def advance(steps: float = 1, note: str | None = None) -> None:
            bars.update(task, advance=steps)
            if note is not None:
                bars.update(task, note=note)

        yield advance
        bars.update(task, completed=total)
