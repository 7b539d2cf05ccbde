"""Steps against quality for every sampler, on the seesaw's shipped network.

Raw draws, nothing weighted: acceptance (the five observables in their 3 sigma ranges, inside the
prior) and the classifier two-sample test against exact draws, on parameters and predictions (0.5 is
perfect). `change` is what the solver alone does: the median distance in the learned coordinates to
the same draws solved with 64 steps of RK4 (deterministic samplers only).

    python benchmarks/network_steps.py [--ordering no] [--network CARD.json] [--draws 4000]
"""

import argparse
import time
from pathlib import Path

import numpy as np
from reference import RESULTS, exact_draws, told_apart
from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import sha256, write_json
from pontecorvo.flows.ode_samplers import EVALUATIONS, SAMPLERS
from pontecorvo.sbi.amortised import NetworkOptions, conditioned_chart, propose
from pontecorvo.study.amortised_network import load_network, network_card
from pontecorvo.study.catalog import load_problem

STEPS = {
    "rk4": [1, 2, 3, 4, 6, 8, 12, 25, 64],
    "heun": [2, 4, 6, 8, 12, 25, 50],
    "ddim": [4, 8, 16, 32, 64, 128, 1000],
    "ancestral": [4, 8, 16, 32, 64, 128, 1000],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--network", type=Path, help="card of a network; the shipped one")
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--most", type=int, default=1000, help="evaluations a draw at most")
    parser.add_argument("--proposals", type=int, default=1 << 21, help="of the exact sampler")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    problem = load_problem(f"seesaw-{options.ordering}", {"network": {"file": options.network}})
    target = problem.target
    flow = load_network(problem)
    chart = conditioned_chart(target)
    n = options.draws
    exact = exact_draws(target, 2 * n, options.proposals)
    floor = told_apart(target, exact[:n], exact[n:])

    def draw(sampler: str, steps: int):
        own = NetworkOptions(sampler=sampler, steps=steps)
        return propose(flow, target, chart, n, options.seed, own, with_density=False)

    best = draw("rk4", 64).u
    around = chart.periodic

    table = Table(title=f"{target.model.name}: {n} raw draws of {flow.settings.path['name']}")
    for column in ("sampler", "steps", "evaluations", "accepted", "two-sample", "change", "CPU s"):
        table.add_column(column, justify="right")
    accepted = target.within_three_sigma(exact).mean()
    table.add_row("exact", "", "", f"{accepted:.4f}", f"{floor[0]:.3f} ± {floor[1]:.3f}", "", "")
    rows = []
    for sampler in SAMPLERS:
        for steps in STEPS[sampler]:
            if steps * EVALUATIONS[sampler] > options.most:
                continue
            start = time.process_time()
            raw = draw(sampler, steps)
            spent = time.process_time() - start
            inside = np.isfinite(raw.log_volume)
            theta = raw.theta[inside]
            share = float(target.within_three_sigma(theta).sum() / n)
            accuracy, error = told_apart(target, theta, exact[:n])
            gap = np.abs(raw.u - best)
            gap = np.where(around, np.minimum(gap, 1 - gap), gap)[:, chart.learned].max(axis=1)
            change = float("nan") if sampler == "ancestral" else float(np.median(gap))
            row = {
                "sampler": sampler,
                "steps": steps,
                "evaluations": steps * EVALUATIONS[sampler],
                "acceptance": share,
                "two_sample": accuracy,
                "two_sample_error": error,
                "change": change,
                "cpu_seconds": spent,
            }
            rows.append(row)
            print(row, flush=True)
            table.add_row(
                sampler,
                str(steps),
                str(row["evaluations"]),
                f"{share:.4f}",
                f"{accuracy:.3f} ± {error:.3f}",
                "" if np.isnan(change) else f"{change:.1e}",
                f"{spent:.1f}",
            )
    Console().print(table)
    write_json(
        RESULTS / f"network_steps_{options.ordering}.json",
        {
            "draws": n,
            "network_sha256": sha256(network_card(problem)),
            "exact": {"acceptance": accepted, "two_sample": floor[0], "error": floor[1]},
            "rows": rows,
        },
    )


if __name__ == "__main__":
    main()
