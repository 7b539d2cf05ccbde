"""The posterior averaged over data sets: right ones give the prior back, shifted ones do not."""

import numpy as np
import pytest

from pontecorvo.diagnostics.average import prior_back
from pontecorvo.diagnostics.test_posteriors import Fault, make_trials


def trials_of(fault, seed, weighted=False, simulations=300):
    return make_trials(fault, simulations, 50, seed, Fault(width=1.2) if weighted else None)


@pytest.mark.parametrize("weighted", [False, True])
def test_right_posteriors_give_the_prior_back(weighted):
    values = [prior_back(trials_of("right", seed, weighted)).statistic for seed in range(40)]
    assert np.sum(np.array(values) < 0.05) <= 7  # 2 expected; 8 or more once in 1,000
    assert 0.3 < np.mean(values) < 0.7


@pytest.mark.parametrize("fault", ["shifted", "missing mode"])
def test_shifts_and_missing_modes_are_seen(fault):
    assert not prior_back(trials_of(fault, 1, simulations=1000)).passed


def test_few_data_sets_are_chosen_from_many_and_the_answer_is_repeatable():
    trials = trials_of("right", 2, simulations=1600)
    first, second = prior_back(trials), prior_back(trials)
    assert first.values["data_sets"] == 1500
    assert first.statistic == second.statistic
