"""Mass matrices to mixing, against LAPACK and against matrices built from known parameters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.physics.pmns import haar_unitary, pmns_matrix, pmns_parameters
from pontecorvo.problems.flavour.mass_matrices import (
    charged_leptons,
    lepton_predictions,
    leptons,
    mixing_angles,
)


def _random(seed, n=20):
    rng = np.random.default_rng(seed)
    m_e = rng.normal(size=(n, 3, 3)) + 1j * rng.normal(size=(n, 3, 3))
    m = rng.normal(size=(n, 3, 3)) + 1j * rng.normal(size=(n, 3, 3))
    return m_e, m + np.swapaxes(m, 1, 2)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_charged_leptons_are_the_singular_values(seed):
    m_e, _ = _random(seed)
    masses, left = charged_leptons(m_e)
    assert np.allclose(masses, np.linalg.svd(m_e, compute_uv=False)[:, ::-1], rtol=1e-10)
    square = np.swapaxes(m_e.conj(), 1, 2) @ m_e
    rebuilt = left * (masses**2)[:, None, :] @ np.swapaxes(left.conj(), 1, 2)
    assert np.allclose(rebuilt, square, atol=1e-10)


def test_hierarchy_costs_no_digits():
    # a graded matrix whose smallest singular value eigh of M^dagger M could not hold
    rng = np.random.default_rng(2)
    u, w = haar_unitary(5, rng), np.array([1e-9, 1e-4, 1.0])
    m_e = w[:, None] * np.swapaxes(u.conj(), 1, 2)
    masses, left = charged_leptons(m_e)
    assert np.allclose(masses, w, rtol=1e-9)
    overlap = np.abs(np.einsum("nai,nai->ni", left.conj(), u))
    assert np.allclose(overlap, 1, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31))
@pytest.mark.parametrize("ordering", ["no", "io"])
def test_known_parameters_come_back(seed, ordering):
    rng = np.random.default_rng(seed)
    angles = rng.uniform(0.05, 0.9, 3)
    phases = rng.uniform(0, 2 * np.pi, 3)
    masses = np.array([[0.01, 0.02, 0.05]]) if ordering == "no" else np.array([[0.05, 0.06, 0.01]])
    u = pmns_matrix(*angles, *phases)[None]
    left = haar_unitary(1, rng)
    u_nu = left @ u
    m_nu = np.swapaxes(np.linalg.inv(u_nu), 1, 2) * masses[:, None, :] @ np.linalg.inv(u_nu)
    m_e = np.diag([0.0003, 0.06, 1.0]) @ np.swapaxes(left.conj(), 1, 2)
    charged, found, mixing = leptons(m_e, m_nu, ordering)
    assert np.allclose(charged, [[0.0003, 0.06, 1.0]])
    assert np.allclose(found, masses)
    p = pmns_parameters(mixing)
    assert np.allclose([x[0] for x in p[:3]], angles, atol=1e-9)
    assert np.allclose(np.exp(1j * np.array([x[0] for x in p[3:]])), np.exp(1j * phases), atol=1e-7)
    assert np.allclose(mixing_angles(mixing), [angles], atol=1e-9)
    predicted = lepton_predictions(found, mixing, ordering)
    assert predicted["sum_m"][0] == pytest.approx(masses.sum())


def test_what_is_not_finite_gives_nan_and_wrong_shapes_are_refused():
    m_e, m_nu = _random(0, 3)
    m_e[1, 0, 0] = np.nan
    charged, masses, u = leptons(m_e, m_nu, "no")
    assert np.isnan(charged[1]).all()
    assert np.isnan(u[1]).all()
    assert np.isfinite(charged[[0, 2]]).all()
    assert np.isfinite(masses[[0, 2]]).all()
    with pytest.raises(InputError, match="shape"):
        leptons(m_e[0], m_nu, "no")
