"""Decay at rest and 12C(nu_e, e-)12N_gs."""

import numpy as np
import pytest
from scipy.integrate import quad

from pontecorvo.physics.carbon_capture import (
    ENDPOINT,
    THRESHOLD,
    carbon_cross_section,
    decay_at_rest,
    fermi_function,
)


def test_spectrum_is_normalised_and_peaks_at_two_thirds():
    assert quad(decay_at_rest, 0, ENDPOINT)[0] == pytest.approx(1)
    energy = np.linspace(0, 60, 60_001)
    assert energy[decay_at_rest(energy).argmax()] == pytest.approx(2 / 3 * ENDPOINT, abs=1e-3)
    assert decay_at_rest(np.array([-1.0, 53.0])).tolist() == [0, 0]


def test_cross_section_opens_at_threshold():
    assert carbon_cross_section(np.array([THRESHOLD - 0.1, 10.0])).tolist() == [0, 0]
    assert (np.diff(carbon_cross_section(np.linspace(THRESHOLD, 52, 200))) > 0).all()


def test_fukugita_shape():
    # ratios to 31.62 MeV of Fukugita et al. 1988 as tabulated for arXiv:1303.3011
    energy = np.array([25.119, 31.623, 50.119, 54.8])
    ours = carbon_cross_section(energy, "fukugita")
    np.testing.assert_allclose(ours / ours[1], [0.3034, 1, 4.517, 5.465], rtol=0.04)


def test_phase_space_is_what_is_left_without_form_factor():
    energy = np.array([20.0, 30.0])
    electron = energy - THRESHOLD + 0.510999
    momentum = np.sqrt(electron**2 - 0.510999**2)
    expected = momentum * electron * fermi_function(momentum, electron, 7, 12)
    np.testing.assert_allclose(carbon_cross_section(energy, "phase-space"), expected, rtol=1e-6)


def test_fermi_function_limits():
    p = np.array([30.0])
    e = np.sqrt(p**2 + 0.511**2)
    assert fermi_function(p, e, 0, 12) == pytest.approx(1)
    # leading order, 1 + pi alpha Z E / p
    assert fermi_function(p, e, 1, 1)[0] == pytest.approx(1 + np.pi / 137, abs=2e-3)
