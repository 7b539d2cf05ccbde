"""Numbers counted in trials: each error holds the truth as often as it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2 as chi2_distribution

from pontecorvo.base.errors import InputError
from pontecorvo.frequentist.trial_region import TrialRegion, counted, quantile_with_error

LEVELS = np.array([0.68, 0.90, 0.95])


def test_quantile_interval_covers():
    rng = np.random.default_rng(0)
    levels = np.array([0.68, 0.95])
    truth = chi2_distribution.ppf(levels, 2)
    inside = np.zeros(2)
    for _ in range(400):
        value, low, high = quantile_with_error(np.sort(rng.chisquare(2, 1000)), levels)
        inside += (low <= truth) & (truth <= high)
        assert np.all((low <= value) & (value <= high))
    assert np.all(np.abs(inside / 400 - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / 400) + 0.02)


@given(st.integers(0, 10_000), st.integers(2, 60))
def test_a_point_is_inside_where_its_p_value_exceeds_what_is_left(seed, n):
    rng = np.random.default_rng(seed)
    values = [rng.permutation(n) + 0.5 for _ in range(4)]
    data = rng.integers(0, n, 4).astype(float)
    beyond = [int(np.count_nonzero(own >= t)) for own, t in zip(values, data, strict=True)]
    region = TrialRegion(**counted(values, beyond, LEVELS))
    for level in LEVELS:
        inside = data <= region.critical[:, region.column(level)]
        # at most a fraction L of the trials lies below a point inside: count them
        np.testing.assert_array_equal(inside, n - np.array(beyond) <= np.ceil(n * level) - 1)
    assert np.all((region.p_low <= region.p_value) & (region.p_value <= region.p_high))
    assert np.all(region.critical_low <= region.critical)
    assert np.all(region.critical <= region.critical_high)


def test_undecided_is_near_the_level_in_errors_of_the_trials():
    values = [np.arange(1000.0)] * 3
    region = TrialRegion(**counted(values, [100, 130, 50], LEVELS))
    np.testing.assert_array_equal(region.undecided(0.90), [True, False, False])
    np.testing.assert_array_equal(region.undecided(0.90, sigmas=4), [True, True, False])
    with pytest.raises(InputError, match=r"level 0.5: the region has 0.68, 0.9, 0.95"):
        region.undecided(0.5)
