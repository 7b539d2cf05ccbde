"""Files that are whole or absent: atomic writes, hashes, and checks before a long run starts."""

import errno
import hashlib
import json
import os
import platform
import re
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError

_LEFTOVER = re.compile(r"\..+\.[a-z0-9_]{8}\.tmp")
_OWNED = re.compile(r"\..*\.([0-9a-f]{8})-(\d+)\.[a-z0-9_]{8}\.tmp", re.DOTALL)
_STALE = 24 * 3600.0
"""Seconds after which a temporary file of another machine is taken for a killed writer's."""


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it over `path` only if the block succeeds.

    A reader never sees half a file, whenever the writer is killed.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # the name says whose it is, so that no other process clears it away
    prefix = f".{path.name[:48]}.{_machine()}-{os.getpid()}."
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=".tmp")
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp makes files private; results are for sharing
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path | str, below: bool = False) -> None:
    """Remove the temporary files of writers that were killed; those of the living stay.

    Args:
        folder: Where to look; need not exist.
        below: Look in the folders below it too.
    """
    for path in Path(folder).glob("**/.*.tmp" if below else ".*.tmp"):
        if _LEFTOVER.fullmatch(path.name) and not _in_use(path):
            path.unlink(missing_ok=True)


@cache
def _machine() -> str:
    """Eight digits that stand for this machine: a process number means nothing on another."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _in_use(path: Path) -> bool:
    """Whether the process that made a temporary file still lives, or may do so elsewhere."""
    found = _OWNED.fullmatch(path.name)
    if found is None:
        return False
    machine, process = found[1], int(found[2])
    if machine != _machine():
        try:
            return time.time() - path.stat().st_mtime < _STALE
        except OSError:
            return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's, or no number of a process
        return process < 2**31
    return True


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path | str, content: Any) -> None:
    """Write JSON atomically, keys in the given order; numpy scalars and arrays are accepted.

    NaN and infinities are written as ``null``, since JSON has no other word for them.
    """
    write_text(path, json.dumps(plain(content), indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """A mapping in a JSON file; empty where there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def plain(value: Any) -> Any:
    """The same content in JSON types; NaN and infinities become None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, Path):
        return str(value)
    return value


def save_arrays(path: Path | str, **arrays: np.ndarray) -> None:
    """Write arrays to an ``.npz`` atomically; same arrays, same bytes."""
    with atomic_path(path) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]


def load_arrays(path: Path | str) -> dict[str, np.ndarray]:
    """Read arrays written by `save_arrays`; nothing is ever unpickled."""
    with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as content:
        return {name: content[name] for name in content.files}


def kept_arrays(path: Path | str) -> dict[str, np.ndarray] | None:
    """Arrays of a checkpoint, or None where there is none that can be read.

    A machine that lost its power can leave an empty or cut file; what it held is computed again.
    """
    try:
        return load_arrays(path)
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return None


def sha256(path: Path | str) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fingerprint(content: Any) -> str:
    """Short hash of a JSON-able description: the name under which a cached stage is kept."""
    text = json.dumps(plain(content), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def cached_arrays(
    path: Path | None, compute: Callable[[], dict[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """Return the arrays kept at `path`, or compute and keep them; without a path, compute them."""
    if path is None:
        return compute()
    kept = kept_arrays(path)
    if kept is not None:
        return kept
    arrays = compute()
    save_arrays(path, **arrays)
    return arrays


def writable_folder(path: Path | str) -> Path:
    """Make a folder for results, or say in one sentence why it cannot be.

    Raises:
        InputError: If the path is a file, or the folder cannot be made or written to.
    """
    path = Path(path)
    if os.path.exists(path) and not os.path.isdir(path):
        raise InputError(f"--out {_cut(path)}: is a file; give a folder, new or existing")
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except (OSError, ValueError) as error:
        raise InputError(
            f"--out {_cut(path)}: cannot write there ({_reason(error)}); give a folder you can "
            "write to"
        ) from None
    return path


def writable_file(path: Path | str, overwrite: bool = False) -> Path:
    """See, before long work, that a result can be written to a file that is not there yet.

    Args:
        path: The file.
        overwrite: A file that is there may be replaced.

    Raises:
        InputError: If it is there, is no file, or cannot be made.
    """
    path = Path(path)
    if os.path.isdir(path):
        raise InputError(f"--out {_cut(path)}: is a folder; give a file")
    if os.path.lexists(path):
        if not overwrite:
            raise InputError(
                f"--out {_cut(path)}: is there already; give --overwrite or another file"
            )
        if not os.path.isfile(path):
            raise InputError(f"--out {_cut(path)}: is no regular file; give another")
    try:
        # nothing is made yet: bad input, which may show later, leaves nothing behind
        if "\0" in str(path):
            raise ValueError("a name may not hold a null character")
        parents = [parent for parent in path.absolute().parents if os.path.lexists(parent)]
        nearest = parents[0]
        for part in path.absolute().relative_to(nearest).parts:
            if len(os.fsencode(part)) > 255:
                raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except (OSError, ValueError) as error:
        raise InputError(
            f"--out {_cut(path)}: cannot be written ({_reason(error)}); give a file in a folder "
            "you can write to"
        ) from None
    return path


def _cut(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 200 else f"{text[:100]}…{text[-60:]}"


def _reason(error: Exception) -> object:
    return getattr(error, "strerror", None) or error
