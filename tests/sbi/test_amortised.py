"""The network as a sampler: weights are exact, whatever the network is."""

import numpy as np
import pytest

from pontecorvo import load_study
from pontecorvo.base.errors import InputError
from pontecorvo.sbi.amortised import (
    LEAST_ANNEALED,
    NetworkOptions,
    conditioned_chart,
    propose,
    sample_network,
)
from pontecorvo.sbi.annealed import LEAST
from pontecorvo.study.amortised_network import load_network, serves
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.what_if import changed_measurement


@pytest.fixture(scope="module")
def target():
    return load_study("seesaw-no").target


@pytest.fixture(scope="module")
def flow():
    return load_network(load_problem("seesaw-no"))


@pytest.fixture(scope="module")
def draws(target, flow):
    return sample_network(target, 1000, 3, flow=flow)


def test_weight_is_prior_times_likelihood_over_density(draws):
    gap = draws.log_prior + draws.log_likelihood - draws.log_q - draws.log_weight
    assert np.ptp(gap) < 1e-9
    assert len(draws.theta) == 1000
    assert np.isfinite(draws.theta).all()


def test_evidence_is_the_exact_one(draws):
    """Of the exact sampler, 10.446 +- 0.012 (docs/exact-posterior.md)."""
    error = np.hypot(draws.log_evidence_error, 0.012)
    assert abs(draws.log_evidence - 10.446) < 4 * error
    assert draws.converged
    assert draws.notes["k_hat"] < 0.7


def test_raw_acceptance(draws):
    assert draws.raw_acceptance > 0.96


@pytest.mark.parametrize(
    "options",
    [
        NetworkOptions(guidance=2.0),
        NetworkOptions(defensive=0.3),
        pytest.param(NetworkOptions(derivatives="float32", nodes=16), marks=pytest.mark.slow),
    ],
)
def test_other_proposals_have_the_same_evidence(target, flow, options, draws):
    other = sample_network(target, 500, 5, flow=flow, options=options)
    error = np.hypot(draws.log_evidence_error, other.log_evidence_error)
    assert abs(other.log_evidence - draws.log_evidence) < 4.5 * error


def test_rejuvenated_draws_weigh_the_same(target, flow):
    other = sample_network(target, 400, 7, flow=flow, options=NetworkOptions(rejuvenate=20))
    assert other.method == "network, rejuvenated"
    assert np.ptp(other.log_weight) == 0
    assert len(np.unique(other.theta[:, 0])) == 400


def test_finished_blocks_are_kept(target, flow, tmp_path):
    first = sample_network(target, 300, 1, tmp_path, flow=flow)
    assert list(tmp_path.glob("network-*.npz"))
    again = sample_network(target, 300, 1, tmp_path, flow=flow)
    np.testing.assert_array_equal(first.theta, again.theta)


def test_copies_and_parameters_agree(target, flow):
    chart = conditioned_chart(target)
    raw = propose(flow, target, chart, 200, 1, with_density=False)
    again = chart.from_parameters(raw.theta)
    gap = np.abs(again - raw.u)
    gap[:, chart.periodic] = np.minimum(gap, 1 - gap)[:, chart.periodic]
    assert np.median(gap.max(axis=1)) < 1e-6
    assert raw.log_q is None


def test_another_measurement_out_of_range_is_refused(target, flow):
    problem = load_problem("seesaw-no")
    far = changed_measurement(target.measurement, {"sin2_theta23": 0.72}, {})
    other = problem.measured(far)
    assert serves(problem)
    problem.__dict__["target"] = other
    assert not serves(problem)
    with pytest.raises(InputError, match=r"sin2_theta23.*\[0.3, 0.7\].*pontecorvo train"):
        sample_network(other, 10, flow=flow)


def test_another_prior_is_refused():
    other = load_problem("seesaw-no", {"prior": {"yukawa_max": 0.5}})
    assert not serves(other)
    with pytest.raises(InputError, match="was trained for prior"):
        load_network(other)


def test_options_are_checked():
    with pytest.raises(InputError, match="defensive"):
        NetworkOptions(defensive=1.0)
    with pytest.raises(InputError, match="rejuvenate"):
        NetworkOptions(rejuvenate=-1)


def test_annealed_draws_are_worth_more(target, flow, draws):
    options = NetworkOptions(anneal=32, features="seesaw-no")
    other = sample_network(target, 1000, 3, flow=flow, options=options)
    assert other.method == "network, annealed"
    assert other.notes["weighted_efficiency"] > draws.notes["weighted_efficiency"]
    assert other.raw_acceptance == draws.raw_acceptance  # the network's own, before any step
    gap = other.log_prior + other.log_likelihood - other.log_q - other.log_weight
    assert np.ptp(gap) < 1e-6
    error = np.hypot(draws.log_evidence_error, other.log_evidence_error)
    assert abs(other.log_evidence - draws.log_evidence) < 4 * error
    assert np.mean(np.any(other.theta != draws.theta, axis=1)) > 0.5


def test_few_draws_are_not_annealed(target, flow):
    options = NetworkOptions(anneal=32, features="seesaw-no")
    assert sample_network(target, 50, 3, flow=flow, options=options).method == "network"
    assert LEAST_ANNEALED == 2 * LEAST
