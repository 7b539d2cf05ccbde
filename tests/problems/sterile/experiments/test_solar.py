"""The solar bound is the parabola through its two limits."""

import numpy as np
import pytest
from scipy.stats import chi2 as chi2_distribution

from pontecorvo.problems.sterile.experiment_registry import load_experiment


def test_limits_come_back():
    solar = load_experiment("solar")
    value = solar.chi2(np.array([0.158, 0.248]), np.array([1.0, 30.0]))
    np.testing.assert_allclose(value, chi2_distribution.ppf([0.90, 0.99], 1), rtol=1e-9)
    # the centre is zero within rounding of the limits, so the best physical point costs nothing
    assert solar.chi2(np.zeros(1), np.ones(1))[0] < 1e-3
    assert solar.data[0] == pytest.approx(0, abs=2e-3)


def test_toys():
    solar = load_experiment("solar")
    toys = solar.toys(0.1, 1.0, 20_000, np.random.default_rng(1))
    assert toys.mean() == pytest.approx(0.1, abs=0.003)
    assert toys.std() == pytest.approx(solar.width, rel=0.03)
