"""JSON schemas of study and measurement files, for editors and for other programs."""

from typing import Any

from ..core.measurement_file import MeasurementFile
from ..core.problem import Problem
from .catalog import find_preset

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(study: str) -> dict[str, Any]:
    """JSON schema (draft 2020-12) of the files of a study.

    Args:
        study: A registered study, or the path of a YAML file or of a model's Python file.

    Raises:
        InputError: If there is no such study.
    """
    return problem_schema(find_preset(study)[0].problem)


def problem_schema(problem: type[Problem]) -> dict[str, Any]:
    """The schema of a problem's settings.

    The content of a measurement file may stand in a study file; there it is checked as such.
    """
    schema = problem.Settings.model_json_schema()
    measurement = MeasurementFile.model_json_schema()
    for choice in schema["properties"].get("measurement", {}).get("anyOf", ()):
        if choice.get("type") == "object":
            choice.clear()
            choice["$ref"] = "#/$defs/MeasurementFile"
            content = {key: value for key, value in measurement.items() if key != "$defs"}
            schema["$defs"].update(measurement["$defs"], MeasurementFile=content)
    return {"$schema": DRAFT, **schema}


def measurement_schema() -> dict[str, Any]:
    """The schema of a measurement file."""
    return {"$schema": DRAFT, **MeasurementFile.model_json_schema()}
