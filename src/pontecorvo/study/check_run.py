"""The certificate of a finished run: its draws against exact ones, whatever method made them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError, brief
from ..base.files import sha256
from ..core.problem import RunView
from ..core.target import LikelihoodTarget
from ..diagnostics.calibration import SMALLEST_EFFICIENCY
from ..diagnostics.certificate import Check
from ..diagnostics.two_sample import c2st
from ..diagnostics.verdict import Verdict
from ..diagnostics.weight_quality import check_weights
from ..samplers.exact import sample_exact
from ..samplers.smc import sample_smc
from .catalog import load_problem
from .posterior_file import parameters_of, read_groups

C2ST_LIMIT = 0.52
RAW_LIMIT = 0.55
MOST = 10_000


def check_run(folder: Path, seed: int) -> list[Check]:
    """A finished run against exact draws of its posterior.

    Args:
        folder: Of the run.
        seed: Seed of the exact draws and the classifiers.

    Raises:
        InputError: If the folder holds no run, or one whose draws follow no posterior.
    """
    settings_file, posterior = folder / "settings.yaml", folder / "posterior.nc"
    if not (settings_file.is_file() and posterior.is_file()):
        raise InputError(f"{folder}: holds no finished run (settings.yaml and posterior.nc)")
    problem = load_problem(str(settings_file))
    target = problem.target
    groups = read_groups(posterior)
    own = problem.check_run(RunView(folder, groups, {}), seed)
    if own is not None:
        return own
    theta, log_weight, verdicts, about = basic_checks(target, groups, posterior)
    size = min(len(theta), MOST)
    if target.chart is target.raw_chart:  # no coordinates in which blind proposals suffice
        exact = sample_smc(target, size, seed + 1)
    else:
        exact = sample_exact(target, size, seed + 1)
    raw: list[Verdict] = []
    for name, mine, theirs in (
        ("parameters", theta, exact.theta),
        ("predictions", _predictions(target, theta), _predictions(target, exact.theta)),
    ):
        verdicts.append(against_exact(name, mine, theirs, log_weight, None, seed))
        if np.ptp(log_weight) > 0:
            raw.append(against_exact(name, mine, theirs, None, None, seed))
    about |= {
        "exact_draws": len(exact.theta),
        "exact_method": exact.method,
        "exact_log_evidence": exact.log_evidence,
    }
    return [Check("the run's draws", verdicts, raw, about)]


def basic_checks(
    target: LikelihoodTarget, groups: dict[str, Any], posterior: Path
) -> tuple[np.ndarray, np.ndarray, list[Verdict], dict[str, Any]]:
    """What every run's draws are asked: their weights, and their likelihoods once more.

    Returns:
        Parameters (N, P), log weights (N,), the verdicts, and what is said of the run.
    """
    theta = _parameters(target, groups, posterior)
    stats = groups["sample_stats"]
    log_weight = stats["log_weight"].values.ravel()
    verdicts = [
        check_weights(log_weight, SMALLEST_EFFICIENCY),
        _closure(target, theta, stats["log_likelihood"].values.ravel()),
    ]
    return theta, log_weight, verdicts, {"draws": len(theta), "posterior_sha256": sha256(posterior)}


def _parameters(target: LikelihoodTarget, groups: dict[str, Any], path: Path) -> np.ndarray:
    """Parameters (N, P) from a file's variables.

    Raises:
        InputError: If they are not those of the model.
    """
    names = ", ".join(
        target.model.variables(target.model.prior.sample(1, np.random.default_rng(0)))
    )
    try:
        theta = np.asarray(parameters_of(target.model, groups), dtype=float)
    except Exception:  # whatever a model makes of a file that is not its own
        theta = np.empty((0, 0))
    if theta.ndim != 2 or theta.shape[1] != len(target.model.parameters):
        raise InputError(f"{path}: its variables are not those of the model ({brief(names)})")
    if not np.isfinite(theta).all():
        raise InputError(f"{path}: holds parameters that are no finite numbers; draw it again")
    return theta


def _predictions(target: LikelihoodTarget, theta: np.ndarray) -> np.ndarray:
    return np.stack(list(target.model.predict(theta).values()), axis=1)


def against_exact(
    name: str,
    mine: np.ndarray,
    theirs: np.ndarray,
    mine_weight: np.ndarray | None,
    their_weight: np.ndarray | None,
    seed: int,
) -> Verdict:
    """Two-sample test of draws against exact ones, each weighted or not (None)."""
    limit = RAW_LIMIT if mine_weight is None else C2ST_LIMIT
    verdict = c2st(mine, theirs, mine_weight, their_weight, limit=limit, seed=seed)
    return replace(verdict, name=f"C2ST against exact draws, {name}")


def _closure(target: LikelihoodTarget, theta: np.ndarray, stored: np.ndarray) -> Verdict:
    change = float(np.max(np.abs(target.log_likelihood(theta) - stored)))
    return Verdict(
        name="closure",
        statistic=change,
        statistic_name="largest change of a log-likelihood",
        band=(0.0, 1e-6),
        passed=change <= 1e-6,
        line=f"stored parameters give their stored likelihoods again, within {change:.1e}",
    )
