"""The explorer of a plane, on a toy board."""

import pytest
import yaml

from explorer_toy import HOSTILE, toy_plane
from pontecorvo.base.errors import InputError


def test_it_describes_the_board():
    plane = toy_plane()
    plane.warm()
    assert plane.board.warmed == 1
    found = plane.describe()
    assert [part["name"] for part in found["parts"]] == ["one", "two"]
    assert found["parts"][1]["title"] == HOSTILE
    assert found["axes"][1]["range"] == [-1.0, 1.0]


def test_answers_and_studies():
    plane = toy_plane()
    found = plane.answer({"on": ["one"], "methods": ["wilks"]})
    assert found["lines"][0]["level"] == 0.95
    assert len(found["lines"][0]["points"]) == 120
    text = plane.study_file({"on": ["two"]})
    assert yaml.safe_load(text)["experiments"] == ["two"]
    with pytest.raises(InputError, match="switch one on"):
        plane.study_file({"on": []})
    with pytest.raises(InputError, match="must be a short list"):
        plane.answer({"on": "one"})
