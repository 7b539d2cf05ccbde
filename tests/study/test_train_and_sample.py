"""`pontecorvo train` and `pontecorvo sample`, as a user calls them."""

import hashlib
import json

import numpy as np
import pytest
import xarray as xr

TINY = """
ordering: no
sampler: {proposals: 65536}
training: {examples: 1024, chains: 256, what_ifs: 2, steps: 30, batch: 64, width: 16, blocks: 1}
"""


def digest(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("net*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    path = tmp_path_factory.mktemp("train") / "tiny.yaml"
    path.write_text(TINY)
    return path


def test_training_ends_in_the_same_bytes_after_a_kill(command, study, tmp_path, monkeypatch):
    from pontecorvo.flows import trainer as loop

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
    assert command("train", study, "--out", whole / "net").code == 0

    advance, calls = loop.Trainer._advance, []

    def dies(self):
        calls.append(1)
        if len(calls) == 17:
            raise KeyboardInterrupt
        return advance(self)

    monkeypatch.setattr(loop.Trainer, "_advance", dies)
    assert command("train", study, "--out", broken / "net").code == 130
    assert not (broken / "net.json").exists()
    monkeypatch.setattr(loop.Trainer, "_advance", advance)
    assert command("train", study, "--out", broken / "net").code == 0
    assert digest(whole) == digest(broken)
    card = json.loads((whole / "net.json").read_text())
    assert card["calibration"]["what_ifs"]["measurements"] == 2
    assert card["training"]["model"]["ordering"] == "no"
    again = command("train", study, "--out", whole / "net")
    assert again.code == 2
    assert "--overwrite" in again.err


def test_raw_draws_are_reproducible_and_laid_out_as_a_run(command, tmp_path):
    files = [tmp_path / "a.nc", tmp_path / "b.nc"]
    for file in files:
        answer = command("sample", "seesaw-no", "--raw", "--draws", 300, "--seed", 5, "--out", file)
        assert answer.code == 0, answer.err
    a, b = (xr.open_dataset(f, group="posterior", engine="h5netcdf").load() for f in files)
    assert a.equals(b)
    assert a["Y_re"].dims == ("chain", "draw", "flavor", "heavy")
    assert a.sizes["draw"] == 300
    with xr.open_dataset(files[0], group="sample_stats", engine="h5netcdf") as stats:
        assert np.ptp(stats["log_weight"].values) == 0
    with xr.open_dataset(files[0], group="predictions", engine="h5netcdf") as predictions:
        assert {"m_ee", "delta_cp", "sum_m"} <= set(predictions.data_vars)


def test_what_if_moves_the_prediction(command):
    answer = command(
        *("sample", "seesaw-no", "--draws", 400, "--set", "sin2_theta23=0.58"),
        *("--sigma", "sin2_theta23=0.004"),
    )
    assert answer.code == 0, answer.err
    line = next(line for line in answer.out.splitlines() if line.startswith("sin2_theta23"))
    assert abs(float(line.split()[1]) - 0.58) < 0.002
    assert "k-hat" in answer.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "sin2_theta23"), "NAME=NUMBER"),
        (("--set", "sin2_theta23=x"), "NAME=NUMBER"),
        (("--set", "m_ee=0.1"), "is not measured"),
        (("--set", "sin2_theta23=0.9"), "trained for"),
        (("--sigma", "sin2_theta23=0"), "must be positive"),
        (("--raw",), "--out"),
        (("--steps", "4"), "--raw"),
        (("--draws", "0"), "draws"),
        (("--network", "/nowhere/net.json"), "no such file"),
    ],
)
def test_bad_questions_get_one_sentence(command, arguments, said):
    answer = command("sample", "seesaw-no", *arguments)
    assert answer.code == 2
    assert said in answer.err
    assert len(answer.err.strip().splitlines()) == 1
