"""Targets: the posterior of a linear toy in closed form, and matching by name."""

import numpy as np
import pytest
from scipy.stats import norm

from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model
from pontecorvo.core.prior import Normal, Prior
from pontecorvo.core.quantity import Quantity
from pontecorvo.core.target import Target
from toys import MEASURED, SIGMA, LinearToy, exact_answer, linear_target


class Two(Model):
    name = "two"
    parameters = (Quantity("a", "a"), Quantity("b", "b"))
    observables = (Quantity("x", "x"), Quantity("y", "y"))
    prior = Prior([Normal(0, 1), Normal(0, 1)])

    def forward(self, theta):
        return theta * [1.0, 10.0]


def measured(name, value):
    return Measured(name, value, 0.1, 0.1, value - 0.3, value + 0.3)


def test_the_likelihood_is_the_measurements_up_to_one_constant():
    target = linear_target()
    theta = target.model.prior.from_unit_cube(np.random.default_rng(0).random((40, 3)))
    exact = norm(MEASURED, SIGMA).logpdf(theta[:, 0] + theta[:, 1])
    assert np.ptp(target.log_likelihood(theta) - exact) < 1e-10
    inside = np.abs(theta[:, 0] + theta[:, 1] - MEASURED) <= 3 * SIGMA
    assert np.array_equal(target.within_three_sigma(theta), inside)


def test_the_integral_over_the_cube_is_the_evidence():
    """Over a and b by quantiles on a grid; the angle, which nothing measures, at one value."""
    target = linear_target()
    u = (np.arange(800) + 0.5) / 800
    grid = np.stack([*np.meshgrid(u, u), np.full((800, 800), 0.3)], axis=-1).reshape(-1, 3)
    total = np.log(np.exp(target.log_posterior_in(target.raw_chart, grid)).mean())
    assert total == pytest.approx(exact_answer()[2], abs=2e-3)


def test_names_are_matched_by_name():
    theta = np.array([[0.5, 0.2]])
    both = Target(Two(), GaussianMeasurement([measured("x", 0.4), measured("y", 2.2)]))
    turned = Target(Two(), GaussianMeasurement([measured("y", 2.2), measured("x", 0.4)]))
    one = Target(Two(), GaussianMeasurement([measured("y", 2.2)]))
    assert turned.log_likelihood(theta) == pytest.approx(both.log_likelihood(theta), abs=1e-12)
    assert turned.of_measured(np.array([[1.0, 2.0]])).tolist() == [[2.0, 1.0]]
    assert one.of_measured(np.array([[1.0, 2.0]])).tolist() == [[2.0]]


def test_a_quantity_that_the_model_lacks_is_told_at_once():
    with pytest.raises(InputError, match=r"measurement of 'z': the model 'linear-toy'.*x"):
        Target(LinearToy(), GaussianMeasurement([measured("z", 1.0)]))


def test_without_a_chart_of_its_own_it_is_the_priors():
    target = linear_target()
    assert target.chart is target.raw_chart
    assert target.describe()["measurement"] == target.measurement.describe()
