"""The compiled profile of Poisson pulls against a general minimiser, and in hard corners."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from pontecorvo.frequentist.poisson_kernel import profile


def objective(eta, counts, prediction, response):
    mu = prediction + response @ eta
    if (mu <= 0).any():
        return np.inf
    logs = np.where(counts > 0, counts * np.log(np.where(counts > 0, counts, 1) / mu), 0)
    return 2 * (mu - counts + logs).sum() + eta @ eta


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
@example(901)  # an empty bin at its edge
@example(1048)
@example(1333)
def test_against_a_minimiser(seed):
    rng = np.random.default_rng(seed)
    bins, pulls = int(rng.integers(1, 12)), int(rng.integers(1, 4))
    prediction = rng.uniform(0.5, 60, (2, bins))
    response = prediction[:, :, None] * rng.uniform(-0.2, 0.2, (2, bins, pulls))
    data = rng.poisson(prediction[:1].repeat(3, 0)) * 1.0
    rows, points = np.array([0, 1, 2]), np.array([0, 1, 0])
    chi2, eta, curvature = profile(data, rows, prediction, points, response)
    for i in range(3):
        arguments = data[rows[i]], prediction[points[i]], response[points[i]]
        best = minimize(objective, np.zeros(pulls), args=arguments, method="Nelder-Mead")
        assert chi2[i] <= best.fun + 1e-6
        assert objective(eta[i], *arguments) == pytest.approx(chi2[i], abs=1e-7)
        assert (np.linalg.eigvalsh(curvature[i]) >= 1 - 1e-9).all()


def test_splitting_changes_nothing():
    rng = np.random.default_rng(0)
    prediction = rng.uniform(1, 30, (50, 6))
    response = 0.1 * prediction[:, :, None]
    data = rng.poisson(10, (4, 6)) * 1.0
    rows, points = np.repeat(np.arange(4), 50), np.tile(np.arange(50), 4)
    whole = profile(data, rows, prediction, points, response)
    for part in (slice(0, 77), slice(77, 200)):
        piece = profile(data, rows[part], prediction, points[part], response)
        for a, b in zip(piece, whole, strict=True):
            assert np.array_equal(a, b[part])


def test_empty_and_overfull_bins_arrive():
    prediction = np.array([[1e-9, 5.0], [30.0, 1e-9]])
    response = np.array([[[0.0], [4.9]], [[-29.0], [0.0]]])
    data = np.array([[0.0, 0.0], [200.0, 0.0]])
    chi2, eta, _ = profile(data, np.arange(2), prediction, np.arange(2), response)
    assert np.isfinite(chi2).all()
    assert np.isfinite(eta).all()
    # no event where 5 +- 4.9 were expected: 2 (5 + 4.9 eta) + eta^2 is lowest at eta = -4.9,
    # where the expectation is negative; the best allowed is the edge, mu = 0
    assert chi2[0] == pytest.approx((5 / 4.9) ** 2, abs=0.05)


def test_the_minimum_lies_on_an_edge_that_is_followed():
    """Two bins, two pulls, one empty bin: along mu = 0 the other pull has a closed form.

    2 (1 - 2 x + y) + 2 (50 - 40 ln(50 + 5 y)) + x^2 + y^2 with 1 - 2 x + y >= 0.
    """
    prediction, response = np.array([[1.0, 50.0]]), np.array([[[-2.0, 1.0], [0.0, 5.0]]])
    data = np.array([[0.0, 80.0]])
    zero = np.zeros(1, int)
    chi2, eta, curvature = profile(data, zero, prediction, zero, response)
    y = np.linspace(0, 6, 600_001)
    x = (1 + y) / 2
    mu = 50 + 5 * y
    edge = 2 * (mu - 80 + 80 * np.log(80 / mu)) + x**2 + y**2
    best = edge.argmin()
    assert chi2[0] == pytest.approx(edge[best], abs=1e-6)
    assert eta[0] == pytest.approx([x[best], y[best]], abs=1e-4)
    # the ghost that holds the edge is no count: it does not stand in the curvature
    assert curvature[0] == pytest.approx(np.diag([1.0, 1 + 80 * 25 / mu[best] ** 2]), abs=1e-3)


def test_no_pull_is_the_plain_likelihood():
    prediction = np.array([[3.0, 4.0]])
    data = np.array([[2.0, 0.0]])
    chi2, _, _ = profile(data, np.zeros(1, int), prediction, np.zeros(1, int), np.zeros((1, 2, 0)))
    assert chi2[0] == pytest.approx(2 * (1 + 2 * np.log(2 / 3) + 4))
