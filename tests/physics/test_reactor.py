"""Fluxes, inverse beta decay and detector response against published numbers and identities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from pontecorvo.physics.inverse_beta_decay import ibd_vogel_beacom, ibd_zeroth_order
from pontecorvo.physics.reactor import (
    FLUX_POLYNOMIALS,
    gaussian_response,
    polynomial_flux,
    sampling_points,
    shift_energy_scale,
)
from pontecorvo.problems.sterile.reactor_tables import flux
from strumia_vissani import ibd_strumia_vissani


def test_strumia_vissani_numbers():
    energy = np.arange(2.0, 9.0)
    published = [0.003317, 0.026518, 0.068033, 0.127583, 0.204738, 0.299076, 0.410180]
    assert_allclose(ibd_strumia_vissani(energy), published, rtol=1e-4)


def test_approximations_agree_where_they_should():
    energy = np.linspace(2.5, 8, 50)
    ratio = ibd_vogel_beacom(energy) / ibd_zeroth_order(energy)
    assert np.all(np.diff(ratio) < 0)  # recoil grows with energy
    assert_allclose(ratio, 1, atol=0.06)
    other = ibd_vogel_beacom(energy) / (10 * ibd_strumia_vissani(energy))
    assert_allclose(other / other.mean(), 1, atol=0.004)
    for cross_section in (ibd_zeroth_order, ibd_vogel_beacom, ibd_strumia_vissani):
        assert_allclose(cross_section(np.array([1.0, 1.79])), 0)


def test_the_fifth_coefficient_of_u235():
    assert FLUX_POLYNOMIALS["u235"][4] == 6.186e-2
    energy = np.array([3.0, 4.0, 5.0])
    table = flux("hm")("u235", energy)  # the published table behind the polynomial
    assert_allclose(polynomial_flux("u235", energy), table, rtol=0.01)


def test_response_shares_sum_to_what_is_inside():
    energy = sampling_points(0.0, 10.0, 100)
    edges = np.linspace(-5, 15, 41)
    response = gaussian_response(energy, edges, np.full(100, 0.3))
    assert_allclose(response.sum(axis=1), 1, atol=1e-9)
    middle = (edges[1:] + edges[:-1]) / 2
    assert_allclose(response @ middle, energy, atol=1e-3)
    variance = response @ middle**2 - (response @ middle) ** 2
    assert_allclose(variance, 0.3**2 + 0.5**2 / 12, rtol=4e-3)  # the 1/2 of the exponent is there


@given(st.floats(-0.03, 0.03))
def test_shifted_scale_moves_a_straight_line_exactly(shift):
    edges = np.linspace(2, 9, 36)
    middle = (edges[1:] + edges[:-1]) / 2
    counts = 3.0 + 2.0 * middle
    moved = shift_energy_scale(shift, counts, 2.0, 9.0)
    expected = (1 + shift) * (3.0 + 2.0 * middle * (1 + shift))
    assert_allclose(moved[3:-3], expected[3:-3], rtol=1e-10)


def test_shift_broadcasts():
    counts = np.random.default_rng(0).random((4, 20))
    shifts = np.array([-0.02, 0.0, 0.01])
    both = shift_energy_scale(shifts[None, :], counts[:, None], 1.0, 5.0)
    assert both.shape == (4, 3, 20)
    for index, shift in enumerate(shifts):
        assert_allclose(both[:, index], shift_energy_scale(shift, counts, 1.0, 5.0))
    assert_allclose(both[:, 1], counts)


@pytest.mark.parametrize("shift", [0.9, -0.9])
def test_bins_from_outside_are_empty(shift):
    moved = shift_energy_scale(shift, np.ones(10), 1.0, 2.0)
    assert np.all(moved >= 0)
    assert moved.min() == 0
