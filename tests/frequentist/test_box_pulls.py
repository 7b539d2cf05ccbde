"""The compiled distance from broken lines, against every point of them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from pontecorvo.frequentist.box_pulls import BoxPaths
from pontecorvo.frequentist.box_pulls_kernel import lowest_on_paths
from pontecorvo.frequentist.plane import Plane


@pytest.mark.parametrize("bins_first", [False, True])
def test_distance_from_lines_by_either_layout(bins_first):
    rng = np.random.default_rng(5)
    count, lines, nodes, bins = 4, 3, 5, 7
    corners = rng.standard_normal((count, lines, nodes, bins))
    data = rng.standard_normal((6, bins))
    asked = rng.integers(0, count, (6, 2))
    share = np.linspace(0, 1, 2001)[:, None, None, None]
    points = (1 - share) * corners[None, :, :, :-1].reshape(
        1, count, lines * (nodes - 1), bins
    ) + share * corners[None, :, :, 1:].reshape(1, count, lines * (nodes - 1), bins)
    squares = np.square(data[:, None, None, None] - points[None]).sum(axis=-1).min(axis=(1, 3))
    norms = np.einsum("hcnb,hcnb->hcn", corners, corners)
    products = np.zeros_like(norms)
    products[:, :, 1:] = np.einsum("hcnb,hcnb->hcn", corners[:, :, 1:], corners[:, :, :-1])
    flat = corners.reshape(count, lines * nodes, bins)
    laid = np.ascontiguousarray(flat.swapaxes(1, 2)) if bins_first else flat
    chi2 = np.empty(asked.shape)
    order = np.argsort(asked, axis=None, kind="stable")
    lowest_on_paths(data, asked, order, laid, bins_first, norms, products, chi2)
    expected = np.take_along_axis(squares, asked, axis=1)
    assert np.all(chi2 <= expected + 1e-9)
    assert_allclose(chi2, expected, atol=1e-5)


class Tilted:
    """Two numbers per bin: an amplitude and a slope, and one shift that moves them along a line."""

    name = "tilted"
    scale_sigma = np.array([0.1])
    energy = np.linspace(-1.0, 1.0, 8)
    data = 1.0 + 0.05 * np.sin(5 * energy)

    def shifted(self, x, y, shifts, /):
        slope = y.reshape(-1, *[1] * (np.ndim(shifts) - 2), 1) + shifts
        level = x.reshape(-1, *[1] * (np.ndim(shifts) - 2), 1)
        return 1.0 - 0.1 * level + slope * self.energy

    def paths(self, x, y, /):
        nodes = np.linspace(-1, 1, 5)[None, None, :, None] * self.scale_sigma
        return self.shifted(x[:, None], y[:, None], np.broadcast_to(nodes, (len(x), 1, 5, 1)))

    def predict(self, x, y, /):
        return self.shifted(x, y, np.zeros((len(x), 1)))

    def draw_shifts(self, n, rng):
        return rng.uniform(-1, 1, (n, 1)) * self.scale_sigma

    def covariance(self):
        return np.diag(np.full(8, 0.03**2))

    def white(self, values):
        return values / 0.03


def box_problem():
    plane = Plane.regular((4, 5), ("level", 0.0, 1.0), ("slope", -0.5, 0.5))
    x, y = np.append(plane.points.T, [[0.0], [0.0]], axis=1)
    return BoxPaths(Tilted(), plane, x, y), x, y


def test_chi2_is_the_minimum_over_the_box():
    problem, x, y = box_problem()
    data = problem.draw(7, 6, np.random.default_rng(1))
    every = np.tile(np.arange(problem.hypotheses), (6, 1))
    found = problem.exact(data, None, every)
    shifts = np.linspace(-0.1, 0.1, 4001)
    for h in range(problem.hypotheses):
        mean = 1 - 0.1 * x[h] + (y[h] + shifts[:, None]) * Tilted.energy
        lowest = np.square((data[:, None] - mean) / 0.03).sum(axis=2).min(axis=1)
        np.testing.assert_allclose(found[:, h], lowest, atol=1e-4)
    whole = problem.chi2(data) + problem.correction(data, every)
    np.testing.assert_allclose(whole, found, rtol=1e-9, atol=1e-9)


def test_draws_and_their_density_agree():
    problem, _, _ = box_problem()
    data, shifts = problem.draw_latent(7, 20_000, np.random.default_rng(2))
    assert np.abs(shifts).max() <= 0.1
    assert problem.latent_size == 1
    np.testing.assert_allclose(data.mean(axis=0), problem.expected(7), atol=3e-3)
    deviance = problem.deviance(data, shifts, np.array([7]))[:, 0]
    assert deviance.mean() == pytest.approx(8, abs=0.15)  # a chi2 of eight bins, given the shift
