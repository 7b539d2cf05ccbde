"""The work of `pontecorvo contour`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ....base import files
from ....base.errors import InputError, suggest
from ....base.folders import alone_in
from ....base.progress import progress
from ....frequentist.belts import Belt
from ..experiment import Experiment
from ..experiment_registry import Setting, expand, load_experiments
from ..fits import Fit, Settings
from ..plane_coordinates import SIN2, check_choice, shown_in, write_shown
from ..posterior_shape import is_flat
from .contour import METHODS

SUMMARY = "contour.json"
RESULTS = ("contours.csv", "contours.png", "contours.pdf", "belt.npz", SUMMARY)


def parse_levels(text: str) -> tuple[float, ...]:
    """Levels from "0.68,0.95".

    Raises:
        InputError: If one is no number between 0 and 1.
    """
    try:
        levels = tuple(sorted({float(item) for item in text.split(",") if item.strip()}))
    except ValueError:
        levels = ()
    if not levels or not all(0 < level < 1 for level in levels):
        raise InputError(f"--levels {text}: give numbers between 0 and 1, such as 0.68,0.95")
    return levels


def parse_points(text: str) -> tuple[int, int]:
    """Points of the plane from "50x50".

    Raises:
        InputError: If it is not two whole numbers from 5 to 400.
    """
    parts = text.lower().split("x")
    if len(parts) == 2 and all(part.strip().isdigit() for part in parts):
        shape = int(parts[0]), int(parts[1])
        if all(5 <= count <= 400 for count in shape):
            return shape
    raise InputError(f"--points {text}: give two whole numbers from 5 to 400, such as 50x50")


@dataclass(frozen=True)
class Asked:
    """What is to be drawn.

    Attributes:
        names: Experiments, comma-separated.
        setting: What was chosen for them.
        method: One of `METHODS`.
        effort: Levels, tested points, trials and their seed.
        axes: Coordinates shown.
    """

    names: str
    setting: Setting
    method: str
    effort: Settings
    axes: str = SIN2

    def check(self) -> None:
        """Refuse what cannot be drawn.

        Raises:
            InputError: If a setting is wrong.
        """
        if self.method not in METHODS:
            raise InputError(
                f"--method {self.method!r} is unknown; {suggest(self.method, list(METHODS))}"
            )
        check_choice(self.axes)
        few, many = self.effort.trials, self.effort.max_trials
        if few < 1000 or few % 1000 or many < few or many % 1000:
            raise InputError(
                f"--trials {few} --max-trials {many}: give multiples of 1000, "
                "the second not smaller than the first"
            )
        if self.effort.seed < 0:
            raise InputError(f"--seed {self.effort.seed}: give zero or a positive whole number")

    def describe(self) -> dict[str, Any]:
        """Everything that decides the region, as plain JSON types."""
        setting, effort = self.setting, self.effort
        return {
            "experiments": expand(self.names, self.setting.data),
            "flux": setting.flux,
            "gallium_cross_section": setting.gallium_cross_section,
            "options": dict(setting.options),
            "data": None if setting.data is None else str(setting.data.resolve()),
            "method": self.method,
            "levels": list(effort.levels),
            "points": list(effort.shape),
            "trials_at_a_point": [effort.trials, effort.max_trials],
            "seed": effort.seed,
            "axes": self.axes,
        }


def draw(asked: Asked, out: Path, overwrite: bool = False) -> str:
    """Build the region, write it, and say in one line what it is.

    Args:
        asked: What.
        out: Folder for the results.
        overwrite: Replace results there that are not of the same call.

    Raises:
        InputError: If a setting is wrong, or the folder cannot be written to or holds other files
            of these names.
    """
    asked.check()
    description = asked.describe()
    experiments = load_experiments(asked.names, asked.setting)
    with alone_in(files.writable_folder(out)), shown_in(asked.axes):
        stages = _claimed(out, description, overwrite)
        return _drawn(asked, out, description, experiments, stages)


def _drawn(
    asked: Asked,
    out: Path,
    description: dict[str, Any],
    experiments: Sequence[Experiment],
    stages: Path,
) -> str:
    effort = asked.effort
    title = " + ".join(experiment.title for experiment in experiments)
    fit = Fit("+".join(description["experiments"]), title, tuple(experiments), effort, stages)
    belt: Belt | None = None
    if asked.method == "feldman-cousins":
        work = effort.shape[0] * effort.shape[1] * effort.trials / 1000
        with progress("Feldman-Cousins", work) as advance:
            belt = fit.belt(advance)
        files.save_arrays(out / "belt.npz", **belt.arrays())
    lines = _write(fit, asked.method, effort.levels, belt, out)
    best = fit.best
    summary: dict[str, object] = {**description, "best_fit": best.describe(), "lines": lines}
    if belt is not None:
        summary["trials"] = int(belt.trials.sum())
        summary["undecided_points"] = {
            f"{level:g}": int(np.count_nonzero(belt.undecided(level))) for level in effort.levels
        }
    said = ""
    if asked.method == "bayes":
        summary["log_bayes_factors"] = fit.bayes_factors
        flat = [level for level in effort.levels if is_flat(fit.posterior, level)]
        summary["flat_levels"] = flat
        if flat:
            percent = ", ".join(f"{100 * level:g}" for level in flat)
            said = f"; the posterior is flat at {percent} %: no boundary is drawn there"
    files.write_json(out / SUMMARY, summary)
    return (
        f"{asked.method}: best fit sin^2 2theta = {10**best.x:.4g}, dm2 = {10**best.y:.4g} eV^2, "
        f"chi2 {best.chi2:.2f} (no oscillation {best.null_chi2:.2f}); "
        f"{lines} lines in {out / 'contours.csv'}{said}"
    )


def _claimed(out: Path, description: dict[str, Any], overwrite: bool) -> Path:
    """The folder of finished pieces, with a note of what is drawn; results of others are refused.

    Raises:
        InputError: If there are some, and they may not be replaced.
    """
    stages = out / ".trials"
    note = stages / "asked.json"
    there = [out / name for name in RESULTS if (out / name).exists()]
    if there and _read(note) != files.plain(description):
        if not overwrite:
            what = "holds other results"
            if (out / SUMMARY) in there:
                what = "holds the region of other settings (see contour.json)"
            raise InputError(f"--out {out}: {what}; give --overwrite or another folder")
        for path in there:
            path.unlink()
    stages.mkdir(exist_ok=True)
    files.write_json(note, description)
    return stages


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write(fit: Fit, method: str, levels: tuple[float, ...], belt: Belt | None, out: Path) -> int:
    from ....report.style import write_figure
    from ..report.plane_figures import lines_of, single_figure

    lines = lines_of(fit, method, levels, belt)
    write_shown(out / "contours.csv", lines)
    write_figure(single_figure(fit, method, levels, belt), out, "contours")
    return len(lines)
