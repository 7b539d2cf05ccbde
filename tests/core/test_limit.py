import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from pontecorvo.base.errors import InputError
from pontecorvo.core.limit import PowerNormal, UpperLimit


@settings(max_examples=20)
@given(st.floats(0.01, 1.0), st.sampled_from([0.9, 0.95]), st.sampled_from([1, 2]))
def test_the_stated_share_lies_below_the_limit(limit, confidence, power):
    """Flat in x^p, the likelihood is a density with the confidence below the limit."""
    likelihood = UpperLimit("m", limit, limit, confidence, power)

    def density(y):
        return np.exp(likelihood.log_likelihood(np.array([[y ** (1 / power)]])))[0]

    end = limit**power
    below = integrate.quad(density, 0, end)[0]
    above = integrate.quad(density, end, 20 * end)[0]
    assert below / (below + above) == pytest.approx(confidence, abs=1e-6)


def test_nothing_is_cut_and_nothing_said_at_zero():
    likelihood = UpperLimit("sum_m", 0.053, 0.053, 0.95)  # below the floor of normal ordering
    values = likelihood.log_likelihood(np.array([[0.0], [0.0588], [0.2], [np.nan], [-0.1]]))
    assert values[0] == 0
    assert values[1] == pytest.approx(-0.5 * (1.95996 * 0.0588 / 0.053) ** 2, rel=1e-4)
    assert np.isfinite(values[:3]).all()
    assert np.all(values[3:] == -np.inf)
    assert likelihood.within_three_sigma(np.array([[0.0588]]))[0]


def test_a_range_of_limits_is_their_average():
    low, high = 0.028, 0.122
    likelihood = UpperLimit("m_ee", low, high, 0.9, 2)
    x = np.array([[0.0], [0.05], [0.1]])
    limits = low * (high / low) ** ((np.arange(2000) + 0.5) / 2000)
    z = stats.norm.ppf(0.95)
    each = np.exp(-0.5 * (z * (x / limits) ** 2) ** 2).mean(axis=1)
    np.testing.assert_allclose(likelihood.log_likelihood(x), np.log(each), atol=2e-3)
    ends = [UpperLimit("m_ee", end, end, 0.9, 2).log_likelihood(x)[1] for end in (low, high)]
    assert ends[0] < likelihood.log_likelihood(x)[1] < ends[1]


def test_a_negative_square_weighs_without_cutting():
    katrin = PowerNormal("m_beta", -0.14, 0.13, 0.15, 2)
    x = np.array([[0.0], [0.1], [0.45]])
    expected = stats.norm(-0.14, 0.13).logpdf(x[:, 0] ** 2) + np.log(0.13 / 0.14)
    np.testing.assert_allclose(katrin.log_likelihood(x), expected)
    assert katrin.within_three_sigma(np.array([[0.0], [0.49], [0.6]])).tolist() == [
        True,
        True,
        False,
    ]
    json.dumps(katrin.describe())
    quantity = katrin.quantities[0]
    assert quantity.low == 0
    assert quantity.high == pytest.approx((3 * 0.13 - 0.14) ** 0.5)


@pytest.mark.parametrize(
    "arguments",
    [(0.0, 1, 0.9), (2, 1, 0.9), (1, 1, 1.0), (1, np.inf, 0.9), (1, 1, 0.9, 3), (np.nan, 1, 0.9)],
)
def test_bad_limits_get_one_sentence(arguments):
    with pytest.raises(InputError, match="upper limit on m"):
        UpperLimit("m", *arguments)


def test_bad_centres_get_one_sentence():
    with pytest.raises(InputError, match="positive errors"):
        PowerNormal("m", 0.0, 1.0, 0.0)
