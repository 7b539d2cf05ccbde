"""Takagi factorisation: reconstruction, degenerate, rank-deficient and strongly graded matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.physics.pmns import haar_unitary
from pontecorvo.physics.takagi import takagi, takagi_of_factor


def random_symmetric(rng, n, dim=3):
    a = rng.standard_normal((n, dim, dim)) + 1j * rng.standard_normal((n, dim, dim))
    return a + a.swapaxes(1, 2)


def check(m, masses, u, atol=1e-14):
    """U unitary, U^T m U diagonal with the masses, which ascend and are not negative."""
    dim = m.shape[-1]
    scale = max(np.abs(m).max(), 1e-300)
    product = u.conj().swapaxes(-1, -2) @ u
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(dim), m.shape), atol=atol)
    d = u.swapaxes(-1, -2) @ m @ u
    np.testing.assert_allclose(d, masses[..., :, None] * np.eye(dim), atol=10 * atol * scale)
    assert (masses >= 0.0).all()
    assert (np.diff(masses, axis=-1) >= -1e-15 * scale).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.floats(-60, 60))
def test_reconstruction(seed, dim, exponent):
    m = 10.0**exponent * random_symmetric(np.random.default_rng(seed), 4, dim)
    masses, u = takagi(m)
    check(m, masses, u, atol=1e-13)
    s = np.linalg.svd(m, compute_uv=False)[..., ::-1]
    np.testing.assert_allclose(masses, s, atol=1e-14 * s.max())


SPECIAL = [
    [[0, 1], [1, 0]],
    [[0, 1j], [1j, 0]],
    [[1, 1j], [1j, 1]],
    [[1, 1j], [1j, -1]],
    [[1, 0], [0, -1]],
    np.eye(3),
    -np.eye(3),
    np.zeros((3, 3)),
    [[0, 0, 1], [0, 1, 0], [1, 0, 0]],
    [[0, 1, 0], [1, 0, 0], [0, 0, 1e-9]],
    np.ones((3, 3)),
]


@pytest.mark.parametrize("m", SPECIAL)
def test_degenerate_and_rank_deficient(m):
    m = np.array(m, dtype=complex)
    check(m, *takagi(m))
    w = haar_unitary(200, np.random.default_rng(0), len(m))
    turned = w @ m @ w.swapaxes(1, 2)
    check(turned, *takagi(turned), atol=3e-14)


@given(st.integers(0, 2**32 - 1), st.floats(-17, -1), st.booleans())
def test_near_degenerate(seed, log_gap, triple):
    rng = np.random.default_rng(seed)
    gap = 10.0**log_gap
    s = np.array([1.0, 1.0 + gap, 1.0 - gap if triple else 7.0])
    w = haar_unitary(5, rng)
    m = (w * s) @ w.swapaxes(1, 2)
    masses, u = takagi(m)
    check(m, masses, u, atol=1e-13)
    np.testing.assert_allclose(masses, np.broadcast_to(np.sort(s), masses.shape), rtol=1e-14)


@given(st.integers(0, 2**32 - 1), st.floats(1, 60))
def test_graded_matrices_keep_small_masses(seed, decades):
    """m = D A D with a well-conditioned A: every mass is determined to a relative accuracy."""
    rng = np.random.default_rng(seed)
    s = np.array([1.0, 10.0 ** (-0.5 * decades), 10.0**-decades])[rng.permutation(3)]
    a = np.eye(3) + 0.1 * random_symmetric(rng, 1)[0]
    m = s[:, None] * a * s
    masses, u = takagi(m)
    np.testing.assert_allclose(np.prod(masses), abs(np.linalg.det(a)) * np.prod(s) ** 2, rtol=1e-12)
    check(m, masses, u, atol=1e-13)
    # the phase of the smallest mass too: U^T m U, with the scales taken out in extended precision
    big = u.astype(np.clongdouble)
    d = np.diagonal(big.T @ m.astype(np.clongdouble) @ big)
    visible = masses > 1e-14 * masses.max()
    np.testing.assert_allclose(d[visible].astype(complex), masses[visible], rtol=1e-3)


@given(st.integers(0, 2**32 - 1), st.floats(0, 30))
def test_factor_with_graded_columns(seed, decades):
    rng = np.random.default_rng(seed)
    y = haar_unitary(1, rng)[0] + 0.2 * random_symmetric(rng, 1)[0]
    s = np.array([1.0, 10.0 ** (-0.5 * decades), 10.0**-decades])[rng.permutation(3)]
    x = y * s
    masses, u = takagi_of_factor(x)
    check(x @ x.T, masses, u, atol=1e-13)
    product = abs(np.linalg.det(y)) ** 2 * np.prod(s) ** 2
    np.testing.assert_allclose(np.prod(masses), product, rtol=1e-10)


def test_factor_and_matrix_agree():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((500, 3, 3)) + 1j * rng.standard_normal((500, 3, 3))
    a, u = takagi_of_factor(x)
    b, v = takagi(x @ x.swapaxes(1, 2))
    np.testing.assert_allclose(a, b, atol=1e-13)
    overlap = np.abs(np.sum(u.conj() * v, axis=1))
    np.testing.assert_allclose(overlap, 1.0, atol=1e-9)


@pytest.mark.parametrize(
    "x", [np.eye(3), np.diag([1.0, 1.0, 0.0]), np.ones((3, 3)), np.zeros((3, 3))]
)
def test_factor_degenerate_and_rank_deficient(x):
    w = haar_unitary(100, np.random.default_rng(4))
    x = w @ x
    check(x @ x.swapaxes(1, 2), *takagi_of_factor(x), atol=3e-14)


def test_not_finite_gives_nan_and_leaves_the_rest_alone():
    m = np.array([np.eye(3), np.full((3, 3), np.nan), np.full((3, 3), np.inf)], dtype=complex)
    for function in (takagi, takagi_of_factor):
        masses, u = function(m)
        np.testing.assert_allclose(masses[0], 1.0)
        assert np.isnan(masses[1:]).all()
        assert np.isnan(u[1:]).all()


def test_bad_shape():
    with pytest.raises(InputError, match=r"shape \(\.\.\., n, n\)"):
        takagi(np.zeros((3, 2)))
