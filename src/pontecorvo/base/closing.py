"""The last lines of a command: what may be done next."""

import shlex
import sys

from .progress import is_quiet


def next_step(*steps: str) -> None:
    """Say what may be done next, on standard output, unless only results are wanted."""
    if is_quiet():
        return
    for number, step in enumerate(steps):
        print(f"{'next: ' if number == 0 else '      '}{step}", file=sys.stdout)


def quoted(path: object) -> str:
    """A path as it must be typed into a shell."""
    return shlex.quote(str(path))
