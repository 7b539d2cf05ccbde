"""Evidence by solving for the parameters, which benchmarks set beside the modes."""

import sys
from pathlib import Path

import numpy as np

from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model
from pontecorvo.core.prior import Prior, Uniform
from pontecorvo.core.quantity import Quantity
from pontecorvo.core.target import Target

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))  # a program's own module

from root_density import RootSettings, sample_by_roots


class Wells(Model):
    """x^2 and y^2 measured: four wells."""

    name = "wells"
    parameters = (Quantity("x"), Quantity("y"))
    observables = (Quantity("x2"), Quantity("y2"))
    prior = Prior([Uniform(-3, 3), Uniform(-3, 3)])

    def forward(self, theta):
        return theta**2


def measured(name, value, error):
    return Measured(name, value, error)


def test_solving_for_parameters_agrees_with_a_grid():
    data = GaussianMeasurement([measured("x2", 1.0, 0.02), measured("y2", 2.0, 0.05)])
    target = Target(Wells(), data)
    draws = sample_by_roots(target, 2000, settings=RootSettings(10, 100, 500))
    x = np.linspace(-3, 3, 20001)
    one = np.zeros_like(x)
    logs = [
        target.log_likelihood(np.stack([x, one + np.sqrt(2)], axis=1)),
        target.log_likelihood(np.stack([one + 1.0, x], axis=1)),
    ]
    top = target.log_likelihood(np.array([[1.0, np.sqrt(2)]]))[0]
    expected = top + sum(np.log(np.trapezoid(np.exp(log - top), x) / 6) for log in logs)
    assert abs(draws.log_evidence - expected) < 5 * draws.log_evidence_error + 0.03
    assert np.allclose(np.mean(draws.theta > 0, axis=0), 0.5, atol=0.1)
