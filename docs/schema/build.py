"""Write the JSON schemas of study and measurement files from the models that check them.

Run it after a change of settings: ``python docs/schema/build.py``. Editors that know JSON schemas
(VS Code's YAML extension, PyCharm) then complete and check study files; in the file's first line:

    # yaml-language-server: $schema=docs/schema/seesaw-study.json

``pontecorvo schema STUDY`` prints the same, of a model's own file too.
"""

import json
from pathlib import Path
from typing import Any

from pontecorvo.base.files import write_text
from pontecorvo.core.registry import find_problem, problem_names
from pontecorvo.study.schema import measurement_schema, problem_schema


def schemas() -> dict[str, dict[str, Any]]:
    """Schemas by file name: of every registered problem once, and of a measurement."""
    problems = [find_problem(name).problem for name in problem_names()]
    studies = {f"{problem.kind}-study.json": problem_schema(problem) for problem in problems}
    return {**dict(sorted(studies.items())), "measurement.json": measurement_schema()}


def text(schema: dict[str, Any]) -> str:
    """A schema as it is written."""
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    for name, schema in schemas().items():
        write_text(Path(__file__).with_name(name), text(schema))
