"""Write the JSON schemas of study and measurement files from the models that check them.

Run it after a change of settings: ``python docs/schema/build.py``. Editors that know JSON schemas
(VS Code's YAML extension, PyCharm) then complete and check study files; in the file's first line:

    # yaml-language-server: $schema=docs/schema/seesaw-study.json
"""

import json
from pathlib import Path
from typing import Any

from pontecorvo.base.files import write_text
from pontecorvo.core.measurement_file import MeasurementFile
from pontecorvo.problems.seesaw.settings import SeesawSettings

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """Schemas by file name."""
    measurement = MeasurementFile.model_json_schema()
    study = SeesawSettings.model_json_schema()
    # the content of a measurement file may stand in the study file; there it is checked as such
    content = {key: value for key, value in measurement.items() if key != "$defs"}
    study["$defs"].update(measurement["$defs"], MeasurementFile=content)
    for choice in study["properties"]["measurement"]["anyOf"]:
        if choice.get("type") == "object":
            choice.clear()
            choice["$ref"] = "#/$defs/MeasurementFile"
    return {
        "seesaw-study.json": {"$schema": DRAFT, **study},
        "measurement.json": {"$schema": DRAFT, **measurement},
    }


def text(schema: dict[str, Any]) -> str:
    """A schema as it is written."""
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    for name, schema in schemas().items():
        write_text(Path(__file__).with_name(name), text(schema))
