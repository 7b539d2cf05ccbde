"""Reactor rates and far over near: shares of isotopes, averages over baselines, limits."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from pontecorvo.physics.oscillation import Baselines
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiment
from pontecorvo.problems.sterile.experiments.evolution import DAYABAY, Evolution
from pontecorvo.problems.sterile.experiments.far_near import DOUBLE_CHOOZ, RENO, FarNear
from pontecorvo.problems.sterile.experiments.neos_covariance import approximate_covariance
from pontecorvo.problems.sterile.experiments.rates import averaged_sin2, fuel_shares

NULL = np.zeros(1), np.ones(1)


@given(st.lists(st.floats(0.05, 1.0), min_size=4, max_size=4))
def test_shares_of_the_rate_sum_to_one(fractions):
    rates = np.array([6.7, 10.1, 4.4, 6.0])
    shares = fuel_shares(np.array([fractions]), rates)
    assert_allclose(shares.sum(), 1)
    assert_allclose(shares[0] / shares[0, 0], rates * fractions / (rates[0] * fractions[0]))


@pytest.mark.parametrize("name", ["rates-sbl", "evolution-reno"])
def test_isotopes_add_up_and_pulls_scale_them(name):
    experiment = load_experiment(name)
    s22, dm2 = np.array([0.1, 0.6]), np.array([0.3, 2.0])
    parts = experiment.by_isotope(s22, dm2)
    assert_allclose(parts.sum(axis=2), experiment.predict(s22, dm2))
    # one standard deviation of every pull: the isotopes' own errors, no more
    change = experiment.response(s22, dm2)
    spread = np.sqrt((change**2).sum(axis=2)) / experiment.predict(s22, dm2)
    assert ((spread > 0.005) & (spread < 0.06)).all()


def test_the_compiled_phase_is_the_true_one_at_a_kilometre():
    q = np.linspace(0, 0.05, 40)
    at_one = Baselines((1000.0,), (1.0,), 2.0)
    assert_allclose(averaged_sin2(at_one, "compiled")(q), averaged_sin2(at_one, "true")(q))
    nearer = Baselines((500.0,), (1.0,), 0.0)
    half = averaged_sin2(nearer, "compiled")(q)
    assert_allclose(half, averaged_sin2(nearer, "true")(q / 2), atol=1e-12)


def test_detectors_of_an_evolution_are_weighed():
    assert isinstance(load_experiment("evolution-dayabay"), Evolution)
    assert len(DAYABAY) == 4


@pytest.mark.parametrize("recipe", [RENO, DOUBLE_CHOOZ])
def test_far_over_near_has_the_recipe_s_factor(recipe):
    ratio = FarNear(recipe, Setting())
    plain = FarNear(replace(recipe, factor=1.0), Setting())
    assert_allclose(ratio.predict(*NULL), recipe.factor * plain.predict(*NULL))
    far, near = recipe.far, recipe.near
    weights = (far.exposure / far.distance**2) / (near.exposure / near.distance**2)
    # theta_13 takes a few per cent, fuel and efficiencies are in the exposures
    assert (np.abs(ratio.predict(*NULL) / (recipe.factor * weights) - 1) < 0.12).all()
    assert ratio.name == recipe.name
    assert load_experiment(recipe.name, Setting()).size == len(recipe.starts)


def test_the_stand_in_has_the_given_uncertainties():
    energy = np.linspace(1.05, 6.95, 60)
    spectrum = np.exp(-0.5 * ((np.linspace(1.05, 7.95, 70) - 3.5) / 1.4) ** 2)
    sigma = 0.01 + 0.01 * (energy / 7) ** 2
    covariance = approximate_covariance(sigma, spectrum, energy)
    assert_allclose(np.sqrt(np.diag(covariance)), sigma)
    assert np.linalg.eigvalsh(covariance).min() > 0
    correlation = covariance / np.outer(sigma, sigma)
    assert correlation[20, 21] > correlation[20, 40]
