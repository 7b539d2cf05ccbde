import timeit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.core.chi2_table import Chi2Table, TableAxis
from pontecorvo.core.combined import CombinedMeasurement
from pontecorvo.core.limit import PowerNormal, UpperLimit
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.scorer import Scorer

QUANTITIES = [
    Measured("a", 1.0, 0.2, 0.1, 0.7, 1.6),
    Measured("b", -2.0, 0.3, 0.3, -2.9, -1.1),
    Measured("d", 0.2, 0.5, 0.4, -1.0, 1.7, 2 * np.pi),
]
MATRIX = np.array([[1, 0.4, 0], [0.4, 1, -0.2], [0, -0.2, 1]])


def table():
    grid = np.linspace(-np.pi, np.pi, 73)
    return Chi2Table([TableAxis("phi", grid, 2 * np.pi)], 9 * (1 - np.cos(grid - 3)))


@given(
    st.sampled_from(["gaussian", "two-piece", "box"]),
    st.booleans(),
    st.tuples(st.floats(0.6, 1.8), st.floats(-3, -1), st.floats(-7, 7)),
)
def test_the_light_scorer_is_the_likelihood(shape, correlated, point):
    correlation = MATRIX if correlated and shape != "box" else None
    measurement = GaussianMeasurement(QUANTITIES, shape, correlation)
    best = measurement.log_likelihood(np.array([[q.central for q in QUANTITIES]]))[0]
    expected = 2 * (best - measurement.log_likelihood(np.array([point]))[0])
    assert Scorer(measurement)(point) == pytest.approx(expected, abs=1e-9)


@given(st.floats(-9, 9))
def test_a_table_in_plain_numbers_is_the_table(x):
    assert Scorer(table())([x]) == pytest.approx(table().chi2(np.array([[x]]))[0], abs=1e-9)


def test_a_product_gives_chi2_and_pulls_by_observable_and_part():
    parts = [
        GaussianMeasurement(QUANTITIES, source="first"),
        GaussianMeasurement(QUANTITIES[:1], source="second"),
        table(),
        UpperLimit("m", 0.1, 0.1, 0.95),
        PowerNormal("k", -0.14, 0.13, 0.15, 2),
    ]
    both = CombinedMeasurement(parts, constant=-3.0)
    point = {"a": 1.3, "b": -2.3, "d": 0.2, "phi": 3.1, "m": 0.1, "k": 0.3}
    score = Scorer(both).score(point)
    assert [row["observable"] for row in score.rows] == ["a", "b", "d", "a", "phi", "m", "k"]
    assert score.chi2 == pytest.approx(sum(row["chi2"] for row in score.rows))
    assert score.chi2 == pytest.approx(Scorer(both)(point))
    assert score.rows[0]["pull"] == pytest.approx(0.3 / 0.15)
    assert score.rows[1]["pull"] == pytest.approx(-1.0)
    for row in score.rows:
        assert row["pull"] ** 2 == pytest.approx(row["chi2"], abs=1e-6)


def test_a_correlated_part_has_pulls_but_one_chi2():
    measurement = GaussianMeasurement(QUANTITIES, correlation=MATRIX)
    score = Scorer(measurement).score([1.3, -2.3, 0.2])
    assert all(row["chi2"] is None for row in score.rows)
    pulls = np.array([row["pull"] for row in score.rows])
    assert score.chi2 == pytest.approx(pulls @ np.linalg.inv(MATRIX) @ pulls)


def test_what_is_no_number_is_excluded_and_what_is_missing_is_said():
    scorer = Scorer(GaussianMeasurement(QUANTITIES))
    assert scorer([np.nan, 0, 0]) == np.inf
    with pytest.raises(InputError, match="d is missing"):
        scorer({"a": 1.0, "b": 2.0})


def test_it_takes_microseconds():
    """Far below what one call of the vectorised likelihood takes on the same machine."""
    measurement = GaussianMeasurement(QUANTITIES)
    scorer, point, row = Scorer(measurement), [1.0, -2.0, 0.3], np.array([[1.0, -2.0, 0.3]])
    light = min(timeit.repeat(lambda: scorer(point), number=2000, repeat=3))
    full = min(timeit.repeat(lambda: measurement.log_likelihood(row), number=2000, repeat=3))
    assert light < full
