"""`pontecorvo check`: the certificate of a seesaw network and of a run."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pontecorvo.diagnostics.calibration import judge
from pontecorvo.problems.seesaw.problem import NETWORKS
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.certificate_files import certificate_path, standing
from pontecorvo.study.network_trials import network_answers
from sketches import sketched


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    path = tmp_path_factory.mktemp("check") / "quick.yaml"
    path.write_text("ordering: no\nsampler: {proposals: 131072}\n")
    return path


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A copy of the network that ships, without its certificate."""
    folder = tmp_path_factory.mktemp("network")
    for path in NETWORKS.glob("seesaw-no.*"):
        if "certificate" not in path.name:
            shutil.copy(path, folder)
    return folder / "seesaw-no.json"


def test_certificate_of_a_network(command, study, network, tmp_path):
    out = tmp_path / "certificate"
    options = ("--simulations", 100, "--draws", 20, "--network", network, "--certify", "--out", out)
    answer = command("check", study, *options)
    assert answer.code == 0, answer.err
    content = json.loads((out / "certificate.json").read_text())
    (one,) = content["checks"]
    assert one["simulations"] == 100
    assert {v["name"] for v in one["corrected"]} >= {
        "simulation-based calibration",
        "expected coverage",
        "calibration by slice",
        "importance weights",
        "local C2ST at the measured data",
        "weights at the measured data",
    }
    weights = next(v for v in one["corrected"] if v["name"] == "importance weights")
    assert weights["median"] > 0.3
    assert content["passed"], answer.out
    page = (out / "report.html").read_text()
    assert "What may be concluded, and what not" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    known = standing(network, "seesaw-no")
    assert known.certified
    assert known.line.startswith("certified: ")
    assert "over 100 simulated data sets" in known.line
    written = certificate_path(network).read_bytes()
    with sketched():
        again = command("check", study, *options)
    assert again.out == answer.out
    assert certificate_path(network).read_bytes() == written


@pytest.mark.slow
def test_a_posterior_that_is_too_narrow_fails(study):
    """Every draw pulled half way to its set's mean: the certificate must say no."""
    trials = network_answers(load_problem(str(study)), 100, 20, 3).raw
    centre = trials.draws.mean(axis=1, keepdims=True)
    narrow = replace(trials, draws=0.5 * centre + 0.5 * trials.draws)
    verdicts = {v.name: v.passed for v in judge(narrow, {})}
    assert not verdicts["simulation-based calibration"]
    assert not verdicts["pulls"]


def test_certificate_of_a_run(command, finished_runs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished_runs["no"], run)
    with sketched():
        answer = command("check", run, "--out", tmp_path / "out")
    content = json.loads((tmp_path / "out" / "certificate.json").read_text())
    assert content["kind"] == "run"
    # a run this short need not pass; what the command says is what its code says
    assert answer.code == (0 if content["passed"] else 3), answer.err
    assert ("PASSED" if content["passed"] else "FAILED") in answer.out
    names = [v["name"] for check in content["checks"] for v in check["corrected"]]
    assert any(name.startswith("C2ST") for name in names)
    assert "figures" in {path.name for path in (tmp_path / "out").iterdir()}


def test_a_certificate_of_other_weights_or_none_is_said_to_be_none(network, tmp_path):
    folder = Path(shutil.copytree(network.parent, tmp_path / "copy"))
    card = folder / network.name
    certificate_path(card).unlink(missing_ok=True)
    assert standing(card, "seesaw-no").certified is None
    assert "run: pontecorvo check seesaw-no" in standing(card, "seesaw-no").line
    good = {
        "format": "pontecorvo-certificate",
        "network": {"weights_sha256": json.loads(card.read_text())["weights_sha256"]},
        "passed": False,
        "verdict": "8 of 9 diagnostics pass (TARP: failed) over 1,000 simulated data sets",
        "checks": [],
    }
    path = certificate_path(card)
    path.write_text(json.dumps(good))
    assert standing(card, "seesaw-no").certified is False
    assert standing(card, "seesaw-no").line.startswith("NOT certified: 8 of 9")
    path.write_text(json.dumps(good | {"network": {"weights_sha256": "0" * 64}}))
    assert standing(card, "seesaw-no").certified is None
    assert "other weights" in standing(card, "seesaw-no").line
    for broken in ("", "[]", "{", json.dumps(good | {"passed": "yes"}), "[" * 10_000):
        path.write_text(broken)
        assert standing(card, "seesaw-no").certified is None


def test_a_sample_says_what_is_known_of_its_network(command, network):
    certificate_path(network).unlink(missing_ok=True)
    answer = command("sample", "seesaw-no", "--draws", 50, "--network", network)
    assert answer.code == 0, answer.err
    assert "network seesaw-no: no certificate; run: pontecorvo check" in answer.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing", "--out", "x"), "is unknown"),
        (("seesaw-no", "--out", "x", "--simulations", "10"), "simulations"),
        (("seesaw-no", "--out", "x", "--draws", "2"), "draws"),
        (("seesaw-no", "--out", "x", "--seed", "-1"), "seed"),
        (("seesaw-no", "--out", "x", "--experiments", "gallium"), "--experiments"),
        (("seesaw-no", "--out", "x", "--network", "absent.json"), "no such file"),
        (("seesaw-no", "--out", "x", "--guidance", "2", "--certify"), "guidance scale 1"),
        (("sterile", "--out", "x", "--guidance", "2"), "--guidance"),
        (("sterile", "--out", "x", "--experiments", "galium"), "did you mean 'gallium'"),
        (("sterile", "--out", "x", "--experiments", "prospect"), "no experiment of this study"),
        (("sterile", "--out", "x", "--network", "absent"), "holds no networks"),
        (("founding-paper", "--out", "x"), "no network to check"),
        ((".", "--out", "x"), "holds no finished run"),
        ((".", "--out", "x", "--certify"), "--certify"),
    ],
)
def test_bad_questions(command, arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = command("check", *arguments)
    assert answer.code == 2
    assert said in answer.err
    assert answer.err.count("\n") == 1


def test_nothing_is_left_behind_by_a_bad_question(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command("check", "sterile", "--out", "x", "--experiments", "galium").code == 2
    assert not list(tmp_path.iterdir())
