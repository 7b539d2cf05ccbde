"""Folding loses nothing: all copies have one density, and each folds to the same point."""

import numpy as np
import pytest

from pontecorvo import load_study
from pontecorvo.problems.seesaw.casas_ibarra_folding import (
    COPIES,
    PERIODIC,
    FoldedChart,
    conjugate,
    fold,
    unfold,
)


@pytest.fixture(scope="module", params=["seesaw-no", "seesaw-io"])
def chart(request):
    return FoldedChart(load_study(request.param).target.chart)


@pytest.fixture
def u():
    return np.random.default_rng(11).random((4000, 23))


def distance(a, b):
    gap = np.abs(a - b)
    gap[:, PERIODIC] = np.minimum(gap, 1 - gap)[:, PERIODIC]
    return gap.max()


def test_copies_have_one_density_and_one_fold(chart, u):
    rng = np.random.default_rng(0)
    expected = chart.chart.to_parameters(u)[1]
    inside = np.isfinite(expected)
    w = fold(u)
    for _ in range(4):
        copy = unfold(w, rng)
        np.testing.assert_allclose(
            chart.chart.to_parameters(copy)[1][inside], expected[inside], atol=1e-10
        )
        assert distance(fold(copy), w) < 1e-12


def test_the_fold_is_uniform_where_the_cube_is(u):
    w = fold(np.random.default_rng(2).random((40_000, 23)))
    assert w.min() >= 0
    assert w.max() <= 1
    means, squares = w.mean(axis=0), (w**2).mean(axis=0)
    np.testing.assert_allclose(means, 0.5, atol=5 * np.sqrt(1 / 12 / len(w)))
    np.testing.assert_allclose(squares, 1 / 3, atol=5 * 0.3 / np.sqrt(len(w)))


def test_random_copies_reach_every_copy():
    w = np.repeat(np.random.default_rng(3).random((1, 23)), 30_000, axis=0)
    copies = unfold(w, np.random.default_rng(4))
    assert len(np.unique(copies.round(9), axis=0)) == COPIES


def test_conjugation_is_that_of_the_parameters(chart, u):
    w = fold(u)
    theta, log_volume = chart.to_parameters(w)
    theta[:, 9:18] *= -1
    theta[:, 21:23] = (-theta[:, 21:23]) % (2 * np.pi)
    inside = np.isfinite(log_volume)
    again = chart.from_parameters(theta[inside])
    assert distance(again, conjugate(w)[inside]) < 1e-5  # eigenvectors of a near-degenerate pair


def test_density_is_continuous_where_coordinates_are_periodic(chart, u):
    rng = np.random.default_rng(5)
    for column in np.flatnonzero(PERIODIC):
        first, last = fold(u), fold(u)
        first[:, column], last[:, column] = 1e-9, 1 - 1e-9
        a, b = chart.to_parameters(first)[1], chart.chart.to_parameters(unfold(last, rng))[1]
        inside = np.isfinite(a) & np.isfinite(b)
        np.testing.assert_allclose(a[inside], b[inside], atol=1e-5)


def test_drawn_phases_have_the_density_that_is_said(chart, u):
    """E[target / density] over the drawn phases is the mean target over uniform ones."""
    rng = np.random.default_rng(6)
    w = np.repeat(fold(u[:20]), 4000, axis=0)
    drawn = w.copy()
    log_density = chart.complete(drawn, rng)
    np.testing.assert_array_equal(drawn[:, :15], w[:, :15])
    w[:, 15:] = rng.random((len(w), 8))

    top = max(chart.to_parameters(points)[1].max() for points in (w, drawn))
    plain = np.exp(chart.to_parameters(w)[1] - top).reshape(20, 4000)
    weighted = np.exp(chart.to_parameters(drawn)[1] - log_density - top).reshape(20, 4000)
    error = plain.std(axis=1) / np.sqrt(4000)
    pulls = (plain.mean(axis=1) - weighted.mean(axis=1)) / error
    assert np.abs(pulls).max() < 4.5
    # the drawn phases take nearly all the variation away
    assert (weighted.std(axis=1) / weighted.mean(axis=1)).max() < 0.15
