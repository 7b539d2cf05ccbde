"""Draws for the report's tests: a toy of the protocol."""

import numpy as np
import pytest

from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model
from pontecorvo.core.prior import Normal, Prior, Uniform
from pontecorvo.core.quantity import Quantity
from pontecorvo.core.target import Target
from pontecorvo.study.posterior_file import build_groups
from report_runs import Run, as_draws


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
def toy():
    measured = [Measured("r2", 1, 0.2, 0.3, 0.1, 1.6), Measured("s", 0.3, 0.2)]
    target = Target(Toy(), GaussianMeasurement(measured, source="invented"))
    theta = target.model.prior.sample(300, np.random.default_rng(8))
    log_weight = target.log_likelihood(theta)  # prior draws, weighted: most weigh next to nothing
    groups = build_groups(target.model, as_draws(target, theta, log_weight))
    return Run(target, groups, {})
