"""Compiled paths of energy scales against the plain formulas, and shifts bin by bin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from pontecorvo.physics.reactor import shift_energy_scale
from pontecorvo.problems.sterile.experiment_registry import load_experiment
from pontecorvo.problems.sterile.scale import averaged
from pontecorvo.problems.sterile.scale_kernel import segments


def shifted_plainly(shift, counts, low, high):
    """One spectrum, bin by bin: the density between bins is linear, outside there is none."""
    bins = len(counts)
    result = np.zeros(bins)
    for b in range(bins):
        place = shift * (b + bins * low / (high - low) + 0.5) + b
        if -1 <= place < bins:
            first = int(np.floor(place))
            here = counts[first] if first >= 0 else 0.0
            following = counts[first + 1] if first + 1 < bins else 0.0
            result[b] = (1 + shift) * (here + (following - here) * (place - first))
    return result


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.floats(-0.9, 0.9))
def test_shifts(seed, shift):
    rng = np.random.default_rng(seed)
    counts = rng.random((2, 1, int(rng.integers(2, 40))))
    found = shift_energy_scale(np.array([shift, 0.0, -shift]), counts, 1.8, 9.8)
    assert found.shape == (2, 3, counts.shape[2])
    assert_allclose(found[1, 0], shifted_plainly(shift, counts[1, 0], 1.8, 9.8), atol=1e-12)
    assert_allclose(found[0, 1], counts[0, 0], atol=1e-12)


@pytest.mark.parametrize("name", ["danss", "neos", "bugey3"])
def test_paths_are_shifted_predictions_and_segments_their_distances(name):
    experiment = load_experiment(name)
    s22, dm2 = np.array([0.0, 0.1, 0.9]), np.array([1.0, 0.4, 7.0])
    paths = experiment.paths(s22, dm2)
    expected = experiment.shifted(s22, dm2, (experiment.nodes * experiment.scale_sigma)[None])
    assert_allclose(paths, expected, rtol=1e-12)
    start, slope, curve = np.empty((3, *paths.shape[:2], paths.shape[2] - 1))
    segments(paths, experiment.data[None], experiment._whitener, start, slope, curve)
    white = experiment.white(experiment.data - paths)
    step = np.diff(white, axis=2)
    assert_allclose(start, (white[:, :, :-1] ** 2).sum(axis=-1), rtol=1e-9)
    assert_allclose(slope, -(white[:, :, :-1] * step).sum(axis=-1), rtol=1e-7, atol=1e-8)
    assert_allclose(curve, (step**2).sum(axis=-1), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", ["neos", "danss", "bugey3"])
def test_without_oscillations_no_splitting_matters(name):
    """Shifts that change nothing at all leave an average of one number."""
    experiment = load_experiment(name)
    dm2 = np.array([0.01, 0.3, 1.7, 30.0, 99.99, 100.0])
    value = experiment.marginal(np.zeros(len(dm2)), dm2)
    assert_allclose(value, value[0], rtol=1e-6)


def test_average_over_a_segment_where_nothing_changes():
    flat = np.zeros((1, 1, 3))
    assert_allclose(averaged(flat + 4.2, flat, flat, np.ones(1)), 4.2, rtol=1e-12)
