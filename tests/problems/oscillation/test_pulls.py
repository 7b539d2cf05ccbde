"""Pulls in closed form against the full covariance, brute minimisation and integration."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from pontecorvo.base.errors import InputError
from pontecorvo.problems.oscillation.pulls import STATISTICS, fit_pulls, variance


def sketch(seed, bins=12, pulls=4, points=3):
    rng = np.random.default_rng(seed)
    expected = rng.uniform(20, 80, (points, bins))
    response = rng.normal(0, 3, (points, bins, pulls))
    data = rng.poisson(expected[0]).astype(float)
    return data, expected, response


@given(st.integers(0, 10_000))
def test_a_fixed_variance_gives_the_chi2_of_the_full_covariance(seed):
    data, expected, response = sketch(seed)
    shape = 0.05 * expected
    found = fit_pulls(data, expected, response, shape, "neyman")
    for n in range(len(expected)):
        stat = np.diag(np.maximum(data, 1) + shape[n] ** 2)
        full = stat + response[n] @ response[n].T
        residual = data - expected[n]
        assert found.chi2[n] == pytest.approx(residual @ np.linalg.solve(full, residual))
        # determinant lemma: log det M = log det(full) - log det(stat)
        change = np.linalg.slogdet(full)[1] - np.linalg.slogdet(np.diag(np.maximum(data, 1)))[1]
        assert found.log_det[n] == pytest.approx(change)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_poisson_pulls_are_the_best_ones(seed):
    data, expected, response = sketch(seed, points=1)
    found = fit_pulls(data, expected, response, np.zeros_like(expected), "poisson")

    def value(x):
        mean = np.maximum(expected[0] + response[0] @ x, 1e-6)
        return 2 * (mean - data + data * np.log(np.maximum(data, 1) / mean)).sum() + x @ x

    best = minimize(value, np.zeros(4), method="BFGS", options={"gtol": 1e-8})
    assert found.chi2[0] == pytest.approx(best.fun, abs=1e-5)
    np.testing.assert_allclose(found.pulls[0], best.x, atol=1e-3)


def test_combined_variance_lies_between_pearson_and_neyman_and_stands_for_poisson():
    rng = np.random.default_rng(3)
    mean = rng.uniform(30, 60, 40)
    data = rng.poisson(mean).astype(float)
    nothing = np.zeros((1, 40, 1))
    chi2 = {
        name: fit_pulls(data, mean[None], nothing, np.zeros((1, 40)), name).chi2[0]
        for name in STATISTICS
    }
    assert abs(chi2["cnp"] - chi2["poisson"]) < 0.02 * chi2["poisson"]
    assert abs(chi2["cnp"] - chi2["poisson"]) < abs(chi2["pearson"] - chi2["poisson"]) + 1e-9
    one, two = variance("pearson", data, mean), variance("neyman", data, mean)
    both = variance("cnp", data, mean)
    assert (both >= np.minimum(one, two) - 1e-9).all()
    assert (both <= np.maximum(one, two) + 1e-9).all()


def test_an_empty_bin_costs_twice_its_expectation():
    mean = np.array([[3.0]])
    for name in ("cnp", "poisson"):
        found = fit_pulls(np.zeros(1), mean, np.zeros((1, 1, 1)), np.zeros((1, 1)), name)
        assert found.chi2[0] == pytest.approx(6.0)


def test_marginal_is_the_integral_over_a_pull():
    """Of one pull: the Gaussian integral by quadrature, as a function of the expectation."""
    data = np.array([30.0, 50.0, 41.0])
    response = np.array([[3.0, 5.0, -2.0]])
    x = np.linspace(-9, 9, 4001)
    values = []
    for shift in (0.0, 4.0):
        expected = np.array([[32.0 + shift, 47.0, 40.0]])
        found = fit_pulls(data, expected, response[:, :, None], np.zeros((1, 3)), "neyman")
        mean = expected[0] + x[:, None] * response[0]
        weight = np.exp(-0.5 * (((data - mean) ** 2 / data).sum(axis=1) + x**2))
        values.append(found.chi2[0] + found.log_det[0] + 2 * np.log(weight.sum()))
    assert values[0] == pytest.approx(values[1], abs=1e-9)


def test_one_data_set_a_point():
    data, expected, response = sketch(5)
    rows = np.tile(data, (3, 1))
    one = fit_pulls(data, expected, response, np.zeros_like(expected), "cnp")
    each = fit_pulls(rows, expected, response, np.zeros_like(expected), "cnp")
    np.testing.assert_array_equal(one.chi2, each.chi2)


def test_bad_input_in_one_sentence():
    data, expected, response = sketch(1)
    with pytest.raises(InputError, match="did you mean"):
        fit_pulls(data, expected, response, np.zeros_like(expected), "poison")
    with pytest.raises(InputError, match="no bin-to-bin uncertainty"):
        fit_pulls(data, expected, response, np.ones_like(expected), "poisson")
