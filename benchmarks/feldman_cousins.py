"""A full Feldman-Cousins map of the joint fit, beside refitting trials one by one with iminuit.

The map: 50 x 50 points, 1,000 trials each, every trial refitted over the whole plane. Beside it, in
the same run, a few trials at a few points are refitted with MIGRAD from several starts, as is
usually done, and the time for the whole map is extrapolated. Both find the same minima; where they
differ, the table says by how much.

    python benchmarks/feldman_cousins.py [--experiments NAMES] [--shape 50] [--fits 4]
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np

from pontecorvo.base import files
from pontecorvo.base.parallel import one_blas_thread, thread_count
from pontecorvo.base.progress import progress
from pontecorvo.base.seeds import stream
from pontecorvo.frequentist.belts import feldman_cousins
from pontecorvo.frequentist.toys import minimum, statistic
from pontecorvo.problems.sterile.experiment_registry import SHIPPED, load_experiments
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.plane_likelihood import (
    BETWEEN,
    grid_problem,
    hypotheses,
    sterile_plane,
)

STARTS = [(-1.0, y) for y in np.linspace(-1.8, 1.8, 16)]


def refit(joint: JointLikelihood, data: np.ndarray) -> tuple[float, int]:
    """Smallest chi2 by MIGRAD from every start, and the number of likelihood calls."""
    from iminuit import Minuit

    best, calls = np.inf, 0

    def chi2(x: float, y: float) -> float:
        return float(joint.chi2(np.array([10.0**x]), np.array([10.0**y]), data)[0])

    for x, y in STARTS:
        fit = Minuit(chi2, x=x, y=y)
        fit.errordef = Minuit.LEAST_SQUARES
        fit.limits = [(-4, 0), (-2, 2)]
        fit.errors = [0.2, 0.05]
        fit.migrad(ncall=400)
        calls += fit.nfcn
        best = min(best, float(fit.fval))
    null = float(joint.chi2(np.zeros(1), np.ones(1), data)[0])
    return min(best, null), calls


def in_order(joint: JointLikelihood, problem, data: np.ndarray) -> np.ndarray:
    """Data (B,) of the grid problem in the order of the joint likelihood."""
    result = np.empty(joint.size)
    place = 0
    for part in problem.parts:
        for name in part.name.split("+"):
            bins = joint.slices[name]
            width = bins.stop - bins.start
            result[bins] = data[place : place + width]
            place += width
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", default=SHIPPED)
    parser.add_argument("--shape", type=int, default=50)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--points", type=int, default=3, help="points of the iminuit comparison")
    parser.add_argument("--fits", type=int, default=4, help="trials refitted at each of them")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()

    start = time.perf_counter()
    experiments = load_experiments(options.experiments)
    loading = time.perf_counter() - start
    plane = sterile_plane((options.shape, options.shape), experiments, BETWEEN)
    start = time.perf_counter()
    problem = grid_problem(experiments, plane, "benchmark")
    building = time.perf_counter() - start
    with progress("belts", plane.size * options.trials / 1000) as advance:
        start, cpu = time.perf_counter(), time.process_time()
        load = os.getloadavg()[0]
        belt = feldman_cousins(
            problem, trials=options.trials, max_trials=options.trials, seed=1, advance=advance
        )
        elapsed, cpu = time.perf_counter() - start, time.process_time() - cpu

    joint = JointLikelihood(experiments)
    s22, dm2 = hypotheses(plane)
    truths = [problem.null, plane.nearest((-1, 0.4)), plane.nearest((-0.6, 1.0))][: options.points]
    refits, differences, calls, spent = 0, [], 0, 0.0
    for truth in truths:
        data = problem.draw(truth, options.fits, stream(1, "benchmark-iminuit", truth))
        with one_blas_thread():
            ours = minimum(problem, data)[0]
            ours_truth = ours + statistic(problem, data, truth)
        for row, own, own_truth in zip(data, ours, ours_truth, strict=True):
            ordered = in_order(joint, problem, row)
            at = float(joint.chi2(s22[[truth]], dm2[[truth]], ordered)[0])
            start = time.perf_counter()
            with one_blas_thread():
                found, count = refit(joint, ordered)
            spent += time.perf_counter() - start
            refits, calls = refits + 1, calls + count
            differences.append((own - own_truth) - (found - at))
    per_fit = spent / refits
    total = plane.size * options.trials
    extrapolated = per_fit * total / thread_count()
    result = {
        "experiments": [e.name for e in experiments],
        "bins": joint.size,
        "points": plane.size,
        "hypotheses_in_each_fit": problem.hypotheses,
        "trials_per_point": options.trials,
        "seconds_loading": loading,
        "seconds_building": building,
        "seconds_map": elapsed,
        "cpu_seconds_map": cpu,
        "threads": thread_count(),
        "load_average_at_start": load,
        "microseconds_per_trial": 1e6 * elapsed / total,
        "iminuit_fits": refits,
        "iminuit_starts": len(STARTS),
        "iminuit_calls_per_trial": calls / refits,
        "iminuit_seconds_per_trial": per_fit,
        "iminuit_map_extrapolated_hours": extrapolated / 3600,
        "ratio": extrapolated / elapsed,
        "delta_chi2_grid_minus_iminuit": {
            "mean": float(np.mean(differences)),
            "lowest": float(np.min(differences)),
            "highest": float(np.max(differences)),
        },
        "critical_95_median": float(np.median(belt.critical[:, -1])),
    }
    print(f"{len(experiments)} experiments, {joint.size} bins; load average {load:.1f}")
    print(f"{'':34}{'this map':>14}{'iminuit, one by one':>22}")
    print(f"{'seconds per trial':34}{elapsed / total:14.2e}{per_fit:22.2e}")
    print(f"{'whole map':34}{elapsed:12.0f} s{extrapolated / 3600:20.0f} h")
    print(f"{'ratio':34}{'':14}{extrapolated / elapsed:22.0f}")
    print(
        "minimum, grid - iminuit: mean "
        f"{np.mean(differences):.3f}, from {np.min(differences):.3f} to {np.max(differences):.3f}"
    )
    files.write_json(options.out / "feldman_cousins.json", result)


if __name__ == "__main__":
    main()
