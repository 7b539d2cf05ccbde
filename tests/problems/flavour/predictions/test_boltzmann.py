"""Kinetic equations against an independent integrator and in limits with known answers."""

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.special import k1, kn

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.predictions.boltzmann import (
    History,
    flavour_asymmetries,
    matrix_asymmetries,
)


def _reference(k, ratio, share, eps, z_min, z_max):
    """The same equations by SciPy's LSODA, written out from the text of arXiv:1112.4528."""
    n = len(k)

    def slope(t, y):
        z = np.exp(t)
        x = ratio * z
        equilibrium = 3 / 8 * x**2 * kn(2, x)
        decay = k * ratio**2 * z * k1(x) / kn(2, x)
        wash = k * ratio / 4 * x**3 * k1(x)
        out = np.empty_like(y)
        out[:n] = -decay * (y[:n] - equilibrium)
        out[n:] = eps.T @ (decay * (y[:n] - equilibrium)) - (share.T @ wash) * y[n:]
        return z * out

    start = np.zeros(n + eps.shape[1])
    found = solve_ivp(slope, np.log([z_min, z_max]), start, method="LSODA", rtol=1e-8, atol=1e-20)
    return found.y[n:, -1]


@pytest.mark.parametrize("strength", [0.1, 3.0, 300.0])
def test_against_scipy(strength):
    k = np.array([strength, 5.0])
    ratio = np.array([1.0, 4.0])
    share = np.array([[0.3, 0.7], [0.9, 0.1]])
    eps = np.array([[1e-6, -4e-6], [2e-6, 3e-6]])
    history = History(1e-2, 30.0)
    ours = flavour_asymmetries(k[None], 1e10 * ratio[None], share[None], eps[None], history)
    reference = _reference(k, ratio, share, eps, 1e-2, 30.0)
    np.testing.assert_allclose(ours[0], reference, rtol=1e-5)


def test_weak_washout_of_a_thermal_start_is_all_of_the_asymmetry():
    """Every neutrino of a thermal start decays late: N = -eps N^eq(0) = eps 3/4 in size."""
    k, m = np.array([[1e-4]]), np.array([[1e10]])
    one = np.ones((1, 1, 1))
    result = flavour_asymmetries(k, m, one, 1e-6 * one, History(z_max=1e4, thermal=True))
    assert result[0, 0] == pytest.approx(0.75e-6, rel=2e-3)


def test_strong_washout_follows_the_saddle_point():
    """kappa_f ~ 2/(z_B K) (1 - exp(-z_B K/2)), z_B = 2 + 4 K^0.13 e^(-2.5/K): hep-ph/0401240."""
    for k in (10.0, 100.0):
        one = np.ones((1, 1, 1))
        n = flavour_asymmetries(np.array([[k]]), np.array([[1e9]]), one, 1e-6 * one, History())
        z_b = 2 + 4 * k**0.13 * np.exp(-2.5 / k)
        approximate = 2 / (z_b * k) * (1 - np.exp(-z_b * k / 2))
        assert n[0, 0] / (0.75e-6 * approximate) == pytest.approx(1.0, abs=0.15)


def test_matrix_with_damped_coherences_is_the_three_flavoured_equation():
    rng = np.random.default_rng(1)
    states = rng.normal(size=(4, 3, 2)) + 1j * rng.normal(size=(4, 3, 2))
    states /= np.linalg.norm(states, axis=1)[:, None, :]
    eps = rng.normal(size=(4, 2, 3, 3)) + 1j * rng.normal(size=(4, 2, 3, 3))
    eps = 1e-6 * (eps + np.conj(np.swapaxes(eps, 2, 3)))
    k, m = np.full((4, 2), 8.0), np.array([[1.0, 3.0]]) * np.ones((4, 1))  # GeV: widths huge
    history = History(1e-2, 50.0, 40)
    full = matrix_asymmetries(k, m, states, eps, history)
    share = np.swapaxes(np.abs(states) ** 2, 1, 2)
    diagonal = np.einsum("niaa->nia", eps).real
    flavoured = flavour_asymmetries(k, m, share, diagonal, history)
    np.testing.assert_allclose(np.einsum("naa->na", full).real, flavoured, rtol=1e-4, atol=1e-12)


def test_matrix_of_one_neutrino_with_its_asymmetry_along_its_state_is_unflavoured():
    rng = np.random.default_rng(2)
    state = rng.normal(size=(5, 3, 1)) + 1j * rng.normal(size=(5, 3, 1))
    state /= np.linalg.norm(state, axis=1)[:, None, :]
    eps = 1e-6 * np.einsum("nai,nbi->niab", state, state.conj())
    k, m = np.full((5, 1), 20.0), np.full((5, 1), 1e17)  # no damping at all
    history = History(1e-2, 50.0)
    full = np.einsum("naa->n", matrix_asymmetries(k, m, state, eps, history)).real
    one = np.ones((5, 1, 1))
    np.testing.assert_allclose(
        full, flavour_asymmetries(k, m, one, 1e-6 * one, history)[:, 0], rtol=1e-3
    )
    # and what is orthogonal to the state is never washed out
    q, _ = np.linalg.qr(np.concatenate([state, rng.normal(size=(5, 3, 2))], axis=2))
    other = 1e-6 * np.einsum("na,nb->nab", q[:, :, 1], q[:, :, 1].conj())[:, None]
    history = History(1e-2, 50.0, thermal=True)
    free = np.einsum("naa->n", matrix_asymmetries(k, m, state, other, history)).real
    nothing = flavour_asymmetries(k, m, 0 * one, 1e-6 * one, history)[:, 0]
    np.testing.assert_allclose(free, nothing, rtol=1e-3)


def test_delta_l2_washes_out_as_its_integral():
    """A matrix and a scalar with washout by Delta L = 2 alone, against exp(-integral)."""
    one = np.ones((1, 1, 1))
    m, light = np.array([[1e14]]), np.array([2.5e-3])
    history = History(1e-2, 300.0, 60, thermal=True)
    # a neutrino that decays at z of about 100 has the washout from there on
    kwargs = {"k": np.array([[1e-3]]), "m": m, "share": 0 * one, "eps": 1e-6 * one}
    free = flavour_asymmetries(**kwargs, history=history)[0, 0]
    less = flavour_asymmetries(**kwargs, history=history, light=light)[0, 0]
    strength = 0.186 * 1e4 * 2.5e-3

    def born(z):  # decays at z of what is left, and survival from there
        left = np.exp(-quad(lambda s: 1e-3 * s * k1(s) / kn(2, s), 1e-2, z)[0])
        return 1e-3 * z * k1(z) / kn(2, z) * left

    weights = np.array([(born(z), np.exp(-strength / z)) for z in np.geomspace(1, 300, 200)])
    z = np.geomspace(1, 300, 200)
    expected = np.trapezoid(weights.prod(axis=1) * z, np.log(z))
    expected /= np.trapezoid(weights[:, 0] * z, np.log(z))
    assert less / free == pytest.approx(expected, rel=0.02)
    # flavour-blind masses: the matrix gives the same
    state = np.array([[[1.0], [0.0], [0.0]]], dtype=complex)
    m_nu = np.sqrt(2.5e-3 / 3) * np.eye(3, dtype=complex)[None]
    eps = 1e-6 * np.eye(3, dtype=complex)[None, None] / 3
    k_small = np.array([[1e-3]])
    both = [matrix_asymmetries(k_small, m, state, eps, history, x) for x in (None, m_nu)]
    traces = [np.trace(b[0]).real for b in both]
    assert traces[1] / traces[0] == pytest.approx(less / free, rel=0.02)


def test_step_and_start_do_not_matter():
    rng = np.random.default_rng(3)
    k = 10 ** rng.uniform(-1, 2, (30, 3))
    m = np.sort(10 ** rng.uniform(10, 13, (30, 3)), axis=1)
    share = rng.dirichlet(np.ones(3), (30, 3))
    eps = 1e-6 * rng.normal(size=(30, 3, 3))
    default = flavour_asymmetries(k, m, share, eps, History())
    scale = np.abs(default).max(axis=1, keepdims=True)
    finer = flavour_asymmetries(k, m, share, eps, History(steps_per_decade=100))
    assert (np.abs(default - finer) / scale).max() < 1e-4
    earlier = flavour_asymmetries(k, m, share, eps, History(z_min=1e-8))
    assert (np.abs(default - earlier) / scale).max() < 1e-3
    # each draw stands for itself, whatever it is computed beside
    alone = np.concatenate(
        [
            flavour_asymmetries(
                k[i : i + 1], m[i : i + 1], share[i : i + 1], eps[i : i + 1], History()
            )
            for i in range(3)
        ]
    )
    assert (np.abs(alone - default[:3]) / scale[:3]).max() < 1e-4


def test_bad_history():
    with pytest.raises(InputError, match="0 < z_min < z_max"):
        History(z_min=10.0, z_max=1.0)
    with pytest.raises(InputError, match="at least 5"):
        History(steps_per_decade=2)
