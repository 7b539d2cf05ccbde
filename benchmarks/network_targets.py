"""The shipped networks against the exact posterior: acceptance, ESS/N, evidence, C2ST, seconds.

The exact sampler (another seed) runs in the same program. C2ST is given on the parameters (Y, log10
M, phases) and on the predictions, by the perceptron and by trees, for raw and for weighted draws,
beside that of a second exact run, which is what chance looks like. Seconds are those of the command
line, loading included.

    python benchmarks/network_targets.py --ordering no
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.diagnostics.two_sample import c2st
from pontecorvo.samplers.correction import correct, resample
from pontecorvo.samplers.exact import sample_exact
from pontecorvo.sbi.amortised import NetworkOptions, conditioned_chart, propose
from pontecorvo.study.amortised_network import load_network
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.what_if import RAW_STEPS

RESULTS = Path(__file__).parent / "results"


def views(target, theta):
    """Parameters and predictions as matrices."""
    predictions = target.model.predict(theta)
    return {"parameters": theta, "predictions": np.stack(list(predictions.values()), axis=1)}


def seconds_of(*command):
    """Wall time of a command in a fresh interpreter."""
    start = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    subprocess.run(
        [sys.executable, "-m", "pontecorvo", *command],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--draws", type=int, default=10_000)
    arguments = parser.parse_args()
    n, study = arguments.draws, f"seesaw-{arguments.ordering}"
    problem = load_problem(study)
    target = problem.target
    flow, chart = load_network(problem), conditioned_chart(target)

    exact = sample_exact(target, n, seed=101)
    second = sample_exact(target, n, seed=102)
    raw = propose(flow, target, chart, n, 11, NetworkOptions(steps=RAW_STEPS), with_density=False)
    dense = propose(flow, target, chart, n, 12)
    inside = np.isfinite(dense.log_volume)
    log_target = np.full(n, -np.inf)
    log_target[inside] = dense.log_volume[inside] + target.log_likelihood(dense.theta[inside])
    weights = correct(log_target, dense.log_q)
    rows = resample(weights.weights, int(weights.ess), 13)
    good = np.isfinite(raw.log_volume)
    eleven = target.model.acceptances(raw.theta[good])["eleven_labels"].sum() / n
    difference = weights.log_evidence - exact.log_evidence
    sigma = np.hypot(weights.log_evidence_error, exact.log_evidence_error)
    result = {
        "study": study,
        "draws": n,
        "load_average": os.getloadavg()[0],
        "raw_acceptance": target.within_three_sigma(raw.theta[good]).sum() / n,
        "raw_acceptance_eleven_labels": eleven,
        "exact_acceptance": target.within_three_sigma(exact.theta).mean(),
        "exact_acceptance_eleven_labels": target.model.acceptances(exact.theta)[
            "eleven_labels"
        ].mean(),
        "efficiency": weights.efficiency,
        "k_hat": weights.k_hat,
        "log_evidence": weights.log_evidence,
        "log_evidence_error": weights.log_evidence_error,
        "exact_log_evidence": exact.log_evidence,
        "exact_log_evidence_error": exact.log_evidence_error,
        "log_evidence_difference_in_sigma": difference / sigma,
    }
    reference = views(target, exact.theta)
    sets = {
        "second exact run": views(target, second.theta),
        "raw": views(target, raw.theta[good]),
        "weighted": views(target, dense.theta),
        "resampled": views(target, dense.theta[rows]),
    }
    for name, view in sets.items():
        for kind in ("network", "trees"):
            for part in ("parameters", "predictions"):
                log_w = (
                    np.where(inside, weights.log_weights, -np.inf) if name == "weighted" else None
                )
                verdict = c2st(
                    view[part], reference[part], log_weights_x=log_w, classifier=kind, seed=5
                )
                key = f"c2st {name}, {part}, {kind}"
                result[key] = verdict.values["accuracy"]
                result[key + " error"] = verdict.values["error"]
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "raw.nc")
        result["seconds_raw_command"] = seconds_of(
            "sample", study, "--raw", "--draws", str(int(n * 1.03)), "--out", out
        )
        result["seconds_weighted_command"] = seconds_of("sample", study, "--draws", str(n))
    for name, value in result.items():
        print(f"{name:55s} {value if isinstance(value, (str, int)) else format(value, '.5g')}")
    write_json(RESULTS / f"network_targets_{arguments.ordering}.json", result)


if __name__ == "__main__":
    main()
