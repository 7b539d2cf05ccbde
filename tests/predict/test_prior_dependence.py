"""Reweighting to another prior gives that prior's posterior, or refuses."""

import numpy as np
import pytest

from pontecorvo.models.base import Target
from pontecorvo.models.prior import Normal, Prior, Uniform
from pontecorvo.models.seesaw import Seesaw
from pontecorvo.predict.prior_dependence import alternatives, prior_dependence, reweight


def test_uniform_draws_become_those_of_a_normal_prior():
    rng = np.random.default_rng(0)
    theta = rng.uniform(-5, 5, (40_000, 1))
    result = reweight(theta, np.zeros(len(theta)), Prior([Uniform(-5, 5)]), Prior([Normal(1, 0.5)]))
    weight = np.exp(result.log_weight)
    weight /= weight.sum()
    mean = weight @ theta[:, 0]
    assert abs(mean - 1) < 4 * 0.5 / np.sqrt(result.ess)
    assert np.sqrt(weight @ (theta[:, 0] - mean) ** 2) == pytest.approx(0.5, rel=0.05)
    assert result.usable


def test_priors_that_do_not_overlap_are_refused():
    theta = np.random.default_rng(1).uniform(0, 1, (3000, 1))
    gone = reweight(theta, np.zeros(3000), Prior([Uniform(0, 1)]), Prior([Uniform(2, 3)]))
    assert gone.ess == 0
    assert not gone.usable
    thin = reweight(theta, np.zeros(3000), Prior([Uniform(0, 1)]), Prior([Uniform(0.0, 0.01)]))
    assert not thin.usable
    assert thin.kept == pytest.approx(0.01, abs=0.01)


def test_prior_draws_of_the_seesaw_move_to_the_other_prior():
    """Without data the posterior is the prior: reweighted medians are those of the other prior."""
    from pontecorvo.data.measurement import GaussianMeasurement, Measured

    model = Seesaw("no")
    anything = GaussianMeasurement([Measured("dm2_21", 0.5, 1e9, 1e9, -1.0, 2.0)], "gaussian")
    rng = np.random.default_rng(2)
    theta = model.prior.from_unit_cube(rng.random((30_000, 23)))
    rows = prior_dependence(
        Target(model, anything), theta, np.zeros(len(theta)), model.predict(theta)
    )
    by_name = {row["prior"]: row for row in rows}
    narrow = by_name["heavy masses below 10^16 GeV"]
    assert narrow["usable"]
    assert narrow["posterior_inside"] == pytest.approx(0.8**3, abs=0.02)
    assert narrow["log10_M[2]"]["median"] == pytest.approx(14.0, abs=0.05)
    assert not by_name["Yukawas within 0.5"]["usable"]  # 2^-18 of the prior
    assert set(by_name) == {"as in this run", *alternatives(model)}
