"""Truncated rounds with flows, beside the unaccounted fine-tuning ("transfer learning").

Two problems whose posteriors are known: a noisy copy, x = u + 0.1 noise (the posterior is normal
with width 0.1), and the two moons (arXiv:1905.07488; the posterior is drawn exactly). Each is run
by flow matching, by diffusion and by score matching, with truncated, reweighted and naive rounds.
`width` is the standard deviation over the exact one, after each round's number in the heading; the
naive rounds should give 1/sqrt(rounds) on the copy (docs/truncated-rounds.md, equation 6). For the
moons: the classifier two-sample test against exact draws.

    python benchmarks/rounds_bias.py [--rounds 3] [--simulations 4000] [--steps 2000]
"""

import argparse
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_json
from pontecorvo.diagnostics.two_sample import c2st
from pontecorvo.flows.flow_settings import TrainSettings
from pontecorvo.sbi.flow_estimator import FlowEstimator, make_settings
from pontecorvo.sbi.rounds import RoundSettings, run_rounds
from pontecorvo.sbi.truncation import CubeProblem

SIGMA = 0.1
KINDS = ("flow-matching", "diffusion", "npse")


def noisy_copy(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return u + SIGMA * rng.standard_normal(u.shape)


def _moon(n: int, rng: np.random.Generator) -> np.ndarray:
    angle, radius = rng.uniform(-np.pi / 2, np.pi / 2, n), 0.1 + 0.01 * rng.standard_normal(n)
    return np.column_stack([radius * np.cos(angle) + 0.25, radius * np.sin(angle)])


def moons(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    theta = 2 * u - 1
    first = -np.abs(theta.sum(axis=1)) / np.sqrt(2)
    second = (theta[:, 1] - theta[:, 0]) / np.sqrt(2)
    return _moon(len(u), rng) + np.column_stack([first, second])


def exact_moons(observed: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Exact posterior draws: the noise is drawn, and what is left is solved for."""
    parts: list[np.ndarray] = []
    while sum(map(len, parts)) < n:
        first, second = (observed - _moon(4 * n, rng)).T
        total = -first * np.sqrt(2) * rng.choice([-1, 1], 4 * n)
        gap = second * np.sqrt(2)
        u = (np.column_stack([total - gap, total + gap]) / 2 + 1) / 2
        parts.append(u[(first <= 0) & np.all((u >= 0) & (u <= 1), axis=1)])
    return np.concatenate(parts)[:n]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--simulations", type=int, default=4000)
    parser.add_argument("--steps", type=int, default=2000, help="of each training")
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    train = TrainSettings(
        steps=options.steps, batch=256, learning_rate=2e-3, ema=0.99, warmup=100, dropout=0.0
    )
    exact = exact_moons(np.zeros(2), options.draws, np.random.default_rng(5))
    table = Table(title=f"{options.rounds} rounds of {options.simulations} simulations")
    for column in (
        "estimator",
        "rounds",
        "copy: width",
        "mean / sigma",
        "moons: two-sample",
        "CPU s",
    ):
        table.add_column(column, justify="left" if column in ("estimator", "rounds") else "right")
    rows = []
    for kind in options.kinds.split(","):
        for proposal in ("truncated", "reweighted", "naive"):
            start = time.process_time()

            def run(dim: int, simulator, observed: np.ndarray, scale: float):
                return run_rounds(
                    CubeProblem(dim, simulator),
                    observed,
                    lambda number, previous: FlowEstimator(dim, make_settings(kind), train),  # noqa: B023
                    RoundSettings(
                        rounds=options.rounds,
                        simulations=options.simulations,
                        threshold_draws=2000,
                        proposal=proposal,  # noqa: B023
                        seed=options.seed,
                    ),
                    discrepancy=lambda x: np.sum(((x - observed) / scale) ** 2, axis=1),
                    cut=9.0,
                ).sample(options.draws, 1)

            copy = run(1, noisy_copy, np.array([0.5]), SIGMA)[:, 0]
            verdict = c2st(run(2, moons, np.zeros(2), 0.1), exact)
            row = {
                "estimator": kind,
                "proposal": proposal,
                "width": float(copy.std() / SIGMA),
                "mean": float((copy.mean() - 0.5) / SIGMA),
                "moons_two_sample": verdict.values["accuracy"],
                "moons_two_sample_error": verdict.values["error"],
                "cpu_seconds": time.process_time() - start,
            }
            rows.append(row)
            table.add_row(
                kind,
                proposal,
                f"{row['width']:.3f}",
                f"{row['mean']:+.3f}",
                f"{row['moons_two_sample']:.3f} ± {row['moons_two_sample_error']:.3f}",
                f"{row['cpu_seconds']:.0f}",
            )
            print(row, flush=True)
    Console().print(table)
    print(f"naive rounds, expected width on the copy: {1 / np.sqrt(options.rounds):.3f}")
    settings = {k: getattr(options, k) for k in ("rounds", "simulations", "steps", "draws", "seed")}
    write_json(
        Path(__file__).parent / "results" / "rounds_bias.json", {"settings": settings, "rows": rows}
    )


if __name__ == "__main__":
    main()
