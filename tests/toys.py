"""A toy whose posterior is known: a Gaussian measurement of a linear map of normal parameters."""

import numpy as np

from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model, Symmetry
from pontecorvo.core.prior import Normal, Prior, Uniform
from pontecorvo.core.quantity import Quantity
from pontecorvo.core.target import Target


class LinearToy(Model):
    """x = a + b, and an angle that nothing measures; a, b ~ N(0, 1)."""

    name = "linear-toy"
    parameters = (Quantity("a", "a"), Quantity("b", "b"), Quantity("phi", r"\\phi", "rad"))
    observables = (Quantity("x", "x"),)

    def __init__(self):
        self.prior = Prior([Normal(0, 1), Normal(0, 1), Uniform(0, 2 * np.pi, periodic=True)])

    def forward(self, theta):
        return theta[:, :1] + theta[:, 1:2]

    @property
    def symmetries(self):
        def swap(theta, rng):
            return theta[:, [1, 0, 2]], np.zeros(len(theta))

        def slide(theta, rng):
            shift = rng.normal(0, 0.5, len(theta))
            moved = theta.copy()
            moved[:, 0] += shift
            moved[:, 1] -= shift
            return moved, np.zeros(len(theta))

        return Symmetry("swap", swap), Symmetry("slide", slide)


SIGMA = 0.1
MEASURED = 1.2


def linear_target(shape="gaussian"):
    quantity = Measured("x", MEASURED, SIGMA)
    return Target(LinearToy(), GaussianMeasurement([quantity], shape))


def exact_answer():
    """Mean and covariance of (a, b), and the log-evidence."""
    variance = 2 + SIGMA**2
    mean = np.full(2, MEASURED / variance)
    covariance = np.eye(2) - np.ones((2, 2)) / variance
    log_evidence = -0.5 * MEASURED**2 / variance - 0.5 * np.log(2 * np.pi * variance)
    return mean, covariance, log_evidence
