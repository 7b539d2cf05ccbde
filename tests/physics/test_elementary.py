"""The straight-line elementary functions against high precision and identities."""

import math

import mpmath
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.physics.elementary import cos_sin_up_to_sign, exp10


@given(st.floats(-249.9, 249.9))
def test_power_of_ten_to_two_units_in_the_last_place(x):
    with mpmath.workdps(40):
        exact = float(mpmath.power(10, mpmath.mpf(x)))
    assert abs(exp10(x) - exact) <= 2 * math.ulp(exact)


def test_outside_its_range_it_is_no_number():
    assert all(math.isnan(exp10(x)) for x in (250.0, -250.0, math.inf, -math.inf, math.nan))
    assert exp10(0.0) == 1.0


@given(st.floats(-1e4, 1e4))
def test_one_common_sign_is_all_that_is_lost(x):
    c, s = cos_sin_up_to_sign(x)
    sign = 1 if c * math.cos(x) + s * math.sin(x) > 0 else -1
    # 33 + 53 bits of pi / 2: what is left after k of them is known to about k 2^-86, and rounding
    assert np.allclose([sign * c, sign * s], [math.cos(x), math.sin(x)], rtol=0, atol=1e-15)
