"""Critical values at large mixing beside a continuous minimisation of the same trials.

At points of the default run's plane (30 x 30) trials are drawn, and their statistic is found as the
belts find it (plane, points between, lattice about the truth and parabolas in it) and by following
chi2 down from the best of these, exactly, at any s22 and dm2.

    python benchmarks/critical_values.py [--experiments gallium] [--s22 0.56] [--trials 300]
"""

import argparse
from pathlib import Path

import numpy as np

from pontecorvo.base import files
from pontecorvo.base.parallel import one_blas_thread
from pontecorvo.base.seeds import stream
from pontecorvo.frequentist.toys import statistic
from pontecorvo.frequentist.trial_region import LEVELS
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.model import points_of
from pontecorvo.problems.sterile.plane_likelihood import BETWEEN, grid_problem, sterile_plane


def in_order(joint: JointLikelihood, problem, rows: np.ndarray) -> np.ndarray:
    """Data (T, B) of the grid problem in the order of the joint likelihood."""
    result, place = np.empty_like(rows), 0
    for part in problem.parts:
        for name in part.name.split("+"):
            bins = joint.slices[name]
            width = bins.stop - bins.start
            result[:, bins] = rows[:, place : place + width]
            place += width
    return result


def continuous(joint, problem, hypothesis: int, data: np.ndarray) -> np.ndarray:
    """chi2(truth) - min chi2 (T,), followed down from the best hypothesis of each data set."""
    plane, every = problem.plane, np.arange(len(data))
    chosen, chi2 = problem.best(data, hypothesis)
    starts = plane.fitted[np.minimum(chosen[every, chi2.argmin(1)], len(plane.fitted) - 1)].copy()
    gain = chi2[:, -1] - chi2.min(1)
    fine = np.diff(np.unique(np.round(plane.fitted[:, 1], 12))).max()
    width = np.array([np.diff(plane.x.values).max(), fine])
    near = problem.near(hypothesis)
    if near is not None:
        own, values = near.best(data, near.null - 1, near.hypotheses)
        best = values.argmin(1)
        taken = (values[:, -1] - values.min(1) > gain) & (own[every, best] < len(near.plane.fitted))
        starts[taken] = near.plane.fitted[own[every, best][taken]]
        width = np.minimum(width, np.ptp(near.plane.fitted, axis=0) / 4)
    ordered = in_order(joint, problem, data)
    truth = plane.fitted[hypothesis]
    at = joint.chi2(*points_of(np.tile(truth, (len(data), 1))), ordered)
    step = np.linspace(-1, 1, 5)
    lattice = np.stack([axis.ravel() for axis in np.meshgrid(step, step)], axis=1)
    low, high = [-4, plane.y.values[0]], [0, plane.y.values[-1]]
    value = np.full(len(data), np.inf)
    for _ in range(9):
        points = np.clip(starts[:, None] + lattice * width, low, high)
        rows = np.repeat(ordered, len(lattice), axis=0)
        found = joint.chi2(*points_of(points.reshape(-1, 2)), rows).reshape(len(data), -1)
        lower = found.min(1) < value
        starts[lower] = points[every, found.argmin(1)][lower]
        value, width = np.minimum(value, found.min(1)), 0.5 * width
    return at - value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", default="gallium")
    parser.add_argument("--s22", type=float, default=0.56)
    parser.add_argument("--dm2", default="0.24,0.85,3.0,20")
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    experiments = load_experiments(options.experiments)
    plane = sterile_plane((30, 30), experiments, BETWEEN)
    problem, joint = grid_problem(experiments, plane, "critical"), JointLikelihood(experiments)
    table = []
    with one_blas_thread():
        for dm2 in (float(text) for text in options.dm2.split(",")):
            truth = plane.nearest((np.log10(options.s22), np.log10(dm2)))
            rng = stream(1, "critical-values", truth)
            data = problem.draw(truth, options.trials, rng)
            found = np.quantile(statistic(problem, data, truth), LEVELS)
            exact = np.quantile(continuous(joint, problem, truth, data), LEVELS)
            x, y = 10 ** plane.fitted[truth]
            table.append({"s22": x, "dm2": y, "found": found, "continuous": exact})
            print(
                f"s22 {x:.3f}, dm2 {y:7.3f}: 68, 90, 95 % "
                + ", ".join(f"{a:.2f} ({b:.2f})" for a, b in zip(found, exact, strict=True)),
                flush=True,
            )
    files.write_json(
        options.out / f"critical_values_{options.experiments}.json",
        {"trials": options.trials, "points": table},
    )


if __name__ == "__main__":
    main()
