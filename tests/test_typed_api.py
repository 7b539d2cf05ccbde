"""A type checker sees the types of the public names, and what is wrong in a user's script."""

import re
import subprocess
import sys

import pytest

SCRIPT = """
import numpy as np

import pontecorvo as pv
from pontecorvo.flows import ConditionalFlow, FlowSettings
from pontecorvo.problems import SeesawProblem
from pontecorvo.samplers import correct
from pontecorvo.study import schema_of



class Toy(pv.Model):
    name = "toy"
    parameters = (pv.Quantity("x", "x"), pv.Quantity("y", "y"))
    prior = pv.Prior([pv.Uniform(0.0, 1.0), pv.Normal(0.0, 1.0)])
    observables = (pv.Quantity("s", "s"),)

    def forward(self, theta: np.ndarray) -> np.ndarray:
        return np.asarray(theta[:, :1] + theta[:, 1:])


measured = pv.GaussianMeasurement([pv.Measured("s", 0.4, 0.1)])
target = pv.Target(Toy(), measured)
reveal_type(target)
reveal_type(pv.load_study("x"))
reveal_type(pv.load_problem("x"))
reveal_type(pv.sample_smc(target, 100))
reveal_type(pv.measured_window)
reveal_type(ConditionalFlow(2).log_density(np.ones((1, 2)), np.ones((1, 0))))
reveal_type(SeesawProblem)
reveal_type(schema_of("x"))
pv.Target(measured, Toy())  # wrong
pv.load_study(3)  # wrong
pv.Uniform("a", 1.0)  # wrong
ConditionalFlow("two")  # wrong
FlowSettings(coordinate=1)  # wrong
correct(np.zeros(3)) + 1  # wrong
pv.sample_everything  # wrong
"""


def test_mypy_sees_types_in_a_users_script(tmp_path):
    pytest.importorskip("mypy", reason="mypy is in the extra `lint`")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"),
            # of the package itself `make lint` speaks; here only of what a user meets
            *("--follow-imports=silent", "--ignore-missing-imports"),
            *("--cache-dir", str(tmp_path / "cache"), str(script)),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    lines = SCRIPT.splitlines()
    notes, errors = {}, set()
    for found in re.finditer(r"script\.py:(\d+): (error|note): (.*)", done.stdout):
        line = lines[int(found[1]) - 1]
        if found[2] == "note" and "Revealed type" in found[3]:
            notes[line.removeprefix("reveal_type(").split("(")[0]] = found[3]
        elif found[2] == "error":
            errors.add(line)
    assert errors == {line for line in lines if line.endswith("# wrong")}, done.stdout + done.stderr
    seen = {
        "target)": "core.target.Target",
        "pv.load_study": "study.study.Study",
        "pv.load_problem": "core.problem.Problem",
        "pv.sample_smc": "core.draws.Draws",
        "pv.measured_window)": "core.window.Window",
        "ConditionalFlow": "numpy.ndarray",
        "SeesawProblem)": "seesaw.problem.SeesawProblem",
        "schema_of": "dict[str, Any]",
    }
    for name, kind in seen.items():
        assert kind in notes[name].replace("builtins.", ""), notes
