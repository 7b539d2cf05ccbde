"""The JSON schema of a study's settings, for editors and for other programs."""

from typing import Any

from .catalog import find_preset


def schema_of(study: str) -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a study file.

    Args:
        study: A registered study, or the path of a YAML file or of a model's Python file.

    Raises:
        InputError: If there is no such study.
    """
    settings = find_preset(study)[0].problem.Settings
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **settings.model_json_schema(),
    }
