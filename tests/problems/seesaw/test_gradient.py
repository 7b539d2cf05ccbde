"""Derivatives from both sides are one matrix, and that of the Jacobian's own kernel."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.seesaw.fast_map import observables_from_theta
from pontecorvo.problems.seesaw.gradient import pullback, pushforward
from pontecorvo.problems.seesaw.jacobian import oscillation_jacobian
from seesaw_points import graded_points, prior_points


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("ordering", ["no", "io"])
def test_forward_and_backward_are_adjoint(ordering, labels):
    rng = np.random.default_rng(2)
    theta = np.concatenate([prior_points(30, 1), graded_points(10, 5)])
    tangent = rng.normal(size=theta.shape)
    outputs = 11 if labels else 5
    scale = np.abs(pushforward(theta, tangent, ordering, labels=labels)).max(axis=0)
    cotangent = rng.normal(size=(len(theta), outputs)) / scale
    forward = pushforward(theta, tangent, ordering, labels=labels)
    backward = pullback(theta, cotangent, ordering, labels=labels)
    left, right = (cotangent * forward).sum(axis=1), (backward * tangent).sum(axis=1)
    size = np.abs(backward * tangent).sum(axis=1) + np.abs(cotangent * forward).sum(axis=1)
    assert (np.abs(left - right) < 1e-10 * size).all()


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_unit_cotangents_are_the_rows_of_the_jacobian(ordering):
    theta = prior_points(20, 3)
    rows = oscillation_jacobian(theta, ordering)
    for index in range(5):
        unit = np.zeros((20, 5))
        unit[:, index] = 1.0
        found = pullback(theta, unit, ordering)
        size = np.abs(found).max(axis=1, keepdims=True)
        assert (np.abs(found - rows[:, index]) < 1e-8 * size).all()


def test_the_vev_scales_splittings_and_leaves_angles():
    theta, direction = prior_points(5, 9), np.zeros((5, 23))
    direction[:, 18:21] = 1.0  # all heavy masses together: masses fall, mixing stays
    found = pushforward(theta, direction, "no")
    expected = -2 * np.log(10) * observables_from_theta(theta, "no")[:, :2]
    np.testing.assert_allclose(found[:, :2], expected, rtol=1e-8)
    np.testing.assert_allclose(found[:, 2:], 0.0, atol=1e-7)
    np.testing.assert_allclose(
        pushforward(theta, direction, "no", vev=2 * 174.1)[:, :2],
        16 * pushforward(theta, direction, "no", vev=174.1)[:, :2],
        rtol=1e-9,
    )


def test_another_shape_is_refused():
    with pytest.raises(InputError, match=r"\(2, 5\)"):
        pullback(prior_points(2, 0), np.zeros((2, 11)), "no")
    with pytest.raises(InputError, match=r"\(2, 23\)"):
        pushforward(prior_points(2, 0), np.zeros((1, 23)), "no")
