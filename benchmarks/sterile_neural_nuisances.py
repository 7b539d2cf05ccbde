"""The plane and every pull inferred: 14 parameters. Measures the network.

    pontecorvo train sterile --nuisances --out FOLDER                         # trains it
    python benchmarks/sterile_neural_nuisances.py --networks FOLDER  # measures; writes results

It gives ESS/N against the exact likelihood with pulls over simulated data sets of the
prior and on the measured data, and there the two-sample test against exact draws; for the network
and for the chart alone, which needs no training.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from plane_grid_checks import exact_posterior

from pontecorvo.base import files
from pontecorvo.base.progress import progress
from pontecorvo.base.seeds import stream
from pontecorvo.diagnostics.two_sample import c2st
from pontecorvo.problems.sterile.neural.nuisance_posterior import (
    SHIPPED,
    NuisanceDraws,
    NuisancePosterior,
    reference_draws,
)
from pontecorvo.problems.sterile.neural.nuisances import NuisanceStudy

RESULTS = Path(__file__).parent / "results" / "sterile_neural_nuisances.json"
DRAWS, MANY = 1000, 4000


def exact_draws(study: NuisanceStudy, n: int, seed: int) -> NuisanceDraws:
    """Exact posterior of the measured data: the plane by a grid, pulls given it, weighed."""
    data = study.joint.data
    plane = exact_posterior(study.maps, data)
    theta = plane.draw(n, stream(seed, "plane"))
    return reference_draws(study, theta, plane.log_density_at(theta), data, seed)


def figures(draws: NuisanceDraws, reference: NuisanceDraws, seed: int) -> dict[str, Any]:
    """What is said of draws at the measured data."""
    test = c2st(draws.points, reference.points, None, reference.weights.log_weights, seed=seed)
    return {
        "c2st": test.statistic,
        "c2st_error": float(test.values["error"]),
        "efficiency": draws.weights.efficiency,
        "k_hat": draws.weights.k_hat,
        "log_evidence": draws.weights.log_evidence,
        "log_evidence_error": draws.weights.log_evidence_error,
    }


def measure(args: argparse.Namespace) -> None:
    """ESS/N over simulated data sets, and all figures on the measured data."""
    network = NuisancePosterior.load(args.networks)
    study = network.study
    ways = {"network": network, "chart alone": NuisancePosterior(study)}
    rng = stream(args.seed, "nuisance data sets")
    truth = study.draw_prior(args.sets, rng)
    data = study.simulate(truth, rng)
    reference = exact_draws(study, MANY, args.seed)
    result: dict[str, Any] = {
        "parameters": list(study.names),
        "data_sets": args.sets,
        "reference_efficiency": reference.weights.efficiency,
        "reference_log_evidence": reference.weights.log_evidence,
    }
    for name, posterior in ways.items():
        efficiency, k_hat = np.empty(args.sets), np.empty(args.sets)
        start, cpu = time.perf_counter(), time.process_time()
        with progress(f"data sets, {name}", args.sets) as advance:
            for index, row in enumerate(data):
                weights = posterior.draw(row, DRAWS, args.seed + index).weights
                efficiency[index], k_hat[index] = weights.efficiency, weights.k_hat
                advance(1)
        own = figures(posterior.draw(study.joint.data, MANY, args.seed), reference, args.seed)
        result[name] = {
            "efficiency_median": float(np.median(efficiency)),
            "efficiency_10": float(np.quantile(efficiency, 0.1)),
            "efficiency_lowest": float(efficiency.min()),
            "k_hat_good": float(np.mean(k_hat < 0.7)),
            "seconds": time.perf_counter() - start,
            "cpu_seconds": time.process_time() - cpu,
            "measured": own,
            "efficiency": [round(float(value), 4) for value in efficiency],
        }
        print(
            f"{name}: {args.sets} data sets: ESS/N median {np.median(efficiency):.3f}, 10 % "
            f"{np.quantile(efficiency, 0.1):.3f}, lowest {efficiency.min():.3f}, k-hat < 0.7 in "
            f"{100 * np.mean(k_hat < 0.7):.1f} %; measured data: ESS/N {own['efficiency']:.3f}, "
            f"k-hat {own['k_hat']:.2f}, C2ST {own['c2st']:.3f} +- {own['c2st_error']:.3f} "
            f"(exact draws: ESS/N {reference.weights.efficiency:.3f}); "
            f"{result[name]['cpu_seconds']:.0f} s of CPU",
            flush=True,
        )
    RESULTS.parent.mkdir(exist_ok=True)
    files.write_json(RESULTS, result)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=Path, default=SHIPPED, help="where it is")
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    measure(args)


if __name__ == "__main__":
    main()
