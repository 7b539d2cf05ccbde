import numpy as np

from pontecorvo.inference.neural.ratio import RatioEstimator, RatioSettings
from pontecorvo.inference.neural.simulated import simulate
from pontecorvo.inference.neural.statistics import interpolate, of_maps, of_ratio


def test_interpolation_is_exact_at_nodes_and_linear_between(small_plane):
    rng = np.random.default_rng(1)
    coefficient = rng.normal(size=(6, 3))
    x, y = small_plane.points.T
    values = coefficient @ np.stack([np.ones_like(x), x, y])
    points = np.stack([rng.uniform(-4, 0, 6), rng.uniform(-2, 2, 6)], axis=1)
    wanted = (coefficient * np.stack([np.ones(6), *points.T], axis=1)).sum(axis=1)
    assert np.allclose(interpolate(small_plane, values, points), wanted)


def test_the_statistic_is_twice_the_drop_from_the_top(small_maps):
    rng = np.random.default_rng(2)
    theta, data = simulate(small_maps, 50, rng, small_maps.plane.points[::8][:50])
    found = of_maps(small_maps, data, theta)
    maps = small_maps(data, small_maps.names).astype(float)
    own = maps[np.arange(50), np.arange(0, 400, 8)[:50]]
    assert np.allclose(found, 2 * (np.maximum(maps.max(axis=1), 0) - own), atol=1e-3)
    assert 0.5 < np.median(found) < 4  # of the order of a chi2 with two degrees of freedom


def test_a_ratio_network_is_asked_at_the_same_points(small_embedding, small_bank):
    estimator = RatioEstimator(small_embedding, "dnre", RatioSettings(width=16, features=8))
    plane = small_embedding.maps.plane
    theta = plane.points[:5]
    found = of_ratio(estimator, small_bank.rows[:5], theta, plane)
    table = estimator.log_ratio(small_bank.rows[:5], plane.points)
    wanted = 2 * (table.max(axis=1) - np.diagonal(table[:, :5]))
    assert np.allclose(found, wanted, atol=1e-4)
