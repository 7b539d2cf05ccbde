"""Are the sterile networks true? FMPE, NPSE and the chart without a network, beside the exact grid.

For calibration there is `pontecorvo check sterile`. Prints a table, writes
benchmarks/results/sterile_neural_compare.json.

    python benchmarks/sterile_neural.py compare

Options: --networks FOLDER, --keep FOLDER (finished pieces; taken up again), --sets N, --seed N.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from plane_grid_checks import (
    at_data,
    compare,
    describe_comparison,
    exact_reference,
)

from pontecorvo.base import files
from pontecorvo.base.seeds import stream
from pontecorvo.problems.sterile.fits import Settings, sets_of
from pontecorvo.problems.sterile.neural.bundle import SHIPPED as NETWORKS
from pontecorvo.problems.sterile.neural.bundle import Bundle, load_bundle
from pontecorvo.problems.sterile.neural.embedding import Embedding
from pontecorvo.problems.sterile.neural.interface import NeuralDraws
from pontecorvo.problems.sterile.neural.trained_settings import trained_experiments

RESULTS = Path(__file__).parent / "results"


def write(part: str, content: dict[str, Any]) -> None:
    """Write the results; those of other networks, measured in another call, stay."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"sterile_neural_{part}.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    files.write_json(path, kept | content)


@dataclass(frozen=True)
class ChartAlone:
    """The posterior that the closed-form map alone gives: uniform numbers through the chart."""

    embedding: Embedding

    def draw(
        self, data: np.ndarray, n: int, seed: int, active: Sequence[str] | None = None
    ) -> NeuralDraws:
        """n draws at one data set (B,), with their density."""
        known = self.embedding(data, self.embedding.maps.names if active is None else active)
        unit = stream(seed, "chart alone").random((1, n, 2))
        charted = self.embedding.chart.from_unit(known.maps, unit)
        return NeuralDraws(charted.points[0], charted.log_density[0])


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
    for kind, posterior in {"chart": ChartAlone(bundle.embedding), **bundle.posteriors}.items():
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["compare"])
    parser.add_argument("--networks", type=Path, default=NETWORKS)
    parser.add_argument("--keep", type=Path, default=Path("sterile-neural-pieces"))
    parser.add_argument("--kinds", default="fmpe,npse")
    parser.add_argument("--sets", type=int)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--cards", action="store_true", help="write it into the networks' cards")
    args = parser.parse_args()
    args.keep.mkdir(parents=True, exist_ok=True)
    known = json.loads((args.networks / "embedding.json").read_text())["experiments"]
    kinds = [k for k in args.kinds.split(",") if (args.networks / f"{k}.json").exists()]
    bundle = load_bundle(args.networks, trained_experiments(args.networks, known), kinds)
    run_compare(bundle, args)


if __name__ == "__main__":
    main()
