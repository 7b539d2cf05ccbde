"""The certificate of a finished sterile run, against the exact posterior on the grid."""

import numpy as np

from ...base.files import kept_arrays
from ...core.problem import RunView
from ...core.target import LikelihoodTarget
from ...diagnostics.calibration import SMALLEST_EFFICIENCY
from ...diagnostics.certificate import Check
from ...diagnostics.verdict import Verdict
from ...diagnostics.weight_quality import check_weights
from ...study.check_run import MOST, against_exact, basic_checks
from .fits import JOINT, Fit, Settings
from .model import SterileTarget

TABLE_ERROR = 0.05
"""Largest error of a tabulated log-likelihood; a weight is then wrong by five per cent at most."""


def check_run(target: LikelihoodTarget, run: RunView, seed: int) -> list[Check]:
    """The run's draws, and those of its networks.

    Args:
        target: The run's own.
        run: Its folder and draws.
        seed: Seed of the exact draws and the classifiers.
    """
    assert isinstance(target, SterileTarget)
    theta, log_weight, verdicts, about = basic_checks(target, run.groups, run.out / "posterior.nc")
    experiments = tuple(target.model.joint.experiments)
    fit = Fit(JOINT, "", experiments, Settings())
    few = np.arange(min(len(theta), MOST))
    exact = fit.draws(len(few), seed + 1)
    verdicts.append(check_table(target, fit, theta[few]))
    verdicts.append(
        against_exact("parameters", theta, exact.points, log_weight, exact.log_weight, seed)
    )
    about |= {"exact_draws": len(few), "exact_log_evidence": exact.log_evidence}
    checks = [Check("the run's draws", verdicts, [], about)]
    kept = kept_arrays(run.out / "neural-draws.npz") or {}
    for key, columns in kept.items():
        name, _, kind = key.rpartition(".")
        if name != JOINT and len(experiments) > 1:
            continue
        points, weight = columns[:, :2], columns[:, 3]
        good = [
            check_weights(weight, SMALLEST_EFFICIENCY),
            against_exact("parameters", points, exact.points, weight, exact.log_weight, seed),
        ]
        raw = [against_exact("parameters", points, exact.points, None, exact.log_weight, seed)]
        checks.append(Check(f"network {kind} in this run", good, raw, {"draws": len(points)}))
    return checks


def check_table(target: SterileTarget, fit: Fit, theta: np.ndarray) -> Verdict:
    """The run's tabulated likelihood against the exact one at its own draws (N, 2)."""
    exact = fit.log_likelihood(theta)
    change = float(np.max(np.abs(target.log_likelihood(theta) - exact)))
    return Verdict(
        name="tabulated likelihood",
        statistic=change,
        statistic_name="largest error of a log-likelihood",
        band=(0.0, TABLE_ERROR),
        passed=change <= TABLE_ERROR,
        line=f"at the draws it is the exact one within {change:.1e} (at most {TABLE_ERROR:g})",
    )
