"""Trials where the plane's points are far apart in chi2: at large mixing."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from pontecorvo.frequentist.neighbourhood import NOWHERE, REACH, STEP, Neighbourhood, lattice
from pontecorvo.frequentist.plane import Plane
from pontecorvo.frequentist.toys import observed_statistic, statistic
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.plane_likelihood import grid_problem, sterile_plane

NAMES = "reno,double-chooz"
PRECISE = (-0.33, -1.0)
CELL = np.array([0.1, 0.02])
LOW, HIGH = np.array([-4.0, -2.0]), np.array([0.0, 2.0])


def test_lattice_follows_the_curvature():
    curvature = np.array([[40.0, 60.0], [60.0, 900.0]])
    centre = np.array([-1.0, 0.3])
    points, places = lattice(centre, curvature, CELL, LOW, HIGH)
    away = (points - centre) / CELL
    chi2 = np.einsum("ni,ij,nj->n", away, curvature, away)
    assert chi2.max() <= REACH**2 * (1 + 1e-9)
    assert chi2.min() == pytest.approx(STEP**2)
    steps = np.linalg.norm(places, axis=1)
    assert_allclose(chi2, (STEP * steps) ** 2, rtol=1e-6)
    assert len(points) == sum(
        0 < i * i + j * j <= (REACH / STEP) ** 2 for i in range(-9, 10) for j in range(-9, 10)
    )


def test_lattice_stays_on_the_plane_and_is_left_out_where_it_is_not_needed():
    steep = np.diag([1e4, 1e4])
    points, places = lattice(np.array([0.0, 2.0]), steep, CELL, LOW, HIGH)
    assert np.all(points <= HIGH)
    moved = np.any(points == HIGH, axis=1)
    assert moved.any()
    # an edge through the centre moves no point that was on it
    assert np.all(places[~moved] < NOWHERE)
    assert len(np.unique(points, axis=0)) == len(points)
    assert lattice(np.array([-3.0, 0.0]), np.diag([0.1, 0.3]), CELL, LOW, HIGH) is None


@pytest.fixture(scope="module")
def problem():
    experiments = load_experiments(NAMES)
    return grid_problem(experiments, sterile_plane((13, 13), experiments, between=1))


def test_trials_at_large_mixing_find_better_points_than_their_own(problem):
    """Two parameters well measured: the statistic is chi2 of two, not zero."""
    truth = problem.plane.nearest(PRECISE)
    near = problem.near(truth)
    assert_allclose(near.plane.fitted[-1], problem.plane.fitted[truth])
    values = statistic(problem, problem.draw(truth, 2000, np.random.default_rng(2)), truth)
    assert np.mean(values < 1e-6) < 0.01
    found = np.quantile(values, [0.5, 0.68, 0.9])
    assert_allclose(found, [1.386, 2.279, 4.605], rtol=0.08)


def bowl(points, centre, matrix):
    away = points - centre
    return np.einsum("...i,ij,...j->...", away, matrix, away)


def test_lowest_between_the_points_of_a_lattice_is_the_bottom_of_a_bowl():
    matrix = np.array([[60.0, 25.0], [25.0, 40.0]])
    plane = Plane.regular((9, 9), ("x", 0.0, 8.0), ("y", 0.0, 8.0))
    made = {}

    def distance(centres, points):
        return np.stack([bowl(p, c, matrix) for p, c in zip(points, centres, strict=True)])

    def build(small):
        made["plane"] = small
        return None

    Neighbourhood(plane, distance, build).at(plane.nearest((4, 4)))
    small, rng = made["plane"], np.random.default_rng(3)
    root = np.linalg.inv(np.linalg.cholesky(matrix))
    bottoms = np.array([4.0, 4.0]) + rng.uniform(-1, 1, (200, 2)) @ root  # inside the lattice
    chi2 = 7 + bowl(small.fitted, bottoms[:, None], matrix)
    assert chi2.min(axis=1).max() > 7.2
    assert_allclose(small.lowest(chi2), 7, atol=1e-9)
    # at its rim neighbours are missing: never above the best point, never far below the bottom
    outside = np.array([4.0, 4.0]) + 5 * rng.standard_normal((200, 2)) @ root
    chi2 = bowl(small.fitted, outside[:, None], matrix)
    lowest = small.lowest(chi2)
    assert np.all(lowest <= chi2.min(axis=1))
    assert np.all(lowest > -1e-9)


def test_nothing_is_near_where_neighbours_are_close(problem):
    assert problem.near(problem.plane.nearest((-3.5, 0))) is None
    assert problem.near(problem.null) is None


def test_lattices_laid_out_together_are_those_laid_out_alone(problem):
    experiments = load_experiments(NAMES)
    together = grid_problem(experiments, sterile_plane((13, 13), experiments, between=1))
    points = np.array([problem.plane.nearest(p) for p in (PRECISE, (-3.5, 0), (-0.1, 0.5))])
    together.prepare(np.append(points, together.null))
    for point in points:
        alone, known = problem.near(point), together.near(point)
        assert (alone is None) == (known is None)
        if alone is not None:
            assert_allclose(alone.plane.fitted, known.plane.fitted, rtol=1e-9, atol=1e-12)


def test_observed_statistic_is_the_exact_chi2(problem):
    """The data measured at a point of the plane: the statistic looks between the points."""
    joint = JointLikelihood(load_experiments(NAMES))
    truth = problem.plane.nearest(PRECISE)
    best = int(problem.observed_chi2[: problem.plane.size].argmin())
    x, y = problem.plane.fitted[best]
    around = problem.near(best)
    fine = 0.0 if around is None else around.observed_chi2[-2] - around.observed_chi2.min()
    assert observed_statistic(problem, best) >= max(fine, 0.0)
    here = joint.chi2(np.array([10**x]), np.array([10**y]))[0]
    assert problem.observed_chi2[best] == pytest.approx(here, rel=1e-8)
    assert observed_statistic(problem, truth) > 0


def test_trials_of_one_truth_lose_nothing_by_the_pilot(problem):
    for point in (PRECISE, (-2.5, 0.3), (-0.9, 0.5)):
        truth = problem.plane.nearest(point)
        data = problem.draw(truth, 1000, np.random.default_rng(4))
        whole, quick = (statistic(problem, data, truth, alike=alike) for alike in (False, True))
        assert_allclose(quick, whole, atol=1e-6)
    pieces = problem.pieces(
        problem.draw(problem.plane.nearest(PRECISE), 1000, np.random.default_rng(4))
    )
    assert len(problem.screen._reachable(pieces, 6)) < 0.5 * problem.hypotheses
