"""The public construction against the tables of Feldman & Cousins, PRD 57 (1998) 3873."""

import numpy as np
import pytest
from scipy.stats import chi2 as chi2_distribution
from scipy.stats import poisson

from pontecorvo.base.errors import InputError
from pontecorvo.frequentist import ConfidenceSet, feldman_cousins_set

# Table X, x0 -> (lowest, highest) mean at 68.27, 90 and 95 %; sigma = 1, mean not negative
GAUSS = {
    -2.0: ((0.00, 0.07), (0.00, 0.40), (0.00, 0.62)),
    -1.0: ((0.00, 0.27), (0.00, 0.81), (0.00, 1.10)),
    0.0: ((0.00, 1.00), (0.00, 1.64), (0.00, 1.96)),
    1.3: ((0.42, 2.30), (0.02, 2.94), (0.00, 3.26)),
    3.0: ((2.00, 4.00), (1.37, 4.64), (1.14, 4.96)),
}
GAUSS_LEVELS = (0.6827, 0.90, 0.95)
# Table IV, background 3.0, n0 -> 90 % interval of the signal
COUNTS = {1: (0.0, 1.88), 3: (0.0, 4.42), 6: (0.15, 8.47), 8: (1.51, 10.99), 10: (2.63, 13.50)}
BACKGROUND = 3.0


def gaussian(mean, n, rng):
    return rng.normal(mean, 1, n)


def square(x, means):
    return (x[:, None] - means) ** 2


def best_square(x):
    return np.minimum(x, 0) ** 2


def count(signal, n, rng):
    return rng.poisson(signal + BACKGROUND, n)


def deviance(n, signal):
    mean = signal + BACKGROUND
    return 2 * (mean - n[:, None] * np.log(mean))


def best_deviance(n):
    mean = np.maximum(n, BACKGROUND)
    return 2 * (mean - n * np.log(mean))


@pytest.mark.parametrize("x0", GAUSS)
def test_gaussian_with_a_boundary_is_their_table(x0):
    found = feldman_cousins_set(
        x0, np.arange(0, 5.5, 0.05), gaussian, square, minimum=best_square,
        levels=GAUSS_LEVELS, trials=4000, max_trials=32_000,
    )  # fmt: skip
    for level, published in zip(GAUSS_LEVELS, GAUSS[x0], strict=True):
        ends, errors = found.bounds(level)
        for end, error, true in zip(ends, errors, published, strict=True):
            # Monte Carlo and grid, as the region itself says, and their two digits
            assert abs(end - true) < 4 * error + 0.006, (level, end, error, true)
            assert error < 0.06


@pytest.mark.parametrize("n0", COUNTS)
def test_poisson_with_background_is_their_table(n0):
    found = feldman_cousins_set(
        n0, np.arange(0, 15, 0.05), count, deviance, minimum=best_deviance,
        levels=(0.90,), trials=4000, max_trials=32_000,
    )  # fmt: skip
    for end, error, true in zip(*found.bounds(0.90), COUNTS[n0], strict=True):
        assert abs(end - true) < 4 * error + 0.05, (end, error, true)


def exact_poisson_upper(n0, level):
    """Highest signal whose acceptance set, ranked by likelihood ratio, holds n0: no trials."""
    n, inside = np.arange(60), []
    signals = np.arange(0, 8, 0.01)
    for signal in signals:
        p = poisson.pmf(n, signal + BACKGROUND)
        order = np.argsort(-p / poisson.pmf(n, np.maximum(n, BACKGROUND)), kind="stable")
        last = np.searchsorted(np.cumsum(p[order]), level)
        inside.append(n0 in order[: last + 1])
    return signals[np.array(inside)].max()


def test_no_count_over_background():
    found = feldman_cousins_set(
        0, np.arange(0, 4, 0.02), count, deviance, minimum=best_deviance,
        levels=(0.90,), trials=4000, max_trials=32_000,
    )  # fmt: skip
    (_, high), (_, error) = found.bounds(0.90)
    # the table has 1.08: there limits may not grow as the background falls; the construction has
    # 0.95
    assert exact_poisson_upper(0, 0.90) == pytest.approx(0.95, abs=0.011)
    assert abs(high - exact_poisson_upper(0, 0.90)) < 4 * error + 0.02


def test_without_a_minimum_the_hypotheses_are_the_fit():
    means = np.arange(0, 6, 0.05)
    given = feldman_cousins_set(1.0, means, gaussian, square, minimum=best_square, levels=(0.9,))
    counted = feldman_cousins_set(1.0, means, gaussian, square, levels=(0.9,))
    # at most half a step from the best mean: chi2 is 0.025^2 too high, but at the last ones
    assert np.all(np.abs(given.critical - counted.critical)[:-70] < 0.0007)
    assert np.all(given.trials == 4000)


def test_two_parameters_and_coverage():
    axis = np.linspace(-3, 3, 25)
    rows = np.stack([a.ravel() for a in np.meshgrid(axis, axis)], axis=1)

    def simulate(row, n, rng):
        return rng.normal(row, 1, (n, 2))

    def chi2(data, hypotheses):
        return ((data[:, None] - hypotheses) ** 2).sum(axis=2)

    some = rows[[312, 200]]
    assert np.allclose(some[0], 0)
    found = feldman_cousins_set(
        np.array([0.5, 0.2]), some, simulate, chi2, minimum=lambda d: np.zeros(len(d)), trials=8000
    )
    for column, level in enumerate(found.levels):
        truth = chi2_distribution.ppf(level, 2)
        width = (found.critical_high - found.critical_low)[:, column] / 2
        assert np.all(np.abs(found.critical[:, column] - truth) < 4 * width)
        assert found.inside(level)[0] == (truth > 0.29)
    assert found.p_value[0] == pytest.approx(np.exp(-0.29 / 2), abs=0.02)
    assert np.all((found.p_low <= found.p_value) & (found.p_value <= found.p_high))
    with pytest.raises(InputError, match="one parameter"):
        found.intervals(0.9)


def test_threads_change_nothing_and_hard_ones_get_more_trials():
    means = np.linspace(0, 4, 9)
    settings = {"minimum": best_square, "trials": 1000, "max_trials": 8000}
    one = feldman_cousins_set(1.5, means, gaussian, square, **settings)
    two = feldman_cousins_set(1.5, means, gaussian, square, threads=2, **settings)
    assert one.critical.tobytes() == two.critical.tobytes()
    assert one.trials.min() == 1000 < one.trials.max()
    assert not np.any(one.undecided(0.9) & (one.trials < 8000))


def test_intervals_may_be_several():
    none = np.zeros(5)
    margin = np.array([-1.0, 1.0, -1.0, -1.0, 3.0])
    made = ConfidenceSet(
        np.array([0.9]), *(np.zeros((5, 1)) for _ in range(3)), none, none, none, none + 1000,
        hypotheses=np.arange(5.0), statistic=margin,
    )  # fmt: skip
    np.testing.assert_allclose(made.intervals(0.9), [[0, 0.5], [1.5, 3.25]], atol=1e-8)


def test_what_is_no_good_is_refused():
    means = np.linspace(0, 4, 5)
    with pytest.raises(InputError, match="multiples of 1000"):
        feldman_cousins_set(0.0, means, gaussian, square, trials=10)
    with pytest.raises(InputError, match="between 0 and 1"):
        feldman_cousins_set(0.0, means, gaussian, square, levels=(90,))
    with pytest.raises(InputError, match="finite values"):
        feldman_cousins_set(0.0, np.array([0.0, np.nan]), gaussian, square)
    with pytest.raises(InputError, match="simulate: gave data of shape"):
        feldman_cousins_set(0.0, means, lambda m, n, rng: np.zeros((n, 2)), square)
    with pytest.raises(InputError, match="chi2: gave shape"):
        feldman_cousins_set(0.0, means, gaussian, lambda d, h: np.zeros(len(d)))
    with pytest.raises(InputError, match="minimum: gave shape"):
        feldman_cousins_set(0.0, means, gaussian, square, minimum=lambda d: np.zeros(3))
    found = feldman_cousins_set(0.0, means, gaussian, square, trials=1000)
    with pytest.raises(InputError, match=r"level 0.5"):
        found.inside(0.5)
