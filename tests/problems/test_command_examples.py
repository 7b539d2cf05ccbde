"""Examples name verbs and studies that are there."""

import shlex

from pontecorvo.cli import _names
from pontecorvo.core.registry import problem_names
from pontecorvo.problems.command_examples import EXAMPLES


def test_verbs_and_studies_exist():
    assert set(EXAMPLES) <= set(_names())
    for verb in ("run", "sample", "check", "train", "schema"):
        for line, _ in EXAMPLES[verb]:
            subject = shlex.split(line)[2]
            known = subject in problem_names() or subject.startswith("runs/")
            assert known or subject.endswith((".py", ".yaml")), line
