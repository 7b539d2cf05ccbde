"""Simulated data of the sterile experiments: what is read of them, and their exact likelihood."""

import numpy as np

from pontecorvo.problems.sterile.neural.calibration_trials import (
    SLICES,
    _finite,
    log_likelihoods,
    summaries,
)
from pontecorvo.problems.sterile.neural.simulated import simulate


def test_likelihoods_are_those_of_each_data_set(small_maps):
    rng = np.random.default_rng(0)
    theta, data = simulate(small_maps, 3, rng)
    near = np.clip(theta + np.array([-0.1, 0.1]), [-4, -1.9], [-0.1, 1.9])
    points = np.stack([theta, near, np.clip(theta, -1.5, -0.5)], axis=1)  # (3, 3, 2)
    found = log_likelihoods(small_maps, points, data)
    for t in range(3):
        for n in range(3):
            s22, dm2 = 10.0 ** points[t, n]
            alone = small_maps.joint.marginal(np.array([s22]), np.array([dm2]), data[t : t + 1])
            np.testing.assert_allclose(found[t, n], -0.5 * alone[0], rtol=1e-9)


def test_a_strong_signal_raises_the_height_of_the_map(small_maps):
    rng = np.random.default_rng(1)
    none, strong = np.array([[-4.0, 0.0]] * 20), np.array([[-0.3, 0.5]] * 20)
    heights = []
    for theta in (none, strong):
        _, data = simulate(small_maps, 20, rng, theta)
        read, slices = summaries(small_maps, data)
        assert read.shape == (20, 7)
        assert slices.shape == (len(SLICES), 20)
        np.testing.assert_allclose(np.sinh(read[:, 5]), slices[0], rtol=1e-9)
        heights.append(np.median(slices[0]))
    assert heights[1] > heights[0] + 3


def test_weights_that_are_nothing_are_zero():
    found = _finite(np.array([[0.0, -1.0, np.nan, -600.0], [np.inf, -1.0, -2.0, -3.0]]))
    np.testing.assert_array_equal(found[0], [0.0, -1.0, -np.inf, -np.inf])
    np.testing.assert_array_equal(found[1], [-np.inf, -1.0, -2.0, -3.0])
