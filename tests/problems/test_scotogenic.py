"""The scotogenic loop: its formula, and its limit for a small lambda_5."""

import numpy as np
import pytest
from scipy.integrate import quad

from pontecorvo.problems.flavour.predictions.lfv import ALPHA, LEPTONIC
from pontecorvo.problems.scotogenic import (
    ScotogenicProblem,
    ScotogenicSettings,
    loop,
    photon_ratio,
)
from pontecorvo.problems.seesaw.formula import VEV


def test_scotogenic_loop():
    mass, m0 = np.array([2e3, 1e5, 1e7]), 500.0
    # direct formula, where nothing cancels
    lambda5 = 1.0
    r2, i2 = m0**2 + lambda5 * VEV**2, m0**2 - lambda5 * VEV**2

    def f(x):
        return x / (x - mass**2) * np.log(x / mass**2)

    direct = mass / (32 * np.pi**2) * (f(r2) - f(i2))
    assert np.allclose(loop(mass, lambda5, m0), direct, rtol=1e-9)
    # small lambda_5: M/(m0^2 - M^2) [1 - M^2/(m0^2 - M^2) ln(m0^2/M^2)] lambda_5 v^2/(16 pi^2)
    small = 1e-9
    gap = m0**2 - mass**2
    limit = mass / gap * (1 - mass**2 / gap * np.log(m0**2 / mass**2))
    assert np.allclose(loop(mass, small, m0), small * VEV**2 / (16 * np.pi**2) * limit, rtol=1e-6)
    # heavy N: lambda_5 v^2/(16 pi^2 M) [ln(M^2/m0^2) - 1]
    heavy = small * VEV**2 / (16 * np.pi**2 * mass[2]) * (np.log(mass[2] ** 2 / m0**2) - 1)
    assert loop(mass[2:], small, m0)[0] == pytest.approx(heavy, rel=1e-4)


def test_ranges_are_checked():
    with pytest.raises(ValueError, match="3 scalar masses"):
        ScotogenicSettings(log10_M_min=3.0)
    with pytest.raises(ValueError, match="scalar mass"):
        ScotogenicSettings(log10_lambda5_max=1.0)
    for wrong in ({"log10_M_min": 9.0}, {"log10_lambda5_max": -11}):
        with pytest.raises(ValueError, match="must ascend"):
            ScotogenicSettings(**wrong)


def test_flavour_violation_by_the_charged_scalar():
    m0, mass = 500.0, np.array([2e3, 1e5, 1e7])
    rng = np.random.default_rng(0)
    y = rng.normal(size=(4, 3, 3)) + 1j * rng.normal(size=(4, 3, 3))
    # the loop function as an integral: int_0^1 t (1 - t)^2/(1 - t + x t) dt
    f2 = [
        quad(lambda t, x=x: t * (1 - t) ** 2 / (1 - t + x * t), 0, 1, epsabs=0, limit=500)[0]
        for x in (mass / m0) ** 2
    ]
    total = np.abs(np.einsum("nk,nk,k->n", y[:, 1], y[:, 0].conj(), f2)) ** 2
    expected = 3 * ALPHA / (64 * np.pi * 1.1663788e-5**2 * m0**4) * total
    np.testing.assert_allclose(photon_ratio(y, mass[None], m0)[:, 1, 0], expected, rtol=1e-6)
    # and as the model offers it
    model = ScotogenicProblem(ScotogenicSettings()).target.model
    theta = model.prior.sample(5, rng)
    y = (theta[:, :9] + 1j * theta[:, 9:18]).reshape(-1, 3, 3)
    ratio = photon_ratio(y, 10 ** theta[:, 18:21], m0)[:, 2, 1] * LEPTONIC["tau", "mu"]
    np.testing.assert_allclose(10 ** model.predict(theta)["log10_BR_tau_mu_gamma"], ratio)
    assert {q.name for q in model.extra_quantities} <= set(model.predict(theta))
