"""Mode, mean and flatness of posteriors on the plane whose answers are known."""

import numpy as np
import pytest

from pontecorvo.frequentist.grid_posterior import GridPosterior
from pontecorvo.frequentist.plane import Axis, Plane
from pontecorvo.problems.sterile.posterior_shape import is_flat, shape_of

X, Y = np.linspace(-4, 0, 161), np.linspace(-2, 2, 321)
PLANE = Plane(Axis("log10_s22", X), Axis("log10_dm2", Y))


def gaussian(centre, width):
    z = (PLANE.points - centre) / width
    return -0.5 * (z**2).sum(axis=1)


def test_a_gaussian_has_its_mode_and_mean_at_its_centre():
    posterior = GridPosterior(PLANE, gaussian((-1.0, 0.5), (0.15, 0.2)), -40.0)
    shape = shape_of(posterior, (-1.0, 0.5))
    assert shape.mode == pytest.approx((-1.0, 0.5), abs=0.02)
    assert shape.mean == pytest.approx((-1.0, 0.5), abs=0.01)
    assert shape.dm2_68 == pytest.approx((0.5 - 0.199, 0.5 + 0.199), abs=0.01)

    assert shape.near_best == pytest.approx(0.162, abs=0.02)


def test_a_narrow_valley_holds_the_mode_and_not_the_mean():
    """The case of the joint fit: a deep narrow valley below a broad plateau."""
    narrow = gaussian((-1.2, 0.1), (0.1, 0.003))
    broad = gaussian((-0.8, 1.4), (0.15, 0.5)) - 1.5
    posterior = GridPosterior(PLANE, np.logaddexp(narrow, broad), -20.0)
    shape = shape_of(posterior, (-1.2, 0.1))
    assert shape.mode[1] == pytest.approx(0.1, abs=0.02)
    assert shape.mean[1] > 1.0
    assert shape.near_best < 0.2


def test_what_sees_nothing_is_flat_and_a_signal_is_not():
    ripples = 0.3 * np.sin(8 * PLANE.points[:, 1]) * 10 ** PLANE.points[:, 0]
    excluded = -50 * 10 ** (2 * PLANE.points[:, 0])
    assert is_flat(GridPosterior(PLANE, ripples, 0.0), 0.95)
    assert is_flat(GridPosterior(PLANE, ripples + excluded, 0.0), 0.95)
    signal = GridPosterior(PLANE, gaussian((-0.5, 0.5), (0.1, 0.2)), -20.0)
    assert not is_flat(signal, 0.95)
