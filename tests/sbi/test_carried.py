"""Draws of a network, carried: exact at any measurement, whatever they were drawn at."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from explorer_toy import two_sources_by_quadrature
from pontecorvo.base.errors import InputError
from pontecorvo.core.target import Target
from pontecorvo.sbi.amortised import Proposals, conditioned_chart, propose, sample_network
from pontecorvo.sbi.carried import Carried
from pontecorvo.study.what_if import changed_measurement

_FILE = Path(__file__).parents[2] / "examples" / "chart_model.py"
_spec = importlib.util.spec_from_file_location("chart_model_of_carried", _FILE)
two_sources = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(two_sources)


def carried(n=20_000, seed=1):
    """Uniform draws in the chart's cube: a network that has learned nothing, density one."""
    u = np.random.default_rng(seed).random((n, 4))
    return Carried(u, np.zeros(n), ("total", "asymmetry"))


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({}, {}),
        ({"total": 1.1}, {}),
        ({"asymmetry": 0.4, "total": 0.7}, {"asymmetry": 0.05}),
        ({}, {"total": 0.02, "asymmetry": 0.015}),
    ],
)
def test_posterior_is_that_of_a_quadrature(values, errors):
    measurement = changed_measurement(two_sources.measurement, values, errors)
    draws = carried().draws(Target(two_sources.model, measurement))
    asymmetry, total = measurement.quantities
    log_z, p, r = two_sources_by_quadrature(
        total.central, total.sigma, asymmetry.central, asymmetry.sigma
    )
    assert abs(draws.log_evidence - log_z) < 4 * draws.log_evidence_error + 1e-3
    weight = np.exp(draws.log_weight)
    weight /= weight.sum()
    for column, mean in ((0, p), (2, r)):
        x = draws.theta[:, column]
        middle = weight @ x
        error = np.sqrt(weight @ (x - middle) ** 2 / draws.ess)
        assert abs(middle - mean) < 4.5 * error + 1e-3


def test_weight_is_prior_times_likelihood_over_density():
    draws = carried(500).draws(Target(two_sources.model, two_sources.measurement))
    gap = draws.log_prior + draws.log_likelihood - draws.log_q - draws.log_weight
    assert np.ptp(gap[np.isfinite(draws.log_weight)]) < 1e-9
    assert draws.notes["carried"] is True


def test_same_seed_same_draws():
    target = Target(two_sources.model, two_sources.measurement)
    one, two = carried(300).draws(target, 5), carried(300).draws(target, 5)
    np.testing.assert_array_equal(one.theta, two.theta)


def test_other_conditions_are_refused():
    other = Carried(np.full((10, 4), 0.5), np.zeros(10), ("asymmetry", "total"))
    with pytest.raises(InputError, match="were drawn given asymmetry, total, not total"):
        other.draws(Target(two_sources.model, two_sources.measurement))


def test_draws_without_density_are_refused():
    bare = Proposals(np.zeros((2, 4)), np.zeros((2, 4)), np.zeros(2), None, None, {})
    with pytest.raises(InputError, match="with their density"):
        Carried.of([bare], ("total", "asymmetry"))


@pytest.mark.slow
@pytest.mark.parametrize("study", ["seesaw-no", "seesaw-io"])
def test_carried_draws_agree_with_the_network_asked_anew(study):
    """Evidence and medians at a far measurement; and what carrying costs in effective draws."""
    from pontecorvo.study.amortised_network import load_network
    from pontecorvo.study.catalog import load_problem

    problem = load_problem(study)
    flow, home = load_network(problem), problem.target
    chart = conditioned_chart(home)
    pool = Carried.of([propose(flow, home, chart, 1500, 3)], chart.conditions)
    away = problem.measured(
        changed_measurement(
            problem.measurement, {"sin2_theta23": 0.56, "sin2_theta12": 0.33}, {"dm2_21": 3e-7}
        )
    )
    here, fresh = pool.draws(away), sample_network(away, 1500, 8, flow=flow)
    error = np.hypot(here.log_evidence_error, fresh.log_evidence_error)
    assert abs(here.log_evidence - fresh.log_evidence) < 4 * error
    assert here.ess > 0.8 * fresh.ess
    for name in ("m_ee", "sum_m"):
        means, variances = [], []
        for draws in (here, fresh):
            weight = np.exp(draws.log_weight)
            weight /= weight.sum()
            x = np.log(away.model.predict(draws.theta)[name])
            means.append(weight @ x)
            variances.append(weight @ (x - weight @ x) ** 2 / draws.ess)
        assert abs(means[0] - means[1]) < 4.5 * np.sqrt(sum(variances))
