"""CP asymmetries: the single formula, the sheet's values, and what a bound says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulysses_cards import point

from pontecorvo.problems.flavour.predictions.leptogenesis_cp import (
    cp_asymmetries,
    davidson_ibarra,
    loop_xi,
    resonant_asymmetries,
)


def _random(seed, n=3):
    rng = np.random.default_rng(seed)
    h = rng.normal(size=(6, 3, n)) + 1j * rng.normal(size=(6, 3, n))
    return h, np.sort(10 ** rng.uniform(8, 12, (6, n)), axis=1)


@given(st.integers(0, 2**32 - 1))
def test_trace_is_the_single_formula(seed):
    """predictions.md: eps_1 with g(x), Y there being [heavy, lepton] of this convention."""
    h, m = _random(seed)
    y = np.swapaxes(h, 1, 2)  # (heavy, lepton) of lbar Hc N
    k = y @ np.swapaxes(y.conj(), 1, 2)  # Y Y^dag, the conjugate of h^dag h
    total = np.zeros(len(m))
    for j in (1, 2):
        x = (m[:, j] / m[:, 0]) ** 2
        near = x * ((1 + x) * np.log1p(1 / x) - 1) if (x < 1e4).all() else None
        g = -1.5 * loop_xi(x) / np.sqrt(x)
        if near is not None:
            direct = np.sqrt(x) * (1 / (1 - x) + 1 - (1 + x) * np.log((1 + x) / x))
            np.testing.assert_allclose(g, direct, rtol=1e-8)
        total += (k[:, 0, j] ** 2).imag * g
    expected = total / (8 * np.pi * k[:, 0, 0].real)
    eps = np.einsum("naa->n", cp_asymmetries(h, m)[:, 0])
    np.testing.assert_allclose(eps.real, expected, rtol=1e-9, atol=1e-18)
    assert np.abs(eps.imag).max() < 1e-15


@given(st.integers(0, 2**32 - 1))
def test_symmetries_of_the_matrix(seed):
    h, m = _random(seed)
    eps = cp_asymmetries(h, m)
    np.testing.assert_allclose(eps, np.conj(np.swapaxes(eps, 2, 3)), atol=1e-12)
    # CP: complex conjugation turns the sign
    mirrored = cp_asymmetries(h.conj(), m)
    np.testing.assert_allclose(mirrored, -np.conj(eps), atol=1e-12)
    # rotations of the lepton doublets leave the traces alone
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))
    turned = np.einsum("niaa->ni", cp_asymmetries(q @ h, m))
    np.testing.assert_allclose(turned, np.einsum("niaa->ni", eps), atol=1e-11)


def test_loop_function_is_smooth_where_the_formula_changes():
    x = np.array([999.999, 1000.001])
    assert np.diff(loop_xi(x))[0] == pytest.approx(0, abs=1e-8)
    assert loop_xi(1e300) == pytest.approx(1.0)
    assert loop_xi(1e-8) == pytest.approx(2 / 3 * 1e-8 * (np.log(1e8) - 2), rel=1e-6)


def test_card_1n1f():
    """predictions.md: eps_1 = -9.80066e-5 is what the oracle prints first, the tau's share."""
    y, m = point("1N1F")
    eps = cp_asymmetries(y.conj(), m)[0, 0]
    assert f"{eps[2, 2].real:.5e}" == "-9.80066e-05"
    # the sum over flavours, printed beside it
    assert np.trace(eps).real == pytest.approx(4.155228e-07, rel=1e-6)


@pytest.mark.parametrize(("m_1", "bound"), [(1e9, "9.88e-08"), (1e10, "9.88e-07")])
def test_davidson_ibarra_of_the_sheet(m_1, bound):
    """predictions.md, with NuFIT 6.1 normal ordering and the oracle's vev of 174 GeV."""
    assert f"{davidson_ibarra(m_1, 0.0, np.sqrt(2.511e-3), 174.0):.2e}" == bound


def test_hierarchical_draws_obey_the_bound():
    from pontecorvo.problems.seesaw.formula import light_neutrinos

    rng = np.random.default_rng(8)
    y = rng.normal(size=(4000, 3, 3)) + 1j * rng.normal(size=(4000, 3, 3))
    m = np.array([1e9, 1e13, 1e16]) * np.ones((4000, 1))
    y = y * np.sqrt(m / 1e16)[:, None, :]  # each heavy neutrino makes light masses alike
    masses, _ = light_neutrinos(y, m, "no")
    bound = davidson_ibarra(m[:, 0], masses.min(axis=1), masses.max(axis=1), 174.1)
    eps = np.einsum("naa->n", cp_asymmetries(y.conj(), m)[:, 0]).real
    ratio = np.abs(eps) / bound
    assert ratio.max() <= 1.0 + 1e-6
    assert ratio.max() > 0.3  # and the bound is approached


def test_resonant_asymmetries_far_from_resonance_are_the_self_energy_part():
    """Twice the self-energy's part, for mixing and oscillation: arXiv:1404.1003."""
    rng = np.random.default_rng(5)
    h = 1e-4 * (rng.normal(size=(50, 3, 2)) + 1j * rng.normal(size=(50, 3, 2)))
    m = np.array([1e9, 1.05e9]) * np.ones((50, 1))
    k = np.swapaxes(h.conj(), 1, 2) @ h
    total = resonant_asymmetries(h, m).sum(axis=2)[:, 0]
    x = (m[:, 1] / m[:, 0]) ** 2
    wave = (k[:, 0, 1] ** 2).imag / (8 * np.pi * k[:, 0, 0].real) * np.sqrt(x) / (1 - x)
    np.testing.assert_allclose(total, -2 * wave, rtol=1e-6)
