"""What a network is told of a point: the sizes of Y's entries, whoever computes them."""

import numpy as np
import pytest
import torch

from pontecorvo import load_study
from pontecorvo.problems.seesaw.casas_ibarra_chart import _BOOST_SCALE, _MASS_SCALE
from pontecorvo.problems.seesaw.casas_ibarra_folding import LEARNED, FoldedChart
from pontecorvo.problems.seesaw.fast_map import unpack
from pontecorvo.problems.seesaw.feature_kernel import moduli_block
from pontecorvo.problems.seesaw.features import (
    _LARGEST_BOOST,
    EntryFeatures,
    entry_moduli,
    inverted_ordering,
    normal_ordering,
)
from pontecorvo.problems.seesaw.formula import EV_PER_GEV, VEV


@pytest.fixture(scope="module", params=["no", "io"])
def points(request):
    """Ordering, Yukawas, complex heavy masses, learned coordinates, observables."""
    chart = FoldedChart(load_study(f"seesaw-{request.param}").target.chart)
    w = np.random.default_rng(3).random((3000, 23))
    w[:, 14] *= 0.9  # boosts that the features do not cut
    theta, log_volume = chart.to_parameters(w)
    good = np.isfinite(log_volume)
    y, m = unpack(theta[good])
    return request.param, y, m, w[good][:, LEARNED], chart.condition(w[good])


def test_moduli_are_those_of_the_yukawas(points):
    """abs(U* sqrt(m) R)^2 is v^2 abs(Y)^2 / M, entry by entry: the seesaw's own formula."""
    ordering, y, m, u, condition = points
    expected = EV_PER_GEV * VEV**2 * np.abs(y) ** 2 / np.abs(m)[:, None, :]
    found = entry_moduli(torch.from_numpy(u), torch.from_numpy(condition), ordering).numpy()
    assert len(u) > 100
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_the_kernel_has_the_same_moduli_with_and_without_slopes(points):
    ordering, _, _, u, condition = points
    scales = (ordering == "io", _MASS_SCALE[ordering], _BOOST_SCALE, _LARGEST_BOOST)
    plain, with_slopes = np.empty((2, len(u), 9))
    slopes = np.empty((len(u), 10, 9))
    moduli_block(u, condition, *scales, False, plain, np.empty((0, 10, 9)))
    moduli_block(u, condition, *scales, True, with_slopes, slopes)
    np.testing.assert_array_equal(plain, with_slopes)
    by_torch = entry_moduli(torch.from_numpy(u), torch.from_numpy(condition), ordering)
    np.testing.assert_allclose(plain, by_torch.flatten(1).numpy(), rtol=1e-8, atol=1e-14)
    step = 1e-6
    inside = (u.min(axis=1) > 0.01) & (u.max(axis=1) < 0.99)
    for column in range(10):
        low, high = u.copy(), u.copy()
        low[:, column] -= step
        high[:, column] += step
        ends = np.empty((2, len(u), 9))
        moduli_block(low, condition, *scales, False, ends[0], np.empty((0, 10, 9)))
        moduli_block(high, condition, *scales, False, ends[1], np.empty((0, 10, 9)))
        difference = (ends[1] - ends[0]) / (2 * step)
        size = np.abs(difference[inside]).max(axis=1, keepdims=True) + 1e-3
        assert (np.abs(slopes[inside, column] - difference[inside]) < 1e-4 * size).all()


def test_slopes_of_the_features_are_torchs(points):
    ordering, _, _, u, condition = points
    u, condition = u[:50], condition[:50]
    known = EntryFeatures(ordering)
    value, slopes = known.values_and_slopes(u, condition)
    x = torch.from_numpy(u).requires_grad_()
    by_torch = known.differentiable(x, torch.from_numpy(condition))
    np.testing.assert_allclose(value, by_torch.detach().numpy(), rtol=1e-9, atol=1e-9)
    for feature in range(known.size):
        (slope,) = torch.autograd.grad(by_torch[:, feature].sum(), x, retain_graph=True)
        expected = slope.numpy()
        np.testing.assert_allclose(slopes[:, :, feature], expected, rtol=1e-6, atol=1e-6)


def test_features_are_periodic_where_the_fold_is(points):
    ordering, _, _, u, condition = points
    known = EntryFeatures(ordering)
    for column in range(6):
        first, last = u.copy(), u.copy()
        first[:, column], last[:, column] = 0.0, 1.0
        np.testing.assert_allclose(
            known.values(first, condition), known.values(last, condition), atol=1e-9
        )
    assert (normal_ordering().ordering, inverted_ordering().ordering) == ("no", "io")
