"""The loops behind the charts: a density from a map, its moments, a quantile in a cell."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.problems.sterile.neural.plane_chart_kernel import densities, fraction, moments

X, Y = np.linspace(-4, 0, 41), np.linspace(-2, 2, 61)


def normal(x0, y0, sx, sy):
    """A Gaussian log-likelihood over the plane."""
    return -0.5 * (((X[:, None] - x0) / sx) ** 2 + ((Y - y0) / sy) ** 2)


def integral(table):
    return np.trapezoid(np.trapezoid(table, Y, axis=1), X)


def test_the_density_is_normalised_and_keeps_its_floor():
    table = normal(-2.0, 0.4, 0.3, 0.4)
    top, log_mean = densities(table, X, Y, 0.05, 0.002, 1500.0)
    assert abs(top) < 1e-12
    assert abs(integral(table) - 1) < 1e-9
    assert table.min() >= 0.002 / 16
    mean = integral(np.exp(normal(-2.0, 0.4, 0.3, 0.4))) / 16
    assert abs(log_mean - np.log(mean)) < 1e-9
    assert abs(mean - 2 * np.pi * 0.3 * 0.4 / 16) < 1e-5  # the plane ends at four widths


def test_moments_of_a_normal_density():
    table = np.exp(normal(-2.1, 0.4, 0.3, 0.4))
    out = np.empty(5)
    moments(table, X, Y, out)
    np.testing.assert_allclose(out, [-2.1, 0.4, np.log(0.3), np.log(0.4), 0.0], atol=1e-3)


@given(st.floats(0.0, 5.0), st.floats(0.01, 5.0), st.floats(0.1, 2.0), st.floats(0.0, 1.0))
def test_a_quantile_in_a_cell_of_a_linear_density(left, right, width, share):
    whole = 0.5 * (left + right) * width
    u = fraction(left, right, width, share * whole)
    reached = (left * u + 0.5 * (right - left) * u * u) * width
    assert abs(reached - share * whole) < 1e-9 * max(1.0, whole)
