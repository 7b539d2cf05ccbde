"""The published schemas say what the settings say."""

import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.registry import find_problem, problem_names
from pontecorvo.study.schema import DRAFT, measurement_schema, problem_schema, schema_of


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


@pytest.mark.parametrize("name", problem_names())
def test_every_problem_has_a_whole_schema_of_its_own_settings(name):
    schema = schema_of(name)
    kind = find_problem(name).problem
    assert schema == problem_schema(kind)
    assert schema["$schema"] == DRAFT
    assert set(schema["properties"]) == {
        field.alias or key for key, field in kind.Settings.model_fields.items()
    }
    assert schema["additionalProperties"] is False  # a misspelt key is told by an editor
    for reference in references(schema):
        assert reference.removeprefix("#/$defs/") in schema["$defs"]


def test_a_measurement_in_a_study_is_the_measurement_file():
    inside = schema_of("seesaw-no")["$defs"]["MeasurementFile"]
    assert inside["properties"] == measurement_schema()["properties"]


def test_an_unknown_study_is_told():
    with pytest.raises(InputError, match="seesaw-no"):
        schema_of("seesaw-nu")
