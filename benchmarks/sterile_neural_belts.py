"""Learned regions of the measured data beside exact Feldman-Cousins belts, and their coverage.

    python benchmarks/sterile_neural_belts.py [--networks FOLDER] [--sets N] [--trials N]

--likelihood present (the default) takes the experiments as a run does, trained as the networks were
trained. The belt of the exact belt's own statistic (`neural.profile_belt`) is learned here.

Belts are those that lie with the networks (`pontecorvo train sterile --belts`). Coverage is counted
anew, on simulations of another seed than those that the belts were trained, conformed or checked
on. --trials 0 leaves the exact belt out. --by-heart measures something else: what belts of one flow
cover that are trained on few simulations, without and with simulations held out and factors.
Prints a table, writes benchmarks/results/sterile_neural_belts.json.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pontecorvo.base import files
from pontecorvo.base.parallel import map_threads, one_blas_thread
from pontecorvo.base.progress import progress
from pontecorvo.base.seeds import stream
from pontecorvo.flows.torch_threads import one_thread
from pontecorvo.frequentist.quantile_belt import LEVELS, BeltSettings, QuantileBelt, belt_coverage
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import Fit, Settings, sets_of
from pontecorvo.problems.sterile.neural.bundle import SHIPPED as NETWORKS
from pontecorvo.problems.sterile.neural.bundle import Bundle, load_bundle
from pontecorvo.problems.sterile.neural.learned_belts import load_belts, statistics_of
from pontecorvo.problems.sterile.neural.simulated import BLOCK, HIGH, LOW, simulate
from pontecorvo.problems.sterile.neural.statistics import find_tops
from pontecorvo.problems.sterile.neural.trained_settings import trained_experiments
from pontecorvo.problems.sterile.report.learned_section import LearnedContours


def fresh(
    bundle: Bundle, count: int, seed: int, kinds: Sequence[str] | None = None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Truths (N, 2) of the prior and every statistic (N,) there."""
    every, maps = statistics_of(bundle), bundle.embedding.maps
    every = {kind: value for kind, value in every.items() if kinds is None or kind in kinds}

    def block(index: int) -> dict[str, np.ndarray]:
        theta, data = simulate(maps, BLOCK, stream(seed, "belts-benchmark", index))
        known = bundle.embedding(data, maps.names)
        tops = find_tops(bundle.embedding, known)
        found = {kind: value(known, theta[:, None], tops)[:, 0] for kind, value in every.items()}
        return {"theta": theta, **found}

    made, blocks = [], -(-count // BLOCK)
    with one_blas_thread(), one_thread(), progress("fresh data sets", blocks) as advance:
        for arrays in map_threads(block, range(blocks)):
            made.append(arrays)
            advance(1)
    joined = {name: np.concatenate([arrays[name] for arrays in made]) for name in made[0]}
    return joined.pop("theta"), joined


def by_heart(bundle: Bundle, checked: int, seed: int, kind: str = "fmpe") -> None:
    """Coverage of belts from few simulations: no brake; stopped by some held out; conformed."""
    counts = (1024, 4096, 8192)
    theta, found = fresh(bundle, counts[-1] + 4096 + checked, seed + 1, (kind,))
    value, some = found[kind], slice(counts[-1], counts[-1] + 4096)
    rest = slice(some.stop, None)
    plain = BeltSettings(width=64, steps=2500, batch=1024, learning_rate=3e-3, held_out=0.0)
    print(f"{kind}: share covered at 68, 90, 95 % of {len(theta[rest])} fresh data sets")
    for count in counts:
        for name, settings in (("no brake", plain), ("stopped", BeltSettings())):
            belt = QuantileBelt(LOW, HIGH, settings=settings)
            belt.fit(theta[:count], value[:count])
            first = belt_coverage(belt, theta[rest], value[rest]).overall
            belt.conform(theta[some], value[some])
            then = belt_coverage(belt, theta[rest], value[rest]).overall
            shares = [" ".join(f"{100 * share:6.2f}" for share in own) for own in (first, then)]
            print(f"{count:6} {name:9} {shares[0]}   conformed {shares[1]}", flush=True)


def describe_peaks(fit: Fit) -> dict[str, float]:
    """By how much the best point lies above the best one beyond 6 eV2, in -2 ln L."""
    high = fit.posterior.plane.points[:, 1] > np.log10(6)
    marginal = -2 * np.log(np.maximum(fit.posterior.density, 1e-300))
    both = {"profile": fit.fine_chi2, "marginal": marginal}
    return {name: float(value[high].min() - value.min()) for name, value in both.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=Path, default=NETWORKS)
    parser.add_argument(
        "--trials", type=int, default=1000, help="exact belt of 30 x 30: most a point"
    )
    parser.add_argument("--sets", type=int, default=8192, help="data sets to count coverage on")
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--keep", type=Path, help="folder of the exact belt's finished pieces")
    parser.add_argument("--likelihood", choices=("present", "trained"), default="present")
    parser.add_argument("--by-heart", action="store_true")
    args = parser.parse_args()
    known = json.loads((args.networks / "embedding.json").read_text())["experiments"]
    if args.likelihood == "present":
        bundle = load_bundle(args.networks, load_experiments(known))
    else:
        bundle = load_bundle(args.networks, trained_experiments(args.networks, known))
    if args.by_heart:
        by_heart(bundle, args.sets, args.seed)
        return
    effort = Settings(shape=(30, 30), trials=1000, max_trials=max(args.trials, 1000))
    fit = sets_of(bundle.embedding.maps.joint.experiments, effort, args.keep)["joint"]
    start, cpu = time.perf_counter(), time.process_time()
    belt = fit.belt() if args.trials else None
    exact = time.perf_counter() - start, time.process_time() - cpu
    start, cpu = time.perf_counter(), time.process_time()
    learned = LearnedContours.of(bundle, fit, belt)
    regions = time.perf_counter() - start, time.process_time() - cpu
    if learned is None:
        raise SystemExit(f"{args.networks}: no belts; pontecorvo train sterile --belts")
    theta, found = fresh(bundle, args.sets, args.seed)
    result: dict[str, Any] = {"seconds": {"exact belt": exact, "all learned regions": regions}}
    result["above_the_plateau"] = describe_peaks(fit)
    print(f"{len(theta)} fresh data sets; share covered at 68, 90, 95 %; p of 25 cells; overlap")
    for kind in learned.drawn:
        overlap = learned.agreement.get(kind, {})
        if kind not in found:  # counted on trials at the tested points, when it was learned
            result[kind] = learned.drawn[kind].card | {"overlap": overlap}
            print(f"{kind:6}", result[kind])
            continue
        check = belt_coverage(load_belts(args.networks)[kind][0], theta, found[kind])
        result[kind] = check.describe() | {
            "overlap": overlap,
            "cell_shares": check.cells.tolist(),
            "cell_counts": check.counts.tolist(),
        }
        lowest = check.cells[..., LEVELS.index(0.90)]
        print(
            f"{kind:6}",
            " ".join(f"{100 * value:6.2f}" for value in check.overall),
            "  p",
            " ".join(f"{value:6.3f}" for value in check.p_value),
            f"  cells at 90 %: {100 * lowest.min():.1f} - {100 * lowest.max():.1f}",
            "  overlap",
            " ".join(f"{overlap[level]:5.2f}" for level in LEVELS if level in overlap),
        )
    for name, drop in result["above_the_plateau"].items():
        print(f"best point above the best beyond 6 eV2 by {drop:.2f} in -2 ln L ({name})")
    print(f"exact belt: {exact[0]:.1f} s ({exact[1]:.1f} s of CPU)")
    print(f"all learned regions: {regions[0]:.1f} s ({regions[1]:.1f} s of CPU)")
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    name = "sterile_neural_belts"
    if args.likelihood == "trained":
        name += "_trained"
    files.write_json(folder / f"{name}.json", result)


if __name__ == "__main__":
    main()
