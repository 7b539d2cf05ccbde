"""Folders of results: one process at a time, and nothing that is another's is replaced."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import InputError, one_line
from .files import fingerprint, remove_leftovers, writable_folder

NOTES = {
    "summary.json": "a run",
    "posterior.nc": "draws",
    "certificate.json": "a certificate",
    "comparison.json": "a comparison",
    "update.json": "an update",
    "reweight.json": "a reweighting",
    "explain.json": "an explanation",
    "contour.json": "a region",
    "report.html": "a report",
}
"""Files by which a folder says what it holds: each verb has one, most write a report besides."""


def user_path(path: Path | str) -> Path:
    """A path as the user means it: absolute, and ``~`` is home where no shell has seen to it.

    Raises:
        InputError: If it is empty, or names a home that is not known.
    """
    text = str(path)
    if not text.strip():
        raise InputError("--out: is empty; give a path, new or existing")
    found = os.path.expanduser(text)
    if found.startswith("~"):
        raise InputError(
            f"--out {one_line(text, 200)}: there is no such home; give the whole path, or "
            "./ before the name"
        )
    return Path(os.path.abspath(found))


@contextmanager
def claimed_folder(
    out: Path | str, note: str, asked: Mapping[str, Any], overwrite: bool = False
) -> Iterator[tuple[Path, str]]:
    """The folder of a verb's results while they are made, unless another's are in it.

    The verb writes the mark that it is given as ``asked`` into its note, before all else; so the
    same command may replace its own results, and no other may. Bad input that shows within the
    block leaves no empty folder behind.

    Args:
        out: The folder.
        note: The verb's own file among `NOTES`.
        asked: All that tells these results from others of the same verb.
        overwrite: Replace those of the same verb that were asked for in another way.

    Yields:
        The folder, and the mark.

    Raises:
        InputError: If it cannot be written to, holds what is not to be replaced, or another process
            is at work in it.
    """
    out = user_path(out)
    mark = fingerprint(dict(asked))
    if (out / note).exists():
        if not overwrite and _mark(out / note) != mark:
            raise InputError(
                f"--out {one_line(out, 200)}: holds {NOTES[note]} of other settings; give another "
                "folder, or --overwrite to replace it"
            )
    else:
        found = next((name for name in NOTES if os.path.lexists(out / name)), None)
        if found is not None:
            raise InputError(
                f"--out {one_line(out, 200)}: holds {NOTES[found]} ({found}) that is not of this "
                "command; give another folder"
            )
    new = [path for path in (out, *out.parents) if not path.exists()]
    try:
        with alone_in(writable_folder(out)):
            remove_leftovers(out)
            yield out, mark
    except InputError:
        remove_empty(new)
        raise


def remove_empty(folders: Iterable[Path]) -> None:
    """Take away folders, deepest first, as far as they are empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:  # not empty, or not there
            if folder.exists():
                return


def _mark(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))["asked"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def alone_in(folder: Path | str) -> Iterator[None]:
    """Let no second process work in a folder while the block runs.

    The lock is on the folder itself and goes with the process, however it ends: nothing is left
    behind. Where the system or the file system knows no such locks, there is none.

    Raises:
        InputError: If another process is at work there.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"--out {one_line(folder, 200)}: another process is at work there; wait until it "
                "ends, or give another folder"
            ) from None
        except OSError:  # a network file system without locks
            pass
        yield
    finally:
        os.close(descriptor)
