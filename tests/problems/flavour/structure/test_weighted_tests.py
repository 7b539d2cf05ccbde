"""Differences of weighted samples: null distributions, limits, closed forms."""

import numpy as np
import pytest

from pontecorvo.problems.flavour.structure.weighted_tests import information, share_below


def _pair(rng, shift=0.0, n=800, k=2000):
    x, y = rng.normal(shift, 1, n), rng.normal(size=k)
    return x, np.exp(0.5 * rng.normal(size=n)), y, np.ones(k)


def test_same_distribution_gives_uniform_p_values():
    rng = np.random.default_rng(0)
    found = [information(*_pair(rng)) for _ in range(400)]
    p = np.array([f.p_value for f in found])
    for level in (0.02, 0.1, 0.5):
        assert np.mean(p < level) == pytest.approx(level, abs=4 * np.sqrt(level / 400))
    assert np.mean([f.bits for f in found]) < 2e-3


def test_bits_of_a_known_shift():
    """Mutual information of a label and a normal variable shifted by two, by quadrature."""
    rng = np.random.default_rng(1)
    x = np.linspace(-8, 10, 20001)
    p, q = (np.exp(-0.5 * (x - s) ** 2) / np.sqrt(2 * np.pi) for s in (0, 2))
    middle = (p + q) / 2
    exact = 0.5 * np.trapezoid(p * np.log2(p / middle) + q * np.log2(q / middle), x)
    found = information(*_pair(rng, 2.0, 20000, 40000), bins=60)
    assert found.bits == pytest.approx(exact, abs=0.01)
    assert found.p_value < 1e-12


def test_disjoint_and_infinite_values():
    one = np.ones(500)
    assert information(0 * one, one, one, one).bits == pytest.approx(1.0, abs=0.02)
    x = np.where(np.arange(500) % 2, np.inf, -np.inf)
    assert information(x, one, x, one).bits == 0.0
    assert information(np.full(500, np.nan), one, np.arange(500.0), one).bits > 0.5


def test_share_is_a_savage_dickey_ratio():
    """Uniform in [0, 1/4] against uniform in [0, 1]: four times as often below any level."""
    rng = np.random.default_rng(2)
    y, x = rng.random(20000), 0.25 * rng.random(20000)
    share = share_below(x, np.ones(20000), y, np.ones(20000))
    assert share.ratio == pytest.approx(4.0, abs=4 * share.ratio_error)
    assert share.threshold == pytest.approx(0.05, abs=5e-3)
    assert share.p_value < 1e-20


def test_share_of_the_same_distribution_rarely_alarms():
    rng = np.random.default_rng(3)
    p = np.array([share_below(*_pair(rng)).p_value for _ in range(400)])
    assert np.mean(p < 0.02) < 0.05
