"""Closed forms of linear pulls, against the minimum itself and the folded covariance."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from pontecorvo.frequentist.linear_pulls import LinearPulls


@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 9))
def test_gain_best_and_determinant(seed, pulls, bins):
    rng = np.random.default_rng(seed)
    effect, z = 2 * rng.standard_normal((3, bins, pulls)), rng.standard_normal((3, bins))
    own = LinearPulls(effect)
    square = np.einsum("nb,nb->n", z, z)
    at_best = z - np.einsum("nbk,nk->nb", effect, own.best(z))
    minimum = np.square(at_best).sum(axis=1) + np.square(own.best(z)).sum(axis=1)
    assert_allclose(square - own.gain(z), minimum, rtol=1e-9, atol=1e-9)
    folded = np.eye(bins) + effect @ np.swapaxes(effect, 1, 2)
    expected = np.einsum("nb,nb->n", z, np.linalg.solve(folded, z[:, :, None])[:, :, 0])
    assert_allclose(minimum, expected, rtol=1e-8, atol=1e-9)
    assert_allclose(own.log_det, np.linalg.slogdet(folded)[1], rtol=1e-9, atol=1e-9)
    taken = np.square(np.einsum("nkb,nb->nk", own.absorbed, z)).sum(axis=1)
    assert_allclose(taken, own.gain(z), rtol=1e-9, atol=1e-12)
