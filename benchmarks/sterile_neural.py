"""Are the sterile networks true? Each part prints a table and writes JSON to benchmarks/results/.

    python benchmarks/sterile_neural.py compare      # FMPE, NPSE against the exact grid
    python benchmarks/sterile_neural.py calibration  # SBC, TARP, coverage; --cards writes the cards
    python benchmarks/sterile_neural.py rounds       # truncated rounds on the measured data
    python benchmarks/sterile_neural.py nuisances    # every pull inferred: 14 parameters

Options: --networks FOLDER, --keep FOLDER (finished pieces; taken up again), --sets N, --seed N.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pontecorvo.base import files
from pontecorvo.diagnostics.two_sample import c2st
from pontecorvo.inference.generative.estimator import ConditionalFlow
from pontecorvo.inference.neural.bundle import SHIPPED as NETWORKS
from pontecorvo.inference.neural.bundle import Bundle, load_bundle
from pontecorvo.inference.neural.maps import RatioMaps
from pontecorvo.inference.neural.posterior import TRAIN, weigh
from pontecorvo.inference.neural.sequential import truncated_posterior
from pontecorvo.inference.neural.simulated import fit_embedding, to_cube
from pontecorvo.inference.rounds import RoundSettings
from pontecorvo.inference.sterile_fits import Settings, sets_of
from pontecorvo.models.sterile.model import points_of
from pontecorvo.models.sterile.registry import SHIPPED, Setting, load_experiments
from pontecorvo.study.sterile_checks import (
    at_data,
    calibrate,
    compare,
    describe_comparison,
    exact_plane,
    exact_posterior,
    exact_reference,
)

RESULTS = Path(__file__).parent / "results"


def write(part: str, content: dict[str, Any]) -> None:
    """Write the results; those of other networks, measured in another call, stay."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"sterile_neural_{part}.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    files.write_json(path, kept | content)


def run_compare(bundle: Bundle, args: argparse.Namespace) -> None:
    """Two-sample test, effective sample size, evidence: simulated data sets and the real one."""
    experiments = bundle.embedding.maps.joint.experiments
    start = time.perf_counter()
    reference = exact_reference(experiments, args.sets or 200, 11, args.keep)
    result: dict[str, Any] = {"exact_seconds": time.perf_counter() - start}
    fits = sets_of(experiments, Settings())
    print(
        f"{'network':8} {'sets':>5} {'C2ST':>7} {'90 %':>7} {'ESS/N':>7} {'10 %':>7} {'|d lnB|':>8}"
    )
    for kind, posterior in bundle.posteriors.items():
        found = compare(posterior, reference, args.seed)
        own = found.summary()
        real = {name: at_data(posterior, fits[name], 4000, args.seed) for name in ("joint",)}
        result[kind] = describe_comparison(found) | {"measured": real}
        print(
            f"{kind:8} {own['data_sets']:5.0f} {own['c2st_median']:7.3f} {own['c2st_90']:7.3f} "
            f"{own['efficiency_median']:7.3f} {own['efficiency_10']:7.3f} "
            f"{own['log_evidence_gap_median']:8.3f}"
        )
        joint = real["joint"]
        print(
            f"  measured data: C2ST {joint['c2st']:.3f}, ESS/N {joint['efficiency']:.3f}, "
            f"k-hat {joint['k_hat']:.2f}, ln B {joint['log_bayes_factor']:.3f} +- "
            f"{joint['log_bayes_factor_error']:.3f} (exact {joint['exact_log_bayes_factor']:.3f})"
        )
    write("compare", result)
    if args.cards:
        for kind, posterior in bundle.posteriors.items():
            card = posterior.flow.card["calibration"]
            card["against_exact"] = {
                "summary": result[kind]["summary"],
                "measured": result[kind]["measured"],
            }
            posterior.save(args.networks)


def run_calibration(bundle: Bundle, args: argparse.Namespace) -> None:
    """SBC, TARP and coverage of the raw networks: the joint fit, and one subset."""
    result: dict[str, Any] = {}
    for kind, posterior in bundle.posteriors.items():
        subsets = {"joint": None, "gallium": ("gallex", "sage", "best")}
        for name, active in list(subsets.items())[: 1 if args.joint_only else None]:
            found = calibrate(posterior, args.sets or 1000, args.draws, args.seed, active)
            about = found.describe()
            result[f"{kind} {name}"] = about
            for verdict in found.verdicts:
                print(f"{kind} {name}: {verdict}")
            if name == "joint" and args.cards:
                posterior.flow.card["calibration"].update(about)
                posterior.save(args.networks)
    write("calibration", result)


def run_rounds(bundle: Bundle, args: argparse.Namespace) -> None:
    """Truncated rounds at the measured data, beside the amortised networks."""
    joint = bundle.embedding.maps.joint
    maps = RatioMaps(joint.experiments, exact_plane())
    exact = exact_posterior(maps, joint.data)
    reference = exact.draw(4000, np.random.default_rng(1))
    result: dict[str, Any] = {}
    for kind in ("npse", "fmpe"):
        start = time.perf_counter()
        posterior, rounds = truncated_posterior(
            bundle.embedding,
            joint.data,
            kind,
            RoundSettings(rounds=3, simulations=10_000, threshold_draws=2000, seed=args.seed),
            replace(TRAIN, steps=2000, batch=256),
            folder=args.keep / f"rounds-{kind}",
        )
        took = time.perf_counter() - start
        drawn = posterior.draw(joint.data, 4000, args.seed)
        weights = weigh(drawn, -0.5 * joint.marginal(*points_of(drawn.points)))
        test = c2st(to_cube(drawn.points), to_cube(reference), seed=args.seed)
        result[kind] = {
            "seconds": took,
            "c2st": test.statistic,
            "efficiency": weights.efficiency,
            "k_hat": weights.k_hat,
            "log_bayes_factor": weights.log_evidence - exact.null_log_likelihood,
            "exact_log_bayes_factor": exact.log_bayes_factor,
            "acceptance": [record.acceptance for record in rounds.records],
            "log_prior_volume": [record.log_prior_volume for record in rounds.records],
            "leakage": [record.leakage for record in rounds.records],
        }
        print(
            f"truncated {kind}: {took:.0f} s, C2ST {test.statistic:.3f}, ESS/N "
            f"{weights.efficiency:.3f}, k-hat {weights.k_hat:.2f}, ln prior volume "
            f"{rounds.records[-1].log_prior_volume:.2f}"
        )
    write("rounds", result)


def run_nuisances(bundle: Bundle, args: argparse.Namespace) -> None:
    """The plane and all twelve pulls inferred."""
    from pontecorvo.inference.neural.nuisances import (
        NuisancePosterior,
        NuisanceStudy,
        reference_draws,
    )

    setting = Setting(options=(("energy_scale", "gaussian"),))
    maps = RatioMaps(load_experiments(SHIPPED, setting))
    kept = files.kept_arrays(args.keep / "nuisance-embedding.npz")
    if kept is None:
        kept = fit_embedding(maps, 6000, 1).arrays()
        files.save_arrays(args.keep / "nuisance-embedding.npz", **kept)
    study = NuisanceStudy(type(bundle.embedding).from_arrays(maps, maps.names, kept))
    print(f"{study.dim} parameters: {', '.join(study.names)}")
    posterior = NuisancePosterior(study, args.seed)
    start = time.perf_counter()
    if (args.keep / "nuisances.json").exists():
        posterior.flow = ConditionalFlow.load(args.keep / "nuisances")
    else:
        bank = study.bank(args.simulations, 31)
        train = replace(TRAIN, steps=args.steps)
        posterior.fit(bank, train, args.keep / "nuisances-training.safetensors")
        posterior.flow.save(args.keep / "nuisances")
    result: dict[str, Any] = {"seconds": time.perf_counter() - start, "names": list(study.names)}
    rng = np.random.default_rng(32)
    count = args.sets or 200
    u = rng.random((count, study.dim))
    data = study.simulate(u, rng)
    efficiency, k_hat = [], []
    for index in range(count):
        _, weights = posterior.draw(data[index], 1000, index)
        efficiency.append(weights.efficiency)
        k_hat.append(weights.k_hat)
    _, weights = posterior.draw(study.joint.data, 4000, args.seed)
    plane = RatioMaps(study.joint.experiments, exact_plane())
    exact = exact_posterior(plane, study.joint.data)
    theta = exact.draw(4000, rng)
    log_w = -0.5 * study.joint.marginal(*points_of(theta)) - exact.log_density_at(theta)
    points, reference = reference_draws(study, theta, log_w, study.joint.data, 1)
    drawn, _ = posterior.draw(study.joint.data, 4000, args.seed)
    test = c2st(drawn, points, None, reference.log_weights, seed=args.seed)
    result |= {
        "efficiency_median": float(np.median(efficiency)),
        "efficiency": [round(e, 5) for e in efficiency],
        "k_hat_good": float(np.mean(np.array(k_hat) < 0.7)),
        "measured": {
            "efficiency": weights.efficiency,
            "k_hat": weights.k_hat,
            "c2st": test.statistic,
            "reference_efficiency": reference.efficiency,
        },
    }
    print(
        f"{count} data sets: median ESS/N {result['efficiency_median']:.3f}; measured data: ESS/N "
        f"{weights.efficiency:.3f}, C2ST {test.statistic:.3f} (reference ESS/N "
        f"{reference.efficiency:.3f})"
    )
    write("nuisances", result)


PARTS = {
    "compare": run_compare,
    "calibration": run_calibration,
    "rounds": run_rounds,
    "nuisances": run_nuisances,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=[*PARTS])
    parser.add_argument("--networks", type=Path, default=NETWORKS)
    parser.add_argument("--keep", type=Path, default=Path("sterile-neural-pieces"))
    parser.add_argument("--kinds", default="fmpe,npse")
    parser.add_argument("--sets", type=int)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--draws", type=int, default=128, help="calibration: draws of a data set")
    parser.add_argument("--joint-only", action="store_true", help="calibration: no subset")
    parser.add_argument("--simulations", type=int, default=100_000, help="nuisances: to train on")
    parser.add_argument("--steps", type=int, default=8000, help="nuisances: training steps")
    parser.add_argument("--cards", action="store_true", help="write the result into the cards")
    args = parser.parse_args()
    args.keep.mkdir(parents=True, exist_ok=True)
    known = json.loads((args.networks / "embedding.json").read_text())["experiments"]
    kinds = [k for k in args.kinds.split(",") if (args.networks / f"{k}.json").exists()]
    bundle = load_bundle(args.networks, load_experiments(known), kinds)
    PARTS[args.part](bundle, args)


if __name__ == "__main__":
    main()
