"""Units and signs that cannot be meant: declared by the model's quantity, not by its name."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.core.measurement import Measured
from pontecorvo.core.plausibility import implausible
from pontecorvo.core.quantity import Quantity


@dataclass(frozen=True)
class Declared(Quantity):
    sign: int = 0
    typical: tuple[float, float] | None = None


ANGLE = Declared("phi", "", "rad")
MASS = Declared("gap", "", "eV^2", "m3 is lightest", -1, (1e-4, 1e-1))
SMALL = Declared("step", "", "eV^2", "", 1, (1e-6, 1e-3))


def measured(name, centre, error, width=3.0, period=None):
    return Measured(
        name, centre, error, error, centre - width * error, centre + width * error, period
    )


@given(st.floats(0, 2 * np.pi), st.floats(0.01, 1.0))
def test_angles_in_rad_pass(centre, error):
    assert implausible(measured("phi", centre, error, period=2 * np.pi), ANGLE) is None


@pytest.mark.parametrize(("centre", "error"), [(212, 30), (1.0, 30), (-170, 1)])
def test_degrees_are_told_from_radians(centre, error):
    sentence = implausible(measured("phi", centre, error, 0.1, 2 * np.pi), ANGLE)
    assert "unit: deg" in sentence
    assert "phi" in sentence


def test_a_range_wider_than_the_circle_is_told():
    assert "wider than the circle" in implausible(measured("phi", 1.0, 2.0), ANGLE)


def test_the_sign_and_its_reason_are_said():
    sentence = implausible(measured("gap", 2.5e-3, 2e-5), MASS)
    assert "negative" in sentence
    assert "m3 is lightest" in sentence
    assert implausible(measured("gap", -2.5e-3, 2e-5), MASS) is None


def test_a_power_of_ten_is_suggested():
    sentence = implausible(measured("step", 7.49, 0.19), SMALL)
    assert "1e-5 eV^2" in sentence
    assert implausible(measured("step", 7.49e-5, 1.9e-6), SMALL) is None


def test_a_plain_quantity_declares_nothing():
    assert implausible(measured("anything", -1e9, 1.0), Quantity("anything")) is None


@given(st.floats(1e-300, 1e300))
def test_any_size_gets_an_answer(size):
    sentence = implausible(Measured("step", size, size, size, -size, 9 * size), SMALL)
    assert (sentence is None) == (1e-6 <= size <= 1e-3)
