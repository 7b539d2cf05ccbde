"""How often does each diagnostic raise the alarm, on right posteriors and on spoilt ones?

Posteriors that are known exactly (`diagnostics.test_posteriors`) are claimed right, too narrow
(0.7), too wide (1.4), shifted (0.75 standard deviations) or without one of two equal modes; drawn
directly, or reweighted from another proposal. Prints one table and writes
``benchmarks/results/diagnostics_alarm_rates[-NAME].json``. Rows that the file has already, measured
with the same settings and at least as many runs, are kept: a killed run goes on where it was.

    python benchmarks/diagnostics_alarm_rates.py --runs 200
    python benchmarks/diagnostics_alarm_rates.py --runs 200 --only "local C2ST" --name local
"""

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.base.progress import progress
from pontecorvo.diagnostics import test_posteriors as specimens
from pontecorvo.diagnostics.average import prior_back
from pontecorvo.diagnostics.classifier import ClassifierSettings
from pontecorvo.diagnostics.discriminant import PENALTY
from pontecorvo.diagnostics.expected_coverage import coverage
from pontecorvo.diagnostics.local_classifier import local_c2st
from pontecorvo.diagnostics.pull_moments import pulls
from pontecorvo.diagnostics.random_points import tarp
from pontecorvo.diagnostics.rank_uniformity import sbc
from pontecorvo.diagnostics.sample_distances import energy_distance, marginal_distances
from pontecorvo.diagnostics.two_sample import c2st
from pontecorvo.diagnostics.verdict import Verdict

PROPOSAL = specimens.Fault(width=1.3, shift=0.3)
DATA_SETS, DRAWS = 1000, 100
LOCAL_DRAWS, LOCAL_DATA_SETS = 50, 5
QUICK = ClassifierSettings(hidden=(24, 24), epochs=12, batch=256, rate=1e-2)
Run = Callable[[str, bool, int], Verdict]


def over_trials(check: Callable[..., Verdict]) -> Run:
    """A diagnostic of simulated data sets as a run."""

    def run(kind: str, weighted: bool, seed: int) -> Verdict:
        proposal = PROPOSAL if weighted else None
        trials = specimens.make_trials(kind, DATA_SETS, DRAWS, seed, proposal)
        return check(trials, seed=seed)

    return run


def at_one_data_set(check: Callable[..., Verdict], draws: int) -> Run:
    """A two-sample test of the claimed posterior against the right one as a run."""

    def run(kind: str, weighted: bool, seed: int) -> Verdict:
        rng = np.random.default_rng([seed, 1])
        data = specimens.simulate(1, rng)[1]
        right = specimens.draw(data, draws, specimens.FAULTS["right"], rng)[0]
        claimed, log_weights = _claimed(data, kind, weighted, draws, rng)
        own = None if log_weights is None else log_weights[0]
        return check(right, claimed[0], None, own, seed=seed)

    return run


def run_local(kind: str, weighted: bool, seed: int) -> Verdict:
    """The local classifier test at a few new data sets as a run."""
    proposal = PROPOSAL if weighted else None
    trials = specimens.make_trials(kind, DATA_SETS, LOCAL_DRAWS, seed, proposal)
    rng = np.random.default_rng([seed, 2])
    data = specimens.simulate(LOCAL_DATA_SETS, rng)[1]
    claimed, log_weights = _claimed(data, kind, weighted, 100, rng)
    return local_c2st(trials, data, claimed, log_weights, seed=seed)


def _claimed(
    data: np.ndarray, kind: str, weighted: bool, n: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray | None]:
    claim = specimens.FAULTS[kind]
    draws = specimens.draw(data, n, PROPOSAL if weighted else claim, rng)
    if not weighted:
        return draws, None
    log_p, log_q = (specimens.log_density(draws, data, fault) for fault in (claim, PROPOSAL))
    return draws, log_p - log_q


CHECKS: dict[str, Run] = {
    "SBC": over_trials(sbc),
    "expected coverage": over_trials(coverage),
    "TARP": over_trials(tarp),
    "TARP, uniform references": over_trials(partial(tarp, references="uniform")),
    "pulls": over_trials(pulls),
    "prior given back": over_trials(partial(prior_back, replicas=300)),
    "C2ST": at_one_data_set(partial(c2st, settings=QUICK), 900),
    "C2ST, products": at_one_data_set(partial(c2st, classifier="products"), 1000),
    "marginal distances": at_one_data_set(partial(marginal_distances, replicas=300), 1500),
    "energy distance": at_one_data_set(partial(energy_distance, replicas=300), 1200),
    "local C2ST": run_local,
}
SETTINGS = {
    "prior given back": f"{DATA_SETS} data sets of {DRAWS} draws, 300 swaps",
    "C2ST": "900 draws of each, two layers of 24, 12 epochs, folds dependent",
    "C2ST, products": "1000 draws of each, folds dependent",
    "marginal distances": "1500 draws of each, 300 replicas",
    "energy distance": "1200 draws of each, 300 replicas",
    "local C2ST": f"{DATA_SETS} data sets of {LOCAL_DRAWS} draws, tested at {LOCAL_DATA_SETS}, "
    f"penalty {PENALTY:g}",
}
"""How each check was set; those not named here: DATA_SETS data sets of DRAWS draws."""


def measure(check: str, kind: str, weighted: bool, runs: int) -> dict[str, Any]:
    """Share of runs that raise the alarm, and seconds of processor time a run."""
    start = time.process_time()
    verdicts = [CHECKS[check](kind, weighted, seed) for seed in range(runs)]
    p_values = np.array([v.p_value for v in verdicts], dtype=float)
    return {
        "alarms": float(np.mean([not v.passed for v in verdicts])),
        "alarms_at_0.05": float(np.mean(p_values < 0.05)),
        "runs": runs,
        "cpu_seconds_a_run": (time.process_time() - start) / runs,
        "settings": SETTINGS.get(check, f"{DATA_SETS} data sets of {DRAWS} draws"),
    }


def known_rows(path: Path) -> list[dict[str, Any]]:
    """Rows that were measured before and are still what would be measured."""
    rows = json.loads(path.read_text())["rows"] if path.is_file() else []
    standard = f"{DATA_SETS} data sets of {DRAWS} draws"
    return [r for r in rows if r.get("settings") == SETTINGS.get(r["check"], standard)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--only", choices=list(CHECKS), nargs="*", default=list(CHECKS))
    parser.add_argument("--kinds", choices=list(specimens.FAULTS), nargs="*")
    parser.add_argument("--weights", choices=["no", "yes", "both"], default="both")
    parser.add_argument("--name", default="")
    options = parser.parse_args()
    kinds = options.kinds or list(specimens.FAULTS)
    ways = {"no": [False], "yes": [True], "both": [False, True]}[options.weights]
    suffix = f"-{options.name}" if options.name else ""
    out = Path(__file__).parent / "results" / f"diagnostics_alarm_rates{suffix}.json"
    print(f"{'alarms at p < 0.01, per cent':38}" + "".join(f"{kind:>14}" for kind in kinds))
    rows = known_rows(out)
    with progress("alarm rates", total=len(options.only) * len(ways) * len(kinds)) as advance:
        for check in options.only:
            for weighted in ways:
                line = f"{check + (', weighted' if weighted else ''):38}"
                for kind in kinds:
                    key = {"check": check, "weighted": weighted, "kind": kind}
                    same = [r for r in rows if key.items() <= r.items()]
                    done = [r for r in same if r["runs"] >= options.runs]
                    if not done:
                        done = [{**key, **measure(check, kind, weighted, options.runs)}]
                        rows = [r for r in rows if r not in same] + done
                        write_json(out, {"rows": rows})
                    line += f"{100 * done[0]['alarms']:14.1f}"
                    advance(note=f"{check}, {kind}")
                print(line, flush=True)


if __name__ == "__main__":
    main()
