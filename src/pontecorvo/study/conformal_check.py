"""Distribution-free intervals of a study's network: calibrated by a check, given by a sample.

The network's own draws, less those outside the prior's support, are calibrated on one half of the
check's simulations and tested on the other (`diagnostics.conformal`). No likelihood is asked.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError, suggest
from ..base.files import read_json
from ..base.seeds import stream
from ..core.problem import Problem
from ..diagnostics.calibration_set import Trials
from ..diagnostics.conformal import (
    LEVELS,
    Conformal,
    calibrate_intervals,
    coverage_of_intervals,
)
from .amortised_network import network_card
from .certificate_files import identity
from .network_trials import Asked


def supported(trials: Trials) -> Trials:
    """The network's draws with equal weights, less those that lie outside the prior's support."""
    if trials.log_weights is None:
        return trials
    alive = np.where(np.isfinite(trials.log_weights), 0.0, -np.inf)
    return replace(trials, log_weights=alive, truth_log_weight=None)


def calibrated_by_halves(trials: Trials) -> dict[str, Any]:
    """Calibrate on the first half of the simulations, test on the second; plain JSON types."""
    raw, half = supported(trials), len(trials) // 2
    levels = [level for level in LEVELS if half >= level / (1 - level)]
    conformal = calibrate_intervals(raw.subset(np.arange(half)), levels)
    fresh = np.arange(half, len(trials))
    rows = coverage_of_intervals(conformal, raw.subset(fresh))
    weighted = coverage_of_intervals(
        calibrate_intervals(trials.subset(np.arange(half)), levels), trials.subset(fresh)
    )
    for row, other in zip(rows, weighted, strict=True):
        row["weighted_network_alone"] = other["network_alone"]
    return {**conformal.describe(), "coverage": rows}


def coverage_table(content: dict[str, Any]) -> str:
    """What a check says of the intervals, one line a level: over the quantities."""
    rows, lines = content["coverage"], []
    for level in content["levels"]:
        own = [row for row in rows if row["level"] == level]
        held = [100 * row["covered"] for row in own]
        alone = [100 * row["network_alone"] for row in own]
        lines.append(
            f"  conformal {100 * level:g} %: hold the truth in {min(held):.1f} to {max(held):.1f} "
            f"% of {own[0]['simulations']} fresh simulations ({len(own)} quantities; the network "
            f"alone: {min(alone):.1f} to {max(alone):.1f} %)"
        )
    return "\n".join(lines)


def kept_calibration(file: Path, card: Path) -> tuple[Conformal, float]:
    """The calibration in a certificate, and the guidance scale that it is of.

    Args:
        file: What ``check --conformal`` has written.
        card: The network, whose weights it must be of.

    Raises:
        InputError: If there is none, or it is of another network.
    """
    content = read_json(file)
    checks = content.get("checks")
    parts = [c for c in checks if isinstance(c, dict)] if isinstance(checks, list) else []
    found = [part for part in parts if isinstance(part.get("conformal"), dict)]
    if not found:
        raise InputError(f"{file}: holds no conformal calibration; make one: check --conformal")
    of_this = [part for part in found if part.get("network") == identity(card)]
    if not of_this:
        raise InputError(f"{file}: its conformal calibration is of another network")
    part = of_this[0]
    return Conformal.from_description(part["conformal"]), float(part.get("guidance", 1.0))


def conformal_intervals(
    problem: Problem, file: Path, values: dict[str, float] | None = None, seed: int = 0
) -> tuple[Conformal, np.ndarray]:
    """Calibrated intervals at a study's measurement, or at other central values.

    The errors are the study's: with others, data are distributed otherwise than in the calibration.

    Args:
        problem: The problem, with its network.
        file: Certificate with the calibration.
        values: Other central values, by name.
        seed: Seed of the network's draws.

    Returns:
        The calibration, and the intervals (D, L, 2).

    Raises:
        InputError: If the file is no such certificate, or a value lies outside the calibration.
    """
    conformal, guidance = kept_calibration(file, network_card(problem))
    asked = Asked(problem, guidance)
    values = values or {}
    names = [q.name for q in asked.quantities]
    for name in values:
        if name not in names:
            raise InputError(f"{name!r} is not measured in this study; {suggest(name, names)}")
    centre = np.array([values.get(q.name, q.central) for q in asked.quantities])
    for name, value in zip(names, centre, strict=True):
        low, high = asked.flow.conditions.range[name]
        if not low < value < high:
            raise InputError(
                f"{name}: {value:g} lies outside the network's range, {low:g} to {high:g}"
            )
    rng = stream(seed, "conformal")
    found = asked.answer(centre[None], conformal.draws, rng, None)
    alive = np.where(np.isfinite(found["log_weights"]), 0.0, -np.inf)
    if not np.isfinite(alive).any():
        raise InputError("conformal: no draw of the network lies in the prior's support there")
    return conformal, conformal.intervals(found["points"], alive)[0]


def intervals_table(conformal: Conformal, intervals: np.ndarray) -> str:
    """The intervals (D, L, 2) as text, a line a quantity."""
    heads = [f"{100 * level:g} %" for level in conformal.levels]
    lines = ["quantity        " + "".join(f"{head:>26s}" for head in heads)]
    for name, row in zip(conformal.names, intervals, strict=True):
        cells = [f"[{low:.5g}, {high:.5g}]" for low, high in row]
        lines.append(f"{name:16s}" + "".join(f"{cell:>26s}" for cell in cells))
    lines.append(
        f"conformal: hold the truth at these rates over the prior of {conformal.simulations} "
        "simulations and their data, whatever the network; not at each truth"
    )
    return "\n".join(lines)
