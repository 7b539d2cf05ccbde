"""The work of `pontecorvo contour`."""

from pathlib import Path

import numpy as np

from ....base import files
from ....base.errors import InputError, suggest
from ....base.progress import progress
from ....frequentist.belts import Belt
from ....frequentist.contours import write_contours
from ..fits import Fit, Settings
from ..plane_likelihood import COLUMNS
from ..registry import Setting, expand, load_experiments
from .contour import METHODS


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


def draw(
    names: str,
    setting: Setting,
    method: str,
    levels: tuple[float, ...],
    out: Path,
    shape: tuple[int, int],
    trials: int,
    max_trials: int,
    seed: int,
) -> str:
    """Build the region, write it, and say in one line what it is.

    Raises:
        InputError: If a setting is wrong or the folder cannot be written to.
    """
    if method not in METHODS:
        raise InputError(f"--method {method!r} is unknown; {suggest(method, list(METHODS))}")
    if trials < 1000 or trials % 1000 or max_trials < trials or max_trials % 1000:
        raise InputError(
            f"--trials {trials} --max-trials {max_trials}: give multiples of 1000, "
            "the second not smaller than the first"
        )
    if seed < 0:
        raise InputError(f"--seed {seed}: give zero or a positive whole number")
    chosen = expand(names)
    experiments = load_experiments(chosen, setting)
    out = files.writable_folder(out)
    settings = Settings(shape=shape, trials=trials, max_trials=max_trials, levels=levels, seed=seed)
    title = " + ".join(experiment.title for experiment in experiments)
    fit = Fit("+".join(chosen), title, tuple(experiments), settings, out / ".trials")
    belt: Belt | None = None
    if method == "feldman-cousins":
        with progress("Feldman-Cousins", shape[0] * shape[1] * trials / 1000) as advance:
            belt = fit.belt(advance)
        files.save_arrays(out / "belt.npz", **belt.arrays())
    lines = _write(fit, method, levels, belt, out)
    best = fit.best
    summary: dict[str, object] = {
        "experiments": chosen,
        "method": method,
        "levels": levels,
        "best_fit": best.describe(),
        "lines": lines,
        "seed": seed,
    }
    if belt is not None:
        summary["trials"] = int(belt.trials.sum())
        summary["undecided_points"] = {
            f"{level:g}": int(np.count_nonzero(belt.undecided(level))) for level in levels
        }
    if method == "bayes":
        summary["log_bayes_factors"] = fit.bayes_factors
    files.write_json(out / "contour.json", summary)
    return (
        f"{method}: best fit sin^2 2theta = {10**best.x:.4g}, dm2 = {10**best.y:.4g} eV^2, "
        f"chi2 {best.chi2:.2f} (no oscillation {best.null_chi2:.2f}); "
        f"{lines} lines in {out / 'contours.csv'}"
    )


def _write(fit: Fit, method: str, levels: tuple[float, ...], belt: Belt | None, out: Path) -> int:
    from ....report.style import write_figure
    from ..report.plane_figures import lines_of, single_figure

    lines = lines_of(fit, method, levels, belt)
    write_contours(out / "contours.csv", lines, *COLUMNS)
    write_figure(single_figure(fit, method, levels, belt), out, "contours")
    return len(lines)
