"""Draws of a seesaw's posterior as a report gets them, made in a second."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pontecorvo.core.draws import Draws, systematic_resample, weights_from_logs
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import nufit
from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.study.posterior_file import build_groups


@dataclass
class Run:
    target: Target
    groups: dict[str, Any]
    summary: dict[str, Any]


def as_draws(target, theta, log_weight):
    return Draws(
        theta, log_weight, target.log_prior(theta), target.log_likelihood(theta),
        log_evidence=1.5, log_evidence_error=0.1, raw_acceptance=0.25, ess=100.0,
        converged=True, method="proposals",
    )  # fmt: skip


def seesaw_run(ordering, count=300, proposals=1 << 15):
    target = Target(Seesaw(ordering), nufit(ordering))
    rng = np.random.default_rng(7)
    u = rng.random((proposals, target.chart.dim))
    log_weight = target.log_posterior_in(target.chart, u)
    chosen = systematic_resample(weights_from_logs(log_weight), count, rng)
    theta, _ = target.chart.to_parameters(u[chosen])
    groups = build_groups(target.model, as_draws(target, theta, np.zeros(count)))
    summary = {
        "study": f"seesaw-{ordering}",
        "method": "proposals",
        "seed": 7,
        "raw_acceptance": 0.25,
        "ess": 100.0,
        "log_evidence": 1.5,
        "log_evidence_error": 0.1,
        "converged": True,
        "closure": {"within_three_sigma": 0.5, "max_log_likelihood_change": 0.0},
        "seconds": {"draw": 1.25},
        "versions": {"python": "3.11"},
    }
    return Run(target, groups, summary)
