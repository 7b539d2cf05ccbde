import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.problems.sterile.experiments.dayabay.kinematics import PHASE
from pontecorvo.problems.sterile.experiments.dayabay.survival import (
    Mixing,
    averaged_cosine,
    survival,
)

angle = st.floats(0.0, 0.999)


@given(angle, angle, angle, st.floats(0.01, 50.0), st.floats(300.0, 2000.0))
def test_against_the_amplitude(s13, s12, s14, dm2, baseline):
    mixing = Mixing(s13, 2.5e-3, s12, 7.5e-5, s14, dm2)
    energy = np.array([2.0, 4.0, 7.0])
    weight, mass = mixing.weights(), mixing.masses()
    phases = np.exp(-2j * PHASE * mass[:, None] * baseline / energy)
    direct = np.abs(weight @ phases) ** 2
    found = survival(mixing, np.array(baseline), energy, 0.0)
    assert found == pytest.approx(direct, abs=1e-9)
    assert weight.sum() == pytest.approx(1)


def test_without_sterile_is_three_flavours():
    mixing = Mixing(0.085, 2.5e-3, 0.85, 7.5e-5, 0.3, 1.0)
    assert mixing.without_sterile().weights()[3] == 0


@pytest.mark.parametrize("dm2", [0.1, 1.0, 10.0])
def test_average_is_the_integral(dm2):
    baseline, energy, width, extent = 365.0, 4.0, 0.05, 1.87
    lengths = baseline + extent * (np.arange(4000) + 0.5 - 2000) / 2000
    energies = energy + width * (np.arange(400) + 0.5 - 200) / 400
    direct = np.cos(2 * PHASE * dm2 * lengths[:, None] / energies).mean()
    found = averaged_cosine(dm2, np.array(baseline), np.array([energy]), width, extent)
    assert found[0] == pytest.approx(direct, abs=3e-3)


def test_short_baseline_limit():
    mixing = Mixing(0.0, 2.5e-3, 0.0, 7.5e-5, 0.1, 1.0)
    energy = np.linspace(2, 8, 7)
    expected = 1 - 0.1 * np.sin(1.26693 * 20.0 / energy) ** 2
    assert survival(mixing, np.array(20.0), energy, 0.0) == pytest.approx(expected, abs=1e-5)
