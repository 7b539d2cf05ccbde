"""Coverage of the belts of single experiments (and sets) at 25 points of the plane.

As `coverage_belts.py` for the joint fit, for each set by itself on the default run's plane of
30 x 30 points: belts of 2,000 trials, 1,000 independent ones counted inside. A set whose trials
find the truth itself best more often than not (its critical value is zero) covers more than asked,
and is told apart.

    python benchmarks/coverage_single.py [--sets danss,best,...] [--out benchmarks/results]
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from pontecorvo.base import files
from pontecorvo.base.parallel import one_blas_thread
from pontecorvo.base.progress import progress
from pontecorvo.base.seeds import stream
from pontecorvo.frequentist.belts import coverage_probability
from pontecorvo.frequentist.toys import BLOCK, null_statistics, statistic
from pontecorvo.frequentist.trial_region import LEVELS, quantile_with_error
from pontecorvo.problems.sterile.experiment_registry import SHIPPED, load_experiments
from pontecorvo.problems.sterile.fits import Settings, sets_of

POINTS = 5


def covered(problem, trials: int, belt_trials: int, seed: int) -> dict[str, object]:
    """Fractions inside the belt (P, L) at P points, and pulls."""
    plane, levels = problem.plane, np.array(LEVELS)
    columns = np.linspace(4, len(plane.x) - 2, POINTS).astype(int)
    rows = np.linspace(2, len(plane.y) - 3, POINTS).astype(int)
    inside, critical = [], []
    for ix in columns:
        for iy in rows:
            truth = int(ix) * len(plane.y) + int(iy)
            belt = np.sort(null_statistics(problem, truth, belt_trials, seed + 1))
            limit = quantile_with_error(belt, levels)[0]
            values = []
            for block in range(trials // BLOCK):
                rng = stream(seed, "coverage-single", problem.name, truth, block)
                values.append(statistic(problem, problem.draw(truth, BLOCK, rng), truth))
            inside.append((np.concatenate(values)[:, None] <= limit).mean(axis=0))
            critical.append(limit)
    error = np.sqrt(levels * (1 - levels) * (1 / trials + 1 / belt_trials))
    pulls = (np.array(inside) - levels) / error
    proper = np.array(critical) > 1e-6
    summary = {}
    for column, level in enumerate(LEVELS):
        own = pulls[proper[:, column], column]
        count = round(float(np.sum(np.array(inside)[proper[:, column], column]) * trials))
        summary[f"{level:g}"] = {
            "points": len(own),
            "mean": float(np.mean(np.array(inside)[proper[:, column], column])),
            "chi2_of_pulls": float((own**2).sum()),
            "largest_pull": float(np.abs(own).max(initial=0.0)),
            "binomial_p_of_sum": coverage_probability(count, trials * len(own), level),
        }
    return {"levels": summary, "inside": np.array(inside), "critical": np.array(critical)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", default="", help="names, comma-separated; all by default")
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--belt-trials", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    fits = sets_of(load_experiments(SHIPPED), Settings(shape=(30, 30)))
    chosen = [name for name in options.sets.split(",") if name] or list(fits)
    path = options.out / "coverage_single.json"
    asked = {
        "trials": options.trials,
        "belt_trials": options.belt_trials,
        "seed": options.seed,
    }
    result = {}
    if path.is_file():  # sets that were counted before
        kept = json.loads(path.read_text(encoding="utf-8"))
        if all(kept[name] == value for name, value in asked.items()):
            result = kept["sets"]
    with progress("coverage", len(chosen)) as advance, one_blas_thread():
        for name in chosen:
            start = time.process_time()
            result[name] = covered(
                fits[name].problem, options.trials, options.belt_trials, options.seed
            )
            said = "; ".join(
                f"{level}: {about['mean']:.4f} at {about['points']}, sum of squared pulls "
                f"{about['chi2_of_pulls']:.1f}, largest {about['largest_pull']:.1f}"
                for level, about in result[name]["levels"].items()
            )
            print(f"{name:18} {said}", flush=True)
            result[name]["cpu_seconds"] = time.process_time() - start
            files.write_json(path, {**asked, "sets": result})
            advance(1)


if __name__ == "__main__":
    main()
