"""Truncated rounds on the sterile plane against the exact posterior.

    python benchmarks/sterile_neural_rounds.py sets      # one round after the amortised network
    python benchmarks/sterile_neural_rounds.py measured  # measured data, also from the prior

Options: --networks FOLDER, --keep FOLDER (finished pieces; taken up again), --kinds, --sets N.
Two processes that share --keep and begin elsewhere (--first) share the work.
The amortised networks on the same data sets: `sterile_neural.py compare`.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from plane_grid_checks import (
    Reference,
    exact_posterior,
    exact_reference,
)

from pontecorvo.base import files
from pontecorvo.base.progress import progress
from pontecorvo.diagnostics.two_sample import c2st
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.model import points_of
from pontecorvo.problems.sterile.neural.bundle import SHIPPED as NETWORKS
from pontecorvo.problems.sterile.neural.bundle import Bundle, known_experiments, load_bundle
from pontecorvo.problems.sterile.neural.plane_flows import TRAIN, NeuralPosterior, weigh
from pontecorvo.problems.sterile.neural.sequential import (
    FINE,
    FIRST,
    NEXT,
    VERSION,
    truncated_plane_posterior,
)
from pontecorvo.problems.sterile.neural.simulated import to_cube
from pontecorvo.sbi.rounds import Rounds

RESULTS = Path(__file__).parent / "results" / "sterile_neural_rounds.json"
DRAWS, MANY = 1000, 4000


def write(content: dict[str, Any]) -> None:
    """Write the results; those of other parts stay."""
    RESULTS.parent.mkdir(exist_ok=True)
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    files.write_json(RESULTS, kept | content)


def against(
    posterior: NeuralPosterior,
    data: np.ndarray,
    exact: tuple[np.ndarray, np.ndarray | None],
    draws: int,
    seed: int,
) -> dict[str, float]:
    """Two-sample test against exact draws and their log weights, and ESS/N."""
    own = posterior.draw(data, draws, seed)
    joint = posterior.embedding.maps.joint
    weights = weigh(own, -0.5 * joint.marginal(*points_of(own.points), data))
    test = c2st(to_cube(own.points), to_cube(exact[0]), None, exact[1], seed=seed)
    return {
        "c2st": test.statistic,
        "c2st_error": float(test.values["error"]),
        "efficiency": weights.efficiency,
        "k_hat": weights.k_hat,
        "log_evidence": weights.log_evidence,
    }


def books(rounds: Rounds) -> dict[str, Any]:
    """What the rounds cost and where they looked."""
    return {
        "simulations": sum(record.new_simulations for record in rounds.records),
        "acceptance": [record.acceptance for record in rounds.records],
        "log_prior_volume": [record.log_prior_volume for record in rounds.records],
        "leakage": [record.leakage for record in rounds.records],
    }


def one_set(
    bundle: Bundle, kind: str, reference: Reference, index: int, args: argparse.Namespace
) -> dict[str, Any]:
    """One truncated round after the amortised network, at one data set; kept."""
    card = bundle.posteriors[kind].flow.card["training"]
    about = [card, bundle.card["arrays_sha256"], args.seed, repr((FINE, NEXT)), VERSION]
    mark = files.fingerprint([*about, reference.points[index], reference.log_weights[index]])
    path = args.keep / f"round-{kind}-{mark[:12]}-{index}.json"
    if path.exists():
        return dict(json.loads(path.read_text(encoding="utf-8")))
    data, start = reference.data[index], bundle.posteriors[kind]
    exact = reference.points[index], reference.log_weights[index]
    cpu = time.process_time()
    settings = replace(NEXT, seed=args.seed + index)
    posterior, rounds = truncated_plane_posterior(
        bundle.embedding, data, kind, settings, start=start, show=False
    )
    spent = time.process_time() - cpu
    row = {
        "index": index,
        "cpu_seconds": spent,
        **against(posterior, data, exact, DRAWS, args.seed + index),
        **books(rounds),
    }
    files.write_json(path, row)
    return row


def run_sets(bundle: Bundle, args: argparse.Namespace) -> None:
    """One truncated round after the amortised network at simulated data sets."""
    reference = exact_reference(bundle.embedding.maps.joint.experiments, args.sets, 11, args.keep)
    for kind in bundle.posteriors:
        rows = []
        with progress(f"truncated {kind}", args.sets) as advance:
            for index in [*range(args.first, args.sets), *range(args.first)]:
                rows.append(one_set(bundle, kind, reference, index, args))
                advance(1)
        result: dict[str, Any] = {
            "data_sets": len(rows),
            "cpu_seconds_median": float(np.median([row["cpu_seconds"] for row in rows])),
        }
        accuracy, efficiency, k_hat = (
            np.array([row[name] for row in rows]) for name in ("c2st", "efficiency", "k_hat")
        )
        result |= {
            "c2st_median": float(np.median(accuracy)),
            "c2st_90": float(np.quantile(accuracy, 0.9)),
            "efficiency_median": float(np.median(efficiency)),
            "efficiency_10": float(np.quantile(efficiency, 0.1)),
            "efficiency_lowest": float(efficiency.min()),
            "below_half": int(np.sum(efficiency < 0.5)),
            "k_hat_good": float(np.mean(k_hat < 0.7)),
        }
        print(
            f"truncated {kind}: {len(rows)} data sets: C2ST median {result['c2st_median']:.3f}, "
            f"90 % {result['c2st_90']:.3f}; ESS/N median {result['efficiency_median']:.3f}, 10 % "
            f"{result['efficiency_10']:.3f}, lowest {result['efficiency_lowest']:.3f}, below 0.5 "
            f"in {result['below_half']}; k-hat < 0.7 in {100 * result['k_hat_good']:.1f} %; "
            f"{result['cpu_seconds_median']:.1f} s of CPU a data set",
            flush=True,
        )
        rows.sort(key=lambda row: int(row["index"]))
        write({f"{kind} sets": result | {"rows": rows}})


def run_measured(bundle: Bundle, args: argparse.Namespace) -> None:
    """Measured data: three rounds from the prior, and one after the amortised network."""
    joint = bundle.embedding.maps.joint
    exact = exact_posterior(bundle.embedding.maps, joint.data)
    theta = exact.draw(MANY, np.random.default_rng(1))
    log_w = -0.5 * joint.marginal(*points_of(theta)) - exact.log_density_at(theta)
    for kind, amortised in bundle.posteriors.items():
        ways = {
            "from the prior": (FIRST, replace(TRAIN, steps=args.steps, batch=256), None),
            "after the amortised": (NEXT, FINE, amortised),
        }
        for name, (settings, train, start) in ways.items():
            cpu = time.process_time()
            posterior, rounds = truncated_plane_posterior(
                bundle.embedding,
                joint.data,
                kind,
                replace(settings, seed=args.seed),
                train,
                folder=args.keep / f"rounds-{kind}",
                start=start,
            )
            spent = time.process_time() - cpu
            row = against(posterior, joint.data, (theta, log_w), MANY, args.seed)
            gap = row.pop("log_evidence") - exact.log_evidence
            print(
                f"truncated {kind}, {name}: C2ST {row['c2st']:.3f} +- {row['c2st_error']:.3f}, "
                f"ESS/N {row['efficiency']:.3f}, k-hat {row['k_hat']:.2f}, ln evidence off by "
                f"{gap:+.3f}; ln prior volume {rounds.records[-1].log_prior_volume:.2f}; "
                f"{spent:.0f} s of CPU in this call",
                flush=True,
            )
            about = row | {"log_evidence_gap": gap, "cpu_seconds": spent} | books(rounds)
            write({f"{kind} measured, {name}": about})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["sets", "measured"])
    parser.add_argument("--networks", type=Path, default=NETWORKS)
    parser.add_argument("--keep", type=Path, default=Path("sterile-neural-pieces"))
    parser.add_argument("--kinds", default="npse,fmpe")
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--steps", type=int, default=1500, help="of a round from the prior")
    parser.add_argument("--first", type=int, default=0, help="data set to begin with")
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    args.keep.mkdir(parents=True, exist_ok=True)
    experiments = load_experiments(known_experiments(args.networks))
    bundle = load_bundle(args.networks, experiments, args.kinds.split(","))
    {"sets": run_sets, "measured": run_measured}[args.part](bundle, args)


if __name__ == "__main__":
    main()
