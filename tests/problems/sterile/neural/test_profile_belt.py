"""The learned belt of the exact belt's own statistic, beside the exact one."""

import numpy as np
import pytest

from pontecorvo.frequentist.trial_region import LEVELS
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import Settings, sets_of
from pontecorvo.problems.sterile.neural.profile_belt import (
    ProfileSize,
    profile_belt,
    profile_region,
    profile_trials,
)


@pytest.fixture(scope="module")
def fit():
    small = Settings(shape=(12, 12), trials=1000, max_trials=1000, posterior_shape=(61, 121))
    return next(iter(sets_of(load_experiments("gallex,sage,best"), small).values()))


@pytest.fixture(scope="module")
def found(fit):
    return profile_trials(fit, 72, seed=3)


def test_learned_critical_values_are_the_exact_ones(fit, found):
    """Within the errors of a thousand trials: the same statistic, the same data."""
    exact = fit.belt()
    assert np.allclose(found.observed, exact.delta_chi2)
    belt, card = profile_belt(found, ProfileSize(), seed=3)
    learned = belt.critical(found.points)
    for column, level in enumerate(LEVELS):
        gap = learned[:, column] / exact.critical[:, column] - 1
        assert abs(np.median(gap)) < 0.1, level
        # a plane of 12 x 12 has critical values that jump, and 8,000 trials a smooth function
        assert np.median(np.abs(gap)) < 0.15, level
    assert np.all(np.abs(np.array(card["coverage"]["overall"]) - LEVELS) < 0.04)


def test_trials_do_not_depend_on_the_threads(fit, found, monkeypatch):
    monkeypatch.setenv("PONTECORVO_THREADS", "2")
    assert np.array_equal(profile_trials(fit, 72, seed=3).statistic, found.statistic)


def test_the_region_is_that_of_the_exact_belt(fit):
    fine = fit.posterior.plane
    region = profile_region(fit, fine.points, seed=3)
    inside, exact = region.inside(0.9), fit.belt_margin(fit.belt(), 0.9) <= 0
    assert np.sum(inside & exact) > 0.85 * np.sum(inside | exact)
