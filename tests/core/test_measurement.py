import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement import GaussianMeasurement, Measured


def one(central=1.0, plus=0.2, minus=0.1, period=None):
    return Measured(
        "x", central, plus, minus, central - 3 * minus, central + 3 * plus, period=period
    )


def test_gaussian_is_the_normal_density_with_the_mean_error():
    x = np.linspace(0.5, 1.5, 7)[:, None]
    expected = stats.norm(1.0, 0.15).logpdf(x[:, 0])
    np.testing.assert_allclose(GaussianMeasurement([one()]).log_likelihood(x), expected)


@given(st.floats(0.01, 1.0), st.floats(0.01, 1.0))
def test_gaussian_and_box_depend_on_nothing_else(plus, minus):
    measurement = GaussianMeasurement([one(0.0, plus, minus)], "box")
    x = np.array([[2.99 * plus], [3.01 * plus], [-2.99 * minus], [-3.01 * minus], [np.nan]])
    inside = [True, False, True, False, False]
    np.testing.assert_array_equal(measurement.within_three_sigma(x), inside)
    np.testing.assert_array_equal(measurement.log_likelihood(x), np.where(inside, 0, -np.inf))


def test_two_piece_normal_integrates_to_one_and_has_the_right_sides():
    measurement = GaussianMeasurement([one()], "two-piece")
    density = lambda x: np.exp(measurement.log_likelihood(np.array([[x]])))[0]  # noqa: E731
    total = integrate.quad(density, 0, 1)[0] + integrate.quad(density, 1, 3)[0]
    assert total == pytest.approx(1, abs=1e-6)
    assert density(1.2) == pytest.approx(density(0.9))


def test_correlated_measurement_is_the_multivariate_normal():
    quantities = [Measured(n, 0, s, s, -3 * s, 3 * s) for n, s in (("a", 1.0), ("b", 2.0))]
    matrix = np.array([[1, 0.6], [0.6, 1]])
    measurement = GaussianMeasurement(quantities, correlation=matrix)
    x = np.random.default_rng(0).normal(size=(20, 2))
    expected = stats.multivariate_normal(np.zeros(2), measurement.covariance).logpdf(x)
    np.testing.assert_allclose(measurement.log_likelihood(x), expected)


def test_angles_are_compared_the_short_way_round():
    angle = Measured("d", 0.1, 0.2, period=2 * np.pi)
    measurement = GaussianMeasurement([angle])
    x = np.array([[0.0], [2 * np.pi], [2 * np.pi - 0.2]])
    values = measurement.log_likelihood(x)
    assert values[0] == pytest.approx(values[1])
    assert measurement.within_three_sigma(x).all()


def test_nan_observables_have_no_likelihood():
    assert GaussianMeasurement([one()]).log_likelihood(np.array([[np.nan]]))[0] == -np.inf


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("x", 1, -0.1, 0.1, 0, 2), "positive"),
        (("x", 1, 0.1, 0.0, 0, 2), "positive"),
        (("x", np.nan, 0.1, 0.1, 0, 2), "finite"),
        (("x", 1, 0.1, 0.1, 2, 0), "ascend"),
    ],
)
def test_bad_numbers_get_one_sentence(arguments, words):
    with pytest.raises(InputError, match=words):
        Measured(*arguments)


def test_bad_matrices_get_one_sentence():
    pair = [Measured(n, 0, 1) for n in "ab"]
    for matrix in ([[1, 1.0], [1.0, 1]], [[1, 0.2], [0.3, 1]], [[2, 0], [0, 1]], [[1]]):
        with pytest.raises(InputError, match="correlation matrix"):
            GaussianMeasurement(pair, correlation=np.array(matrix))
    with pytest.raises(InputError, match="more than once"):
        GaussianMeasurement([one(), one()])
    with pytest.raises(InputError, match="no quantity"):
        GaussianMeasurement([])


def test_one_error_stands_for_both_and_for_three_sigma():
    assert Measured("x", 2.0, 0.1) == Measured("x", 2.0, 0.1, 0.1, 2.0 - 3 * 0.1, 2.0 + 3 * 0.1)
    uneven = Measured("x", 2.0, 0.2, 0.1)
    assert (uneven.low, uneven.high) == (2.0 - 3 * 0.1, 2.0 + 3 * 0.2)
    assert Measured("x", 2.0, 0.1, high=5).high == 5
    with pytest.raises(InputError, match=r"errors \+-0.1 --0.1; both must be positive"):
        Measured("x", 2.0, -0.1)
    with pytest.raises(InputError, match="every number must be finite"):
        Measured("x", 2.0, 0.1, minus=float("nan"))
