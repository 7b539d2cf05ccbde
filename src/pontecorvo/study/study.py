"""The study object: a target, a method, and everything that follows, in the order of a paper."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from .. import __version__
from ..base.errors import InputError
from ..base.files import (
    fingerprint,
    load_arrays,
    save_arrays,
    sha256,
    writable_folder,
    write_json,
    write_text,
)
from ..inference.draws import Draws
from ..models.base import Target
from .posterior_file import build_groups, read_groups, write_groups
from .summary import closure, intervals, versions

Sampler = Callable[[Target, int, int, Path | None], Draws]


@dataclass
class Study:
    """A posterior to be drawn, and the way to draw it.

    Attributes:
        name: Short name, for titles.
        target: Model and measurement.
        sampler: ``sampler(target, draws, seed, folder) -> Draws``; it keeps its blocks in `folder`.
        method: Name of the sampler.
        draws: Number of draws.
        seed: Seed of everything.
        settings: Every setting in force, as plain types; written to settings.yaml.
    """

    name: str
    target: Target
    sampler: Sampler
    method: str
    draws: int = 10_000
    seed: int = 0
    settings: dict[str, Any] = field(default_factory=dict)

    def run(self, out: Path | str, overwrite: bool = False, report: bool = True) -> "Result":
        """Draw, check, predict, report; write the contract's files to `out`.

        A run that was killed takes up where it was, and ends in the same draws. A finished run is
        not drawn again.

        Args:
            out: Folder for the results.
            overwrite: Replace the results of a run with other settings.
            report: Also make the pictures and the HTML page.

        Returns:
            The result, as read back from the files.

        Raises:
            InputError: If `out` cannot be written, or holds a run with other settings.
        """
        out = writable_folder(out)
        self._claim(out, overwrite)
        seconds: dict[str, float] = {}
        stages = out / ".stages" / self._fingerprint()

        def timed(stage: str, work: Callable[[], Any]) -> Any:
            start = time.perf_counter()
            result = work()
            seconds[stage] = time.perf_counter() - start
            return result

        draws = timed("draw", lambda: self._draw(stages))
        groups = timed("predict", lambda: build_groups(self.target.model, draws))
        attributes = {"study": self.name, "method": self.method, "seed": self.seed}
        timed("write", lambda: write_groups(out / "posterior.nc", groups, attributes))
        checks = timed("check", lambda: self._closure(out / "posterior.nc", draws))
        summary = self._summary(draws, checks)
        summary["intervals"] = intervals(groups)
        result = Result(out, self, draws, groups, summary)
        summary["seconds"] = self._kept_seconds(stages, seconds)
        if report:
            from ..report import write_report

            timed("report", lambda: write_report(out, self.target, groups, summary))
        summary["seconds"] = self._kept_seconds(stages, seconds)
        summary["files"] = {
            path.name: sha256(path)
            for path in sorted(out.iterdir())
            if path.is_file() and path.name != "summary.json" and not path.name.startswith(".")
        }
        write_json(out / "summary.json", summary)
        return result

    def _fingerprint(self) -> str:
        return fingerprint({"version": __version__, "settings": self.settings})

    def _claim(self, out: Path, overwrite: bool) -> None:
        """Write settings.yaml, unless the folder belongs to another run."""
        text = yaml.safe_dump(self.settings, sort_keys=False, allow_unicode=True)
        path = out / "settings.yaml"
        if path.exists() and path.read_text(encoding="utf-8") != text and not overwrite:
            raise InputError(
                f"--out {out}: holds a run with other settings; "
                "give another folder, or --overwrite to replace it"
            )
        write_text(path, text)

    def _draw(self, stages: Path) -> Draws:
        finished = stages / "draws.npz"
        if finished.exists():
            return Draws.from_arrays(load_arrays(finished))
        blocks = stages / "blocks"
        start = time.perf_counter()
        draws = self.sampler(self.target, self.draws, self.seed, blocks)
        save_arrays(finished, **draws.to_arrays())
        write_json(stages / "seconds.json", {"draw": time.perf_counter() - start})
        if blocks.exists():  # only now are the blocks of no more use
            for path in sorted(blocks.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            blocks.rmdir()
        return draws

    @staticmethod
    def _kept_seconds(stages: Path, seconds: dict[str, float]) -> dict[str, float]:
        """Seconds by stage; drawing keeps those of the run that drew."""
        import json

        path = stages / "seconds.json"
        kept = json.loads(path.read_text()) if path.exists() else {}
        return {name: round(value, 3) for name, value in {**seconds, **kept}.items()}

    def _closure(self, path: Path, draws: Draws) -> dict[str, Any]:
        stored = read_groups(path)["posterior"]
        theta = self.target.model.from_variables(
            {str(name): v.values.reshape(-1, *v.shape[2:]) for name, v in stored.data_vars.items()}
        )
        return closure(self.target, theta, draws)

    def _summary(self, draws: Draws, checks: dict[str, Any]) -> dict[str, Any]:
        return {
            "study": self.name,
            "method": draws.method,
            "seed": self.seed,
            "counts": {"draws": len(draws.theta), "requested": self.draws},
            "raw_acceptance": draws.raw_acceptance,
            "ess": draws.ess,
            "ess_fraction": draws.ess / len(draws.theta),
            "log_evidence": draws.log_evidence,
            "log_evidence_error": draws.log_evidence_error,
            "converged": draws.converged,
            "closure": checks,
            "method_notes": draws.notes,
            "target": self.target.describe(),
            "versions": versions(),
        }


@dataclass
class Result:
    """What a run left behind.

    Attributes:
        out: Folder with posterior.nc, summary.json, settings.yaml, report.html and figures.
        study: The study that was run.
        draws: The draws.
        groups: xarray datasets ``posterior``, ``sample_stats`` and ``predictions``.
        summary: Content of summary.json.
    """

    out: Path
    study: Study
    draws: Draws
    groups: dict[str, Any]
    summary: dict[str, Any]

    def prediction(self, name: str) -> np.ndarray:
        """Values (N,) of one prediction."""
        return self.groups["predictions"][name].values.ravel()
