import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.core.chi2_table import Chi2Table, TableAxis
from pontecorvo.core.combined import CombinedMeasurement
from pontecorvo.core.limit import PowerNormal, UpperLimit
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.scorer import Scorer

QUANTITIES = [
    Measured("a", 1.0, 0.2, 0.1, 0.7, 1.6),
    Measured("b", -2.0, 0.3),
    Measured("d", 0.2, 0.5, 0.4, -1.0, 1.7, 2 * np.pi),
]
MATRIX = np.array([[1, 0.4, 0], [0.4, 1, -0.2], [0, -0.2, 1]])


GRID = np.linspace(-np.pi, np.pi, 73)
TABLE = Chi2Table([TableAxis("phi", GRID, 2 * np.pi)], 9 * (1 - np.cos(GRID - 3)))
SCORED = Scorer(TABLE)


@settings(max_examples=40)
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
    assert SCORED([x]) == pytest.approx(TABLE.chi2(np.array([[x]]))[0], abs=1e-9)


def test_a_product_gives_chi2_and_pulls_by_observable_and_part():
    parts = [
        GaussianMeasurement(QUANTITIES, source="first"),
        GaussianMeasurement(QUANTITIES[:1], source="second"),
        TABLE,
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


@given(st.floats(0, 2), st.sampled_from([(0.1, 0.1, 1), (0.1, 0.1, 2), (0.03, 0.12, 2)]))
def test_limits_in_plain_numbers_are_the_limits(x, case):
    low, high, power = case
    limit = UpperLimit("m", low, high, 0.9, power)
    expected = -2 * limit.log_likelihood(np.array([[x]]))[0]
    assert Scorer(limit)([x]) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert Scorer(limit)([-1.0]) == np.inf
    square = PowerNormal("k", -0.14, 0.13, 0.15, 2)
    at = square.log_likelihood(np.array([[x], [0.0]]))
    assert Scorer(square)([x]) == pytest.approx(2 * (at[1] - at[0]), abs=1e-9)
