"""Time of one point: the light scorer, and the likelihood that takes thousands at a time.

python benchmarks/scorer_speed.py
"""

import timeit

import numpy as np
from reference import RESULTS
from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_json
from pontecorvo.problems.flavour.score import scorer

CASES = (
    ("nufit-6.1", "gaussian"),
    ("nufit-6.1", "two-piece"),
    ("nufit-6.1", "table"),
    ("nufit-6.0 + juno-2026", "gaussian"),
    ("nufit-6.1 + sum_m + m_beta", "gaussian"),
)
NUMBER = 20_000


def main() -> None:
    table = Table("measurement", "likelihood", "scorer [us]", "one call [us]", "in 10,000 [us]")
    rows = []
    for name, shape in CASES:
        scoring = scorer(name, likelihood=shape)
        best = [q.central for q in scoring.measurement.quantities]
        row, many = np.array([best]), np.tile(best, (10_000, 1))
        likelihood = scoring.measurement.log_likelihood
        seconds = (
            min(timeit.repeat(lambda: scoring(best), number=NUMBER, repeat=5)) / NUMBER,  # noqa: B023
            min(timeit.repeat(lambda: likelihood(row), number=1000, repeat=5)) / 1000,  # noqa: B023
            min(timeit.repeat(lambda: likelihood(many), number=5, repeat=5)) / 50_000,  # noqa: B023
        )
        rows.append({"measurement": name, "likelihood": shape, "seconds": seconds})
        table.add_row(name, shape, *(f"{1e6 * value:.2f}" for value in seconds))
    Console().print(table)
    write_json(RESULTS / "scorer_speed.json", rows)


if __name__ == "__main__":
    main()
