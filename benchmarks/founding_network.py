"""What a network of the founding paper's recipe is as a density: of the prior, and as a proposal.

    python benchmarks/founding_network.py NETWORK.json [--name first] [--draws 512]

Two questions. Does the unguided network (scale 0) reproduce the prior: Kolmogorov and Smirnov's
test of each of the 23 parameters and of the labels, and a classifier two-sample test (0.5: cannot
be told apart). And what is the conditional one (scale 1) as the proposal of an exact posterior: its
draws with their exact density, weighted as they are, and carried by the lift, whose volume factor
goes into the weights. Results by name in results/founding_network.json.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import ks_2samp

from pontecorvo.base.errors import InputError
from pontecorvo.base.files import write_json
from pontecorvo.base.seeds import stream
from pontecorvo.diagnostics.two_sample import c2st
from pontecorvo.flows.conditional_flow import ConditionalFlow
from pontecorvo.problems.founding_paper.labels import from_box, judged
from pontecorvo.problems.founding_paper.settings import FoundingSettings
from pontecorvo.samplers.correction import correct
from pontecorvo.sbi.lift.lift import LiftSettings
from pontecorvo.sbi.lift.mend import mend

RESULTS = Path(__file__).parent / "results" / "founding_network.json"
EXACT = Path(__file__).parent / "results" / "blind_scan_no.json"  # holds the exact evidence
_LIFT = LiftSettings(eps=1e-3)


def prior_reproduced(flow: ConditionalFlow, settings: FoundingSettings, n: int) -> dict[str, Any]:
    """The unguided network against draws of the prior."""
    target = settings.target()
    labels, prior = settings.labels(target.model), target.model.prior
    wanted = labels.condition(labels.wanted[None])[0]
    u = flow.sample(wanted, n, 5, sampler="ddim", steps=50, clip="box", guidance=0.0).u
    theta, true = from_box(prior, u), prior.sample(n, stream(5, "founding-network"))
    told = labels.condition(labels.values(theta)), labels.condition(labels.values(true))
    good = np.isfinite(told[0]).all(axis=1) & np.isfinite(told[1]).all(axis=1)
    own = [ks_2samp(theta[:, k], true[:, k]) for k in range(theta.shape[1])]
    of_labels = [ks_2samp(told[0][good, k], told[1][good, k]) for k in range(11)]
    verdict = c2st(theta, true, seed=5)
    return {
        "draws": n,
        "in_prior": float(np.isfinite(target.log_prior(theta)).mean()),
        "largest KS distance, parameters": max(float(k.statistic) for k in own),
        "smallest p of 23": min(float(k.pvalue) for k in own),
        "largest KS distance, labels": max(float(k.statistic) for k in of_labels),
        "smallest p of 11": min(float(k.pvalue) for k in of_labels),
        "c2st": verdict.values["accuracy"],
        "c2st error": verdict.values["error"],
        "spread of each parameter over the prior's": (theta.std(axis=0) / true.std(axis=0)),
    }


def as_proposal(flow: ConditionalFlow, settings: FoundingSettings, n: int) -> dict[str, Any]:
    """Exact densities of draws at L*, weighted as they are and carried by the lift."""
    target = settings.target()
    labels, prior = settings.labels(target.model), target.model.prior
    wanted = labels.condition(labels.wanted[None])[0]
    start = time.process_time()
    drawn = flow.sample(wanted, n, 6, with_density=True)
    drawing = time.process_time() - start
    assert drawn.log_density is not None
    theta = from_box(prior, drawn.u)
    widths = from_box(prior, np.ones((1, 23))) - from_box(prior, np.zeros((1, 23)))
    log_q = drawn.log_density - np.log(widths).sum()
    log_prior = target.log_prior(theta)
    inside = np.isfinite(log_prior)
    log_weight = np.full(n, -np.inf)
    log_weight[inside] = (log_prior + target.log_likelihood(theta) - log_q)[inside]
    result: dict[str, Any] = {
        "draws": n,
        "seconds_per_draw_with_density": drawing / n,
        "in_prior": float(inside.mean()),
        "exact_log_evidence": json.loads(EXACT.read_text())["exact_log_evidence"],
    }
    if np.isfinite(log_weight).any():
        weights = correct(log_weight, np.zeros(n))
        result["as it is"] = {"efficiency": weights.efficiency, "k_hat": weights.k_hat}
    start = time.process_time()
    try:
        carried = mend(theta, target, log_q, _LIFT)
    except InputError as error:
        result["lifted"] = {"failed": str(error)}
        return result
    accepted = judged(target, labels, carried.theta)["eleven_labels_in_prior"]["accepted"]
    result["lifted"] = {
        "seconds_per_draw": (time.process_time() - start) / n,
        "accepted_before": carried.notes["accepted_before"],
        "eleven_labels_in_prior": accepted / n,
        "lost": carried.notes["draws_lost"] / n,
        "efficiency": carried.notes["weighted_efficiency"],
        "k_hat": carried.notes["k_hat"],
        "log_evidence": carried.log_evidence,
        "log_evidence_error": carried.log_evidence_error,
    }
    return result


def main() -> None:
    """Both questions, printed and kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", type=Path)
    parser.add_argument("--name", default="first")
    parser.add_argument("--draws", type=int, default=512)
    parser.add_argument("--only", choices=("prior", "proposal"))
    arguments = parser.parse_args()
    settings = FoundingSettings()
    flow = ConditionalFlow.load(arguments.network)
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    book = known.setdefault(arguments.name, {})
    if arguments.only != "proposal":
        book["prior"] = prior_reproduced(flow, settings, 4096)
    if arguments.only != "prior":
        book["proposal"] = as_proposal(flow, settings, arguments.draws)
    write_json(RESULTS, known)
    print(json.dumps(json.loads(RESULTS.read_text())[arguments.name], indent=1))


if __name__ == "__main__":
    main()
