"""`pontecorvo check`: the certificate of a network and of a run."""

import json
import shutil

import numpy as np
import pytest

from pontecorvo.study.catalog import load_settings
from pontecorvo.study.check import judge
from pontecorvo.study.network_trials import network_trials


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    path = tmp_path_factory.mktemp("check") / "quick.yaml"
    path.write_text("ordering: no\nsampler: {proposals: 131072}\n")
    return path


def test_certificate_of_a_network(command, study, tmp_path):
    out = tmp_path / "certificate"
    answer = command("check", study, "--simulations", 100, "--draws", 20, "--out", out)
    assert answer.code == 0, answer.err
    content = json.loads((out / "certificate.json").read_text())
    assert content["simulations"] == 100
    assert {v["name"] for v in content["corrected"]} >= {
        "simulation-based calibration",
        "expected coverage",
        "importance weights",
    }
    assert content["efficiency"]["median"] > 0.3
    assert content["passed"], answer.out
    page = (out / "report.html").read_text()
    assert "Verdicts" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    again = command("check", study, "--simulations", 100, "--draws", 20, "--out", out)
    assert again.out == answer.out


@pytest.mark.slow
def test_a_posterior_that_is_too_narrow_fails(study, tmp_path):
    """Every draw pulled half way to its set's mean: the certificate must say no."""
    trials = network_trials(load_settings(str(study)), 100, 20, 3)
    centre = trials.draws.mean(axis=1, keepdims=True)
    narrow = trials.unweighted().subset(np.arange(100))
    object.__setattr__(narrow, "draws", 0.5 * centre + 0.5 * trials.draws)
    verdicts = {v.name: v.passed for v in judge(narrow)}
    assert not verdicts["simulation-based calibration"]
    assert not verdicts["pulls"]


def test_certificate_of_a_run(command, finished_runs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished_runs["no"], run)
    answer = command("check", run, "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    content = json.loads((tmp_path / "out" / "certificate.json").read_text())
    assert content["kind"] == "run"
    assert any(v["name"].startswith("C2ST") for v in content["corrected"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing", "--out", "x"), "is unknown"),
        (("seesaw-no", "--out", "x", "--simulations", "10"), "simulations"),
        (("seesaw-no", "--out", "x", "--draws", "2"), "draws"),
        (("sterile", "--out", "x"), "seesaw"),
    ],
)
def test_bad_questions(command, arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = command("check", *arguments)
    assert answer.code == 2
    assert said in answer.err
