"""Reweighting to another prior gives that prior's posterior, or refuses."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.prior import Normal, Prior, Uniform
from pontecorvo.core.target import Target
from pontecorvo.problems.seesaw.alternative_priors import alternatives, reaches_beyond, seesaw_ratio
from pontecorvo.problems.seesaw.model import Seesaw, SeesawPrior
from pontecorvo.study.prior_dependence import prior_dependence, reweight


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
    from pontecorvo.core.measurement import GaussianMeasurement, Measured

    model = Seesaw("no")
    anything = GaussianMeasurement([Measured("dm2_21", 0.5, 1e9, 1e9, -1.0, 2.0)], "gaussian")
    rng = np.random.default_rng(2)
    theta = model.prior.from_unit_cube(rng.random((30_000, 23)))
    columns = {f"log10_M[{i + 1}]": theta[:, 18 + i] for i in range(3)}
    rows = prior_dependence(
        *(Target(model, anything), theta, np.zeros(len(theta)), columns, model.predict(theta)),
        alternatives(model),
    )
    by_name = {row["prior"]: row for row in rows}
    narrow = by_name["heavy masses below 10^16 GeV"]
    assert narrow["usable"]
    assert narrow["posterior_inside"] == pytest.approx(0.8**3, abs=0.02)
    assert narrow["log10_M[2]"]["median"] == pytest.approx(14.0, abs=0.05)
    assert not by_name["Yukawas within 0.5"]["usable"]  # 2^-18 of the prior
    assert set(by_name) == {"as in this run", *alternatives(model)}


def prior_draws(n=20_000):
    """Draws of a posterior without data, which are those of the prior."""
    from pontecorvo.core.measurement import GaussianMeasurement, Measured

    model = Seesaw("no")
    anything = GaussianMeasurement([Measured("dm2_21", 0.5, 1e9, 1e9, -1.0, 2.0)], "gaussian")
    theta = model.prior.sample(n, np.random.default_rng(3))
    columns = {f"log10_M[{i + 1}]": theta[:, 18 + i] for i in range(3)}
    return Target(model, anything), theta, np.zeros(n), columns, model.predict(theta)


def test_priors_of_the_users_own_stand_after_the_runs():
    drawn = prior_draws()
    seen = {}

    def heavier(theta, predictions):
        seen.update(predictions)
        return theta[:, 20]  # density of log10 M_3 times its exponential

    rows = prior_dependence(*drawn, {}, others={"heavier": heavier})
    assert [row["prior"] for row in rows[:2]] == ["as in this run", "heavier"]
    assert rows[1]["usable"]
    assert rows[1]["log10_M[3]"]["median"] > rows[0]["log10_M[3]"]["median"] + 0.1
    assert set(seen) == set(drawn[-1])


def test_a_users_prior_is_told_by_name_what_is_wrong():
    drawn = prior_draws(500)

    def rows(name, ratio):
        return prior_dependence(*drawn, {}, others={name: ratio})

    with pytest.raises(InputError, match=r"'mine'.*shape"):
        rows("mine", lambda theta, _: theta[:3, 0])
    with pytest.raises(InputError, match=r"'mine'.*500 of 500"):
        rows("mine", lambda theta, _: np.full(len(theta), np.nan))
    with pytest.raises(InputError, match="rename"):
        rows("as in this run", lambda theta, _: theta[:, 0])


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (SeesawPrior(log10_M_max=16.5), "log10_M_max"),
        (SeesawPrior(log10_M_min=12.5, log10_M_max=16), "log10_M_min"),
        (SeesawPrior(yukawa_max=1.1, log10_M_min=13, log10_M_max=16), "yukawa_max"),
    ],
)
def test_a_wider_prior_has_no_draws_to_reweight(other, what):
    now = SeesawPrior(log10_M_min=13, log10_M_max=16)
    assert reaches_beyond(now, other).startswith(what)
    assert reaches_beyond(now, now) == ""
    with pytest.raises(InputError, match=what):
        seesaw_ratio(Seesaw("no", now), other)


def test_a_log_uniform_run_has_no_draws_near_zero():
    now = SeesawPrior(yukawa="log-uniform", yukawa_min=1e-3)
    assert "0.001" in reaches_beyond(now, SeesawPrior())
    assert reaches_beyond(now, SeesawPrior(yukawa="log-uniform", yukawa_min=1e-2)) == ""
    names = alternatives(Seesaw("no", now))
    assert not any("Haar" in name for name in names)


@pytest.mark.parametrize(
    "narrow",
    [
        SeesawPrior(log10_M_min=14, log10_M_max=14.5),
        SeesawPrior(yukawa="log-uniform", yukawa_min=0.6),
    ],
)
def test_narrow_priors_have_alternatives_too(narrow):
    assert alternatives(Seesaw("io", narrow))
