"""Draws for the report's tests: some of a seesaw's posterior, and a toy of the protocol."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from pontecorvo.core.draws import Draws, systematic_resample, weights_from_logs
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model
from pontecorvo.core.prior import Normal, Prior, Uniform
from pontecorvo.core.quantity import Quantity
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


class Toy(Model):
    """Two parameters and an angle; the name tries to break the page."""

    name = "toy <script>alert(1)</script>"
    parameters = (Quantity("x", "x", "eV"), Quantity("y"), Quantity("phi", r"\varphi", "rad"))
    observables = (Quantity("r2", "r^2"), Quantity("s", "s", "eV^2", "a <b> in the description"))
    prior = Prior([Uniform(-2, 2), Normal(0, 1), Uniform(0, 2 * np.pi, periodic=True)])

    def forward(self, theta):
        x, y = theta[:, 0], theta[:, 1]
        return np.stack([x**2 + y**2, y - x**2], axis=1)


@pytest.fixture(scope="session")
def seesaw_no():
    return seesaw_run("no")


@pytest.fixture(scope="session")
def seesaw_io():
    return seesaw_run("io")


@pytest.fixture(scope="session")
def toy():
    measured = [Measured("r2", 1, 0.2, 0.3, 0.1, 1.6), Measured("s", 0.3, 0.2, 0.2, -0.3, 0.9)]
    target = Target(Toy(), GaussianMeasurement(measured, source="invented"))
    theta = target.model.prior.sample(300, np.random.default_rng(8))
    log_weight = target.log_likelihood(theta)  # prior draws, weighted: most weigh next to nothing
    groups = build_groups(target.model, as_draws(target, theta, log_weight))
    return Run(target, groups, {})
