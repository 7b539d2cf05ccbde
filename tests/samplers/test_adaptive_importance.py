"""Refinement finds what a bad proposal only hints at, and its density is a density."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pontecorvo.base import weights as iw
from pontecorvo.samplers.adaptive_importance import (
    ENOUGH,
    from_logits,
    kernels,
    refine,
    tempered,
    to_logits,
)

LOW, HIGH = np.array([-4.0, -2.0]), np.array([0.0, 2.0])


def peak(centre, width):
    """Log of a normalised Gaussian of the box; its edges are far, or cut half of it."""

    def log_target(points):
        z = (points - centre) / width
        return -0.5 * np.sum(z**2, axis=1) - np.log(2 * np.pi * np.prod(width * np.ones(2)))

    return log_target


def uniform(n, seed):
    return np.random.default_rng(seed).uniform(LOW, HIGH, (n, 2))


@pytest.mark.parametrize(
    ("centre", "width", "log_evidence"),
    [
        ((-1.0, 0.5), (1e-3, 1e-3), 0.0),
        ((0.0, 0.5), (0.01, 0.0003), np.log(0.5)),  # half of it is beyond the edge
    ],
)
def test_a_narrow_peak_is_found_from_few_draws_and_weighs_what_it_should(
    centre, width, log_evidence
):
    log_target = peak(np.array(centre), np.array(width))
    start = uniform(200, 1)
    weights = log_target(start) + np.log(16.0)
    assert iw.kish_ess(weights) < 5
    found = refine(start, weights, log_target, LOW, HIGH, seed=2)
    assert found.efficiency >= ENOUGH
    points = found.proposal.sample(5_000, 3)
    assert np.all((points > LOW) & (points < HIGH))
    fresh = log_target(points) - found.proposal.log_density(points)
    log_z, error = iw.log_evidence(fresh)
    assert error < 0.02
    assert abs(log_z - log_evidence) < 5 * error
    share = iw.normalised(fresh)
    assert abs(share @ points[:, 1] - centre[1]) < 0.1 * width[1]
    assert iw.pareto_k(fresh) < 0.5


def test_two_peaks_keep_their_shares():
    one, two = peak(np.array([-3.0, -1.0]), 0.02), peak(np.array([-0.5, 1.5]), 0.05)

    def both(points):
        return np.logaddexp(np.log(0.3) + one(points), np.log(0.7) + two(points))

    start = uniform(4000, 5)
    found = refine(start, both(start) + np.log(16.0), both, LOW, HIGH, seed=6, population=500)
    points = found.proposal.sample(12_000, 7)
    share = iw.normalised(both(points) - found.proposal.log_density(points))
    assert share[points[:, 0] < -2].sum() == pytest.approx(0.3, abs=0.03)


def test_the_density_of_kernels_integrates_to_one():
    centres = np.random.default_rng(8).uniform([-0.3, 1.8], [0.0, 2.0], (10, 2))
    made = kernels(centres, np.zeros(10), LOW, HIGH, seed=9)
    x = np.linspace(-20, 25, 751)
    logits = np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1).reshape(-1, 2)
    points = from_logits(logits, LOW, HIGH)
    _, log_volume = to_logits(points, LOW, HIGH)
    total = np.exp(made.log_density(points) + log_volume).sum() * (x[1] - x[0]) ** 2
    assert total == pytest.approx(1.0, abs=0.01)


@given(st.integers(0, 10_000), st.floats(0.1, 1e4))
@settings(max_examples=30, deadline=None)
def test_tempering_leaves_what_was_asked_for(seed, scale):
    values = scale * np.random.default_rng(seed).standard_normal(200)
    values[::7] = -np.inf
    soft = tempered(values, 0.1)
    assert iw.kish_ess(soft) >= 0.1 * 200 - 1e-6
    assert np.all(np.isinf(soft) == np.isinf(values))
    if iw.kish_ess(values) >= 20:
        np.testing.assert_allclose(soft, values - values.max())


def test_it_ends_in_the_same_numbers_and_gives_up_where_nothing_is_left():
    log_target = peak(np.array([-1.0, 0.0]), 0.01)
    start = uniform(100, 11)
    first, second = (
        refine(start, log_target(start), log_target, LOW, HIGH, seed=12) for _ in range(2)
    )
    np.testing.assert_array_equal(first.proposal.centres, second.proposal.centres)
    nothing = refine(start, np.zeros(100), lambda p: np.full(len(p), -np.inf), LOW, HIGH)
    assert nothing.efficiency == 0.0
    assert nothing.rounds == 1
