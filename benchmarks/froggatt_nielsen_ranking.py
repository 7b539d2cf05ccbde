"""Froggatt-Nielsen charge assignments ranked by evidence, and how long that takes.

    python benchmarks/froggatt_nielsen_ranking.py --out DIR [--limit 200] [--jobs 2]

Killed at any moment, the same command goes on where it was.
"""

import argparse
import time
from pathlib import Path

from pontecorvo.problems.froggatt_nielsen import family
from pontecorvo.study.evidence import Candidate
from pontecorvo.study.ranking import compare, comparison_text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--jobs", type=int)
    arguments = parser.parse_args()
    candidates = [Candidate(label, *member) for label, member in family(arguments.limit).items()]
    start = time.perf_counter()
    rows = compare(candidates, arguments.out, jobs=arguments.jobs)
    print(comparison_text(rows))
    print(f"{len(rows)} assignments in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
