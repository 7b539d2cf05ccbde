import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.quantiles import (
    circular_mean,
    effective_size,
    weighted_correlation,
    weighted_quantiles,
)


@given(st.integers(0, 2**32 - 1))
def test_integer_weights_are_repeated_draws(seed):
    rng = np.random.default_rng(seed)
    values, times = rng.normal(size=300), rng.integers(0, 5, 300)
    times[0] = 1
    weight = times / times.sum()
    levels = np.array([0.16, 0.5, 0.84])
    repeated = np.repeat(values, times)
    gap = np.quantile(np.diff(np.sort(values)), 0.999)
    expected = np.quantile(repeated, levels)
    assert weighted_quantiles(values, weight, levels) == pytest.approx(expected, abs=2 * gap)


def test_correlation_equals_numpys():
    rng = np.random.default_rng(3)
    x, y = rng.multivariate_normal([1, -2], [[1, 0.6], [0.6, 2]], 1000).T
    times = rng.integers(0, 4, 1000)
    expected = np.corrcoef(np.repeat(x, times), np.repeat(y, times))[0, 1]
    assert weighted_correlation(x, y, times / times.sum()) == pytest.approx(expected, rel=1e-12)


def test_circular_mean_crosses_zero():
    mean, length = circular_mean(np.array([0.1, 2 * np.pi - 0.1]), np.array([0.5, 0.5]))
    assert np.cos(mean) == pytest.approx(1.0)
    assert length == pytest.approx(np.cos(0.1))


def test_effective_size():
    assert effective_size(np.full(50, 0.2)) == pytest.approx(50)
    assert effective_size(np.array([1.0, 0.0, 0.0])) == pytest.approx(1)
