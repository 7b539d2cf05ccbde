"""Bytes of answers: there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.explore.packing import pack, to_json, unpack


@given(
    st.integers(0, 50),
    st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4, unique=True),
    st.text(max_size=20),
)
def test_there_and_back(size, names, text):
    rng = np.random.default_rng(size)
    rows = {name: rng.normal(size=size).astype("<f4") for name in names}
    content = pack({"text": text}, rows)
    header, found = unpack(content)
    assert header["text"] == text
    assert header["size"] == size
    if size:
        for name in names:
            np.testing.assert_array_equal(found[name], rows[name])


def test_numbers_begin_at_a_multiple_of_four():
    for text in ("", "a", "ab", "abc", "ä"):
        content = pack({"t": text}, {"x": np.zeros(3)})
        assert int.from_bytes(content[:4], "little") % 4 == 0


def test_what_is_not_finite_is_null():
    assert to_json({"x": float("nan"), "y": [np.float64("inf"), 1]}) == b'{"x":null,"y":[null,1]}'


def test_rows_of_different_lengths_are_an_error():
    with pytest.raises(ValueError, match="different lengths"):
        pack({}, {"a": np.zeros(2), "b": np.zeros(3)})
