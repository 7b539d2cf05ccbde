"""How much a pilot run overestimates a network's efficiency.

    python benchmarks/pilot_efficiency.py --networks seesaw-no seesaw-io --draws 60000
    python benchmarks/pilot_efficiency.py --networks sterile-fmpe sterile-npse sterile-nuisances

Heavy tails are seen late: the efficiency ESS/N of a few draws is, most of the time, higher than
that of many. One long run of each shipped network is cut into pilots of 1,000, 5,000 and 10,000
draws; the table has their median and 5 to 95 % range over that of the whole run, and how often a
pilot says more than the whole. Drawn with replacement as often as the run allows; those of 10,000
overlap with the whole, so that their deviation is somewhat too small. The sterile networks answer
the data of all experiments that they know, by their own draws, without refinement or annealing.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_json
from pontecorvo.base.weights import kish_ess, pareto_k
from pontecorvo.sbi.amortised import sample_network
from pontecorvo.study.amortised_network import load_network
from pontecorvo.study.catalog import load_problem

RESULTS = Path(__file__).parent / "results" / "pilot_efficiency.json"
PILOTS = (1_000, 5_000, 10_000)


def seesaw(ordering: str, draws: int, seed: int) -> np.ndarray:
    """Log weights (N,) of a seesaw's network."""
    problem = load_problem("seesaw", {"ordering": ordering})
    return sample_network(problem.target, draws, seed, flow=load_network(problem)).log_weight


def sterile(kind: str, draws: int, seed: int) -> np.ndarray:
    """Log weights (N,) of a sterile network at the joint data."""
    from pontecorvo.problems.sterile.fits import Settings, sets_of
    from pontecorvo.problems.sterile.neural.bundle import SHIPPED, load_bundle
    from pontecorvo.problems.sterile.neural.nuisance_posterior import SHIPPED as PULLS
    from pontecorvo.problems.sterile.neural.nuisance_posterior import NuisancePosterior
    from pontecorvo.problems.sterile.neural.plane_flows import weigh
    from pontecorvo.problems.sterile.neural.ratio import load_ratios
    from pontecorvo.problems.sterile.neural.trained_settings import trained_experiments

    if kind == "nuisances":
        posterior = NuisancePosterior.load(PULLS)
        return posterior.draw(posterior.study.joint.data, draws, seed).weights.log_weights
    names = json.loads((SHIPPED / "embedding.json").read_text())["experiments"]
    bundle = load_bundle(SHIPPED, trained_experiments(SHIPPED, names))
    estimators = {**bundle.posteriors, **load_ratios(SHIPPED, bundle.embedding)}
    joint = bundle.embedding.maps.joint
    fit = sets_of(joint.experiments, Settings())["joint"]
    drawn = estimators[kind].draw(joint.data, draws, seed, None, 8)
    return weigh(drawn, fit.log_likelihood(drawn.points)).log_weights


def run(name: str, draws: int, seed: int) -> dict[str, Any]:
    """One long run of a shipped network, and its pilots."""
    kind, _, which = name.partition("-")
    start = time.process_time()
    log_weight = (seesaw if kind == "seesaw" else sterile)(which, draws, seed)
    seconds = time.process_time() - start
    rng = np.random.default_rng(seed)
    whole = kish_ess(log_weight) / len(log_weight)
    row: dict[str, Any] = {
        "draws": len(log_weight),
        "efficiency": whole,
        "k_hat": pareto_k(log_weight),
        "cpu_seconds": seconds,
        "pilots": {},
    }
    for size in PILOTS:
        values = []
        for _ in range(1000):
            few = log_weight[rng.choice(len(log_weight), size, replace=False)]
            values.append(kish_ess(few) / size / whole)
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
        above = float(np.mean(np.array(values) > 1))
        row["pilots"][str(size)] = {"median": middle, "low": low, "high": high, "above": above}
    return row


def show(rows: dict[str, Any]) -> None:
    table = Table("network", "ESS/N", "k-hat", *(f"{size:,} draws" for size in PILOTS))
    for name, row in rows.items():
        cells = [
            f"{p['median']:.3f} ({p['low']:.3f} to {p['high']:.3f}), above in {p['above']:.0%}"
            for p in row["pilots"].values()
        ]
        table.add_row(name, f"{row['efficiency']:.3f}", f"{row['k_hat']:.2f}", *cells)
    Console(width=160).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", default=["seesaw-no", "seesaw-io"])
    parser.add_argument("--draws", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for name in given.networks:
        row = run(name, given.draws, given.seed)
        rows = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        write_json(RESULTS, rows | {name: row})
    show(json.loads(RESULTS.read_text()))


if __name__ == "__main__":
    main()
