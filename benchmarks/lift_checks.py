"""What `lift.py` measures beside runs: what returns, the last stage, coverage, errors of ln Z."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from lift_problems import COVERED, SMALL, Problem
from scipy.stats import kstest

from pontecorvo.base.errors import InputError
from pontecorvo.base.files import cached_arrays
from pontecorvo.base.seeds import stream
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import nufit
from pontecorvo.problems.seesaw.jacobian import ROWS
from pontecorvo.problems.seesaw.model import Seesaw, SeesawPrior
from pontecorvo.samplers.exact import sample_exact
from pontecorvo.samplers.smc import SMCSettings
from pontecorvo.sbi.lift.cascade import Population, advance
from pontecorvo.sbi.lift.lift import Lift, LiftSettings
from pontecorvo.sbi.lift.sampler import BEGIN, sample_lift


def seesaw(study: str) -> Target:
    """The target of a seesaw study, in the raw parameters."""
    if study == "delta":
        return Target(Seesaw("no", observables=ROWS), nufit("no", names=ROWS))
    if study == "log-uniform":
        return Target(Seesaw("no", SeesawPrior(yukawa="log-uniform")), nufit("no"))
    return Target(Seesaw(study), nufit(study))


def run_return(draws: int, seed: int) -> dict[str, Any]:
    """Which exact posterior draws the lift carries out to the broad cloud and back, by eps."""
    rows: dict[str, Any] = {"draws": draws}
    for ordering in ("no", "io"):
        target = seesaw(ordering)
        theta = sample_exact(target, draws, seed, proposals=1 << 20).theta
        for eps in (0.001, 0.01, 0.1):
            lift = Lift(target, LiftSettings(eps=eps), seed)
            part = lift.carry(theta, backward=True, with_volume=False)
            rows[f"{ordering}, eps {eps:g}"] = float(part.arrived.mean())
    return rows


def run_last_stage(draws: int, seed: int) -> dict[str, Any]:
    """Inverted ordering's last stage alone: exact draws of its broad posterior, lifted or not."""
    target = seesaw("io")
    broad = {"dm2_21": 1.94, "sin2_theta12": 1.28}  # what a full run ends with (results/lift.json)
    wider = []
    for q in target.measurement.quantities:
        k = broad.get(q.name, 1.0)
        low, high = q.central - 3 * k * q.minus, q.central + 3 * k * q.plus
        wider.append(Measured(q.name, q.central, k * q.plus, k * q.minus, low, high))
    wide = Target(target.model, GaussianMeasurement(wider))
    theta = sample_exact(wide, draws, seed, proposals=1 << 20).theta
    lift = Lift(target, BEGIN, seed)
    k = np.array([broad.get(name, 1.0) for name in lift.names])
    here = Population(theta, np.zeros(draws, int), np.zeros(1), k, np.arange(draws))
    row: dict[str, Any] = {"draws": draws}
    for name, carried in (("reweighted", False), ("lifted", True)):
        stage = advance(lift, here, np.ones_like(k), carried)
        good = stage.arrived
        row[name] = {
            "in_three_sigma": float(target.within_three_sigma(stage.theta[good]).sum() / draws),
            "kept": stage.kept,
            "lost": float(1 - good.mean()),
        }
    return row


@dataclass(frozen=True)
class Effort:
    """What each data set of a coverage is given: particles of each of two runs, and moves."""

    particles: int = 200
    sweeps: int = 200
    lift: LiftSettings | None = None


EFFORTS = {"two-heavy": Effort(128, 3000, LiftSettings(reach=0.2, widest=0.5))}
"""Where a data set costs much: the narrower cloud needs two stages where the default needs four."""


def _ranks(problem: Problem, effort: Effort, seed: int, index: int) -> dict[str, np.ndarray]:
    """One data set: ranks of its truth, and what the run says of itself."""
    start = time.process_time()
    truth, target = problem.redraw(stream(seed, "coverage", index))
    smc = SMCSettings(2, effort.particles, max_sweeps=effort.sweeps, max_memory=0.2)
    try:
        draws = sample_lift(
            target, 2 * effort.particles, seed + index, settings=effort.lift, smc=smc
        )
    except InputError as error:
        return {"refused": np.array(str(error))}
    weight = np.exp(draws.log_weight)
    weight /= weight.sum()
    return {
        "ranks": ((draws.theta < truth) * weight[:, None]).sum(axis=0),
        "efficiency": np.array(draws.notes["weighted_efficiency"]),
        "lost": np.array(draws.notes["fraction_lost"]),
        "ess": np.array(draws.ess),
        "cpu_seconds": np.array(time.process_time() - start),
    }


def run_coverage(
    problem_name: str, sets: int, seed: int, folder: Path | None = None
) -> dict[str, Any]:
    """Ranks of the truth over data sets drawn from the prior: uniform if the posterior is right.

    With a folder each data set is kept, so that a killed run resumes.
    """
    home = folder / f"coverage-{problem_name}" if folder else None
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
    problem, effort = COVERED[problem_name](home), EFFORTS.get(problem_name, Effort())
    every = [
        cached_arrays(
            home / f"{2 * effort.particles}-{index:04d}.npz" if home else None,
            partial(_ranks, problem, effort, seed, index),
        )
        for index in range(sets)
    ]
    answered = [part for part in every if "ranks" in part]
    table = np.array([part["ranks"] for part in answered])
    # ranks among M draws of a right posterior are uniform on 0 to M
    size = np.array([part["ess"] for part in answered])
    full = float(np.mean(size / (size + 1)))
    return {
        "data_sets": sets,
        "refused": [str(part["refused"]) for part in every if "refused" in part],
        "covered_68": float(np.mean(np.abs(table - 0.5) < 0.34)),
        "covered_95": float(np.mean(np.abs(table - 0.5) < 0.475)),
        "expected_68": 0.68 * full,
        "expected_95": 0.95 * full,
        "median_ess": float(np.median(size)),
        "smallest_p": float(min(kstest(column, "uniform").pvalue for column in table.T)),
        "parameters": table.shape[1],
        "draws": 2 * effort.particles,
        "median_efficiency": float(np.median([part["efficiency"] for part in answered])),
        "mean_lost": float(np.mean([part["lost"] for part in answered])),
        "cpu_seconds": float(sum(part["cpu_seconds"] for part in answered)),
    }


def run_repeats(seeds: int) -> dict[str, Any]:
    """Pulls of ln Z over seeds, 1,000 draws each, where ln Z is an integral."""
    rows: dict[str, Any] = {}
    for name in ("two-modes", "more-data"):
        problem = SMALL[name]()
        smc = SMCSettings(runs=4, particles=250, max_sweeps=1000, max_memory=0.15)
        runs = [sample_lift(problem.target, 1000, 1000 + s, smc=smc) for s in range(seeds)]
        gap = np.array([run.log_evidence for run in runs]) - problem.log_evidence
        error = np.array([run.log_evidence_error for run in runs])
        rows[name] = {
            "seeds": seeds,
            "mean_deviation": float(gap.mean()),
            "its_error": float(gap.std(ddof=1) / np.sqrt(seeds)),
            "scatter": float(gap.std(ddof=1)),
            "root_mean_square_error": float(np.sqrt(np.mean(error**2))),
            "within_one_error": float(np.mean(np.abs(gap) < error)),
            "within_two_errors": float(np.mean(np.abs(gap) < 2 * error)),
            "root_mean_square_pull": float(np.sqrt(np.mean((gap / error) ** 2))),
        }
    return rows
