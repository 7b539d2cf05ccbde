"""Rates of single isotopes: shares, survival, resolved averages (`isotopes.py`)."""

import numpy as np

from pontecorvo.physics.oscillation import Baselines, ThreeFlavour
from pontecorvo.problems.sterile.isotopes import (
    averaged_sin2,
    fuel_shares,
    isotope_rates,
    isotope_survival,
    resolved,
)
from pontecorvo.problems.sterile.reactor_tables import flux
from pontecorvo.problems.sterile.spectrum import Sampling

SAMPLING = Sampling(201, 1.8, 8.0, 1, 1.8, 8.0, (0.0, 0.00632, 0.0))


def test_shares_are_those_of_the_rate():
    rates = isotope_rates(flux("hm"), SAMPLING)
    shares = fuel_shares(np.array([[1.0, 0, 0, 0], [0.5, 0.0, 0.5, 0.0]]), rates)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert shares[0, 0] == 1
    assert shares[1, 0] / shares[1, 2] == np.float64(rates[0] / rates[2])


def test_survival_starts_at_one_and_averages_to_a_half():
    """Without three flavours; templates are 1 and minus the average of sin^2."""
    baselines = Baselines((15.0,), (1.0,), 1.0)
    axis = np.array([-3.0, 1.9])
    sin2, finer = resolved(baselines.sin2, SAMPLING, 15.0, "exact")
    found = isotope_survival("hm", finer, sin2, axis, None)
    np.testing.assert_allclose(found[:, 0], 1.0)
    np.testing.assert_allclose(found[0, 2], 0.0, atol=1e-3)
    np.testing.assert_allclose(found[1, 2], -0.5, atol=0.01)
    assert resolved(baselines.sin2, SAMPLING, 15.0, "compiled") == (baselines.sin2, SAMPLING)


def test_the_reference_with_three_flavours_is_one_without_a_fourth():
    baselines = Baselines((1050.0,), (1.0,), 2.0)
    sin2 = averaged_sin2(baselines, "true")
    found = isotope_survival("hm", SAMPLING, sin2, np.zeros(1), ThreeFlavour(), "three-flavour")
    np.testing.assert_allclose(found[0, 0] + found[0, 1], 1.0)
