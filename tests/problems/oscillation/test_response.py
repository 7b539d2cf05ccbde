"""Recoil, non-linearity, resolution: limits, derivatives, calibration."""

import numpy as np
import pytest

from pontecorvo.physics.inverse_beta_decay import ELECTRON_MASS, NEUTRON_MASS, PROTON_MASS
from pontecorvo.problems.oscillation.juno_tables import table
from pontecorvo.problems.oscillation.response import (
    Resolution,
    build_response,
    calibrated_resolution,
    mean_cosine,
    non_linearity,
    positron_energy,
)

EDGES = np.linspace(0.5, 12, 60)


def exact_positron(energy, cosine):
    """Energy of the positron by exact two-body kinematics, laboratory angle."""
    # s-channel: E (M_p - p_e ...) solved for the positron's energy by bisection
    low, high = ELECTRON_MASS, energy
    for _ in range(200):
        middle = 0.5 * (low + high)
        momentum = np.sqrt(max(middle**2 - ELECTRON_MASS**2, 0.0))
        neutron = energy + PROTON_MASS - middle
        left = neutron**2 - (energy**2 + momentum**2 - 2 * energy * momentum * cosine)
        if left > NEUTRON_MASS**2:
            low = middle
        else:
            high = middle
    return middle


@pytest.mark.parametrize("energy", [3.0, 5.0, 8.0])
@pytest.mark.parametrize("cosine", [-0.9, 0.0, 0.9])
def test_first_order_recoil_is_the_exact_kinematics_to_second_order(energy, cosine):
    found = float(positron_energy(energy, cosine))
    # what first order leaves out is of relative size (E / M)^2
    limit = 3 * energy * (energy / PROTON_MASS) ** 2
    assert found == pytest.approx(exact_positron(energy, cosine), abs=limit)


def test_mean_angle_is_backward_at_low_energy_and_forward_at_high():
    assert mean_cosine(3.0) < 0 < mean_cosine(30.0)


def test_every_event_lands_in_a_bin():
    energy = np.linspace(2.2, 9.0, 80)
    response = build_response(energy, EDGES, calibrated_resolution())
    np.testing.assert_allclose(response.matrix.sum(axis=0), 1, atol=1e-9)
    np.testing.assert_allclose(response.slopes.sum(axis=1), 0, atol=1e-6)


def test_mean_prompt_energy_follows_non_linearity():
    energy = np.array([4.0, 6.0])
    fine = np.linspace(0.5, 12, 2301)
    response = build_response(energy, fine, Resolution(0.03, 0.0, 0.0), recoil=False)
    mean = (0.5 * (fine[1:] + fine[:-1])) @ response.matrix
    deposited = energy - (NEUTRON_MASS - PROTON_MASS) + ELECTRON_MASS
    nodes, ratio, _ = non_linearity()
    np.testing.assert_allclose(mean, deposited * np.interp(deposited, nodes, ratio), rtol=1e-5)


def test_scale_slope_is_a_shift_of_the_edges():
    """E (1 + s) < edge is E < edge / (1 + s): the same derivative from moved edges."""
    energy, fixed = np.linspace(3, 7, 50), Resolution(1e-9, 0.05, 0.0)  # width scales with energy
    response = build_response(energy, EDGES, fixed)
    step = 1e-4
    up = build_response(energy, EDGES / (1 + step), fixed).matrix
    down = build_response(energy, EDGES / (1 - step), fixed).matrix
    np.testing.assert_allclose(response.slopes[0], (up - down) / (2 * step), atol=2e-3)


def test_resolution_goes_through_the_calibration_sources():
    peaks, found = table("juno/resolution.csv"), calibrated_resolution()
    relative = found.sigma(peaks["energy"]) / peaks["energy"]
    # sources of several gammas scatter by a few per cent about any such curve
    np.testing.assert_allclose(relative, peaks["resolution"] / 100, rtol=0.06)
    assert 0.028 < found.a < 0.036
