from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from pontecorvo.base.errors import InputError
from pontecorvo.core.prior import Normal, Prior, SignedLogUniform, Uniform

MARGINALS = [Uniform(-2, 3), Normal(1, 0.5), SignedLogUniform(0.01, 2)]


@pytest.mark.parametrize("marginal", MARGINALS, ids=str)
def test_density_integrates_to_one(marginal):
    density = lambda x: float(np.exp(marginal.log_density(np.array(x))))  # noqa: E731
    edges = [-10, -2, -0.01, 0.01, 1, 2, 3, 10]
    parts = [integrate.quad(density, a, b)[0] for a, b in pairwise(edges)]
    assert sum(parts) == pytest.approx(1, abs=1e-5)


@given(st.floats(0.001, 0.999), st.sampled_from(MARGINALS))
def test_quantile_and_cdf_are_inverse(u, marginal):
    assert marginal.cdf(marginal.quantile(np.array(u))) == pytest.approx(u, abs=1e-9)


def test_quantiles_follow_the_density():
    rng = np.random.default_rng(3)
    for marginal in MARGINALS:
        x = marginal.quantile(rng.random(2000))
        assert stats.kstest(x, lambda v, m=marginal: m.cdf(v)).pvalue > 1e-4
        assert np.isfinite(marginal.log_density(x)).all()


def test_ordered_group_has_the_factor_of_its_orderings():
    prior = Prior([Uniform(0, 1)] * 3, ordered=[(0, 1, 2)])
    theta = prior.sample(100, np.random.default_rng(0))
    assert (np.diff(theta, axis=1) >= 0).all()
    np.testing.assert_allclose(prior.log_density(theta), np.log(6))
    assert prior.log_density(np.array([[0.5, 0.4, 0.6]]))[0] == -np.inf
    np.testing.assert_allclose(prior.from_unit_cube(prior.to_unit_cube(theta)), theta)


def test_outside_and_nan_are_excluded():
    prior = Prior([Uniform(0, 1), SignedLogUniform(0.1, 1)])
    theta = np.array([[2, 0.5], [0.5, 0.01], [np.nan, 0.5], [0.5, 0.5]])
    np.testing.assert_array_equal(np.isfinite(prior.log_density(theta)), [0, 0, 0, 1])


def test_impossible_priors():
    for call in (
        lambda: Uniform(1, 1),
        lambda: Uniform(0, np.inf),
        lambda: Normal(0, -1),
        lambda: SignedLogUniform(0, 1),
        lambda: Prior([Uniform(0, 1), Uniform(0, 2)], ordered=[(0, 1)]),
    ):
        with pytest.raises(InputError):
            call()
