"""A finished run of a toy whose posterior is known under any normal measurement of it."""

import numpy as np

from pontecorvo.base.weights import kish_ess, log_evidence
from pontecorvo.core.draws import Draws
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model
from pontecorvo.core.prior import Normal, Prior, Uniform
from pontecorvo.core.quantity import Quantity
from pontecorvo.core.target import Target
from pontecorvo.study.study import Study

CENTRE, SIGMA = 0.8, 0.5
_WIDE = 1.5  # of the proposal: the weights are unequal


class OneNumber(Model):
    """a ~ N(0, 1) measured as x, an angle phi measured or not, and an entry that is constant."""

    name = "one-number"
    parameters = (Quantity("a", "a"), Quantity("phi", r"\phi", "rad"))
    observables = (Quantity("x", "x", "eV"),)
    prediction_quantities = (Quantity("x", "x", "eV"), Quantity("angle", r"\alpha", "rad"))

    def __init__(self):
        self.prior = Prior([Normal(0, 1), Uniform(0, 2 * np.pi, periodic=True)])

    def forward(self, theta):
        return theta[:, :1].copy()

    def predict(self, theta):
        return {"x": theta[:, 0].copy(), "angle": theta[:, 1].copy()}

    def variables(self, theta):
        pair = np.stack([theta[:, 0], np.zeros(len(theta))], axis=1)
        return {"pair": (("part",), pair), "phi": ((), theta[:, 1])}

    def from_variables(self, variables):
        return np.stack([variables["pair"][:, 0], variables["phi"]], axis=1)

    @property
    def variable_quantities(self):
        return {"pair": Quantity("pair", "a"), "phi": self.parameters[1]}

    def coordinates(self):
        return {"part": ["one", "zero"]}


def normal(centre=CENTRE, sigma=SIGMA, name="x", period=None):
    quantity = Measured(name, centre, sigma, period=period)
    return GaussianMeasurement([quantity], source="made up")


def draw(target, draws, seed, folder):
    """Importance draws from a wide normal, weights kept."""
    rng = np.random.default_rng(seed)
    a, phi = rng.normal(0, _WIDE, draws), rng.uniform(0, 2 * np.pi, draws)
    theta = np.stack([a, phi], axis=1)
    log_q = -0.5 * (a / _WIDE) ** 2 - np.log(_WIDE * np.sqrt(2 * np.pi)) - np.log(2 * np.pi)
    prior, likelihood = target.log_prior(theta), target.log_likelihood(theta)
    weight = prior + likelihood - log_q
    log_z, error = log_evidence(weight)
    return Draws(
        theta, weight, prior, likelihood, log_z, error, 0.5, kish_ess(weight), True, "test", log_q
    )


def finished(folder, draws=4000, measurement=None):
    """Folder of a finished run."""
    target = Target(OneNumber(), measurement or normal())
    Study("one-number", target, draw, "test", draws=draws).run(folder, report=False)
    return folder


def answer(centre=CENTRE, sigma=SIGMA):
    """Mean and standard deviation of a, and the log-evidence, for x measured as centre +- sigma."""
    variance = 1 / (1 + sigma**-2)
    evidence = -0.5 * centre**2 / (1 + sigma**2) - 0.5 * np.log(2 * np.pi * (1 + sigma**2))
    return variance * centre / sigma**2, variance**0.5, evidence
