"""What the belts of every set and experiment cost, on every n-th point of the default run's plane.

Seconds of CPU for the tested points, and times what all 900 would take: trials and their refinement
near boundaries as `pontecorvo run sterile` has them.

    python benchmarks/belts_of_every_set.py [--stride 6] [--experiments default --data FOLDER]
"""

import argparse
import time
from pathlib import Path

from pontecorvo.base import files
from pontecorvo.base.parallel import one_blas_thread
from pontecorvo.frequentist.belts import feldman_cousins
from pontecorvo.problems.sterile.experiment_registry import SHIPPED, Setting, load_experiments
from pontecorvo.problems.sterile.fits import Settings, sets_of

SHAPE = (30, 30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stride", type=int, default=6)
    parser.add_argument("--experiments", default=SHIPPED)
    parser.add_argument("--data", type=Path, help="folder of released data")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    start = time.process_time()
    setting = Setting(data=options.data)
    fits = sets_of(load_experiments(options.experiments, setting), Settings(shape=SHAPE))
    print(f"experiments read and tabulated: {time.process_time() - start:.1f} s")
    rows, total = {}, 0.0
    with one_blas_thread():
        for name, fit in fits.items():
            start = time.process_time()
            problem = fit.problem
            built = time.process_time()
            stride = (options.stride, options.stride)
            belt = feldman_cousins(problem, trials=1000, max_trials=4000, stride=stride)
            tested = len(belt.trials)
            seconds = time.process_time() - built
            whole = built - start + seconds * SHAPE[0] * SHAPE[1] / tested
            total += whole
            rows[name] = {
                "points": tested,
                "cpu_seconds": seconds,
                "cpu_seconds_of_all": whole,
                "trials_at_a_point": float(belt.trials.mean()),
            }
            print(
                f"{name:18} {seconds:6.2f} s at {tested} points, {built - start:5.1f} s before; "
                f"all {whole:6.0f} s",
                flush=True,
            )
    print(f"every set: {total:.0f} s of CPU")
    name = "belts_of_every_set"
    if options.experiments != SHIPPED:
        name += f"-{options.experiments.replace(',', '-')}"
    files.write_json(
        options.out / f"{name}.json",
        {"stride": options.stride, "cpu_seconds_of_all": total, "sets": rows},
    )


if __name__ == "__main__":
    main()
