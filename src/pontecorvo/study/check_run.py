"""The certificate of a finished run: its draws against exact ones, whatever method made them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError
from ..base.files import kept_arrays, sha256
from ..core.target import Target
from ..diagnostics.calibration import SMALLEST_EFFICIENCY
from ..diagnostics.certificate import Check
from ..diagnostics.two_sample import c2st
from ..diagnostics.verdict import Verdict
from ..diagnostics.weight_quality import check_weights
from ..problems.sterile.fits import JOINT, Fit, Settings
from ..problems.sterile.model import SterileTarget
from ..samplers.exact import sample_exact
from .catalog import kind_of, load_settings, load_sterile_settings
from .posterior_file import read_groups

C2ST_LIMIT = 0.52
RAW_LIMIT = 0.55
TABLE_ERROR = 0.05
"""Largest error of a tabulated log-likelihood; a weight is then wrong by five per cent at most."""
MOST = 10_000


def check_run(folder: Path, seed: int) -> list[Check]:
    """A finished run of a seesaw or sterile study against exact draws of its posterior.

    Args:
        folder: Of the run.
        seed: Seed of the exact draws and the classifiers.

    Raises:
        InputError: If the folder holds no such run.
    """
    settings_file, posterior = folder / "settings.yaml", folder / "posterior.nc"
    if not (settings_file.is_file() and posterior.is_file()):
        raise InputError(f"{folder}: holds no finished run (settings.yaml and posterior.nc)")
    kind = kind_of(str(settings_file))
    if kind == "founding-paper":
        raise InputError(f"{folder}: the founding paper's draws follow no posterior to check")
    settings = (load_sterile_settings if kind == "sterile" else load_settings)(str(settings_file))
    target = settings.build()
    groups = read_groups(posterior)
    stored = {
        str(name): values.values.reshape(-1, *values.shape[2:])
        for name, values in groups["posterior"].data_vars.items()
    }
    theta = target.model.from_variables(stored)
    stats = groups["sample_stats"]
    log_weight = stats["log_weight"].values.ravel()
    corrected = [
        check_weights(log_weight, SMALLEST_EFFICIENCY),
        _closure(target, theta, stats["log_likelihood"].values.ravel()),
    ]
    about = {"draws": len(theta), "posterior_sha256": sha256(posterior)}
    if isinstance(target, SterileTarget):
        return _sterile(target, theta, log_weight, corrected, about, folder, seed)
    exact = sample_exact(target, min(len(theta), MOST), seed + 1)
    raw: list[Verdict] = []
    for name, mine, theirs in (
        ("parameters", theta, exact.theta),
        ("predictions", _predictions(target, theta), _predictions(target, exact.theta)),
    ):
        corrected.append(_c2st(name, mine, theirs, log_weight, None, seed))
        if np.ptp(log_weight) > 0:
            raw.append(_c2st(name, mine, theirs, None, None, seed))
    about |= {"exact_draws": len(exact.theta), "exact_log_evidence": exact.log_evidence}
    return [Check("the run's draws", corrected, raw, about)]


def _sterile(
    target: SterileTarget,
    theta: np.ndarray,
    log_weight: np.ndarray,
    corrected: list[Verdict],
    about: Mapping[str, Any],
    folder: Path,
    seed: int,
) -> list[Check]:
    """The run's draws, and those of its networks, against the exact grid posterior."""
    fit = Fit(JOINT, "", tuple(target.model.joint.experiments), Settings())
    few = np.arange(min(len(theta), MOST))
    exact = fit.draws(len(few), seed + 1)
    reference = exact.points, exact.log_weight
    corrected.append(_table(target, fit, theta[few]))
    corrected.append(_c2st("parameters", theta, exact.points, log_weight, exact.log_weight, seed))
    more = {"exact_draws": len(few), "exact_log_evidence": exact.log_evidence}
    checks = [Check("the run's draws", corrected, [], {**about, **more})]
    kept = kept_arrays(folder / "neural-draws.npz") or {}
    for key, columns in kept.items():
        name, _, kind = key.rpartition(".")
        if name != JOINT and len(target.model.joint.experiments) > 1:
            continue
        points, weight = columns[:, :2], columns[:, 3]
        good = [
            check_weights(weight, SMALLEST_EFFICIENCY),
            _c2st("parameters", points, reference[0], weight, reference[1], seed),
        ]
        raw = [_c2st("parameters", points, reference[0], None, reference[1], seed)]
        checks.append(Check(f"network {kind} in this run", good, raw, {"draws": len(points)}))
    return checks


def _table(target: SterileTarget, fit: Fit, theta: np.ndarray) -> Verdict:
    """The run's tabulated likelihood against the exact one at its own draws."""
    exact = fit.likelihood.log_likelihood(theta)
    change = float(np.max(np.abs(target.log_likelihood(theta) - exact)))
    return Verdict(
        name="tabulated likelihood",
        statistic=change,
        statistic_name="largest error of a log-likelihood",
        band=(0.0, TABLE_ERROR),
        passed=change <= TABLE_ERROR,
        line=f"at the draws it is the exact one within {change:.1e} (at most {TABLE_ERROR:g})",
    )


def _predictions(target: Target, theta: np.ndarray) -> np.ndarray:
    return np.stack(list(target.model.predict(theta).values()), axis=1)


def _c2st(
    name: str,
    mine: np.ndarray,
    theirs: np.ndarray,
    mine_weight: np.ndarray | None,
    their_weight: np.ndarray | None,
    seed: int,
) -> Verdict:
    limit = RAW_LIMIT if mine_weight is None else C2ST_LIMIT
    verdict = c2st(mine, theirs, mine_weight, their_weight, limit=limit, seed=seed)
    return replace(verdict, name=f"C2ST against exact draws, {name}")


def _closure(target: Target, theta: np.ndarray, stored: np.ndarray) -> Verdict:
    change = float(np.max(np.abs(target.log_likelihood(theta) - stored)))
    return Verdict(
        name="closure",
        statistic=change,
        statistic_name="largest change of a log-likelihood",
        band=(0.0, 1e-6),
        passed=change <= 1e-6,
        line=f"stored parameters give their stored likelihoods again, within {change:.1e}",
    )
