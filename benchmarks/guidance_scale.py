"""Guidance scale from 0 to 12: acceptance, diversity, ESS, k-hat and coverage.

A scale of one is the conditional density; the founding paper generates at eight. For every scale,
with the same network and the same noise: raw acceptance (five observables and the prior; all eleven
labels beside it), diversity (spread over the exact posterior's, `reference.diversity`), the worth
of the draws as proposals for the true posterior (ESS/N and k-hat of exact weights, the guided
field's own density), and how much of the exact posterior lies in the draws' central 68 and 95 %
intervals.

    python benchmarks/guidance_scale.py [--ordering no] [--network CARD.json] [--draws 2048]
"""

import argparse
import time
from pathlib import Path

import numpy as np
from reference import RESULTS, diversity, exact_draws, interval_coverage, told_apart
from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import sha256, write_json
from pontecorvo.samplers.correction import correct
from pontecorvo.sbi.amortised import NetworkOptions, conditioned_chart, propose
from pontecorvo.study.amortised_network import load_network, network_card
from pontecorvo.study.catalog import load_problem

SCALES = [0.0, 0.5, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--network", type=Path, help="card of a network; the shipped one")
    parser.add_argument("--draws", type=int, default=2048)
    parser.add_argument("--proposals", type=int, default=1 << 21, help="of the exact sampler")
    parser.add_argument("--scales", type=float, nargs="*", default=SCALES)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    problem = load_problem(f"seesaw-{options.ordering}", {"network": {"file": options.network}})
    target = problem.target
    flow = load_network(problem)
    chart = conditioned_chart(target)
    n = options.draws
    exact = exact_draws(target, 2 * n, options.proposals)
    table = Table(title=f"{target.model.name}: {n} draws a scale")
    heads = ("scale", "accepted", "11 labels", "in prior", "diversity", "ESS/N", "k-hat")
    for column in (*heads, "two-sample", "68 %: mean, least", "95 %: mean, least", "CPU s"):
        table.add_column(column, justify="right")
    rows = []
    for scale in options.scales:
        start = time.process_time()
        raw = propose(flow, target, chart, n, options.seed, NetworkOptions(guidance=scale))
        spent = time.process_time() - start
        inside = np.isfinite(raw.log_volume)
        theta = raw.theta[inside]
        log_target = np.full(n, -np.inf)
        log_target[inside] = raw.log_volume[inside] + target.log_likelihood(theta)
        weights = correct(log_target, raw.log_q)
        eleven = target.model.acceptances(theta)["eleven_labels"]
        row = {
            "scale": scale,
            "acceptance": float(target.within_three_sigma(theta).sum() / n),
            "eleven_labels": float(eleven.sum() / n),
            "in_prior": float(inside.mean()),
            "diversity": diversity(target, theta, exact),
            "ess_fraction": weights.efficiency,
            "k_hat": weights.k_hat,
            "log_evidence": weights.log_evidence,
            "log_evidence_error": weights.log_evidence_error,
            "two_sample": told_apart(target, theta, exact[:n]),
            "coverage_68": interval_coverage(target, theta, exact, 0.68),
            "coverage_95": interval_coverage(target, theta, exact, 0.95),
            "cpu_seconds": spent,
            "density_error": raw.notes["density"]["log_density_median"],
        }
        rows.append(row)
        print(row, flush=True)
        table.add_row(
            f"{scale:g}",
            f"{row['acceptance']:.4f}",
            f"{row['eleven_labels']:.4f}",
            f"{row['in_prior']:.4f}",
            f"{row['diversity']:.3f}",
            f"{row['ess_fraction']:.3f}",
            f"{row['k_hat']:.2f}",
            f"{row['two_sample'][0]:.3f}",
            "{:.3f}, {:.3f}".format(*row["coverage_68"]),
            "{:.3f}, {:.3f}".format(*row["coverage_95"]),
            f"{spent:.1f}",
        )
    Console().print(table)
    write_json(
        RESULTS / f"guidance_scale_{options.ordering}.json",
        {
            "draws": n,
            "network_sha256": sha256(network_card(problem)),
            "rows": rows,
        },
    )


if __name__ == "__main__":
    main()
