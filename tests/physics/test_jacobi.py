"""One-sided Jacobi rotations and pivoted QR: factorisations that give the matrix back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pontecorvo.physics.jacobi import jacobi_columns


def random_matrix(seed, grading=0.0):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 5))
    matrix = rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n))
    return matrix * 10.0 ** (-grading * np.arange(n))


@settings(max_examples=40)
@given(st.integers(0, 2**31), st.sampled_from([0.0, 3.0, 6.0]))
def test_columns_are_orthogonal_and_the_rotations_give_the_matrix_back(seed, grading):
    matrix = random_matrix(seed, grading)
    a, v = matrix.copy(), np.empty_like(matrix)
    jacobi_columns(a, v)
    size = np.abs(matrix).max()
    assert np.allclose(v.conj().T @ v, np.eye(len(v)), atol=1e-14)
    assert np.allclose(a @ v.conj().T, matrix, rtol=0, atol=1e-13 * size)
    norms = np.linalg.norm(a, axis=0)
    overlaps = np.abs(a.conj().T @ a) / np.outer(norms, norms)
    assert np.allclose(overlaps, np.eye(len(v)), atol=1e-13)


@settings(max_examples=20)
@given(st.integers(0, 2**31))
def test_norms_are_the_singular_values(seed):
    matrix = random_matrix(seed)
    a, v = matrix.copy(), np.empty_like(matrix)
    jacobi_columns(a, v)
    found = np.sort(np.linalg.norm(a, axis=0))[::-1]
    assert found == pytest.approx(np.linalg.svd(matrix, compute_uv=False), rel=1e-10, abs=1e-13)


def test_a_zero_matrix_stays_as_it_is():
    a, v = np.zeros((3, 3), complex), np.empty((3, 3), complex)
    jacobi_columns(a, v)
    assert not a.any()
    assert np.array_equal(v, np.eye(3))
