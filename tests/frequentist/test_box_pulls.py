"""The compiled distance from broken lines, against every point of them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from pontecorvo.frequentist.box_pulls_kernel import lowest_on_paths


@pytest.mark.parametrize("bins_first", [False, True])
def test_distance_from_lines_by_either_layout(bins_first):
    rng = np.random.default_rng(5)
    count, lines, nodes, bins = 4, 3, 5, 7
    corners = rng.standard_normal((count, lines, nodes, bins))
    data = rng.standard_normal((6, bins))
    asked = rng.integers(0, count, (6, 2))
    share = np.linspace(0, 1, 2001)[:, None, None, None]
    points = (1 - share) * corners[None, :, :, :-1].reshape(
        1, count, lines * (nodes - 1), bins
    ) + share * corners[None, :, :, 1:].reshape(1, count, lines * (nodes - 1), bins)
    squares = np.square(data[:, None, None, None] - points[None]).sum(axis=-1).min(axis=(1, 3))
    norms = np.einsum("hcnb,hcnb->hcn", corners, corners)
    products = np.zeros_like(norms)
    products[:, :, 1:] = np.einsum("hcnb,hcnb->hcn", corners[:, :, 1:], corners[:, :, :-1])
    flat = corners.reshape(count, lines * nodes, bins)
    laid = np.ascontiguousarray(flat.swapaxes(1, 2)) if bins_first else flat
    chi2 = np.empty(asked.shape)
    order = np.argsort(asked, axis=None, kind="stable")
    lowest_on_paths(data, asked, order, laid, bins_first, norms, products, chi2)
    expected = np.take_along_axis(squares, asked, axis=1)
    assert np.all(chi2 <= expected + 1e-9)
    assert_allclose(chi2, expected, atol=1e-5)
