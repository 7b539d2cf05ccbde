"""The user's data folder: released matrices that are too large, or not ours, to ship.

Laid out as the collaborations and compilations publish them; named by ``--data DIR`` or the setting
``data``. ``PONTECORVO_DATA`` is what these are where they are not given, and nothing else reads it:
a run writes the folder in force to its settings. `check_folder` says what a folder holds, what is
missing and where to get it.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from ...base.errors import InputError
from .declaration import Released
from .discovery import declared

VARIABLE = "PONTECORVO_DATA"
NONE = "none"
"""In place of a folder: none, whatever the environment says."""


@dataclass(frozen=True)
class Finding:
    """What became of one item: "found", "missing" or "bad", with a sentence."""

    item: Released
    state: str
    message: str


def items() -> dict[Released, tuple[str, ...]]:
    """Everything that a folder may hold, with the experiments that read it."""
    result: dict[Released, tuple[str, ...]] = {}
    for name, one in declared().items():
        for item in one.released:
            result[item] = (*result.get(item, ()), name)
    return result


def folder_of(given: Path | str | None) -> Path | None:
    """The data folder: `given`, else ``PONTECORVO_DATA``, else None; None too for ``none``.

    Raises:
        InputError: If it is named but is no folder.
    """
    name = given or os.environ.get(VARIABLE)
    if not name or str(name) == NONE:
        return None
    folder = Path(name)
    if not folder.is_dir():
        origin = "--data" if given else VARIABLE
        raise InputError(f"{origin} {folder}: no such folder; give the folder with released data")
    return folder


def find(folder: Path | None, path: str) -> Path | None:
    """Path of a file or folder in the data folder in force, or None where there is none."""
    if folder is None:
        return None
    found = folder / path
    return found if found.exists() else None


def check_folder(given: Path | str | None) -> list[Finding]:
    """Look for every item and read what is there.

    Raises:
        InputError: If the folder is not named or is no folder.
    """
    folder = folder_of(given)
    if folder is None:
        raise InputError(f"no data folder; give one, or set {VARIABLE}")
    findings = []
    for item, experiments in items().items():
        path = folder / item.path
        if not path.exists():
            findings.append(Finding(item, "missing", f"{item.without}; published in {item.where}"))
            continue
        try:
            item.read(path)
        except InputError as error:
            findings.append(Finding(item, "bad", str(error)))
        else:
            findings.append(Finding(item, "found", f"read by {', '.join(experiments)}"))
    return findings
