"""The published schemas are those of the models that check the files."""

import importlib.util
import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "docs" / "schema"


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("build_schemas", FOLDER / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_published_schemas_are_in_step(build):
    written = {path.name: path.read_text() for path in FOLDER.glob("*.json")}
    expected = {name: build.text(schema) for name, schema in build.schemas().items()}
    assert written == expected, "run: python docs/schema/build.py"


def test_schemas_close_every_mapping_and_hold_their_references(build):
    def walk(node):
        if isinstance(node, dict):
            yield node
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    for name, schema in build.schemas().items():
        json.dumps(schema, allow_nan=False)
        for node in walk(schema):
            assert not {"gt", "ge", "lt", "le"} & set(node)  # pydantic's words, not the standard's
            if "properties" in node and "type" in node:
                assert node["additionalProperties"] is False, name
            if "$ref" in node:
                assert node["$ref"].removeprefix("#/$defs/") in schema["$defs"]


def test_the_study_schema_knows_the_content_of_a_measurement(build):
    schema = build.schemas()["seesaw-study.json"]
    choices = schema["properties"]["measurement"]["anyOf"]
    assert {"$ref": "#/$defs/MeasurementFile"} in choices
    assert "quantities" in schema["$defs"]["MeasurementFile"]["required"]
