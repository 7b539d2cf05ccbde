"""Draws about the fit: weights, evidence, resuming, and another sampler."""

import numpy as np
import pytest

from pontecorvo.core.draws import weights_from_logs
from pontecorvo.problems.oscillation.model import oscillation_target
from pontecorvo.problems.oscillation.student_draws import sample_about_fit


@pytest.fixture(scope="module")
def target(juno):
    return oscillation_target(juno)


@pytest.fixture(scope="module")
def drawn(target):
    return sample_about_fit(target, 2500, seed=3)


def test_weights_are_nearly_equal_and_draws_have_the_fits_errors(target, drawn):
    assert drawn.converged
    assert drawn.ess > 0.6 * 2500
    weight = weights_from_logs(drawn.log_weight)
    mean = weight @ drawn.theta
    spread = np.sqrt(weight @ (drawn.theta - mean) ** 2)
    np.testing.assert_allclose(spread, target.best.errors, rtol=0.1)
    assert abs(mean[0] - target.best.theta[0]) < 0.3 * target.best.errors[0]


def test_stored_densities_are_the_targets(target, drawn):
    some = slice(0, 50)
    np.testing.assert_allclose(target.log_prior(drawn.theta[some]), drawn.log_prior[some])
    np.testing.assert_allclose(target.log_likelihood(drawn.theta[some]), drawn.log_likelihood[some])
    np.testing.assert_allclose(
        drawn.log_weight, drawn.log_prior + drawn.log_likelihood - drawn.log_q
    )


def test_resumes_bit_by_bit(target, tmp_path):
    first = sample_about_fit(target, 2100, seed=3, folder=tmp_path)
    assert len(list(tmp_path.glob("draws-*.npz"))) == 2
    (tmp_path / "draws-0001.npz").unlink()
    again = sample_about_fit(target, 2100, seed=3, folder=tmp_path)
    np.testing.assert_array_equal(first.theta, again.theta)
    np.testing.assert_array_equal(first.log_weight, again.log_weight)


@pytest.mark.slow
def test_nautilus_finds_the_same_posterior(target, drawn):
    from pontecorvo.samplers.nautilus_adapter import sample_nautilus

    other = sample_nautilus(target, 2500, seed=1, live=1000, networks=0, batch=500)
    error = np.hypot(drawn.log_evidence_error, 0.05)
    assert abs(other.log_evidence - drawn.log_evidence) < 4 * error
    weight = weights_from_logs(drawn.log_weight)
    mean = weight @ drawn.theta
    shift = (other.theta.mean(axis=0) - mean) / target.best.errors
    assert (np.abs(shift) < 0.12).all()
