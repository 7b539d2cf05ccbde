"""The statements of a sterile study: preferences, tensions, and published numbers beside them.

    python benchmarks/sterile_statements.py [--experiments NAMES] [--trials 20000]

The same numbers as in a report of `pontecorvo run sterile`, without belts and figures.
"""

import argparse
import time
from pathlib import Path

from pontecorvo.base import files
from pontecorvo.base.progress import progress
from pontecorvo.problems.sterile.experiment_registry import SHIPPED, Setting, load_experiments
from pontecorvo.problems.sterile.fits import Settings, sets_of, tensions
from pontecorvo.problems.sterile.report import fit_tables as tables
from pontecorvo.problems.sterile.statements import statements

RESULTS = Path(__file__).parent / "results" / "sterile_statements.json"


def show(head: tuple[str, ...], rows: list[list[str]]) -> None:
    print(" | ".join(head))
    for row in rows:
        print(" | ".join(row))
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", default=SHIPPED)
    parser.add_argument("--trials", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start, cpu = time.perf_counter(), time.process_time()
    settings = Settings(
        tail_trials=options.trials, goodness_trials=options.trials, seed=options.seed
    )
    fits = sets_of(load_experiments(options.experiments), settings)
    with progress("tension between sets") as advance:
        tension = tensions(fits, advance)
    show(tables.TENSION_HEAD, tables.tension_rows(tension))
    rows = tables.fit_rows(fits)
    show(tables.FIT_HEAD, rows)
    said = statements(fits, tension, Setting())
    show(tables.PUBLISHED_HEAD, tables.statement_rows(said))
    files.write_json(
        RESULTS,
        {
            "trials": options.trials,
            "seed": options.seed,
            "seconds": time.perf_counter() - start,
            "cpu_seconds": time.process_time() - cpu,
            "tension": [dict(zip(tables.TENSION_HEAD, r, strict=True))
                        for r in tables.tension_rows(tension)],
            "fits": [dict(zip(tables.FIT_HEAD, r, strict=True)) for r in rows],
            "published": [dict(zip(tables.PUBLISHED_HEAD, r, strict=True))
                          for r in tables.statement_rows(said)],
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
