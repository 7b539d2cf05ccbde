"""Inverse seesaw and scotogenic model: their own formula, and the exactness of their chart."""

import numpy as np
import pytest

from pontecorvo.core.contract import check_contract
from pontecorvo.physics.masses import splittings_from_masses
from pontecorvo.physics.takagi import takagi
from pontecorvo.problems.inverse_seesaw import InverseSeesawProblem, InverseSeesawSettings
from pontecorvo.problems.scotogenic import ScotogenicProblem, ScotogenicSettings, loop
from pontecorvo.problems.seesaw.formula import VEV

PROBLEMS = {
    "inverse": lambda o: InverseSeesawProblem(InverseSeesawSettings(ordering=o)),
    "scotogenic": lambda o: ScotogenicProblem(ScotogenicSettings(ordering=o)),
}


@pytest.mark.parametrize("kind", PROBLEMS)
@pytest.mark.parametrize("ordering", ["no", "io"])
def test_chart_is_the_priors_measure(kind, ordering):
    problem = PROBLEMS[kind](ordering)
    target, rng = problem.target, np.random.default_rng(1)
    check_contract(target)
    chart = target.chart
    u = rng.random((400, chart.dim))
    theta, log_volume = chart.to_parameters(u)
    inside = np.flatnonzero(np.isfinite(log_volume))
    theta, log_volume, u = theta[inside], log_volume[inside], u[inside]
    assert len(inside) > 50
    assert np.isfinite(target.log_prior(theta)).all()
    assert target.within_three_sigma(theta).mean() > 0.9
    # log volume = log[prior * abs(d theta / d u)], by central differences
    u, h = chart.from_parameters(theta)[:8], 1e-6
    columns = [
        (chart.to_parameters(u + h * e)[0] - chart.to_parameters(u - h * e)[0]) / (2 * h)
        for e in np.eye(chart.dim)
    ]
    log_jacobian = np.linalg.slogdet(np.stack(columns, axis=2))[1]
    gap = np.abs(log_jacobian + target.log_prior(theta[:8]) - log_volume[:8])
    assert np.median(gap) < 1e-4
    assert gap.max() < 0.02  # a corner of the cube, where differences of 1e-6 are coarse
    # and back
    again, volume = chart.to_parameters(chart.from_parameters(theta))
    assert np.abs(again - theta).max() < 1e-6
    assert np.abs(volume - log_volume).max() < 1e-3


def test_inverse_seesaw_formula():
    # m_nu = v^2 Y (M^T)^-1 mu M^-1 Y^T, matrix by matrix
    problem = PROBLEMS["inverse"]("no")
    theta, _ = problem.target.chart.to_parameters(
        np.random.default_rng(0).random((20, problem.target.chart.dim))
    )
    y = (theta[:, :9] + 1j * theta[:, 9:18]).reshape(-1, 3, 3)
    inverse = np.zeros_like(y)
    mu = np.zeros_like(y)
    for k in range(3):
        inverse[:, k, k] = 10.0 ** -theta[:, 18 + k]
        phase = theta[:, 24 + k] if k < 2 else 0.0
        mu[:, k, k] = 10.0 ** theta[:, 21 + k] * np.exp(-1j * phase)
    m = VEV**2 * 1e9 * y @ inverse @ mu @ inverse @ np.swapaxes(y, 1, 2)
    masses, _ = takagi(m)
    _, dm2_21, dm2_31 = splittings_from_masses(masses, "no")
    found = problem.target.model.forward(theta)
    # M in float64 has lost digits of the small masses where entries cancel
    assert np.median(np.abs(found[:, 0] / dm2_21 - 1)) < 1e-9
    assert np.allclose(found[:, 1], dm2_31, rtol=1e-5)
    eta = problem.target.model.predict(theta)["log10_eta_e_mu"]
    mixing = VEV * y @ inverse
    full = np.abs((mixing @ np.swapaxes(mixing.conj(), 1, 2))[:, 0, 1])
    assert np.allclose(10**eta, full)


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
    with pytest.raises(ValueError, match="ascend"):
        InverseSeesawSettings(log10_mu_min=0.0)
