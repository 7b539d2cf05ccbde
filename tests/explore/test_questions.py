"""Questions of the page: what is none is refused in one sentence."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement import Measured
from pontecorvo.explore.questions import (
    Question,
    asked_measurement,
    read_levels,
    read_names,
    read_question,
)
from weighted_run import normal


def test_a_question():
    found = read_question(
        {"values": {"x": 1}, "errors": {"x": 0.2}, "extra": ["y"], "pairs": [["a", "b"]]}
    )
    assert found == Question({"x": 1.0}, {"x": 0.2}, ("y",), (("a", "b"),))
    assert read_question({}).plain
    assert not found.plain


@pytest.mark.parametrize(
    "content",
    [
        [],
        None,
        {"other": 1},
        {"values": {"x": "1"}},
        {"values": {"x": True}},
        {"values": {"x": float("nan")}},
        {"values": {"x": 10**400}},
        {"values": [1]},
        {"values": {"x" * 100: 1.0}},
        {"extra": "xy"},
        {"extra": [1]},
        {"extra": ["x"] * 100},
        {"pairs": [["a"]]},
        {"pairs": [["a", "b"]] * 5},
    ],
)
def test_what_is_no_question_is_refused(content):
    with pytest.raises(InputError) as found:
        read_question(content)
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["values", "errors", "extra", "pairs"]), JSON))
def test_anything_is_a_question_or_one_sentence(content):
    try:
        found, said = read_question(json.loads(json.dumps(content))), ""
    except InputError as error:
        found, said = Question(), str(error)
    assert len(said) < 500
    assert all(np.isfinite(value) for value in found.values.values())


def test_names_and_levels():
    assert read_names({"on": ["a", "b"]}, "on") == ("a", "b")
    assert read_levels({"levels": [0.68]}) == (0.68,)
    for bad in ({"levels": [2]}, {"levels": [True]}, {"levels": ["0.9"]}, {"levels": [0.5] * 9}):
        with pytest.raises(InputError):
            read_levels(bad)
    with pytest.raises(InputError):
        read_names([], "on")


def test_optional_observables_join_uncorrelated():
    angle = Measured("angle", 1.0, 0.4, period=2 * np.pi)
    question = Question({"x": 0.5}, {"angle": 0.1}, ("angle",))
    found = asked_measurement(normal(), [angle], question)
    assert found.names == ("x", "angle")
    assert found.quantities[0].central == 0.5
    assert found.quantities[1].period == 2 * np.pi
    assert found.quantities[1].plus == 0.1
    np.testing.assert_array_equal(found.correlation, np.eye(2))
    with pytest.raises(InputError, match="cannot be measured here"):
        asked_measurement(normal(), [], question)
    with pytest.raises(InputError, match="must be positive"):
        asked_measurement(normal(), [], Question({}, {"x": -1.0}))
