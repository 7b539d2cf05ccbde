"""Weighted samples: merged, paired, scaled."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import cdist

from pontecorvo.base.errors import InputError
from pontecorvo.diagnostics.weighted_sample import (
    distances,
    make_pair,
    make_sample,
    standard_features,
)


def test_repeats_are_merged_and_their_weights_added():
    points = np.arange(12.0)[:, None] // 2  # each of six values twice
    weights = np.arange(1.0, 13.0)
    sample = make_sample("x", points, np.log(weights))
    assert_allclose(sample.points[:, 0], np.arange(6))
    assert_allclose(sample.weights, weights.reshape(6, 2).sum(axis=1) / weights.sum())
    assert sample.ess == pytest.approx(1 / np.sum(sample.weights**2))
    empty = np.append(np.zeros(11), -np.inf)
    assert len(make_sample("x", np.arange(12.0), empty).points) == 11  # no weight: left out


def test_features_have_mean_zero_and_variance_one_under_the_weights():
    rng = np.random.default_rng(1)
    points = np.column_stack([rng.normal(5, 3, 400), rng.random(400), np.full(400, 2.0)])
    weights = rng.random(400)
    weights /= weights.sum()
    found = standard_features(points, weights, np.array([False, True, False]))
    assert found.shape == (400, 4)
    assert_allclose(weights @ found, 0, atol=1e-12)
    assert_allclose(weights @ found**2, [1, 0, 1, 1], atol=1e-12)  # the constant stays zero
    turned = points + np.array([0.0, 1.0, 0.0])  # a whole period
    again = standard_features(turned, weights, np.array([False, True, False]))
    assert_allclose(again, found, atol=1e-9)


def test_distances_are_euclidean():
    rows = np.random.default_rng(2).standard_normal((30, 4))
    assert_allclose(distances(rows), cdist(rows, rows), atol=1e-6)


def test_what_is_no_sample_is_refused():
    good = np.random.default_rng(3).random((20, 2))
    with pytest.raises(InputError, match="at least 10"):
        make_sample("x", good[:5], None)
    with pytest.raises(InputError, match="NaN or infinite"):
        make_sample("x", np.where(good > 0.9, np.nan, good), None)
    with pytest.raises(InputError, match="one a draw"):
        make_sample("x", good, np.zeros(3))
    with pytest.raises(InputError, match="same columns"):
        make_pair(good, good[:, :1], None, None)
    with pytest.raises(InputError, match="one flag a column"):
        standard_features(good, np.full(20, 0.05), np.array([True]))
