"""Poisson bins with pulls, and shifted spectra: the compiled forms against the plain ones."""

import numpy as np
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from pontecorvo.physics.reactor import shift_energy_scale
from pontecorvo.physics.shift_kernel import shift_counts
from pontecorvo.problems.sterile.linear import newton


def test_newton_ends_at_the_minimum():
    rng = np.random.default_rng(2)
    prediction = rng.uniform(5, 60, (3, 8))
    response = prediction[:, :, None] * rng.normal(0, 0.1, (3, 8, 2))
    data = rng.poisson(prediction).astype(float)
    pulls, value, curvature = newton(data, prediction, response)
    for k in range(3):

        def minus_two_log(eta, k=k):
            mean = prediction[k] + response[k] @ eta
            n = data[k]
            logs = np.where(n > 0, n * np.log(np.where(n > 0, n, 1) / mean), 0)
            return 2 * (mean - n + logs).sum() + eta @ eta

        found = minimize(minus_two_log, np.zeros(2), method="BFGS", options={"gtol": 1e-8})
        assert_allclose(value[k], found.fun, rtol=1e-8)
        assert_allclose(pulls[k], found.x, atol=1e-5)
        step = 1e-4 * np.eye(2)
        second = [
            (minus_two_log(pulls[k] + e) - 2 * value[k] + minus_two_log(pulls[k] - e)) / 1e-8
            for e in step
        ]
        assert_allclose(np.diag(curvature[k]), np.array(second) / 2, rtol=1e-3)


def test_the_kernel_shifts_as_the_formula():
    rng = np.random.default_rng(3)
    counts, shift = rng.uniform(1, 9, (5, 32)), rng.uniform(-0.05, 0.05, 5)
    out = np.empty_like(counts)
    shift_counts(shift, counts, 1.8, 9.8, out)
    assert_allclose(out, shift_energy_scale(shift, counts, 1.8, 9.8), rtol=1e-12)
    shift_counts(np.zeros(5), counts, 1.8, 9.8, out)
    assert_allclose(out, counts)
