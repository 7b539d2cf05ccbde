"""YAML as people write it, and what is no number."""

import math

import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.base.yaml_files import a_number, parse_yaml, read_yaml


def test_a_power_of_ten_is_a_number(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("a: 1e-5\nb: 2\nc: [1.5, x]\n")
    assert read_yaml(path) == {"a": 1e-5, "b": 2, "c": [1.5, "x"]}


@pytest.mark.parametrize("text", ["a: 1\na: 2", "a: [1", "- 1", "a: !!python/name:os.system"])
def test_what_is_refused(tmp_path, text):
    path = tmp_path / "s.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"s\.yaml"):
        read_yaml(path)


@pytest.mark.parametrize("value", [True, False, math.nan, math.inf, -math.inf])
def test_what_is_no_number(value):
    with pytest.raises(ValueError, match="number"):
        a_number(value)
    assert a_number(3) == 3


def test_text_by_the_same_rules():
    assert parse_yaml("a: 1e-5\n", "here") == {"a": 1e-5}
    for text, words in (("a: 1\na: 2\n", "stands twice"), ("- 1\n", "must hold a mapping")):
        with pytest.raises(InputError, match=words) as error:
            parse_yaml(text, "here")
        assert str(error.value).startswith("here: ")
