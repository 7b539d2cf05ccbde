"""Simulated data: their density at the observed data is the likelihood."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.prior import Prior, Uniform
from pontecorvo.sbi.simulation import Simulation, compressed, simulated_centres, simulation_of
from toys import linear_target

TWO_PIECE = Measured("x", 1.0, 0.4, 0.1, 0.5, 2.4)


def drawn(shape, at, n=400_000):
    measurement = GaussianMeasurement([TWO_PIECE], shape)
    return simulated_centres(measurement, np.full((n, 1), at), np.random.default_rng(1))[:, 0]


@pytest.mark.parametrize("shape", ["gaussian", "two-piece", "box"])
@pytest.mark.parametrize("at", [0.9, 1.3])
def test_the_density_of_centres_at_the_measured_one_is_the_likelihood(shape, at):
    # a histogram's share of centres about c is the integral of the likelihood of x - c there
    centres, half = drawn(shape, at), 0.05
    share = np.mean(np.abs(centres - TWO_PIECE.central) < half)
    measurement = GaussianMeasurement([TWO_PIECE], shape)

    def likelihood(centre):
        moved = np.array([[at - centre + TWO_PIECE.central]])
        return float(np.exp(measurement.log_likelihood(moved)[0]))

    edges = [at - TWO_PIECE.high + TWO_PIECE.central, at - TWO_PIECE.low + TWO_PIECE.central, at]
    every = quad(likelihood, at - 3, at + 3, points=edges, limit=200)[0]
    expected = quad(likelihood, 1 - half, 1 + half)[0] / every
    assert share == pytest.approx(expected, abs=5 * np.sqrt(expected / len(centres)) + 1e-6)


def test_correlated_errors_are_drawn_correlated():
    quantities = [Measured(name, 0.0, s, s, -3 * s, 3 * s) for name, s in (("a", 1.0), ("b", 0.2))]
    correlation = np.array([[1.0, -0.7], [-0.7, 1.0]])
    measurement = GaussianMeasurement(quantities, "gaussian", correlation)
    centres = simulated_centres(measurement, np.zeros((200_000, 2)), np.random.default_rng(2))
    assert_allclose(np.cov(centres.T), measurement.covariance, atol=0.01)
    wide = GaussianMeasurement(quantities, "two-piece", correlation)  # equal sides: the same
    centres = simulated_centres(wide, np.zeros((200_000, 2)), np.random.default_rng(2))
    assert_allclose(np.cov(centres.T), measurement.covariance, atol=0.01)


def test_a_measurement_becomes_a_simulation():
    target = linear_target()
    found = simulation_of(target)
    theta = np.tile([0.3, 0.5, 1.0], (50_000, 1))
    data = found.simulate(theta, np.random.default_rng(3))
    assert data.mean() == pytest.approx(0.8, abs=0.003)
    assert data.std() == pytest.approx(0.1, rel=0.02)
    assert_allclose(found.observed, [1.2])
    assert found.name == "linear-toy"
    assert simulation_of(found) is found


class Clock:
    """A model whose observable is its parameter, an angle."""

    name = "clock"
    prior = Prior([Uniform(0, 2 * np.pi, periodic=True)])

    @staticmethod
    def forward(theta):
        return theta


def test_angles_are_told_as_cosine_and_sine():
    quantity = Measured("phi", 0.1, 0.3, period=2 * np.pi)
    target = type("Target", (), {"model": Clock, "measurement": GaussianMeasurement([quantity])})()
    found = simulation_of(target)
    rng = [np.random.default_rng(4) for _ in range(2)]
    here = found.simulate(np.full((5, 1), 0.2), rng[0])
    around = found.simulate(np.full((5, 1), 0.2 + 2 * np.pi), rng[1])
    assert_allclose(here, around, atol=1e-12)
    assert_allclose((here**2).sum(axis=1), 1.0)
    assert_allclose(found.observed, [np.sin(0.1), np.cos(0.1)])


def test_a_target_may_simulate_itself():
    class Counts:
        model = Clock
        measurement = None
        observed = np.array([3.0, 5.0])

        def simulate(self, theta, rng):
            return rng.poisson(4.0, (len(theta), 2)) * 1.0

    found = simulation_of(Counts())
    assert found.simulate(np.ones((7, 1)), np.random.default_rng(0)).shape == (7, 2)
    assert np.all(found.spread(1) > 0.5)
    assert np.array_equal(found.spread(1), found.spread(1))


def test_compression_is_linear_near_the_data_and_one_to_one():
    observed, scale = np.array([2.0]), np.array([0.5])
    near = compressed(np.array([[2.0], [2.01]]), observed, scale)
    assert near[0, 0] == 0
    assert near[1, 0] == pytest.approx(0.02, rel=1e-3)
    line = np.linspace(-1e6, 1e6, 1001)[:, None]
    assert np.all(np.diff(compressed(line, observed, scale)[:, 0]) > 0)


def test_misuse_is_told():
    prior = Prior([Uniform(0, 1)])
    with pytest.raises(InputError, match="one row of finite"):
        Simulation(prior, lambda theta, rng: theta, np.array([np.nan]))
    wrong = Simulation(prior, lambda theta, rng: theta[:, 0], np.zeros(1))
    with pytest.raises(InputError, match=r"must be \(4, 1\)"):
        wrong.simulate(np.zeros((4, 1)), np.random.default_rng(0))
    nothing = Simulation(prior, lambda theta, rng: theta * np.nan, np.zeros(1))
    with pytest.raises(InputError, match="no draw of the prior"):
        nothing.spread(0)
    empty = type("Target", (), {"model": Clock, "measurement": None})()
    with pytest.raises(InputError, match="cannot be simulated"):
        simulation_of(empty)
