"""Problems and verbs by entry points: the shipped ones, and a package of a user's own."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from pontecorvo import InputError
from pontecorvo.core import registry
from pontecorvo.core.problem import Preset

PACKAGE = '''
from pontecorvo import GaussianMeasurement, Measured, Model, Normal, Prior, Quantity
from pontecorvo.core.model_file import problem_of
import click

class Mine(Model):
    name = "mine"
    parameters = (Quantity("a"),)
    observables = (Quantity("x"),)
    prior = Prior([Normal(0, 1)])
    def forward(self, theta):
        return theta.copy()

measurement = GaussianMeasurement([Measured("x", 1.0, 0.5)])
problem = problem_of(Mine(), measurement, "mine")

@click.command()
def hello():
    """Say hello."""
    click.echo("hello from a package")
'''


def test_the_shipped_studies_are_registered():
    names = registry.problem_names()
    assert {"seesaw-no", "seesaw-io", "sterile", "founding-paper"} <= set(names)
    assert registry.DEFAULT not in names
    assert {"scan", "contour", "experiments", "data"} <= set(registry.command_names())
    for name in names:
        assert isinstance(registry.find_problem(name), Preset)


def test_an_unknown_study_is_told_what_there_is():
    with pytest.raises(InputError, match="did you mean 'seesaw-no'"):
        registry.find_problem("seesaw-noo")


def test_what_cannot_be_loaded_is_named(monkeypatch):
    broken = {
        "gone": EntryPoint("gone", "pontecorvo.nowhere:problem", registry.PROBLEMS),
        "odd": EntryPoint("odd", "math:pi", registry.PROBLEMS),
    }
    monkeypatch.setattr(registry, "registered", lambda group: broken)
    with pytest.raises(InputError, match=r"gone is registered as pontecorvo\.nowhere"):
        registry.find_problem("gone")
    with pytest.raises(InputError, match="float is no Problem"):
        registry.find_problem("odd")


def test_a_package_of_the_users_own_is_found(tmp_path):
    (tmp_path / "mine_package.py").write_text(PACKAGE)
    info = tmp_path / "mine_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[pontecorvo.problems]\nmine = mine_package:problem\n"
        "[pontecorvo.commands]\nhello = mine_package:hello\n"
    )

    def pontecorvo(*words):
        code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        code += f"sys.argv = ['pontecorvo', *{words!r}]; import pontecorvo.cli as c; c.main()"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "hello from a package" in pontecorvo("hello")
    assert "mine" in pontecorvo("studies")
    out = tmp_path / "out"
    options = ("--draws", "200", "--method", "exact", "--no-report")
    said = pontecorvo("run", "mine", "--out", str(out), *options)
    assert "mine: 200 draws by exact" in said
    again = pontecorvo("run", str(out / "settings.yaml"), "--out", str(out), "--no-report")
    assert again == said
