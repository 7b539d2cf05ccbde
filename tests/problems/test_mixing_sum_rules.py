"""Sum rules: their relations, published pulls, and evidences by quadrature."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad

from pontecorvo.core.contract import check_contract
from pontecorvo.problems.flavour.lepton_data import lepton_data
from pontecorvo.problems.mixing_sum_rules import SumRuleProblem, SumRuleSettings, trimaximal
from pontecorvo.samplers.modes import ModeSettings, sample_modes


@given(s13=st.floats(1e-6, 0.3), phi=st.floats(0, 6.28))
@pytest.mark.parametrize("rule", ["tm1", "tm2"])
def test_trimaximal_is_unitary_and_keeps_its_column(rule, s13, phi):
    u = trimaximal(np.array([s13]), np.array([phi]), rule)[0]
    assert np.abs(u @ u.conj().T - np.eye(3)).max() < 1e-12
    kept = [2 / 3, 1 / 6, 1 / 6] if rule == "tm1" else [1 / 3, 1 / 3, 1 / 3]
    assert np.allclose(np.abs(u[:, 0 if rule == "tm1" else 1]) ** 2, kept)
    assert abs(u[0, 2]) ** 2 == pytest.approx(s13)


def test_relations_and_pulls():
    central = lepton_data("no")["sin2_theta13"].central
    expected = {"tm1": 1 - 2 / (3 * (1 - central)), "tm2": 1 / (3 * (1 - central))}
    pulls = {  # JUNO 207 days, NuFIT 6.1
        "tm1": (2.25, 1.4),
        "tm2": (5.8, 4.8),
    }
    for rule, value in expected.items():
        model = SumRuleProblem(SumRuleSettings(rule=rule)).target.model
        found = model.forward(np.array([[central, 1.0]]))[0, 0]
        assert found == pytest.approx(value, abs=1e-12)
        for data, pull in zip(("juno-207d", "nufit-6.1"), pulls[rule], strict=True):
            s12 = lepton_data("no", data)["sin2_theta12"]
            assert (found - s12.central) / s12.sigma == pytest.approx(pull, abs=0.06)


@pytest.mark.parametrize("rule", ["tm1", "tm2", "mu-tau", "none"])
def test_contract(rule):
    problem = SumRuleProblem(SumRuleSettings(rule=rule))
    check_contract(problem.target)
    assert problem.name == rule


@pytest.mark.slow
def test_evidence_is_the_integral():
    target = SumRuleProblem(SumRuleSettings(rule="tm1")).target
    prior = 3 / (2 * np.pi)

    def density(phi, s13):
        return prior * np.exp(target.log_likelihood(np.array([[s13, phi]]))[0])

    value = dblquad(density, 0.019, 0.026, 0, 2 * np.pi, epsabs=1e-4, epsrel=1e-4)[0]
    settings = ModeSettings(200, 100, steps=100, snapshots=10, rounds=3, round_draws=5000)
    draws = sample_modes(target, 1000, settings=settings)
    assert draws.log_evidence == pytest.approx(np.log(value), abs=0.02)
    assert draws.log_evidence_error < 0.01
