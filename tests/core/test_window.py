"""Windows: a map of the cube there and back, its Jacobian, and what shape gives which width."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement import Measured
from pontecorvo.core.window import Window, measured_window

GAUSS = SimpleNamespace(shape="gaussian", is_gaussian=True)
SPLIT = SimpleNamespace(shape="split", is_gaussian=False)
TABLE = SimpleNamespace(shape="table", is_gaussian=False)
BOX = SimpleNamespace(shape="box", is_gaussian=False)
ONE = Measured("x", 2.0, 0.2, 0.1, 1.7, 2.9)

windows = st.builds(
    Window,
    low=st.floats(-3, -1),
    high=st.floats(1, 3),
    centre=st.floats(-1, 1),
    width=st.one_of(st.none(), st.floats(0.3, 5)),
)


@given(windows, st.lists(st.floats(0.001, 0.999), min_size=1, max_size=5))
def test_there_and_back_with_the_right_volume(window, u):
    u = np.array(u)
    x, log_slope = window.value(u)
    assert ((x >= window.low) & (x <= window.high)).all()
    assert window.coordinate(x) == pytest.approx(u, abs=1e-10)
    step = 1e-6
    slope = (window.value(u + step)[0] - window.value(u - step)[0]) / (2 * step)
    assert np.exp(log_slope) == pytest.approx(slope, rel=1e-4)


@given(windows)
def test_the_mean_is_that_of_the_cut_normal(window):
    mean = quad(lambda u: window.value(np.array([u]))[0][0], 0, 1)[0]
    if window.width is None:
        expected = 0.5 * (window.low + window.high)
    else:
        ends = np.array([window.low, window.high])
        density = np.exp(-0.5 * ((ends - window.centre) / window.width) ** 2) / np.sqrt(2 * np.pi)
        bottom, top = window._ends()
        expected = window.centre + window.width * (density[0] - density[1]) / (top - bottom)
    assert mean == pytest.approx(expected, abs=1e-5)


def test_what_a_shape_gives():
    assert measured_window(BOX, ONE) == Window(1.7, 2.9)
    assert measured_window(BOX, ONE, shift=0.5) == Window(1.2, 2.9)
    assert measured_window(GAUSS, ONE, 0, 9) == Window(0, 9, 2.0, ONE.sigma)
    # the larger of two errors, a tenth wider; a tail of 0.9 reaches further than three errors
    assert measured_window(SPLIT, ONE, 0, 9).width == pytest.approx(1.1 * 0.2)
    assert measured_window(TABLE, ONE, 0, 9).width == pytest.approx(1.1 * 0.3)
    vague = Measured("x", 2.0, 1e6, 1e6, -3e6, 3e6)
    assert measured_window(SPLIT, vague, 0, 9) == Window(0, 9)


def test_an_impossible_centre_is_told():
    with pytest.raises(InputError, match=r"measurement x: 2\.0 is not in \(3, 4\)"):
        measured_window(GAUSS, ONE, 3, 4)
