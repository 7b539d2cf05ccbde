"""The seesaw's other priors: normalised ratios, and what contradicts itself is refused."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from pontecorvo.base.errors import InputError
from pontecorvo.problems.seesaw.alternative_priors import (
    alternatives,
    reaches_beyond,
    seesaw_ratio,
)
from pontecorvo.problems.seesaw.model import Seesaw, SeesawPrior
from pontecorvo.problems.seesaw.prior_settings import (
    OtherPrior,
    PriorSettings,
    check_other_priors,
)

FLAT = SeesawPrior()


def mean_ratio(change, size=400_000):
    model = Seesaw("no", FLAT)
    theta = model.prior.sample(size, np.random.default_rng(1))
    ratio = np.exp(seesaw_ratio(model, replace(FLAT, **change))(theta, {}))
    return ratio.mean(), ratio.std() / np.sqrt(size), ratio


@pytest.mark.parametrize(
    "change", [{"yukawa_max": 0.9}, {"log10_M_max": 16.0}, {"log10_M_min": 14.5}, {}]
)
def test_a_ratio_of_normalised_priors_has_mean_one(change):
    """Over draws of the run's prior the mean of p'/p is the integral of p', which is one."""
    mean, error, ratio = mean_ratio(change)
    assert mean == pytest.approx(1, abs=5 * error + 1e-12)
    assert (ratio == 0).any() is np.bool_(bool(change)), "outside the narrower prior it is zero"


def test_the_log_uniform_ratio_is_the_densities_ratio():
    model = Seesaw("no", FLAT)
    change = {"yukawa": "log-uniform", "yukawa_min": 0.01}
    theta = model.prior.sample(200, np.random.default_rng(2))
    theta[:100, :18] = np.sign(theta[:100, :18]) * np.maximum(np.abs(theta[:100, :18]), 0.011)
    theta[100:, 3] = 1e-3  # below the smallest of a log-uniform prior
    found = seesaw_ratio(model, replace(FLAT, **change))(theta, {})
    # 1/2 each against 1/(2 abs(y) ln 100): 18 factors
    expected = -(np.log(np.abs(theta[:100, :18])) + np.log(np.log(100))).sum(axis=1)
    np.testing.assert_allclose(found[:100], expected, rtol=1e-10)
    assert np.isneginf(found[100:]).all()


def test_a_wider_prior_is_refused_and_says_where():
    model = Seesaw("no", FLAT)
    for change, word in (
        ({"yukawa_max": 1.5}, "yukawa_max"),
        ({"log10_M_max": 18.0}, "log10_M_max"),
        ({"log10_M_min": 11.0}, "log10_M_min"),
    ):
        wider = replace(FLAT, **change)
        assert reaches_beyond(FLAT, wider).startswith(word)
        with pytest.raises(InputError, match=word):
            seesaw_ratio(model, wider)
    log = replace(FLAT, yukawa="log-uniform", yukawa_min=1e-3)
    assert reaches_beyond(FLAT, log) == ""
    assert "smallest" in reaches_beyond(log, FLAT)


def test_alternatives_stay_inside_and_are_named_by_what_changes():
    theta = Seesaw("no", FLAT).prior.sample(2000, np.random.default_rng(3))
    found = alternatives(Seesaw("no", FLAT))
    assert "heavy masses below 10^16 GeV" in found
    assert "Yukawas log-uniform from 0.01" in found
    for name, ratio in found.items():
        values = ratio(theta, {})
        assert values.shape == (2000,), name
        assert not np.isnan(values).any(), name
    assert (found["Yukawas within 0.5"](theta, {}) > -np.inf).mean() < 0.01
    log = SeesawPrior(yukawa="log-uniform", yukawa_min=0.6)
    assert not any(
        "log-uniform" in name or "within" in name for name in alternatives(Seesaw("no", log))
    )


def test_settings_that_do_not_ascend_are_refused():
    for wrong, word in (
        ({"log10_M_min": 15, "log10_M_max": 14}, "log10_M_min 15.0 must be below"),
        ({"yukawa": "log-uniform", "yukawa_min": 2}, "yukawa_min 2.0 must be below"),
        ({"yukawa_max": True}, "number"),
    ):
        with pytest.raises(ValidationError, match=word):
            PriorSettings(**wrong)
    assert PriorSettings(yukawa_max=0.5).build() == replace(FLAT, yukawa_max=0.5)


def test_an_other_prior_is_the_run_s_but_for_what_it_says():
    now = PriorSettings(yukawa="log-uniform", yukawa_min=0.01, log10_M_max=16)
    other = OtherPrior(name="x", log10_M_min=13)
    assert other.settings(now) == replace(now.build(), log10_M_min=13.0)
    haar = OtherPrior(name="x", light="haar")
    assert haar.settings(now).yukawa == "uniform"
    with pytest.raises(ValidationError, match="yukawa must be uniform"):
        OtherPrior(name="x", light="haar", yukawa="log-uniform")


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ([{"name": "as in this run"}], "other_priors.0.name"),
        ([{"name": "a"}, {"name": "a"}], "other_priors.1.name"),
        ([{"name": "a", "log10_M_min": 16.5, "log10_M_max": 13}], "must be below"),
        ([{"name": "a", "yukawa_max": 3}], "other_priors.0: yukawa_max reaches beyond"),
    ],
)
def test_what_cannot_be_answered_is_refused_before_a_draw(others, words):
    with pytest.raises(ValueError, match=words):
        check_other_priors([OtherPrior(**one) for one in others], PriorSettings())
    check_other_priors([OtherPrior(name="fine", yukawa_max=0.5)], PriorSettings())


def test_light_priors_change_the_ratio():
    model, now = Seesaw("no", FLAT), PriorSettings()
    theta = model.prior.sample(500, np.random.default_rng(5))
    plain = OtherPrior(name="a").log_ratio(model, now)(theta, {})
    np.testing.assert_array_equal(plain, 0.0)
    masses = OtherPrior(name="a", light="masses").log_ratio(model, now)(theta, {})
    assert np.ptp(masses[np.isfinite(masses)]) > 1
