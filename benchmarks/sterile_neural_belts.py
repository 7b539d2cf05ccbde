"""Learned regions of the measured data beside exact Feldman-Cousins belts, and their coverage.

    python benchmarks/sterile_neural_belts.py [--networks FOLDER] [--keep FOLDER] [--trials N]

Belts are those that lie with the networks (`pontecorvo train sterile`). Coverage is counted anew,
on simulations of another seed than those that the belts were trained or checked on. Prints a table,
writes benchmarks/results/sterile_neural_belts.json.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from pontecorvo.base import files
from pontecorvo.inference.neural.bundle import SHIPPED as NETWORKS
from pontecorvo.inference.neural.bundle import load_bundle
from pontecorvo.inference.neural.learned_belts import (
    learned_regions,
    load_belts,
    overlaps,
    statistics_of,
)
from pontecorvo.inference.neural.quantile_belt import LEVELS, coverage
from pontecorvo.inference.neural.simulated import BLOCK, simulate
from pontecorvo.inference.sterile_fits import Settings, sets_of
from pontecorvo.models.sterile.registry import load_experiments


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=Path, default=NETWORKS)
    parser.add_argument("--keep", type=Path, default=Path("sterile-neural-pieces"))
    parser.add_argument("--trials", type=int, default=4000, help="exact belt: most at a point")
    parser.add_argument("--sets", type=int, default=2048, help="data sets to count coverage on")
    parser.add_argument("--seed", type=int, default=77)
    args = parser.parse_args()
    known = json.loads((args.networks / "embedding.json").read_text())["experiments"]
    bundle = load_bundle(args.networks, load_experiments(known))
    maps, belts = bundle.embedding.maps, load_belts(args.networks)
    effort = Settings(shape=(30, 30), trials=1000, max_trials=args.trials)
    fit = sets_of(maps.joint.experiments, effort, args.keep)["joint"]
    start = time.perf_counter()
    belt = fit.belt()
    result: dict[str, Any] = {"seconds": {"exact belt": time.perf_counter() - start}}
    start = time.perf_counter()
    regions = learned_regions(bundle, maps.joint.data, belt.plane.points)
    result["seconds"]["all learned regions"] = time.perf_counter() - start
    agreement = overlaps(regions, {level: belt.inside(level) for level in LEVELS})
    rng = np.random.default_rng(args.seed)
    every = statistics_of(bundle)
    truths, found = [], {kind: [] for kind in regions}
    for _ in range(-(-args.sets // BLOCK)):
        theta, data = simulate(maps, BLOCK, rng)
        reading = bundle.embedding(data, maps.names)
        truths.append(theta)
        for kind in regions:
            found[kind].append(every[kind](reading, theta[:, None])[:, 0])
    print(
        f"{'statistic':10} {'covers 68, 90, 95 %':>24} {'cells p':>8} {'overlap 68, 90, 95 %':>24}"
    )
    for kind in regions:
        check = coverage(belts[kind][0], np.concatenate(truths), np.concatenate(found[kind]))
        result[kind] = check.describe() | {"overlap": agreement[kind]}
        covers = " ".join(f"{100 * value:7.2f}" for value in check.overall)
        shared = " ".join(f"{agreement[kind][level]:7.3f}" for level in LEVELS)
        print(f"{kind:10} {covers:>24} {check.p_value[1]:8.3f} {shared:>24}")
    for name, value in result["seconds"].items():
        print(f"  {name}: {value:.1f} s")
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    files.write_json(folder / "sterile_neural_belts.json", result)


if __name__ == "__main__":
    main()
