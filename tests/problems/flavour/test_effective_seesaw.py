"""Models with effective heavy masses: their chart is the prior's measure."""

import numpy as np
import pytest

from pontecorvo.core.contract import check_contract
from pontecorvo.problems.flavour.effective_seesaw import EffectiveChart, EffectiveSeesaw
from pontecorvo.problems.inverse_seesaw import InverseSeesawProblem, InverseSeesawSettings
from pontecorvo.problems.scotogenic import ScotogenicProblem, ScotogenicSettings

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


@pytest.mark.parametrize("kind", PROBLEMS)
def test_they_are_seesaws_with_effective_masses(kind):
    problem = PROBLEMS[kind]("no")
    model, chart = problem.target.model, problem.target.chart
    assert isinstance(model, EffectiveSeesaw)
    assert isinstance(chart, EffectiveChart)
    theta, log_volume = chart.to_parameters(np.random.default_rng(2).random((300, chart.dim)))
    theta = theta[np.isfinite(log_volume)]
    seesaw = model.seesaw_theta(theta)
    np.testing.assert_array_equal(seesaw[:, :18], theta[:, :18])
    assert (np.diff(seesaw[:, 18:21], axis=1) >= 0).all(), "effective masses ascend"
    np.testing.assert_array_equal(model.forward(theta), model.seesaw.forward(seesaw))
    assert {q.name for q in model.prediction_quantities} == set(model.predict(theta))
    draws = model.flavour_draws(theta)
    assert draws.y is None
    assert draws.m is None, "what its Yukawas do is not what a type-I seesaw's do"
    rng = np.random.default_rng(3)
    for symmetry in model.symmetries:
        moved, _ = symmetry.move(theta.copy(), rng)
        np.testing.assert_allclose(model.forward(moved), model.forward(theta), rtol=1e-6)
        np.testing.assert_array_equal(moved[:, 18:-2], theta[:, 18:-2])
    assert "column scales" not in {symmetry.name for symmetry in model.symmetries}
