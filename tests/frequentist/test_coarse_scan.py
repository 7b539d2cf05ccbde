"""The screen in single precision against the whole chi2 in double precision."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from oscillation_toy import counting, spectrum, toy_plane
from pontecorvo.frequentist.chi2_features import Joint
from pontecorvo.frequentist.coarse_scan import PILOT, Screen

PLANE = toy_plane((11, 13))


@pytest.fixture(scope="module")
def problem():
    return Joint("both", [spectrum(PLANE), counting(PLANE, pulls=False)])


def test_tiles_are_chi2_less_that_of_the_null_hypothesis(problem):
    data = problem.draw(40, 300, np.random.default_rng(1))
    pieces, whole = problem.pieces(data), problem.chi2(data)
    screen = Screen(problem.alone)
    found = np.empty_like(whole)
    for rows, chi2 in screen.tiles(pieces):
        found[rows] = chi2  # the array is used again
    # single precision: a part in a million, and what cancels in sums of hundreds
    assert_allclose(found, whole - whole[:, [problem.null]], rtol=2e-6, atol=2e-3)


def test_the_lowest_are_those_of_the_whole_chi2(problem):
    data = problem.draw(40, 60, np.random.default_rng(2))
    chosen = Screen(problem.alone).lowest(problem.pieces(data), 5)
    chi2 = problem.chi2(data)
    wanted = np.sort(chi2, axis=1)[:, :5]
    assert_allclose(np.sort(np.take_along_axis(chi2, chosen, 1), axis=1), wanted, atol=4e-3)


def test_data_sets_alike_look_only_where_they_can_be_and_find_the_same(problem):
    data = problem.draw(problem.null, 8 * PILOT, np.random.default_rng(3))
    screen, pieces = Screen(problem.alone), problem.pieces(data)
    fewer = screen._reachable(pieces, 4)
    assert fewer is not None
    assert len(fewer) < problem.hypotheses
    assert np.array_equal(screen.lowest(pieces, 4), screen.lowest(pieces, 4, alike=True))
