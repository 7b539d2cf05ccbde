"""Do the classical samplers agree? Draws and evidence of each beside the exact sampler's.

Medians and 5 and 95 % points of the heavy masses, sum m, m_ee, m_beta and delta, with the largest
deviation in Monte-Carlo standard errors, and the log-evidences.

    python benchmarks/samplers_agree.py --ordering no --methods smc nautilus emcee smc-parameters
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import nufit
from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.samplers.emcee_adapter import sample_emcee
from pontecorvo.samplers.exact import sample_exact
from pontecorvo.samplers.nautilus_adapter import sample_nautilus
from pontecorvo.samplers.smc import SMCSettings, sample_smc

RESULTS = Path(__file__).parent / "results"
LEVELS = np.array([0.05, 0.5, 0.95])

METHODS = {
    "smc": lambda t, n, s: sample_smc(t, n, s),
    "smc-parameters": lambda t, n, s: sample_smc(
        t, n, s, settings=SMCSettings(max_sweeps=2000), chart=t.raw_chart
    ),
    "nautilus": lambda t, n, s: sample_nautilus(t, n, s, live=1500),
    "emcee": lambda t, n, s: sample_emcee(t, n, s, steps=20_000),
}


def quantities(target, theta):
    """What is compared, by name."""
    predictions = target.model.predict(theta)
    result = {f"log10_M{i + 1}": theta[:, 18 + i] for i in range(3)}
    return result | {name: predictions[name] for name in ("sum_m", "m_ee", "m_beta", "delta_cp")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=["smc"])
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    target = Target(Seesaw(arguments.ordering), nufit(arguments.ordering))
    path = RESULTS / f"samplers_agree_{arguments.ordering}.json"
    table = json.loads(path.read_text()) if path.exists() else {}  # methods not run are kept
    reference = None
    for name in ("exact", *arguments.methods):
        sampler = METHODS.get(name, sample_exact)
        start = time.perf_counter()
        draws = sampler(target, arguments.draws, arguments.seed)
        seconds = time.perf_counter() - start
        values = quantities(target, draws.theta)
        points = {key: np.quantile(value, LEVELS) for key, value in values.items()}
        reference = reference or (values, draws)
        deviation = 0.0
        for key, value in values.items():
            # difference of the distribution functions at the exact sampler's quantiles
            exact_points = np.quantile(reference[0][key], LEVELS)
            reached = np.array([(value <= point).mean() for point in exact_points])
            error = np.sqrt(LEVELS * (1 - LEVELS) * (1 / draws.ess + 1 / reference[1].ess))
            deviation = max(deviation, float(np.max(np.abs(reached - LEVELS) / error)))
        error = np.hypot(draws.log_evidence_error, reference[1].log_evidence_error)
        table[name] = {
            "seconds": seconds,
            "log_evidence": draws.log_evidence,
            "log_evidence_error": draws.log_evidence_error,
            "evidence_deviation": abs(draws.log_evidence - reference[1].log_evidence) / error,
            "ess": draws.ess,
            "converged": draws.converged,
            "quantiles": {key: value.tolist() for key, value in points.items()},
            "largest_quantile_deviation": deviation,
            "notes": draws.notes,
        }
        print(
            f"{name:15s} {seconds:7.1f} s  ESS {draws.ess:8.0f}  converged {draws.converged!s:5s}  "
            f"ln Z {draws.log_evidence:8.4f} +- {draws.log_evidence_error:.4f}  "
            f"largest quantile deviation {deviation:.2f} sigma",
            flush=True,
        )
        for key, value in points.items():
            print(f"    {key:10s}" + "".join(f"{x:12.5g}" for x in value))
    write_json(path, table)


if __name__ == "__main__":
    main()
