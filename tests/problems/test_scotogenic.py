"""The scotogenic loop: its formula, and its limit for a small lambda_5."""

import numpy as np
import pytest

from pontecorvo.problems.scotogenic import ScotogenicSettings, loop
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
