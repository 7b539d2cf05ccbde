import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from pontecorvo.base.errors import InputError
from pontecorvo.core.chi2_table import Chi2Table, TableAxis
from pontecorvo.core.measurement import GaussianMeasurement, Measured


def parabola(centre=1.0, sigma=0.1, offset=0.0, **options):
    grid = np.linspace(0, 2, 201)
    chi2 = ((grid - centre) / sigma) ** 2 + 55.9
    return Chi2Table([TableAxis("x", grid)], chi2, "made up", offset, **options)


@given(st.floats(0.8, 1.2), st.floats(0.05, 0.15))
def test_a_parabola_is_the_normal_measurement(centre, sigma):
    table = parabola(centre, sigma)
    normal = GaussianMeasurement([Measured("x", centre, sigma)])
    x = np.linspace(centre - 3 * sigma, centre + 3 * sigma, 40)[:, None]
    difference = table.log_likelihood(x) - normal.log_likelihood(x)
    np.testing.assert_allclose(difference, 0, atol=0.02)
    quantity = table.quantities[0]
    assert quantity.central == pytest.approx(centre, abs=1e-6)
    assert quantity.plus == pytest.approx(sigma, rel=5e-3)
    assert (quantity.high - quantity.low) == pytest.approx(6 * sigma, rel=5e-3)


def test_it_is_a_density_and_the_offset_is_no_part_of_its_norm():
    table, behind = parabola(), parabola(offset=5.908)
    fine = np.linspace(0, 2, 20_001)
    density = np.exp(table.log_likelihood(fine[:, None]))
    assert integrate.simpson(density, x=fine) == pytest.approx(1, abs=1e-6)
    x = np.array([[0.9], [1.05]])
    np.testing.assert_allclose(
        behind.log_likelihood(x), table.log_likelihood(x) - 0.5 * 5.908, atol=1e-12
    )


def two_minima():
    grid = np.linspace(0.3, 0.7, 81)
    chi2 = np.minimum(((grid - 0.45) / 0.01) ** 2, ((grid - 0.56) / 0.01) ** 2 + 2.0)
    return Chi2Table([TableAxis("s23", grid)], chi2)


def test_two_minima_are_two_intervals():
    table = two_minima()
    assert len(table.intervals("s23", 1.0)) == 1
    low, high = table.intervals("s23", 9.0)
    assert low == pytest.approx((0.42, 0.48), abs=1e-3)
    assert high == pytest.approx((0.56 - 0.01 * 7**0.5, 0.56 + 0.01 * 7**0.5), abs=1e-3)
    inside = table.within_three_sigma(np.array([[0.45], [0.5], [0.56], [np.nan], [0.9]]))
    np.testing.assert_array_equal(inside, [True, False, True, False, False])
    quantity = table.quantities[0]
    assert (quantity.low, quantity.high) == pytest.approx((low[0], high[1]))


def test_outside_is_zero_or_a_parabola_and_it_is_said():
    x = np.array([[-0.5], [2.5], [np.nan]])
    assert np.all(parabola().log_likelihood(x) == -np.inf)
    going_on = parabola(outside="parabola")
    expected = [((v - 1) / 0.1) ** 2 for v in (-0.5, 2.5)]
    np.testing.assert_allclose(going_on.chi2(x)[:2], expected, rtol=0.01)
    assert going_on.chi2(x)[2] == np.inf
    said = going_on.describe()["table"]
    assert said["outside"] == "parabola"
    assert said["edge_delta_chi2"] == pytest.approx(100, rel=1e-3)
    json.dumps(going_on.describe())


@given(st.floats(-np.pi, np.pi))
def test_an_angle_is_the_same_a_turn_away_wherever_its_minimum_lies(centre):
    grid = np.linspace(-np.pi, np.pi, 73)
    chi2 = 80 * (1 - np.cos(grid - centre))
    table = Chi2Table([TableAxis("delta", grid, 2 * np.pi)], chi2)
    x = np.linspace(-9, 9, 50)[:, None]
    np.testing.assert_allclose(table.chi2(x), table.chi2(x + 2 * np.pi), atol=1e-9)
    quantity = table.quantities[0]
    gap = (quantity.central - centre + np.pi) % (2 * np.pi) - np.pi
    assert gap == pytest.approx(0, abs=2e-3)
    assert quantity.plus == pytest.approx(1 / 40**0.5, rel=0.03)
    assert quantity.high - quantity.low == pytest.approx(6 / 40**0.5, rel=0.05)
    assert len(table.intervals("delta", 4.0)) == 1
    inside = table.within_three_sigma(np.array([[centre], [centre + 2 * np.pi], [centre + np.pi]]))
    np.testing.assert_array_equal(inside, [True, True, False])


def surface(rho=-0.224):
    axes = [
        TableAxis("s12", np.linspace(0.25, 0.37, 61)),
        TableAxis("d21", np.linspace(6.7, 8.3, 65)),
    ]
    pulls = np.meshgrid(
        (axes[0].grid - 0.3092) / 0.0087, (axes[1].grid - 7.5) / 0.12, indexing="ij"
    )
    chi2 = (pulls[0] ** 2 - 2 * rho * pulls[0] * pulls[1] + pulls[1] ** 2) / (1 - rho**2)
    return Chi2Table(axes, chi2)


def test_a_surface_is_the_correlated_normal_with_its_correlation():
    table = surface()
    quantities = [
        Measured("s12", 0.3092, 0.0087, 0.0087, 0.25, 0.4),
        Measured("d21", 7.5, 0.12, 0.12, 7, 8),
    ]
    matrix = np.array([[1, -0.224], [-0.224, 1]])
    normal = GaussianMeasurement(quantities, correlation=matrix)
    x = np.random.default_rng(0).normal([0.3092, 7.5], [0.01, 0.15], (200, 2))
    np.testing.assert_allclose(table.log_likelihood(x), normal.log_likelihood(x), atol=0.06)
    for found, given_ in zip(table.quantities, quantities, strict=True):
        assert found.central == pytest.approx(given_.central, rel=2e-3)
        assert found.plus == pytest.approx(given_.plus, rel=0.03)
    grid = np.stack(np.meshgrid(*(axis.grid for axis in table.axes), indexing="ij"), axis=-1)
    share = np.exp(-0.5 * table.delta_chi2).ravel()
    covariance = np.cov(grid.reshape(-1, 2).T, aweights=share)
    correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert correlation == pytest.approx(-0.224, abs=0.01)


def test_a_surface_is_normalised():
    table = surface()
    x, y = table.axes[0].grid, table.axes[1].grid
    fine = np.linspace(x[0], x[-1], 301), np.linspace(y[0], y[-1], 301)
    points = np.stack(np.meshgrid(*fine, indexing="ij"), axis=-1).reshape(-1, 2)
    values = np.exp(table.log_likelihood(points)).reshape(301, 301)
    total = integrate.trapezoid(integrate.trapezoid(values, fine[1]), fine[0])
    assert total == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize(
    ("axes", "values", "words"),
    [
        ([], np.zeros(0), "one or two"),
        ([("a", 4), ("a", 4)], np.zeros((4, 4)), "one or two different"),
        ([("a", 5)], np.arange(4.0), "on a grid of"),
        ([("a", 4)], np.array([1.0, np.nan, 2, 3]), "finite"),
        ([("a", 4)], np.ones(4), "measures nothing"),
        ([("a", 3)], np.arange(3.0), "four"),
    ],
)
def test_bad_tables_get_one_sentence(axes, values, words):
    made = [TableAxis(name, np.arange(float(size))) for name, size in axes]
    with pytest.raises(InputError, match=words):
        Chi2Table(made, values)


def test_unknown_names_and_modes_get_one_sentence():
    with pytest.raises(InputError, match="allowed: x"):
        parabola().profile("y")
    with pytest.raises(InputError, match="allowed: zero, parabola"):
        parabola(outside="linear")
