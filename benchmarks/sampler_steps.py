"""Steps against quality for every sampler on every path, on a mixture whose field is exact.

No network: what is measured is the sampler alone. Each row is the worst Kolmogorov-Smirnov distance
over the coordinates, and the accuracy of a nearest-neighbour two-sample test (0.5 is perfect), for
draws against exact ones; `noise` is what exact draws themselves score.

    python benchmarks/sampler_steps.py [--draws 2000] [--quick]
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from scipy.spatial import cKDTree
from scipy.stats import ks_2samp

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from analytic_field import MixtureField
from pontecorvo.base.files import write_json
from pontecorvo.flows.noise_schedules import draw_base, make_path
from pontecorvo.flows.ode_samplers import EVALUATIONS, SAMPLERS, run_sampler

STEPS = [4, 8, 16, 32, 64, 128, 256, 1000]


def two_sample(a: np.ndarray, b: np.ndarray) -> float:
    """Share of points whose nearest neighbour is from their own set (1/2 if they are alike)."""
    both = np.concatenate([a, b])
    label = np.repeat([0, 1], [len(a), len(b)])
    _, near = cKDTree(both).query(both, k=2)
    return float((label[near[:, 1]] == label).mean())


def score(draws: np.ndarray, exact: np.ndarray) -> tuple[float, float]:
    worst = max(ks_2samp(draws[:, i], exact[:, i]).statistic for i in range(draws.shape[1]))
    return worst, two_sample(draws, exact)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--quick", action="store_true", help="at most 64 steps")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    dim, parts = 4, 6
    weights = np.full(parts, 1 / parts)
    means = rng.normal(size=(parts, dim))
    means *= 0.9 / means.std()
    scales = rng.uniform(0.15, 0.5, (parts, dim))
    rows = []
    console = Console()
    for name in ("flow-matching", "vp", "ve"):
        field = MixtureField(make_path(name), weights, means, scales)
        exact = field.sample(options.draws, 1).numpy()
        floor = score(field.sample(options.draws, 2).numpy(), exact)
        table = Table(title=f"{name}: {dim}-d mixture, {options.draws} draws")
        for column in ("sampler", "steps", "evaluations", "KS", "two-sample", "s"):
            table.add_column(column, justify="right")
        table.add_row("exact draws", "", "", f"{floor[0]:.3f}", f"{floor[1]:.3f}", "")
        for sampler in SAMPLERS:
            for steps in STEPS:
                evaluations = steps * EVALUATIONS[sampler]
                if evaluations > (64 if options.quick else 1024):
                    continue
                shape = (options.draws, dim)
                noise = draw_base(
                    shape, field.path, field.periodic, torch.Generator().manual_seed(3)
                )
                eta = 1.0 if sampler == "ancestral" else 0.0
                start = time.process_time()
                with torch.inference_mode():
                    draws = run_sampler(field, noise, sampler, steps, eta, 4).double().numpy()
                spent = time.process_time() - start
                distance, accuracy = score(draws, exact)
                rows.append(
                    {
                        "path": name,
                        "sampler": sampler,
                        "steps": steps,
                        "evaluations": evaluations,
                        "ks": distance,
                        "two_sample": accuracy,
                        "noise": floor,
                    }
                )
                table.add_row(
                    sampler,
                    str(steps),
                    str(evaluations),
                    f"{distance:.3f}",
                    f"{accuracy:.3f}",
                    f"{spent:.1f}",
                )
        console.print(table)
    target = Path(__file__).parent / "results" / "sampler_steps.json"
    write_json(target, {"draws": options.draws, "rows": rows})


if __name__ == "__main__":
    main()
