import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.measurements.published import (
    CONVERSIONS,
    REFERENCE_DM2_21,
    observable,
)


@given(st.floats(0.001, 0.2), st.floats(1e-4, 0.01), st.sampled_from(["no", "io"]))
def test_twice_the_angle(double, error, ordering):
    found = observable("sin2_2theta13", ordering, double, error, error)
    assert 4 * found.central * (1 - found.central) == pytest.approx(double)
    end = found.central + found.plus
    assert 4 * end * (1 - end) == pytest.approx(double + error)


@given(st.floats(2.0, 3.0), st.floats(0.01, 0.1), st.floats(0.01, 0.1))
def test_splittings_in_both_orderings(size, plus, minus):
    normal = observable("abs_dm2_32", "no", size, plus, minus)
    assert normal.central == pytest.approx(1e-3 * size + REFERENCE_DM2_21)
    inverted = observable("abs_dm2_32", "io", size, plus, minus)
    assert inverted.central == pytest.approx(-1e-3 * size)
    assert inverted.plus == pytest.approx(1e-3 * minus)  # a larger size is further below zero
    assert inverted.minus == pytest.approx(1e-3 * plus)
    assert inverted.low < inverted.central < inverted.high
    both = observable("abs_dm2_31", "io", size, plus, minus)
    assert both.central == pytest.approx(-1e-3 * size - REFERENCE_DM2_21)
    ee = observable("abs_dm2_ee", "no", size, plus, minus)
    assert 1e-3 * size < ee.central < 1e-3 * size + REFERENCE_DM2_21


def test_delta_in_units_of_pi_lies_in_one_turn():
    found = observable("delta_pi", "no", -0.87, 0.35, 0.21)
    assert found.central == pytest.approx(1.13 * np.pi)
    assert found.plus == pytest.approx(0.35 * np.pi)
    assert found.high - found.low == pytest.approx(0.56 * 3 * np.pi)
    wide = observable("delta_cp", "no", 10, 90, 90)
    assert wide.high - wide.low == pytest.approx(2 * np.pi)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("dm2_12", "no", 1, 1, 1), "did you mean"),
        (("dm2_21", "no", 1, -1, 1), "positive"),
        (("sin2_2theta13", "no", 0.9, 0.2, 0.1), "between 0 and 1"),
        (("sin2_2theta13", "no", 1.2, 0.2, 0.1), "between 0 and 1"),
    ],
)
def test_bad_numbers_get_one_sentence(arguments, words):
    with pytest.raises(InputError, match=words):
        observable(*arguments)


def test_every_kind_names_an_observable():
    names = {"dm2_21", "dm2_3l", "sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp"}
    assert {name for name, _ in CONVERSIONS.values()} == names
