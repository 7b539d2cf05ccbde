"""Model and target: protocol, predictions, likelihoods."""

import numpy as np
import pytest

from pontecorvo.problems.oscillation.model import (
    OscillationModel,
    OscillationTarget,
    oscillation_target,
    physical,
)

NAMES = ["sin2_theta12", "dm2_21", "sin2_theta13", "dm2_3l"]


@pytest.fixture(scope="module")
def model(juno):
    return OscillationModel(juno)


@pytest.fixture(scope="module")
def target(model, juno):
    return OscillationTarget(model, juno.observed())


def test_it_speaks_the_protocol(model):
    theta = model.prior.sample(20, np.random.default_rng(0))
    assert [q.name for q in model.parameters] == NAMES
    assert model.forward(theta).shape == (20, len(model.observables)) == (20, 66)
    predictions = model.predict(theta)
    assert list(predictions) == [q.name for q in model.prediction_quantities]
    assert all(values.shape == (20,) for values in predictions.values())
    np.testing.assert_array_equal(
        model.from_variables(
            {name: values for name, (_, values) in model.variables(theta).items()}
        ),
        theta,
    )
    assert model.describe()["external"].startswith("Daya Bay")


def test_predictions_are_the_fitted_quantities(model):
    theta = np.array([[0.3, 7.5e-5, 0.022, 2.5e-3]])
    found = model.predict(theta)
    assert [found[name][0] for name in NAMES] == theta[0].tolist()
    assert found["sin2_2theta12"][0] == pytest.approx(0.84)
    assert found["U_e2_squared"][0] == pytest.approx(0.3 * 0.978)
    assert found["dm2_ee"][0] == pytest.approx(2.5e-3 - 0.3 * 7.5e-5)


def test_what_is_not_physical_has_no_counts(model, target):
    bad = np.array(
        [[-0.1, 7.5e-5, 0.02, 2.5e-3], [0.3, 7.5e-5, 0.02, -2.5e-3], [0.3, -1e-5, 0.02, 2.5e-3]]
    )
    assert not physical(bad, "NO").any()
    assert np.isnan(model.forward(bad)).all()
    assert (target.log_likelihood(bad) == -np.inf).all()


def test_target_is_the_profiled_or_marginal_chi2(model, juno, target):
    theta = np.array([[0.30, 7.4e-5, 0.0218, 2.5e-3], [0.32, 7.6e-5, 0.0218, 2.5e-3]])
    profiled = OscillationTarget(model, juno.observed(), "profile")
    np.testing.assert_allclose(profiled.log_likelihood(theta), -0.5 * juno.chi2(theta))
    np.testing.assert_allclose(target.log_likelihood(theta), -0.5 * juno.marginal(theta))


def test_three_sigma_region_is_about_the_best_fit(target):
    best = target.best
    near = best.theta + np.array([[0, 0, 0, 0], [1, 1, 0, 0]]) * best.errors
    assert target.within_three_sigma(near).all()
    far = best.theta + np.array([[6, 0, 0, 0], [0, -7, 0, 0]]) * best.errors
    assert not target.within_three_sigma(far).any()


def test_other_counts_move_the_posterior(juno):
    truth = np.array([[0.33, 7.9e-5, 0.0218, 2.54e-3]])
    target = oscillation_target(juno, data=juno.predict(truth)[0])
    assert target.best.theta[0] == pytest.approx(0.33, abs=2e-3)
    assert target.describe_likelihood()["bins"] == 66
