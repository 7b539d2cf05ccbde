"""The lift, judged where the answer is known: what `docs/lift.md` prints.

    python benchmarks/lift.py --only no io delta log-uniform banana two-modes more-data two-heavy
    python benchmarks/lift.py --only log-uniform-long   # beside a long run without the lift
    python benchmarks/lift.py --only last-stage    # of inverted ordering: lifted or reweighted
    python benchmarks/lift.py --only return        # exact draws carried out and back, by eps
    python benchmarks/lift.py --only coverage-banana coverage-two-modes   # 200 data sets each
    python benchmarks/lift.py --only repeats       # is the error of ln Z right? 40 seeds
    python benchmarks/lift.py --only network network-plain   # lift networks of the seesaw
    python benchmarks/lift.py --figure             # docs/figures/lift-cloud.svg

Every study adds its row to ``results/lift.json``; rows that are not run are kept. CPU seconds are
those of this process with all its threads, so that a busy machine does not change them.
"""

import argparse
import json
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from lift_checks import run_coverage, run_last_stage, run_repeats, run_return, seesaw
from lift_problems import COVERED, SMALL, banana
from reference import told_apart
from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_json
from pontecorvo.core.draws import Draws
from pontecorvo.core.target import Target
from pontecorvo.samplers.exact import sample_exact
from pontecorvo.samplers.smc import SMCSettings, sample_smc
from pontecorvo.sbi.lift.lift import Lift, LiftSettings
from pontecorvo.sbi.lift.sampler import sample_lift

RESULTS = Path(__file__).parent / "results" / "lift.json"
FIGURE = Path(__file__).parents[1] / "docs" / "figures" / "lift-cloud.svg"
FOUNDING = 3.5e-6  # raw acceptance of the founding paper's network (docs/founding-paper.md)


def row_of(draws: Draws, seconds: float, cpu: float) -> dict[str, Any]:
    """What is printed of any run."""
    notes = draws.notes
    return {
        "log_evidence": draws.log_evidence,
        "log_evidence_error": draws.log_evidence_error,
        "efficiency": notes["weighted_efficiency"],
        "k_hat": notes["k_hat"],
        "raw_acceptance": draws.raw_acceptance,
        "lost": notes["fraction_lost"],
        "moved": notes["moved_median"],
        "draws": notes["proposals"],
        "ess": draws.ess,
        "cpu_seconds": cpu,
        "wall_seconds": seconds,
        "converged": draws.converged,
        "lift": notes["lift"],
        "broad_memory": max(r["largest_memory"] for r in notes["broad"]["runs"]),
        "stages": notes["stages"],
        "lineages": notes["lineages"],
        "evidences_of_runs": notes["log_evidence_of_runs"],
    }


def timed(function: Any) -> tuple[Any, float, float]:
    """What a function returns, wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = function()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def keep_time(path: Path, before: float) -> threading.Event:
    """Write the CPU seconds of this process, and those before, to a file until the event is set."""
    stop, start = threading.Event(), time.process_time()

    def work() -> None:
        while not stop.wait(5.0):
            write_json(path, before + time.process_time() - start)

    threading.Thread(target=work, daemon=True).start()
    return stop


def effort(draws: int, sweeps: int) -> SMCSettings:
    return SMCSettings(runs=4, particles=draws // 4, max_sweeps=sweeps, max_memory=0.2)


def run_seesaw(study: str, draws: int, seed: int, folder: Path | None) -> dict[str, Any]:
    """A seesaw in its raw parameters, beside an independent answer.

    With a folder a killed run resumes, and its CPU seconds are those of all its parts.
    """
    target, before = seesaw(study), 0.0
    clock = folder / study / "cpu.json" if folder else None
    if clock is not None:
        clock.parent.mkdir(parents=True, exist_ok=True)
        before = json.loads(clock.read_text()) if clock.exists() else 0.0
        stop = keep_time(clock, before)
    result, wall, cpu = timed(
        lambda: sample_lift(
            target, draws, seed, clock.parent if clock else None, smc=effort(draws, 10_000)
        )
    )
    if clock is not None:
        stop.set()
    row = row_of(result, wall, before + cpu)
    if study == "log-uniform":  # the exact sampler's chart, annealed: other coordinates, no lift
        other = sample_smc(target, 4000, seed + 1, settings=effort(4000, 1000))
        row["reference"] = "annealing in Casas-Ibarra coordinates"
    else:
        other = sample_exact(target, draws, seed + 1, proposals=1 << 21)
        row["reference"] = "exact Casas-Ibarra sampler"
    row["reference_log_evidence"] = other.log_evidence
    row["reference_log_evidence_error"] = other.log_evidence_error
    row["reference_converged"] = other.converged
    row["medians"] = medians(target, result, other)
    if study in ("no", "io"):
        accuracy, error = told_apart(target, result.theta, other.theta, result.log_weight)
        row |= {"c2st": accuracy, "c2st_error": error}
    return row


def medians(target: Target, first: Draws, second: Draws) -> dict[str, list[float]]:
    """Difference of weighted means, in standard errors, of ranks of what is predicted."""
    result = {}
    a, b = target.model.predict(first.theta), target.model.predict(second.theta)
    weights = [np.exp(d.log_weight - d.log_weight.max()) for d in (first, second)]
    for name in ("m1", "sum_m", "m_ee", "m_beta"):
        values = [np.asarray(a[name]), np.asarray(b[name])]
        pool = np.sort(np.concatenate(values))
        means, errors = [], []
        for value, weight in zip(values, weights, strict=True):
            rank = np.searchsorted(pool, value) / len(pool)
            share = weight / weight.sum()
            mean = float((share * rank).sum())
            means.append(mean)
            errors.append(float(np.sqrt((share**2 * (rank - mean) ** 2).sum())))
        result[name] = [means[0] - means[1], float(np.hypot(*errors))]
    return result


def run_small(study: str, draws: int, seed: int) -> dict[str, Any]:
    """A small problem beside its integral, or beside annealing without the lift."""
    problem = SMALL[study]()
    smc = SMCSettings(runs=4, particles=draws // 4, max_sweeps=1000, max_memory=0.15)
    result, wall, cpu = timed(lambda: sample_lift(problem.target, draws, seed, smc=smc))
    row = row_of(result, wall, cpu)
    plain, _, plain_cpu = timed(lambda: sample_smc(problem.target, draws, seed, settings=smc))
    row |= {
        "smc_log_evidence": plain.log_evidence,
        "smc_log_evidence_error": plain.log_evidence_error,
        "smc_converged": plain.converged,
        "smc_cpu_seconds": plain_cpu,
    }
    known = problem.log_evidence
    row["reference"] = "quadrature" if known is not None else "annealing without the lift"
    row["reference_log_evidence"] = plain.log_evidence if known is None else known
    row["reference_log_evidence_error"] = plain.log_evidence_error if known is None else 0.0
    return row


def run_long(draws: int, sweeps: int, seed: int) -> dict[str, Any]:
    """Log-uniform Yukawas beside a long run without the lift, in the raw parameters."""
    target = seesaw("log-uniform")
    result, wall, cpu = timed(lambda: sample_lift(target, draws, seed, smc=effort(draws, 10_000)))
    row = row_of(result, wall, cpu)
    smc = SMCSettings(runs=4, particles=draws // 4, max_sweeps=sweeps, max_memory=0.1)
    other, _, spent = timed(
        lambda: sample_smc(target, draws, seed + 1, settings=smc, chart=target.raw_chart)
    )
    return row | {
        "reference": f"annealing in the raw parameters, at most {sweeps} moves a temperature",
        "reference_log_evidence": other.log_evidence,
        "reference_log_evidence_error": other.log_evidence_error,
        "reference_converged": other.converged,
        "reference_memory": max(r["largest_memory"] for r in other.notes["runs"]),
        "reference_cpu_seconds": spent,
        "medians": medians(target, result, other),
    }


def run_network(
    minutes: float, draws: int, seed: int, folder: Path | None, features: bool
) -> dict[str, Any]:
    """A lift network of the seesaw from nothing: examples, training, draws."""
    from pontecorvo.flows.flow_settings import TrainSettings
    from pontecorvo.sbi.lift.network import LiftTraining, train_lift_network
    from pontecorvo.sbi.lift.network_sampler import LiftNetworkOptions, sample_lift_network

    target = seesaw("no")
    steps = int(minutes * 400)
    settings = LiftTraining(
        examples=200_000,
        features=features,
        train=TrainSettings(steps=steps, batch=512, dropout=0.0, ema=0.995, seed=seed),
        smc=SMCSettings(runs=4, particles=2048, max_sweeps=1000, max_memory=0.25),
    )
    home = folder / f"network-{'features' if features else 'plain'}-{steps}" if folder else None
    network, wall, cpu = timed(lambda: train_lift_network(target, seed, home, settings))
    rows = {"training_cpu_seconds": cpu, "training_wall_seconds": wall, "steps": steps}
    rows["last"] = network.flow.card["training"]["last"]
    for anneal, beyond in ((0, 1.0), (64, 1.0), (64, 2.0)):
        options = LiftNetworkOptions(anneal=anneal, beyond=beyond)
        result, wall, cpu = timed(
            lambda o=options: sample_lift_network(target, draws, seed, network=network, options=o)
        )
        rows[f"anneal_{anneal}_beyond_{beyond:g}"] = {
            "raw_acceptance": result.raw_acceptance,
            "efficiency": result.notes["weighted_efficiency"],
            "k_hat": result.notes["k_hat"],
            "log_evidence": result.log_evidence,
            "log_evidence_error": result.log_evidence_error,
            "lost": result.notes["draws_lost"] / draws,
            "draws": draws,
            "cloud_width_in_sigma": result.notes["cloud_width_in_sigma"],
            "annealed": result.notes.get("annealed"),
            "cpu_seconds": cpu,
        }
    return rows


def figure(seed: int) -> None:
    """What the lift does to a cloud: the banana, in its parameters and in its observables."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    target = banana(2).target
    lift = Lift(target, LiftSettings(k=15.0), seed)
    broad = Target(target.model, lift.broad())
    draws = sample_smc(broad, 600, seed, settings=effort(1000, 200), chart=broad.raw_chart)
    after = lift.carry(draws.theta)
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.2), layout="constrained")
    for axis, column in zip(axes, (None, target.model), strict=True):
        first, second = draws.theta, after.theta
        if column is not None:
            first, second = column.forward(first), column.forward(second)
        axis.plot(*np.stack([first[:60], second[:60]]).transpose(2, 0, 1), c="0.8", lw=0.6)
        axis.plot(first[:, 0], first[:, 1], ".", ms=3, c="#0072B2", label="broad posterior")
        axis.plot(second[:, 0], second[:, 1], ".", ms=3, c="#D55E00", label="lifted")
    axes[0].set(xlabel="$a$", ylabel="$b$", title="parameters")
    axes[1].set(xlabel="$x_1 = a$", ylabel=r"$x_2 = b + a^2/2$", title="observables")
    axes[0].legend(frameon=False, fontsize=8)
    FIGURE.parent.mkdir(exist_ok=True)
    fig.savefig(FIGURE, metadata={"Date": None})


def show(rows: dict[str, Any]) -> None:
    """The table of the evidences and efficiencies."""
    table = Table(
        "study", "ln Z", "reference", "ESS/N", "k-hat", "3 sigma", "lost", "CPU s", "C2ST"
    )
    for name, row in rows.items():
        if "log_evidence" not in row:
            continue
        table.add_row(
            name,
            f"{row['log_evidence']:.3f} +- {row['log_evidence_error']:.3f}",
            f"{row['reference_log_evidence']:.3f} +- {row['reference_log_evidence_error']:.3f}",
            f"{row['efficiency']:.3f}",
            f"{row['k_hat']:.2f}",
            f"{row['raw_acceptance']:.3f}",
            f"{row['lost']:.4f}",
            f"{row['cpu_seconds']:.0f}",
            f"{row['c2st']:.3f} +- {row['c2st_error']:.3f}" if "c2st" in row else "",
        )
    console = Console(width=140)
    console.print(table)
    console.print({k: v for k, v in rows.items() if "log_evidence" not in v})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    studies = ["no", "io", "delta", "log-uniform", "log-uniform-long", *SMALL]
    studies += [
        "return",
        "repeats",
        "last-stage",
        "network",
        "network-plain",
        *(f"coverage-{name}" for name in COVERED),
    ]
    parser.add_argument("--only", nargs="+", choices=studies, default=[])
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--sets", type=int, default=200, help="data sets of a coverage")
    parser.add_argument("--sweeps", type=int, default=8000, help="of log-uniform-long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, default=None, help="where finished parts are kept")
    parser.add_argument("--figure", action="store_true")
    given = parser.parse_args()
    if given.figure:
        figure(given.seed)
    for study in given.only:
        if study.startswith("coverage-"):
            row = run_coverage(
                study.removeprefix("coverage-"), given.sets, given.seed, given.folder
            )
        elif study == "last-stage":
            row = run_last_stage(min(given.draws, 1024), given.seed)
        elif study == "repeats":
            row = run_repeats(40)
        elif study == "return":
            row = run_return(min(given.draws, 1024), given.seed)
        elif study == "log-uniform-long":
            row = run_long(min(given.draws, 4000), given.sweeps, given.seed)
        elif study.startswith("network"):
            few, told = min(given.draws, 4096), study == "network"
            row = run_network(given.minutes, few, given.seed, given.folder, told)
        elif study in SMALL:
            row = run_small(study, min(given.draws, 4000), given.seed)
        else:
            row = run_seesaw(study, given.draws, given.seed, given.folder)
        rows = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        write_json(RESULTS, rows | {study: row})
    show(json.loads(RESULTS.read_text()) if RESULTS.exists() else {})


if __name__ == "__main__":
    main()
