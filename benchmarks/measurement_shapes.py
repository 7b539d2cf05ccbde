"""What a chi2 table changes beside the normal with its errors, by the shipped networks.

Each row is a measurement of the library as a likelihood: weighted draws of the shipped network,
their effective sample size, the network's raw acceptance, the log-evidence, and the posterior
probability that theta23 lies above 45 degrees.

    python benchmarks/measurement_shapes.py [--draws 4000] [--seed 0]
"""

import argparse

import numpy as np
from reference import RESULTS
from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_json
from pontecorvo.base.weights import normalised
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.measurements.named import named
from pontecorvo.problems.flavour.nufit import OSCILLATION
from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.methods import sampler_of

CASES = (
    ("nufit-6.0", "gaussian", False),
    ("nufit-6.1", "gaussian", False),
    ("nufit-6.1", "table", False),
    ("nufit-6.1", "table", True),
    ("nufit-6.1:without-sk", "table", True),
    ("nufit-6.0 + juno-2026", "gaussian", False),
    ("nufit-6.1 + sum_m:w0wa + m_ee", "gaussian", False),
)


def one(ordering: str, name: str, shape: str, delta: bool, draws: int, seed: int) -> dict:
    problem = load_problem(f"seesaw-{ordering}")
    names = (*OSCILLATION, "delta_cp") if delta else None
    measured = named(name, ordering, names=names, shape=shape)
    own = problem.target.model
    target = Target(Seesaw(ordering, own.prior_settings, own.vev, measured.names), measured)
    found = sampler_of(problem, "network")(target, draws, seed, None)
    upper = target.model.predict(found.theta)["sin2_theta23"] > 0.5
    return {
        "ordering": ordering,
        "measurement": name,
        "likelihood": shape,
        "delta": delta,
        "draws": draws,
        "ess": found.ess,
        "raw_acceptance": found.raw_acceptance,
        "k_hat": found.notes["k_hat"],
        "log_evidence": found.log_evidence,
        "log_evidence_error": found.log_evidence_error,
        "upper_octant": float(normalised(found.log_weight) @ np.asarray(upper, float)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    table = Table("ordering", "measurement", "likelihood", "ESS", "raw", "ln Z", "P(upper octant)")
    rows = []
    for ordering in ("no", "io"):
        for name, shape, delta in CASES:
            row = one(ordering, name, shape, delta, asked.draws, asked.seed)
            rows.append(row)
            table.add_row(
                ordering,
                name,
                shape + (" with delta" if delta else ""),
                f"{row['ess']:.0f}",
                f"{row['raw_acceptance']:.3f}",
                f"{row['log_evidence']:.2f} +- {row['log_evidence_error']:.2f}",
                f"{row['upper_octant']:.3f}",
            )
    Console().print(table)
    write_json(RESULTS / "measurement_shapes.json", rows)


if __name__ == "__main__":
    main()
