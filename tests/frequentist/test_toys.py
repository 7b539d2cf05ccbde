import numpy as np
import pytest
from scipy.stats import chi2 as chi2_distribution

from oscillation_toy import counting, flat_gaussian, spectrum, toy_plane
from pontecorvo.base.errors import InputError
from pontecorvo.frequentist.chi2_features import Joint
from pontecorvo.frequentist.goodness import look_elsewhere, parameter_goodness
from pontecorvo.frequentist.importance_p_value import weighted_p_value
from pontecorvo.frequentist.toys import (
    binomial_interval,
    count_probability,
    null_statistics,
    p_value,
    sigma_of,
)
from pontecorvo.frequentist.wilks import wilks_critical, wilks_significance

PLANE = toy_plane((14, 18))


def test_weighted_trials_agree_with_plain_ones():
    problem = spectrum(PLANE)
    plain = null_statistics(problem, problem.null, 100_000, seed=3)
    for threshold in (2.0, 6.0, 10.0):
        counted = count_probability(plain, threshold)
        weighted = weighted_p_value(problem, problem.null, 20_000, 4, observed=threshold)
        error = np.hypot(weighted.error, np.sqrt(counted.value / 100_000))
        assert abs(weighted.value - counted.value) < 4 * error
        assert weighted.error < 0.1 * weighted.value


def test_weighted_trials_far_in_the_tail():
    """x >= 0 alone, unit error: P(t >= T) is the normal tail at sqrt(T), known to any depth."""
    problem = flat_gaussian((601, 2), bounded=True)
    deep = weighted_p_value(problem, problem.null, 20_000, 1, observed=25.0)
    true = chi2_distribution.sf(25.0, 1) / 2  # 2.9e-7
    assert deep.error < 0.05 * true
    assert deep.value == pytest.approx(true, rel=0.2)
    assert abs(deep.value - true) < 4 * deep.error + 0.01 * true
    assert deep.sigma == pytest.approx(4.99, abs=0.05) or deep.sigma > 5


def test_weighted_trials_with_counts_and_pulls():
    problem = Joint("both", [spectrum(PLANE), counting(PLANE)])
    plain = count_probability(null_statistics(problem, problem.null, 30_000, seed=3), 8.0)
    weighted = weighted_p_value(problem, problem.null, 10_000, 4, observed=8.0)
    error = np.hypot(weighted.error, np.sqrt(plain.value / 30_000))
    assert abs(weighted.value - plain.value) < 4 * error
    assert weighted.error < 0.1 * weighted.value


def test_p_value_by_trials_and_resume(tmp_path):
    problem = spectrum(PLANE)
    first = p_value(problem, problem.null, 3000, 5, checkpoint=tmp_path)
    again = p_value(problem, problem.null, 3000, 5, checkpoint=tmp_path)
    assert first == again == p_value(problem, problem.null, 3000, 5)
    assert first.low <= first.value <= first.high
    assert 0.001 < first.value <= 1.0


def test_clopper_pearson():
    low, high = binomial_interval(0, 1000)
    assert low == 0
    assert high == pytest.approx(1.84e-3, rel=0.01)
    low, high = binomial_interval(1000, 1000)
    assert high == 1
    low, high = binomial_interval(np.array([50, 500]), 1000)
    np.testing.assert_allclose((high - low) / 2, [0.0071, 0.0160], atol=4e-4)


def test_sigmas():
    assert sigma_of(0.3173) == pytest.approx(1.0, abs=1e-3)
    assert sigma_of(5.733e-7) == pytest.approx(5.0, abs=1e-3)
    assert wilks_critical(0.95) == pytest.approx(5.991, abs=1e-3)
    p, sigma = wilks_significance(11.83)
    assert p == pytest.approx(0.0027, rel=1e-2)
    assert sigma == pytest.approx(3.0, abs=1e-2)


def test_parameter_goodness_of_linear_models_is_chi2_of_two():
    """Two measurements of the same two numbers: the statistic is chi2(2), far from bounds."""
    a, b = flat_gaussian((61, 61)), flat_gaussian((61, 61))
    a.name, b.name = "a", "b"
    result = parameter_goodness([a, b], 10_000, seed=1, truth=a.plane.nearest((0, 0)))
    assert result.degrees == 2
    np.testing.assert_allclose(result.quantiles, [1.386, 4.605, 9.21], rtol=0.06)
    assert result.statistic == pytest.approx(0.0, abs=1e-9)
    assert result.by_trials.value > 0.9


def test_parameter_goodness_sees_tension():
    a, b = flat_gaussian((61, 61)), flat_gaussian((61, 61))
    a.name, b.name = "a", "b"
    b.observed = np.array([3.0, 0.0])
    result = parameter_goodness([a, b], 10_000, seed=1)
    assert result.statistic == pytest.approx(4.5, abs=0.03)
    assert result.by_trials.value == pytest.approx(np.exp(-4.5 / 2), abs=0.02)
    assert result.textbook == pytest.approx(np.exp(-4.5 / 2), abs=0.003)


def test_parameter_goodness_with_counts():
    parts = [spectrum(PLANE), counting(PLANE)]
    result = parameter_goodness(parts, 1000, seed=1)
    assert result.statistic >= -1e-9
    assert 0 < result.by_trials.value <= 1
    with pytest.raises(InputError, match="two or more"):
        parameter_goodness(parts[:1], 1000, seed=1)


def test_look_elsewhere():
    found = look_elsewhere(9.0, 0.02)
    assert found.local == pytest.approx(0.00135, rel=1e-2)
    assert found.trials_factor == pytest.approx(0.02 / 0.00135, rel=1e-2)
    assert found.local_sigma > found.global_sigma == sigma_of(found.global_)
