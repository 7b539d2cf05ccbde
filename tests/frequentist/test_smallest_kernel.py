"""The compiled loops against NumPy."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from pontecorvo.frequentist.smallest_kernel import chi2_of_pairs, k_smallest, subtract_square


@settings(deadline=None)  # the first call compiles
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_k_smallest_are_the_first_of_the_sorted(seed, count):
    values = np.random.default_rng(seed).standard_normal((7, 20))
    chosen = np.empty((7, count), dtype=np.int64)
    k_smallest(values, chosen)
    assert np.array_equal(chosen, np.argsort(values, axis=1)[:, :count])


def test_square_is_subtracted_in_place():
    rng = np.random.default_rng(2)
    total, product, twice = rng.random((4, 9)), rng.random((4, 9)), rng.random(4)
    expected = total - product * (product + twice[:, None])
    subtract_square(total, product, twice)
    assert_allclose(total, expected, rtol=1e-12)


def test_chi2_of_pairs_is_linear_less_squares():
    rng = np.random.default_rng(3)
    features, psi, omega = rng.random((5, 6)), rng.random((6, 8)), rng.random((2, 4, 8))
    hypotheses = rng.integers(0, 8, (5, 3))
    rows = np.ascontiguousarray(np.vstack([psi, *omega]).T)
    chi2 = np.empty((5, 3))
    chi2_of_pairs(features, hypotheses, rows, 4, chi2)
    whole = features @ psi - sum((features[:, :4] @ own) ** 2 for own in omega)
    assert_allclose(chi2, np.take_along_axis(whole, hypotheses, 1), rtol=1e-12)
