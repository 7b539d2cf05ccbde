"""A model in a Python file: what it must define, and what is said of what it does not."""

import re

import pytest

from pontecorvo import InputError
from pontecorvo.core.model_file import ModelProblem, load_model_file

HEAD = """
from pontecorvo import GaussianMeasurement, Measured, Model, Normal, Prior, Quantity

class Mine(Model):
    name = "mine"
    parameters = (Quantity("a"),)
    observables = (Quantity("x"),)
    prior = Prior([Normal(0, 1)])

    def forward(self, theta):
        return theta.copy()

right = GaussianMeasurement([Measured("x", 1.0, 0.5)])
"""


def load(tmp_path, text):
    path = tmp_path / "mine.py"
    path.write_text(HEAD + text)
    return load_model_file(path)


def test_model_and_measurement_make_a_problem(tmp_path):
    preset = load(tmp_path, "model, measurement = Mine(), right\n")
    assert issubclass(preset.problem, ModelProblem)
    problem = preset.problem(preset.problem.Settings())
    assert problem.name == "mine"
    assert problem.target.model.name == "mine"
    assert problem.default_method() == "smc"  # no coordinates of its own


def test_a_problem_of_its_own_is_taken(tmp_path):
    preset = load(
        tmp_path,
        """
from pontecorvo.core.problem import Preset, Problem
from pontecorvo.core.settings import ModelSettings
from pontecorvo import Target

class Settings(ModelSettings):
    shift: float = 0.0

class Own(Problem):
    kind, Settings = "own", Settings
    def build_target(self):
        return Target(Mine(), right)

problem = Preset(Own, {"shift": 2.0})
""",
    )
    assert preset.settings == {"shift": 2.0}
    assert preset.problem.kind == str(tmp_path / "mine.py")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "defines no model and measurement"),
        ("model = Mine()\n", "defines no measurement"),
        ("model, measurement = Mine, right\n", "the class Mine, no Model; make an instance"),
        ("model, measurement = Mine(), 3\n", "measurement is a int and has no log_likelihood"),
        ("problem = 3\n", "int is no Problem and no Preset"),
        ("1 / 0\n", r"fails when it is read \(ZeroDivisionError: division by zero, line 14\)"),
        ("def f(:\n", "SyntaxError"),
    ],
)
def test_what_is_missing_is_one_sentence(tmp_path, text, words):
    with pytest.raises(InputError, match=words) as caught:
        load(tmp_path, text)
    assert "mine.py" in str(caught.value)


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="is no Python file"):
        load_model_file(tmp_path / "none.py")


BARE = """
from pontecorvo import Problem

class Bare(Problem):
    kind = "bare"

problem = Bare
"""


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "Bare: has no build_target; give the Target there"),
        (
            "    def build_target(self):\n        return 1 / 0\n",
            r"mine.py: fails when it builds its target \(ZeroDivisionError: division by zero, line",
        ),
    ],
)
def test_a_problem_without_a_target_is_told_so(tmp_path, command, body, sentence):
    path = tmp_path / "mine.py"
    path.write_text(BARE.replace('"bare"\n', f'"bare"\n{body}'))
    answer = command("run", path, "--out", tmp_path / "out")
    assert answer.code == 2
    assert re.search(sentence, answer.err), answer.err
    assert not (tmp_path / "out").exists()
