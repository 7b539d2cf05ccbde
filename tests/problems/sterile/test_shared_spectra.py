"""Shares of the sum: blind to the common spectrum, and quadratic in the data for fixed shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.problems.sterile.shared_spectra import SharedSpectra
from pontecorvo.problems.sterile.templates import Templates

CELLS, ENERGIES = 3, 4
AXIS = np.linspace(-2, 2, 401)


def spectra(common=1.0):
    """Three cells whose loss differs by distance; `common` (E,) multiplies the spectrum."""
    rng = np.random.default_rng(1)
    plain = 1e3 * rng.uniform(0.8, 1.2, (CELLS, ENERGIES)) * common
    k = 10 ** AXIS[:, None, None] / np.linspace(2, 6, ENERGIES)
    lost = -(np.sin(k * np.linspace(0.1, 0.3, CELLS)[:, None]) ** 2) * plain
    values = np.stack([np.broadcast_to(plain, lost.shape), lost], 1).reshape(len(AXIS), 2, -1)
    root = rng.normal(size=(CELLS * ENERGIES, CELLS * ENERGIES))
    covariance = root @ root.T + 900 * np.eye(CELLS * ENERGIES)
    counts = rng.poisson(plain * 0.97).astype(float)
    return SharedSpectra(counts, covariance, Templates(AXIS, values))


def points(n=20):
    rng = np.random.default_rng(2)
    return rng.uniform(0, 1, n), 10 ** rng.uniform(-1.9, 1.9, n)


def test_shares_add_to_one_and_do_not_know_the_spectrum():
    one, other = spectra(), spectra(common=np.array([0.5, 2.0, 1.3, 7.0]))
    s22, dm2 = points()
    shares = one.shares(s22, dm2)
    np.testing.assert_allclose(shares.reshape(-1, CELLS, ENERGIES).sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(other.shares(s22, dm2), shares, rtol=1e-10)


def test_prediction_has_the_measured_sums():
    own = spectra()
    sums = own.predict(*points()).reshape(-1, CELLS, ENERGIES).sum(axis=1)
    np.testing.assert_allclose(
        sums, np.tile(own.data.reshape(CELLS, ENERGIES).sum(axis=0), (20, 1)), rtol=1e-12
    )


@given(st.integers(0, 10_000))
def test_features_times_coefficients_are_chi2(seed):
    own = spectra()
    data = own.data * np.random.default_rng(seed).uniform(0.9, 1.1, (3, own.data.size))
    s22, dm2 = points(5)
    fixed = own.own_features(s22, dm2)
    fast = fixed.features(data) @ fixed.coefficients
    direct = [own.chi2(s22, dm2, row) for row in data]
    np.testing.assert_allclose(fast, direct, rtol=1e-9, atol=1e-7)


def test_chi2_by_hand():
    own = spectra()
    r = own.shares(np.array([0.3]), np.array([2.0]))[0].reshape(CELLS, ENERGIES)
    counts = own.data.reshape(CELLS, ENERGIES)
    x = (counts - r * counts.sum(axis=0)).ravel()
    by_hand = x @ np.linalg.solve(own._covariance, x)
    assert own.chi2(np.array([0.3]), np.array([2.0]))[0] == pytest.approx(by_hand, rel=1e-10)
