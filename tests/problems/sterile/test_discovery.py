"""A new experiment is one file and its table: nothing else names it, and everything knows it."""

import csv
import json
import sys
import textwrap

import pytest
import yaml

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile import experiments
from pontecorvo.problems.sterile.discovery import declared, default_names, forget, options
from pontecorvo.problems.sterile.experiment_registry import (
    Setting,
    expand,
    experiment_names,
    load_experiment,
)
from pontecorvo.problems.sterile.groups import fitted_sets, pairs
from pontecorvo.study.catalog import load_study
from sketches import sketched

FILE = '''
"""A reactor experiment that is in no list: rates at three distances, one pull."""

from pathlib import Path

import numpy as np

from pontecorvo.base.tables import read_table
from pontecorvo.problems.sterile.declaration import Declaration, Option
from pontecorvo.problems.sterile.experiment import Block, Experiment, check_points


class Newcomer(Experiment):
    """Rates over expectation."""

    name, title = "newcomer", "Newcomer"
    source, licence = "made up", "none"
    nuisances = ("newcomer_normalisation",)

    def __init__(self, setting):
        table = read_table(Path(__file__).with_suffix(".csv"), positive=("baseline_m", "error"))
        self.data, self.error = table["ratio"], table["error"]
        self.wave = 1.267 * table["baseline_m"] / 4.0
        self.width = float(setting.choice("newcomer.blur"))
        self.blocks = (Block("Newcomer", slice(0, len(self.data)), labels=("a", "b", "c"), y="r"),)

    def predict(self, s22, dm2):
        s22, dm2 = check_points(s22, dm2)
        phase = 2 * dm2[:, None] * self.wave
        cosine = np.cos(phase) * np.exp(-0.5 * (phase * self.width) ** 2)
        return 1 - 0.5 * s22[:, None] * (1 - cosine)

    def response(self, s22, dm2):
        return 0.02 * self.predict(s22, dm2)[:, :, None]

    def covariance(self, prediction=None, data=None):
        return np.diag(self.error**2)


EXPERIMENTS = (
    Declaration(
        "newcomer",
        "Newcomer",
        Newcomer,
        groups=("reactor-spectra", "reactors", "very-short"),
        options={"newcomer.blur": Option(("0.1", "0"), "width of the phase", number=True)},
        colour="#009E73",
    ),
)
'''
TABLE = (
    "# made up for a test\nbaseline_m,ratio,error\n7.5,0.975,0.02\n9.0,0.951,0.02\n11,0.98,0.02\n"
)


@pytest.fixture
def newcomer(tmp_path):
    """The experiments' folder with one more file and table in it."""
    (tmp_path / "newcomer.py").write_text(FILE)
    (tmp_path / "newcomer.csv").write_text(TABLE)
    experiments.__path__.append(str(tmp_path))
    forget()
    yield "newcomer"
    experiments.__path__.remove(str(tmp_path))
    sys.modules.pop(f"{experiments.__name__}.newcomer", None)
    vars(experiments).pop("newcomer", None)
    forget()


def test_order_of_what_ships_is_that_of_the_networks():
    """The bytes of a seed's draws depend on it."""
    assert default_names() == (
        *("rates-sbl", "rates-mbl", "evolution-dayabay", "evolution-reno", "danss", "neos"),
        *("bugey3", "reno", "double-chooz", "gallex", "sage", "best", "karmen", "lsnd", "solar"),
    )
    assert fitted_sets()["reactor-spectra"] == (
        *("danss", "neos", "bugey3", "reno", "double-chooz", "prospect", "prospect-final"),
        *("stereo", "dayabay"),
    )
    assert list(fitted_sets()) == [
        *("reactor-rates", "reactor-spectra", "reactors", "gallium", "carbon"),
    ]


def test_a_new_file_is_known_everywhere(newcomer, command):
    assert newcomer in experiment_names()
    assert expand("very-short") == [newcomer]
    assert newcomer in expand("reactors")
    assert newcomer in default_names()
    assert options()["newcomer.blur"][1] == (newcomer,)
    blurred = load_experiment(newcomer, Setting(options=(("newcomer.blur", "0"),)))
    assert blurred.width == 0
    with pytest.raises(InputError, match="zero or more"):
        Setting(options=(("newcomer.blur", "-1"),))
    sides = pairs(["gallex", newcomer])
    assert sides["gallium", "reactor spectra"] == (["gallex"], [newcomer])
    answer = command("experiments", newcomer, "--no-fit")
    assert answer.code == 0, answer.err
    assert "newcomer_normalisation" in answer.out


def test_a_run_has_its_fit_tension_report_and_the_networks_of_the_rest(newcomer, tmp_path):
    study = tmp_path / "study.yaml"
    content = {
        "study": "sterile",
        "experiments": ["gallium", newcomer],
        "draws": 300,
        "sampler": {"proposals": 65536},
        "frequentist": {"belts": "none", "points": [8, 8], "tail_trials": 1000},
    }
    study.write_text(yaml.safe_dump(content))
    with sketched():
        out = load_study(str(study)).run(tmp_path / "out").out
    fits = {fit["name"]: fit for fit in json.loads((out / "fits.json").read_text())}
    assert fits["joint"]["experiments"] == ["gallex", "sage", "best", newcomer]
    assert newcomer in fits
    with (out / "figures" / "tension.csv").open() as stream:
        assert "gallium - reactor spectra" in {row["sets"] for row in csv.DictReader(stream)}
    neural = json.loads((out / "neural.json").read_text())
    assert neural["left_out"] == {newcomer: "the networks have not seen it"}
    known = [fit for fit in neural["fits"] if fit["set"] == "gallium"]
    assert {fit["draws"] for fit in known} == {4000}
    assert all(abs(f["log_bayes_factor"] - f["exact_log_bayes_factor"]) < 0.3 for f in known)
    page = (out / "report.html").read_text()
    assert "Left out: newcomer (the networks have not seen it)" in page
    assert "Data of Newcomer" in page


def test_a_package_registers_its_own(tmp_path, monkeypatch):
    (tmp_path / "their_experiment.py").write_text(FILE)
    (tmp_path / "their_experiment.csv").write_text(TABLE)
    about = tmp_path / "theirs-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[pontecorvo.experiments]\ntheirs = their_experiment\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    forget()
    try:
        assert list(declared())[-1] == "newcomer"
        assert load_experiment("newcomer").size == 3
        assert "newcomer" not in default_names()  # to install a package changes no joint fit
    finally:
        sys.modules.pop("their_experiment", None)
        monkeypatch.undo()
        forget()
    assert "newcomer" not in declared()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FILE.replace('"newcomer",\n        "New', '"danss",\n        "New'), "declared by"),
        (FILE.replace('"newcomer",\n        "New', '"New comer",\n        "New'), "small letters"),
        (FILE.replace('"newcomer.blur": ', '"energy_scale": '), "is another for danss"),
        ("import nowhere_to_be_found\n", "cannot be imported"),
        ("EXPERIMENTS = 3\n", "must be a tuple of Declaration"),
    ],
)
def test_a_wrong_declaration_is_one_sentence(newcomer, tmp_path, text, words):
    (tmp_path / "newcomer.py").write_text(textwrap.dedent(text))
    sys.modules.pop(f"{experiments.__name__}.newcomer", None)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    forget()
    try:
        with pytest.raises(InputError, match=words):
            options()
    finally:
        sys.dont_write_bytecode = before
