"""How often `explain` finds planted structure, and how often it finds some where there is none.

Each run draws a fresh prior and a fresh posterior, with weights. Asked for: structure found in at
least 95 % of runs, false alarms in at most 5 %.

    python benchmarks/structure_found.py --runs 100
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path

from scipy.stats import beta

from pontecorvo.base.files import write_json
from pontecorvo.base.seeds import stream
from pontecorvo.problems.flavour.structure.explain import explain
from pontecorvo.problems.flavour.structure.planted import PLANTED

RESULTS = Path(__file__).parent / "results"


def count(planted, runs, posterior_draws, prior_draws, seed):
    """Successes, and the names of everything reported as structure with their counts."""
    right, names = 0, Counter()
    for run in range(runs):
        rng = stream(seed, "structure", planted.name, run)
        posterior = planted.posterior(posterior_draws, rng)
        findings = explain(posterior, planted.prior(prior_draws, rng), planted.measured)
        right += planted.success(findings)
        names.update(findings.found)
    return right, names


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--posterior", type=int, default=1000, help="posterior draws")
    parser.add_argument("--prior", type=int, default=4000, help="prior draws")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", help="names of kinds; the rest of the file is kept")
    options = parser.parse_args()
    path = RESULTS / "structure_found.json"
    kept = json.loads(path.read_text())["planted"] if options.only and path.exists() else {}
    rows = {p.name: kept[p.name] for p in PLANTED if p.name in kept}
    for planted in PLANTED:
        if options.only and planted.name not in options.only:
            continue
        start = time.perf_counter()
        right, names = count(planted, options.runs, options.posterior, options.prior, options.seed)
        rows[planted.name] = {
            "runs": options.runs,
            "right": right,
            "interval_95": [
                float(beta.ppf(0.025, right, options.runs - right + 1)) if right else 0.0,
                float(beta.ppf(0.975, right + 1, options.runs - right))
                if right < options.runs
                else 1.0,
            ],
            "reported": dict(names.most_common(12)),
            "seconds": time.perf_counter() - start,
        }
        print(
            f"{planted.name}: right in {right} of {options.runs} runs",
            names.most_common(3),
            flush=True,
        )
    about = {k: v for k, v in vars(options).items() if k not in ("only", "runs")}
    write_json(path, {**about, "planted": rows})


if __name__ == "__main__":
    main()
