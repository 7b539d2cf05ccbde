"""Annealed steps after a network: exact weights, whatever the guess; better where it is good."""

import numpy as np
import pytest
from scipy.special import erf

from pontecorvo.base import weights as iw
from pontecorvo.sbi.annealed import LEAST, Space, anneal, coordinate_features

WIDTH = 0.12
LOG_Z = 2 * np.log(WIDTH * np.sqrt(2 * np.pi) * erf(0.5 / (WIDTH * np.sqrt(2))))


def log_peak(u):
    """A normal peak in the first two of three coordinates."""
    return -0.5 * (((u[:, :2] - 0.5) / WIDTH) ** 2).sum(axis=1)


def log_target(u, rng):
    """The last coordinate, which nothing knows, is drawn anew from a density 2 u."""
    u[:, 2] = np.sqrt(rng.random(len(u)))
    return log_peak(u) + np.log(2 * u[:, 2]) - np.log(2 * u[:, 2])


def space(features):
    return Space(slice(0, 2), np.zeros(3, dtype=bool), log_target, features)


def uniform_draws(n, seed):
    u = np.random.default_rng(seed).random((n, 3))
    return u, log_peak(u)


def test_weights_stay_exact_and_get_better():
    u, log_weight = uniform_draws(4000, 0)
    told = space(lambda points, log_density: points[:, :2])
    done = anneal(told, u, log_weight, log_weight, 1, levels=8, moves=6)
    assert iw.kish_ess(log_weight) / 4000 < 0.3
    assert iw.kish_ess(done.log_weight) > 2 * iw.kish_ess(log_weight)
    value, error = iw.log_evidence(done.log_weight)
    assert error < 0.03
    assert abs(value - LOG_Z) < 4 * error
    # the weighted points have the target's moments
    weight = iw.normalised(done.log_weight)
    mean = (weight[:, None] * done.u).sum(axis=0)
    spread = np.sqrt((weight[:, None] * (done.u - mean) ** 2).sum(axis=0))
    np.testing.assert_allclose(mean[:2], 0.5, atol=0.01)
    np.testing.assert_allclose(spread[:2], WIDTH, atol=0.008)
    assert min(done.notes["explained"]) > 0.8
    again = anneal(told, u, log_weight, log_weight, 1, levels=8, moves=6)
    np.testing.assert_array_equal(again.log_weight, done.log_weight)


def test_a_wrong_guess_and_few_moves_leave_the_evidence():
    """The guess knows one coordinate only, and the walk hardly mixes: worse weights, right ones."""
    values, errors = [], []
    for seed in range(6):
        u, log_weight = uniform_draws(1500, seed)
        told = space(lambda points, log_density: points[:, :1])
        done = anneal(told, u, log_weight, log_weight, seed, levels=3, moves=1)
        value, error = iw.log_evidence(done.log_weight)
        values.append(value)
        errors.append(error)
    assert abs(np.mean(values) - LOG_Z) < 4 * np.mean(errors) / np.sqrt(6)


def test_useless_features_change_nothing():
    u, log_weight = uniform_draws(1000, 3)
    told = space(lambda points, log_density: points[:, 2:])
    done = anneal(told, u, log_weight, log_weight, 1, levels=4, moves=2)
    np.testing.assert_array_equal(done.u, u)
    np.testing.assert_array_equal(done.log_weight, log_weight)
    assert done.notes["moved"] == 0


def test_few_draws_teach_nothing():
    u, log_weight = uniform_draws(2 * LEAST - 2, 4)
    told = space(lambda points, log_density: points)
    done = anneal(told, u, log_weight, log_weight, 1, levels=4, moves=2)
    np.testing.assert_array_equal(done.log_weight, log_weight)


def test_periodic_coordinates_are_continuous_features():
    periodic = np.array([True, False])
    ends = coordinate_features(np.array([[0.0, 0.3], [1.0 - 1e-12, 0.3]]), periodic)
    assert ends.shape == (2, 4)
    np.testing.assert_allclose(ends[0, 2:], ends[1, 2:], atol=1e-9)


@pytest.mark.parametrize("levels", [1, 5])
def test_one_level_is_plain_weighing(levels):
    u, log_weight = uniform_draws(900, 5)
    told = space(lambda points, log_density: points[:, :2])
    done = anneal(told, u, log_weight, log_weight, 1, levels=levels, moves=0)
    np.testing.assert_allclose(done.log_weight, log_weight, atol=1e-9)
