"""What can be opened, and what is said of the rest."""

import pytest

from explorer_toy import ToyBoard
from pontecorvo.base.errors import InputError
from pontecorvo.core.exploration import Exploration
from pontecorvo.explore import opening
from pontecorvo.explore.explorer import Explorer
from pontecorvo.explore.opening import default_study, open_explorer
from pontecorvo.explore.plane_explorer import PlaneExplorer
from pontecorvo.explore.questions import Question
from pontecorvo.explore.sources import NetworkSource, RunSource, RunWithNetwork

MODEL = """
import numpy as np
from pontecorvo import GaussianMeasurement, Measured, Model, Normal, Prior, Quantity
class One(Model):
    name = "one"
    parameters = (Quantity("a"),)
    observables = (Quantity("x"),)
    prior = Prior([Normal(0, 1)])
    def forward(self, theta):
        return theta
model = One()
measurement = GaussianMeasurement([Measured("x", 0.5, 0.4)])
"""


def test_the_default_is_what_a_file_without_study_means():
    assert default_study() == "seesaw-no"


def test_a_network_opens_with_its_first_draws(monkeypatch):
    monkeypatch.setattr(opening, "FIRST", 128)
    said = []
    found = open_explorer("seesaw-no", draws=256, say=said.append)
    assert isinstance(found, Explorer)
    assert isinstance(found.source, NetworkSource)
    assert len(found.source.home) == 128
    assert said == ["draw from the network", "draw from the prior"]
    content = found.describe()
    assert content["standing"]["certified"] is True
    assert content["measured"][0]["range"] == (6e-5, 9e-5)
    header, _ = found.answer(Question())
    assert header["better"] is True
    found.improve(Question(), lambda: False)
    assert len(found.source.home) == 256


def test_runs_open_with_and_without_a_network(finished_runs, monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "FIRST", 128)
    found = open_explorer(str(finished_runs["no"]), draws=200)
    assert isinstance(found.source, RunWithNetwork)
    header, rows = found.answer(Question())
    assert header["origin"] == "the run's own draws"
    assert len(rows["weight"]) == len(found.source.theta)


def test_a_model_without_network_opens_as_a_run_only(command, tmp_path):
    model = tmp_path / "model.py"
    model.write_text(MODEL)
    with pytest.raises(InputError, match="or explore the folder of a finished run"):
        open_explorer(str(model))
    run = command("run", model, "--draws", 1000, "--out", tmp_path / "run", "--no-report")
    assert run.code == 0, run.err
    found = open_explorer(str(tmp_path / "run"))
    assert isinstance(found.source, RunSource)
    assert found.standing is None
    assert "reweighted" in found.about
    header, _ = found.answer(Question({"x": 0.6}))
    assert abs(header["intervals"]["a"]["quantiles"][0] - 0.6 / 1.16) < 0.1


def test_a_board_opens_as_a_plane(tmp_path, monkeypatch):
    from pontecorvo.core.problem import Problem

    model = tmp_path / "model.py"
    model.write_text(MODEL)
    monkeypatch.setattr(Problem, "explore", lambda self: Exploration(switchboard=ToyBoard()))
    found = open_explorer(str(model))
    assert isinstance(found, PlaneExplorer)
    assert found.board.warmed == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nothing",), "is unknown"),
        (("seesaw-no", None, 10), "draws: 10"),
        (("seesaw-no", None, 500, -1), "seed: -1"),
        (("seesaw-no", "/no/such/card.json"), "there is no such file"),
        (("modular-a4",), "no network ships for it"),
    ],
)
def test_refusals(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        open_explorer(*arguments)


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(InputError, match="holds no finished run"):
        open_explorer(str(tmp_path))


@pytest.mark.slow
def test_a_users_own_model_with_its_network(tmp_path):
    """Trained, opened, moved: the evidence is that of a quadrature."""
    from pathlib import Path

    from explorer_toy import two_sources_by_quadrature
    from pontecorvo.core.problem import TrainRequest
    from pontecorvo.study.train import train_study

    example = Path(__file__).parents[2] / "examples" / "chart_model.py"
    study = tmp_path / "study.yaml"
    study.write_text(
        f"study: {example}\n"
        "training: {examples: 8192, chains: 1024, steps: 300, width: 32, blocks: 2, what_ifs: 4,\n"
        "  batch: 256, ranges: {total: [0.3, 1.6], asymmetry: [-0.7, 0.9]}}\n"
    )
    train_study(str(study), TrainRequest(tmp_path / "net", "train it"), {})
    found = open_explorer(str(study), str(tmp_path / "net.json"), draws=1000)
    header, _ = found.answer(Question({"total": 1.1}, {"asymmetry": 0.03}))
    wanted = two_sources_by_quadrature(1.1, 0.03, 0.25, 0.03)[0]
    assert abs(header["log_evidence"] - wanted) < 5 * header["log_evidence_error"]
    assert header["ess"] > 200
    with pytest.raises(InputError, match="leaves the range"):
        found.answer(Question({"total": 1.58}))
