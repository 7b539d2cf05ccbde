"""The dipole's loop function against its closed form in many digits, and the sheet's values."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.problems.flavour.predictions.lfv_loops import (
    dipole_loop,
    dipole_loop_minus_massless,
)


def _exact(x):
    with mpmath.workdps(80):
        x = mpmath.mpf(x)
        top = 10 - 43 * x + 78 * x**2 - 49 * x**3 + 4 * x**4 + 18 * x**3 * mpmath.log(x)
        return float(top / (3 * (x - 1) ** 4) - mpmath.mpf(10) / 3)


@given(st.floats(-26, 24).map(lambda e: 10.0**e) | st.floats(0.8, 1.2))
def test_relative_accuracy_everywhere(x):
    if x == 1.0:
        x = 1.0 + 1e-9
    # the closed form itself needs x - 1 to the fourth power: 80 digits are enough at 1e-9
    assert dipole_loop_minus_massless(x) == pytest.approx(_exact(x), rel=3e-12)


def test_ends():
    assert dipole_loop(0.0) == 10 / 3
    assert dipole_loop(np.inf) == pytest.approx(4 / 3, rel=1e-15)
    assert dipole_loop(1.0) == pytest.approx(17 / 6, rel=1e-13)
    assert np.isnan(dipole_loop_minus_massless([-1.0, np.nan])).all()


# predictions.md: F at m = 10, 100, 1000, 1e4 GeV; M_W = 80.379 GeV gives all its digits
@pytest.mark.parametrize(
    ("mass", "value"), [(10, 3.3183), (100, 2.6934), (1000, 1.4618), (1e4, 1.3364)]
)
def test_values_of_the_sheet(mass, value):
    assert round(float(dipole_loop((mass / 80.379) ** 2)), 4) == value
