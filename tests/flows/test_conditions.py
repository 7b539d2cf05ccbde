"""Conditions: standardised by what was seen, refused in a sentence outside it."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.flows.conditions import Conditions

SEEN = np.random.default_rng(2).normal([3.0, -1.0], [0.5, 2.0], (500, 2))


@pytest.fixture
def known():
    conditions = Conditions(("delta", "theta"))
    conditions.fit(SEEN)
    conditions.set_range(SEEN, {"theta": (-9.0, 9.0)})
    return conditions


def test_what_was_seen_has_mean_zero_and_variance_one(known):
    white = known.standardise(SEEN).numpy()
    assert white.mean(axis=0) == pytest.approx([0, 0], abs=1e-6)
    assert white.std(axis=0, ddof=1) == pytest.approx([1, 1], rel=1e-6)
    assert known.range == {"delta": (SEEN[:, 0].min(), SEEN[:, 0].max()), "theta": (-9.0, 9.0)}


def test_by_name_in_order_and_by_row_are_the_same(known):
    by_name = known.check({"theta": 1.0, "delta": 3.0}, 4)
    assert np.array_equal(by_name, known.check([3.0, 1.0], 4))
    assert np.array_equal(by_name.expand(4, 2), known.check(np.tile([3.0, 1.0], (4, 1)), 4))


def test_a_constant_condition_keeps_its_scale():
    conditions = Conditions(("one",))
    conditions.fit(np.full((5, 1), 7.0))
    assert conditions.standardise(np.array([[7.5]])).item() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"delta": 3.0, "thet": 1.0}, "condition 'thet' is unknown.*theta"),
        ({"delta": 3.0}, "condition 'theta' is missing; needed: delta, theta"),
        ([3.0], r"takes 2 value\(s\) \(delta, theta\)"),
        (np.ones((3, 2)), r"one row or one for each of 4 points"),
        ([3.0, 9.1], r"theta = 9.1 is outside the range -9 to 9 .*train for it with: retrain!"),
        ([3.0, np.nan], "theta = nan is outside"),
    ],
)
def test_what_is_refused(known, given, sentence):
    with pytest.raises(InputError, match=sentence):
        known.check(given, 4, "retrain!")


def test_names_are_distinct_and_known(known):
    with pytest.raises(InputError, match="must be distinct"):
        Conditions(("a", "a"))
    with pytest.raises(InputError, match=r"condition_range: 'tehta' is no condition.*theta"):
        known.set_range(SEEN, {"tehta": (0, 1)})


def test_conditions_that_are_not_centred_keep_zero_apart_from_their_mean():
    values = np.random.default_rng(0).normal(5.0, 2.0, (1000, 1))
    plain = Conditions(("one",), centred=False)
    plain.fit(values)
    told = plain.standardise(values)
    assert float(told.std()) == pytest.approx(1.0, rel=1e-3)
    assert float(told.mean()) == pytest.approx(values.mean() / values.std(ddof=1), rel=1e-3)
