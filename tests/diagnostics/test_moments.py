import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.diagnostics.moments import moments


def test_on_a_line_they_are_the_weighted_ones():
    rng = np.random.default_rng(1)
    draws, weights = rng.normal(2, 3, (4, 50, 2)), rng.random((4, 50))
    found = moments(draws, weights, None, 1.0)
    for s in range(4):
        mean = np.average(draws[s], axis=0, weights=weights[s])
        variance = np.average((draws[s] - mean) ** 2, axis=0, weights=weights[s])
        np.testing.assert_allclose(found.centre[s], mean)
        np.testing.assert_allclose(found.spread[s] ** 2, variance)
    pulls = found.pull(found.centre[:, None] + 2 * found.spread[:, None])
    np.testing.assert_allclose(pulls, 2)


@given(st.floats(0, 1))
def test_on_a_circle_they_do_not_know_where_it_was_cut(shift):
    draws = 0.5 + 0.05 * np.random.default_rng(2).standard_normal((1, 200, 1))
    weights, periodic = np.ones((1, 200)), np.array([True])
    here = moments(draws, weights, periodic, 1.0)
    there = moments((draws + shift) % 1.0, weights, periodic, 1.0)
    np.testing.assert_allclose(there.spread, here.spread, rtol=1e-9)
    gap = there.centre - here.centre - shift
    np.testing.assert_allclose((gap + 0.5) % 1.0, 0.5, atol=1e-9)


def test_without_spread_there_is_no_pull():
    found = moments(np.ones((1, 5, 1)), np.ones((1, 5)), None, 1.0)
    assert np.isnan(found.pull(np.zeros((1, 3, 1)))).all()
