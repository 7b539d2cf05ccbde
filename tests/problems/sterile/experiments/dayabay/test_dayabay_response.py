import numpy as np
import pytest

from pontecorvo.problems.sterile.experiments.dayabay.flux import hat_functions
from pontecorvo.problems.sterile.experiments.dayabay.release import FINE_EDGES, rebin_matrix
from pontecorvo.problems.sterile.experiments.dayabay.response import (
    axis_matrix,
    resolution_matrix,
    scaled_vessel,
)

CENTRES = 0.5 * (FINE_EDGES[1:] + FINE_EDGES[:-1])


def test_axis_matrix_of_the_identity():
    x = np.linspace(0, 12, 1001)
    assert axis_matrix(x, x) == pytest.approx(np.eye(240), abs=1e-12)


def test_axis_matrix_moves_energy_and_keeps_events():
    x = np.linspace(0.5, 12.1, 2000)
    y = x * (1 - 0.1 * np.exp(-x))
    matrix = axis_matrix(x, y)
    inside = slice(12, 230)
    assert matrix.sum(axis=0)[inside] == pytest.approx(1)
    mean = CENTRES @ matrix
    assert mean[inside] == pytest.approx(np.interp(CENTRES, x, y)[inside], abs=0.02)
    assert matrix[:, :10].sum() == 0  # below the curve nothing is known


def test_resolution_keeps_events_and_has_its_width():
    matrix = resolution_matrix(np.array([0.016, 0.081, 0.026]))
    inside = slice(20, 200)
    assert matrix.sum(axis=0)[inside] == pytest.approx(1, abs=1e-6)
    mean = CENTRES @ matrix
    width = np.sqrt(CENTRES**2 @ matrix - mean**2)
    sigma = np.sqrt(0.016**2 * CENTRES**2 + 0.081**2 * CENTRES + 0.026**2)
    assert width[inside] == pytest.approx(sigma[inside], rel=1e-4)


def test_scaled_vessel():
    rng = np.random.default_rng(3)
    matrix = np.triu(rng.random((240, 240)) / 50) + np.eye(240)
    matrix /= matrix.sum(axis=0)
    assert scaled_vessel(matrix, 1.0) == pytest.approx(matrix)
    assert scaled_vessel(matrix, 0.0) == pytest.approx(np.eye(240))
    more = scaled_vessel(matrix, 1.1)
    assert more.sum(axis=0) == pytest.approx(1)
    assert np.all(np.diagonal(more)[1:] < np.diagonal(matrix)[1:])


def test_rebin():
    edges = np.array([0.7, 1.3, 1.55, 12.0])
    counts = rebin_matrix(edges) @ np.ones(240)
    assert counts.tolist() == [12, 5, 209]


def test_hat_functions_interpolate_and_extrapolate():
    nodes = np.array([2.0, 3.0, 5.0])
    energy = np.array([1.0, 2.0, 2.5, 4.0, 6.0])
    assert (1 + 2 * nodes) @ hat_functions(nodes, energy) == pytest.approx(1 + 2 * energy)
