"""How often does each diagnostic raise the alarm, on right posteriors and on spoilt ones?

Posteriors that are known exactly (`pontecorvo.diagnostics.specimens`) are claimed right, too narrow
(0.7), too wide (1.4), shifted (0.75 standard deviations) or without one of two equal modes; drawn
directly, or reweighted from another proposal. Prints one table and writes
``benchmarks/results/diagnostics_alarm_rates[-NAME].json``.

    python benchmarks/diagnostics_alarm_rates.py --runs 200
    python benchmarks/diagnostics_alarm_rates.py --runs 200 --only "local C2ST" --name local
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.base.progress import progress
from pontecorvo.diagnostics import specimens
from pontecorvo.diagnostics.classifier import TrainSettings
from pontecorvo.diagnostics.coverage import coverage
from pontecorvo.diagnostics.local_c2st import local_c2st
from pontecorvo.diagnostics.pulls import pulls
from pontecorvo.diagnostics.sample_distances import energy_distance, marginal_distances
from pontecorvo.diagnostics.sbc import sbc
from pontecorvo.diagnostics.tarp import tarp
from pontecorvo.diagnostics.two_sample import c2st
from pontecorvo.diagnostics.verdict import Verdict

PROPOSAL = specimens.Fault(width=1.3, shift=0.3)
DATA_SETS, DRAWS, TWO_SAMPLE_DRAWS = 1000, 100, 2000
LOCAL_TRIALS, LOCAL_DATA_SETS = 1000, 5
Run = Callable[[str, bool, int], Verdict]


def over_trials(check: Callable[..., Verdict]) -> Run:
    """A diagnostic of simulated data sets as a run."""

    def run(kind: str, weighted: bool, seed: int) -> Verdict:
        proposal = PROPOSAL if weighted else None
        trials = specimens.make_trials(kind, DATA_SETS, DRAWS, seed, proposal)
        return check(trials, seed=seed)

    return run


def at_one_data_set(check: Callable[..., Verdict]) -> Run:
    """A two-sample test of the claimed posterior against the right one as a run."""

    def run(kind: str, weighted: bool, seed: int) -> Verdict:
        rng = np.random.default_rng([seed, 1])
        data = specimens.simulate(1, rng)[1]
        right = specimens.draw(data, TWO_SAMPLE_DRAWS, specimens.FAULTS["right"], rng)[0]
        claimed, log_weights = _claimed(data, kind, weighted, TWO_SAMPLE_DRAWS, rng)
        own = None if log_weights is None else log_weights[0]
        return check(right, claimed[0], None, own, seed=seed)

    return run


def run_local(kind: str, weighted: bool, seed: int) -> Verdict:
    """The local classifier test at a few new data sets as a run."""
    proposal = PROPOSAL if weighted else None
    trials = specimens.make_trials(kind, LOCAL_TRIALS, DRAWS, seed, proposal)
    rng = np.random.default_rng([seed, 2])
    data = specimens.simulate(LOCAL_DATA_SETS, rng)[1]
    claimed, log_weights = _claimed(data, kind, weighted, 200, rng)
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
    "C2ST": at_one_data_set(partial(c2st, settings=TrainSettings((32, 32), 25, 256))),
    "marginal distances": at_one_data_set(marginal_distances),
    "energy distance": at_one_data_set(partial(energy_distance, max_draws=1000)),
    "local C2ST": run_local,
}


def measure(check: str, kind: str, weighted: bool, runs: int) -> dict[str, float]:
    """Share of runs that raise the alarm, and seconds a run."""
    start = time.perf_counter()
    verdicts = [CHECKS[check](kind, weighted, seed) for seed in range(runs)]
    p_values = np.array([v.p_value for v in verdicts], dtype=float)
    return {
        "alarms": float(np.mean([not v.passed for v in verdicts])),
        "alarms_at_0.05": float(np.mean(p_values < 0.05)),
        "runs": runs,
        "seconds_a_run": (time.perf_counter() - start) / runs,
    }


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
    rows = []
    with progress("alarm rates", total=len(options.only) * len(ways) * len(kinds)) as advance:
        for check in options.only:
            for weighted in ways:
                line = f"{check + (', weighted' if weighted else ''):38}"
                for kind in kinds:
                    result = measure(check, kind, weighted, options.runs)
                    rows.append({"check": check, "weighted": weighted, "kind": kind, **result})
                    line += f"{100 * result['alarms']:14.1f}"
                    advance(note=f"{check}, {kind}")
                    settings = {
                        "data_sets": DATA_SETS,
                        "draws": DRAWS,
                        "two_sample_draws": TWO_SAMPLE_DRAWS,
                        "local_trials": LOCAL_TRIALS,
                        "local_data_sets": LOCAL_DATA_SETS,
                    }
                    write_json(out, {"settings": settings, "rows": rows})
                print(line, flush=True)


if __name__ == "__main__":
    main()
