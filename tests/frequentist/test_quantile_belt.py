from dataclasses import replace

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.frequentist.quantile_belt import BeltSettings, QuantileBelt, belt_coverage

LOW, HIGH = np.array([-4.0, -2.0]), np.array([0.0, 2.0])


def toy(rng, n):
    """A statistic whose quantiles are known: an exponential whose mean follows the amplitude."""
    theta = LOW + (HIGH - LOW) * rng.random((n, 2))
    mean = 1.0 + 0.5 * (theta[:, 0] + 4)
    return theta, mean, mean * rng.standard_exponential(n)


def test_learned_critical_values_are_the_quantiles_and_cover(tmp_path):
    rng = np.random.default_rng(8)
    belt = QuantileBelt(LOW, HIGH, (0.68, 0.9), BeltSettings(width=32, steps=1200, batch=1024))
    theta, _, statistic = toy(rng, 40_000)
    belt.fit(theta, statistic)
    belt.conform(*toy(rng, 10_000)[::2])
    assert belt.factors == pytest.approx([1, 1], abs=0.05)
    points, mean, fresh = toy(rng, 20_000)
    for column, level in enumerate((0.68, 0.9)):
        wanted = -mean * np.log(1 - level)
        assert np.median(np.abs(belt.critical(points)[:, column] / wanted - 1)) < 0.06
    check = belt_coverage(belt, points, fresh, (3, 3))
    assert check.overall == pytest.approx([0.68, 0.9], abs=0.015)
    # a belt from half the statistic covers too little, and the check says so
    assert belt_coverage(belt, points, 2 * fresh, (3, 3)).p_value.max() < 1e-3
    belt.save(tmp_path / "belt.npz")
    other = QuantileBelt(LOW, HIGH, (0.68, 0.9), BeltSettings(width=32))
    other.load(tmp_path / "belt.npz")
    assert np.array_equal(other.critical(points), belt.critical(points))


def test_a_belt_learned_by_heart_is_mended_by_simulations_it_has_not_seen():
    rng = np.random.default_rng(9)
    theta, _, statistic = toy(rng, 300)
    settings = BeltSettings(width=64, steps=1500, batch=300, learning_rate=5e-3, held_out=0.0)
    belt = QuantileBelt(LOW, HIGH, (0.68, 0.9), settings)
    belt.fit(theta, statistic)
    points, _, fresh = toy(rng, 40_000)
    by_heart = belt_coverage(belt, points, fresh).overall[1]
    assert by_heart < 0.75
    belt.conform(*toy(rng, 4000)[::2])
    assert belt_coverage(belt, points, fresh).overall == pytest.approx([0.68, 0.9], abs=0.03)
    # training that is stopped by simulations held out does not go as far
    stopped = QuantileBelt(LOW, HIGH, (0.68, 0.9), replace(settings, held_out=0.3))
    stopped.fit(theta, statistic)
    assert belt_coverage(stopped, points, fresh).overall[1] > by_heart + 0.1


def test_factors_are_order_statistics():
    """With N ratios the belt holds ceil((N + 1) level) of the simulations that set its factors."""
    rng = np.random.default_rng(10)
    theta, _, statistic = toy(rng, 999)
    belt = QuantileBelt(LOW, HIGH, (0.5, 0.9), BeltSettings(width=8))
    belt.conform(theta, statistic)
    held = belt_coverage(belt, theta, statistic, (1, 1)).overall * 999
    assert held == pytest.approx([500, 900])


def test_belt_refuses_what_is_no_number():
    with pytest.raises(InputError, match="finite statistic"):
        QuantileBelt(LOW, HIGH).fit(np.zeros((2, 2)) - 1, np.array([1.0, np.nan]))
    with pytest.raises(InputError, match="between 0 and 1"):
        QuantileBelt(LOW, HIGH, (0.5, 1.5))
