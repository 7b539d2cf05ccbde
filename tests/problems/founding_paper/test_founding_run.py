"""``pontecorvo run founding-paper``: the whole recipe, tiny; killed and resumed; bad settings."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pontecorvo import InputError, load_study
from pontecorvo.base.files import sha256
from pontecorvo.problems.founding_paper import recipe as founding_paper
from pontecorvo.problems.founding_paper.settings import FoundingSettings
from sketches import sketched

TINY = """
study: founding-paper
pairs: 600
network: {updates: 60, widths: [24, 16, 12, 8, 12, 16, 24]}
generation: {sampler: ddim, steps: 6, scan: [0, 2], scanned: 150, beyond: 0}
transfer: {rounds: 1, quantile: 0.35, generated: 4000, least: 100, updates: 40}
draws: 200
"""


@pytest.fixture(scope="module")
def study_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("founding") / "study.yaml"
    path.write_text(TINY)
    return str(path)


@pytest.fixture(scope="module")
def finished(study_file):
    out = Path(study_file).parent / "out"
    with sketched():
        return out, load_study(study_file).run(out)


def test_the_run_keeps_the_contract_and_says_what_it_is(finished):
    out, result = finished
    assert np.all(result.groups["sample_stats"]["log_weight"].values == 0)
    summary = json.loads((out / "summary.json").read_text())
    assert summary["method"] == "founding-paper"
    assert summary["counts"]["draws"] == 200
    assert summary["ess"] is None
    assert summary["log_evidence"] is None
    assert not summary["converged"]
    first, last = summary["method_notes"]["rounds"]
    assert 0 < first["learned_again"]["kept"] <= first["in_prior"]["accepted"]
    assert last["eleven_labels"]["of"] == 200
    scan = summary["method_notes"]["scan"]
    assert [entry["guidance"] for entry in scan] == [0, 2]
    assert all(entry["in_prior"]["of"] == 150 for entry in scan)
    assert first["learned_again"]["kept"] <= first["learned_again"]["able"]
    assert 0 <= last["eleven_labels"]["value"] <= last["eleven_labels"]["upper_95"]
    assert summary["closure"]["eleven_labels"] == last["eleven_labels"]["value"]
    assert {"simulate", "train", "transfer 1"} <= set(summary["method_notes"]["seconds_by_stage"])
    page = (out / "report.html").read_text()
    assert "These draws follow no posterior" in page
    assert "after transfer 1" in page
    assert (out / "figures" / "founding-chi2.png").is_file()


def test_nothing_generated_is_removed_or_weighted(finished):
    _, result = finished
    inside = np.isfinite(result.draws.log_prior)
    share = result.summary["method_notes"]["rounds"][-1]["in_prior"]["value"]
    assert share == inside.mean()
    assert len(result.draws.theta) == 200


def test_killed_between_stages_it_resumes_to_the_same_bytes(finished, study_file, monkeypatch):
    out = Path(study_file).parent / "broken"
    calls = {"left": 0}
    whole = founding_paper._train, founding_paper._generate

    def fragile(function):
        def wrapped(*arguments):
            result = function(*arguments)
            calls["left"] -= 1
            if calls["left"] == 0:
                raise KeyboardInterrupt
            return result

        return wrapped

    monkeypatch.setattr(founding_paper, "_train", fragile(whole[0]))
    monkeypatch.setattr(founding_paper, "_generate", fragile(whole[1]))
    for stop in (1, 3):
        calls["left"] = stop
        with pytest.raises(KeyboardInterrupt):
            load_study(study_file).run(out, report=False)
        assert not (out / "posterior.nc").exists()
    calls["left"] = -1
    load_study(study_file).run(out, report=False)
    for name in ("posterior.nc", "settings.yaml"):
        assert sha256(out / name) == sha256(finished[0] / name)


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["training-0.safetensors", "generated-1-00000.npz", "draws-*.npz"])
def test_killed_in_the_middle_it_ends_in_the_same_bytes(finished, study_file, tmp_path, sign):
    """SIGKILL as soon as a stage has left its first file, then the same command again."""
    out = tmp_path / "out"
    words = [sys.executable, "-m", "pontecorvo", "run", study_file, "--no-report", "--out", out]
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:  # killed before it has ended
        while process.poll() is None and not list(out.glob(f".stages/*/blocks/{sign}")):
            time.sleep(0.01)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert not (out / "posterior.nc").exists()
    load_study(study_file).run(out, report=False)
    for name in ("posterior.nc", "settings.yaml"):
        assert sha256(out / name) == sha256(finished[0] / name)


def test_settings_are_written_whole_and_read_again(finished):
    out, _ = finished
    again = load_study(str(out / "settings.yaml"))
    assert again.settings == load_study(str(out / "settings.yaml")).settings
    assert again.settings["transfer"]["updates"] == 40


def test_the_paper_s_numbers_its_letter_and_the_fast_ones():
    paper = FoundingSettings().recipe()
    assert (paper.pairs, paper.updates, paper.batch, paper.times) == (100_000, 100_000, 64, 1000)
    assert (paper.null_label, paper.clip, paper.selection.in_prior) == ("apart", "box", True)
    letter = FoundingSettings(reading="literal").recipe()
    assert (letter.guidance, letter.dropout, letter.held_out) == (8, 0.1, 0.1)
    assert (letter.sampler, letter.steps, letter.null_label, letter.clip) == (
        "ancestral",
        1000,
        "zeros",
        "none",
    )
    assert letter.transfer_updates == 100_000
    assert letter.flow().centred
    assert (paper.transfers, paper.transfer_from, paper.selection.quantile) == (4, "last", 0.1)
    assert (letter.transfers, letter.transfer_from, letter.generated) == (1, "first", 50_000)
    fast = FoundingSettings(fast=True, network={"updates": 77})
    assert fast.network.updates == 77  # what is said counts
    assert FoundingSettings(**fast.model_dump()) == fast
    short = load_study("founding-paper", fast=True).settings
    assert (short["reading"], short["network"]["updates"]) == ("recommended", 10_000)
    cut = FoundingSettings(fast=True, reading="repaired")
    assert (cut.generation.steered, cut.network.updates) == ("none", 20_000)
    best = FoundingSettings(reading="recommended").recipe()
    assert (best.steered, best.transfers, best.updates) == ("observables", 0, 20_000)
    inverted = FoundingSettings(reading="recommended", ordering="io")
    assert (inverted.recipe().steered, inverted.recipe().transfers) == ("observables", 4)
    assert inverted.transfer.updates == 15_000
    assert FoundingSettings(fast=True, ordering="io").transfer.updates == 4000
    none = FoundingSettings(fast=True, ordering="io", transfer={"rounds": 0})
    assert none.recipe().transfers == 0  # what is said counts
    both = FoundingSettings(fast=True, reading="literal")
    assert (both.generation.sampler, both.generation.guidance) == ("ddim", 8)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"transfr": {}}, "did you mean 'transfer'"),
        ({"draws": 1}, "greater than or equal to 100"),
        ({"network": {"beta_first": 0.5}}, "must be below beta_last"),
        ({"method": "exact"}, "method"),
        ({"generation": {"sampler": "rk4"}}, "ancestral"),
    ],
)
def test_bad_settings_are_one_sentence(change, word):
    with pytest.raises(InputError, match=word):
        load_study("founding-paper", **change)


def test_fast_is_for_this_preset_only(command, tmp_path):
    answer = command("run", "seesaw-no", "--fast", "--out", tmp_path / "out")
    assert answer.code == 2
    assert "No such option '--fast'" in answer.err
