import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from pontecorvo.core.interpolation import MonotoneBicubic, MonotoneCubic, with_vertices, wrapped

GRID = np.array([0.0, 0.5, 0.8, 1.7, 2.0, 3.1, 4.0])


@given(st.lists(st.floats(-10, 10), min_size=7, max_size=7))
def test_one_variable_passes_the_knots_and_never_overshoots(values):
    curve = MonotoneCubic(GRID, np.array(values))
    np.testing.assert_allclose(curve(GRID), values, atol=1e-12)
    for left, right, a, b in zip(GRID[:-1], GRID[1:], values[:-1], values[1:], strict=True):
        between = curve(np.linspace(left, right, 20))
        assert between.min() >= min(a, b) - 1e-12
        assert between.max() <= max(a, b) + 1e-12


def test_a_periodic_curve_is_the_same_a_turn_away_and_smooth_at_the_seam():
    angles = np.linspace(0, 2 * np.pi, 25)
    curve = MonotoneCubic(angles, 2 - np.cos(angles - 0.3), 2 * np.pi)
    x = np.linspace(-20, 20, 101)
    np.testing.assert_allclose(curve(x), curve(x + 2 * np.pi), atol=1e-12)
    np.testing.assert_allclose(curve(x), 2 - np.cos(x - 0.3), atol=0.02)
    step = 1e-6
    slopes = [
        float((curve(e + step) - curve(e))[0] / step) for e in (np.zeros(1), -step + np.zeros(1))
    ]
    assert slopes[0] == pytest.approx(slopes[1], abs=1e-4)


def test_crossings_are_where_the_curve_is_at_the_level():
    curve = MonotoneCubic(GRID, np.array([4.0, 1.0, 0.0, 2.0, 1.5, 3.0, 9.0]))
    marks = curve.crossings(1.75)
    assert len(marks) == 4
    np.testing.assert_allclose(curve(marks), 1.75, atol=1e-9)


@given(st.floats(0.3, 0.7), st.floats(0.5, 50))
def test_the_vertex_of_a_parabola_is_found_between_the_knots(centre, curvature):
    grid = np.linspace(0, 1, 12)
    knots, heights = with_vertices(grid, 3 + curvature * (grid - centre) ** 2)
    assert heights.min() == pytest.approx(3, abs=1e-6 * curvature)
    assert knots[np.argmin(heights)] == pytest.approx(centre, abs=1e-5)
    assert set(grid) <= set(knots)


def test_between_two_equal_knots_there_is_one_vertex():
    grid = np.arange(6.0)
    knots, heights = with_vertices(grid, (grid - 2.5) ** 2)
    assert len(knots) == 7
    assert (knots[3], heights[3]) == (2.5, 0.0)


@given(st.integers(0, 3))
def test_two_variables_are_the_monotone_cubic_on_each_line_of_the_grid(row):
    rng = np.random.default_rng(3)
    y = np.array([0.0, 1.0, 1.5, 2.0, 4.0])
    values = rng.normal(size=(len(GRID), len(y)))
    surface = MonotoneBicubic((GRID, y), values)
    x = np.linspace(0, 4, 33)
    np.testing.assert_allclose(
        surface(x, np.full(33, y[row])), PchipInterpolator(GRID, values[:, row])(x), atol=1e-12
    )
    across = np.linspace(0, 4, 17)
    np.testing.assert_allclose(
        surface(np.full(17, GRID[row]), across),
        PchipInterpolator(y, values[row])(across),
        atol=1e-12,
    )


def test_two_variables_reproduce_a_smooth_function_and_its_period():
    x, y = np.linspace(-1, 1, 41), np.linspace(0, 2 * np.pi, 73)
    function = lambda a, b: a**2 + np.cos(b) * (1 + 0.3 * a)  # noqa: E731
    surface = MonotoneBicubic((x, y), function(x[:, None], y), (None, 2 * np.pi))
    rng = np.random.default_rng(1)
    a, b = rng.uniform(-0.9, 0.9, 500), rng.uniform(-10, 10, 500)
    np.testing.assert_allclose(surface(a, b), function(a, b), atol=4e-3)


def test_wrapped_does_not_count_the_same_point_twice():
    grid = np.array([0.0, 90.0, 180.0, 270.0, 360.0])
    knots, values = wrapped(grid, np.array([1.0, 2.0, 3.0, 4.0, 1.0]), 360.0)
    assert (np.diff(knots) > 0).all()
    assert values[np.searchsorted(knots, 360.0)] == 1.0


@pytest.mark.parametrize(
    ("grid", "period", "words"),
    [([0, 1, 1, 2], None, "ascend"), ([0, 1, 2], None, "four"), ([0, 1, 2, 9], 6.3, "period")],
)
def test_bad_grids_say_why(grid, period, words):
    with pytest.raises(ValueError, match=words):
        MonotoneCubic(np.array(grid, float), np.zeros(len(grid)), period)
