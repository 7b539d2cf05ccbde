"""Are the sterile networks true? Each part prints a table and writes JSON to benchmarks/results/.

    python benchmarks/sterile_neural.py compare      # FMPE, NPSE against the exact grid
    python benchmarks/sterile_neural.py calibration  # the diagnostics of `pontecorvo check`
    python benchmarks/sterile_neural.py belts        # NRE, DNRE; learned belts beside exact ones
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
from pontecorvo.inference.neural.bundle import Bundle, load_bundle, with_experiments
from pontecorvo.inference.neural.maps import RatioMaps
from pontecorvo.inference.neural.posterior import TRAIN, weigh
from pontecorvo.inference.neural.quantile_belt import QuantileBelt, coverage
from pontecorvo.inference.neural.ratio import RatioEstimator
from pontecorvo.inference.neural.sequential import truncated_posterior
from pontecorvo.inference.neural.simulated import fit_embedding, make_bank, simulate, to_cube
from pontecorvo.inference.neural.statistics import interpolate, of_maps, of_posterior, of_ratio
from pontecorvo.inference.rounds import RoundSettings
from pontecorvo.inference.sterile import sterile_plane
from pontecorvo.inference.sterile_fits import Settings, sets_of
from pontecorvo.models.sterile.model import points_of
from pontecorvo.models.sterile.registry import SHIPPED, Setting, load_experiments
from pontecorvo.study.certificate_files import identity
from pontecorvo.study.judging import judged
from pontecorvo.study.sterile_checks import (
    at_data,
    compare,
    describe_comparison,
    exact_posterior,
    exact_reference,
)
from pontecorvo.study.sterile_trials import sterile_answers

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
    """Every diagnostic, weighted and raw: the joint fit, and one subset."""
    experiments = {e.name: e for e in bundle.embedding.maps.joint.experiments}
    subsets = {"joint": list(experiments), "gallium": ["gallex", "sage", "best"]}
    result: dict[str, Any] = {}
    for kind in bundle.posteriors:
        for name, members in list(subsets.items())[: 1 if args.joint_only else None]:
            own = with_experiments(bundle, [experiments[m] for m in members])
            posterior = own.posteriors[kind]
            mark = [identity(args.networks / f"{kind}.json"), args.sets, args.draws, args.seed]
            keep = args.keep / f"calibration-{kind}-{name}-{files.fingerprint(mark)}"
            answers = sterile_answers(posterior, args.sets or 1000, args.draws, args.seed, keep)
            check = judged(answers, f"{kind} {name}", {})
            result[check.title] = check.describe()
            for label, verdicts in (("weighted", check.corrected), ("raw", check.raw)):
                for verdict in verdicts:
                    print(f"{check.title}, {label}: {verdict}")
    write("calibration", result)


def run_belts(bundle: Bundle, args: argparse.Namespace) -> None:
    """Critical values learned for every statistic, their coverage, and the exact belt beside."""
    embedding = bundle.embedding
    maps, plane = embedding.maps, embedding.maps.plane
    keep = args.keep
    bank = make_bank(embedding, args.sets or 60_000, 21, keep / "belt-bank.npz", subsets=False)
    seconds: dict[str, float] = {}
    statistics: dict[str, np.ndarray] = {}
    fresh: dict[str, np.ndarray] = {}
    observed: dict[str, np.ndarray] = {}
    rng = np.random.default_rng(22)
    count, checked = 30_000, 20_000
    theta, data = simulate(maps, count + checked, rng)
    rows = embedding(data, maps.names)
    row = embedding(maps.joint.data, maps.names)
    points = sterile_plane((30, 30), maps.joint.experiments).points

    def add(name: str, both: np.ndarray, at_points: np.ndarray, took: float) -> None:
        statistics[name], fresh[name] = both[:count], both[count:]
        observed[name], seconds[f"statistic {name}"] = at_points, took

    start = time.perf_counter()
    own = maps(maps.joint.data, maps.names)
    at = 2 * (max(own.max(), 0) - interpolate(plane, np.repeat(own, len(points), 0), points))
    add("maps", of_maps(maps, data, theta), at, time.perf_counter() - start)
    for kind in ("nre", "dnre"):
        estimator = RatioEstimator(embedding, kind)
        if (keep / f"{kind}.safetensors").exists():
            estimator.load(keep)
        else:
            start = time.perf_counter()
            estimator.fit(bank)
            seconds[f"train {kind}"] = time.perf_counter() - start
            estimator.save(keep)
        start = time.perf_counter()
        both = of_ratio(estimator, rows, theta, plane)
        top = estimator.log_ratio(row, plane.points).max()
        at = 2 * (top - estimator.log_ratio(row, points)[0])
        add(kind, both, at, time.perf_counter() - start)
    few = 6000
    for kind, posterior in bundle.posteriors.items():
        start = time.perf_counter()
        chosen = np.r_[:few, count : count + few // 2]
        found = of_posterior(posterior, rows[chosen], theta[chosen], args.seed)
        statistics[kind], fresh[kind] = found[:few], found[few:]
        drawn = posterior.draw(maps.joint.data, 1000, args.seed)
        at = 2 * (drawn.log_density.max() - posterior.log_density(points, row[0]))
        observed[kind], seconds[f"statistic {kind}"] = at, time.perf_counter() - start
    fit = sets_of(maps.joint.experiments, Settings(shape=(30, 30)), keep)["joint"]
    start = time.perf_counter()
    belt = fit.belt()
    seconds["exact belt"] = time.perf_counter() - start
    result: dict[str, Any] = {"seconds": seconds}
    print(
        f"{'statistic':10} {'68 %':>7} {'90 %':>7} {'95 %':>7} {'cells p':>8} {'overlap 90 %':>13}"
    )
    for name, values in statistics.items():
        learned = QuantileBelt()
        start = time.perf_counter()
        learned.fit(theta[: len(values)], values)
        seconds[f"belt {name}"] = time.perf_counter() - start
        own_theta = theta[count : count + len(fresh[name])]
        check = coverage(learned, own_theta, fresh[name])
        inside, exact = learned.inside(points, observed[name], 0.90), belt.inside(0.90)
        overlap = float((inside & exact).sum() / max((inside | exact).sum(), 1))
        result[name] = check.describe() | {"overlap_90": overlap, "simulations": len(values)}
        numbers = " ".join(f"{100 * value:7.2f}" for value in check.overall)
        print(f"{name:10} {numbers} {check.p_value[1]:8.3f} {overlap:13.3f}")
    for name, value in seconds.items():
        print(f"  {name}: {value:.1f} s")
    write("belts", result)


def run_rounds(bundle: Bundle, args: argparse.Namespace) -> None:
    """Truncated rounds at the measured data, beside the amortised networks."""
    joint = bundle.embedding.maps.joint
    maps = RatioMaps(joint.experiments)
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
    plane = RatioMaps(study.joint.experiments)
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
    "belts": run_belts,
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
    parser.add_argument("--draws", type=int, default=100, help="calibration: draws of a data set")
    parser.add_argument("--joint-only", action="store_true", help="calibration: no subset")
    parser.add_argument("--simulations", type=int, default=100_000, help="nuisances: to train on")
    parser.add_argument("--steps", type=int, default=8000, help="nuisances: training steps")
    parser.add_argument("--cards", action="store_true", help="compare: write it into the cards")
    args = parser.parse_args()
    args.keep.mkdir(parents=True, exist_ok=True)
    known = json.loads((args.networks / "embedding.json").read_text())["experiments"]
    kinds = [k for k in args.kinds.split(",") if (args.networks / f"{k}.json").exists()]
    bundle = load_bundle(args.networks, load_experiments(known), kinds)
    PARTS[args.part](bundle, args)


if __name__ == "__main__":
    main()
