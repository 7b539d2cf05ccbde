"""The implicit integrator: order, stiffness, and the linear solve."""

import numpy as np
import pytest

from pontecorvo.problems.flavour.predictions import boltzmann_kernel as kernel


def test_linear_solve():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(27, 27)), rng.normal(size=27)
    a[0, 0] = 0.0  # needs pivoting
    expected = np.linalg.solve(a, b)
    kernel.solve(a.copy(), b, 27)
    np.testing.assert_allclose(b, expected, rtol=1e-9)


def _last(steps, rate):
    """y' = -rate (y - cos t) - sin t from y(0) = 1: the solution is cos t whatever the rate."""
    step = 2.0 / steps
    t = step * (np.arange(steps)[:, None] + kernel.NODES)
    out = np.empty((steps, 3))
    decay, source = np.full_like(t, rate), rate * np.cos(t) - np.sin(t)
    return kernel.scalar(decay, source, 1.0, step, kernel.STAGES, out)


def test_order_five():
    errors = [abs(_last(n, 1.0) - np.cos(2.0)) for n in (4, 8, 16)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx(5.0, abs=0.4)


def test_stiff_modes_are_damped():
    assert _last(8, 1e9) == pytest.approx(np.cos(2.0), abs=1e-9)
