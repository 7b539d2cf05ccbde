"""The folder of a run: who owns it, what stands in it, and nothing of another run beside it."""

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from ..base.errors import InputError
from ..base.files import plain, remove_leftovers, sha256, writable_folder, write_text
from ..base.folders import remove_empty

_RESULTS = ("settings.yaml", "posterior.nc", "equal.nc", "report.html")
_SUMMARY = "summary.json"
_FIGURES = "figures"


class OutputFolder:
    """Results of one run.

    The folder is claimed, by writing settings.yaml, only when the draws are there. So settings that
    turn out to be at fault, or a run that is killed, never touch the results of another run.

    Args:
        out: The folder.
        settings: Everything that defines the run.
        overwrite: Replace the results of another run.
    """

    def __init__(self, out: Path, settings: dict[str, Any], overwrite: bool = False) -> None:
        self.out = out
        self.overwrite = overwrite
        self._text = yaml.safe_dump(plain(settings), sort_keys=False, allow_unicode=True)
        self._new: list[Path] = []

    def open(self) -> Path:
        """Make the folder, and clear away what killed writers left.

        Raises:
            InputError: If it cannot be written to, or holds the results of another run.
        """
        self._new = [path for path in (self.out, *self.out.parents) if not path.exists()]
        writable_folder(self.out)
        self._check()
        remove_leftovers(self.out)
        remove_leftovers(self.out / _FIGURES)
        remove_leftovers(self.out / ".stages", below=True)
        return self.out

    def claim(self, stages: Path) -> None:
        """Take the folder for this run, whose stages are at `stages`; another's results go."""
        self._check()
        if not self._mine():
            self._remove_results()
            for other in stages.parent.iterdir():
                if other != stages:
                    shutil.rmtree(other, ignore_errors=True)
        write_text(self.out / "settings.yaml", self._text)

    def forget(self, stages: Path) -> None:
        """Take away the stages, and the folders that this run made if they are empty."""
        shutil.rmtree(stages, ignore_errors=True)
        remove_empty((stages.parent, *self._new))

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each result but the summary, by its path in the folder."""
        paths = [path for name in _RESULTS if (path := self.out / name).is_file()]
        figures = self.out / _FIGURES
        if figures.is_dir():
            paths += sorted(path for path in figures.iterdir() if path.suffix in (".png", ".pdf"))
        return {path.relative_to(self.out).as_posix(): sha256(path) for path in paths}

    def _mine(self) -> bool:
        try:
            return (self.out / "settings.yaml").read_text(encoding="utf-8") == self._text
        except (OSError, UnicodeDecodeError):
            return False

    def _check(self) -> None:
        taken = [name for name in (*_RESULTS, _SUMMARY) if (self.out / name).exists()]
        if taken and not self._mine() and not self.overwrite:
            what = "a run with other settings" if taken[0] == "settings.yaml" else taken[0]
            raise InputError(
                f"--out {self.out}: holds {what}; give another folder, or --overwrite to replace it"
            )

    def _remove_results(self) -> None:
        try:
            listed = json.loads((self.out / _SUMMARY).read_text(encoding="utf-8"))["files"]
        except (OSError, ValueError, KeyError, TypeError):
            listed = {}
        figures = [name for name in listed if Path(name).parent == Path(_FIGURES)]
        # settings.yaml last: until then a folder half cleared still says whose it was
        for name in (_SUMMARY, *figures, *reversed(_RESULTS)):
            path = self.out / name
            if path.is_dir():
                raise InputError(f"{path}: is a folder where a result should be; remove it")
            path.unlink(missing_ok=True)
