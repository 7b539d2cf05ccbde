import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.cli.contour import contour
from sketches import sketched

QUICK = ["--points", "8x8", "--max-trials", "1000"]


def run(tmp_path, *arguments):
    return CliRunner().invoke(contour, [*arguments, "--out", str(tmp_path / "out")])


@pytest.mark.parametrize("method", ["wilks", "feldman-cousins", "bayes"])
def test_contours_by_every_method(tmp_path, method):
    result = run(tmp_path, "--experiments", "best", "--method", method, *QUICK)
    assert result.exit_code == 0, result.output
    out = tmp_path / "out"
    rows = list(csv.DictReader((out / "contours.csv").read_text().splitlines()))
    assert {row["method"] for row in rows} == {method}
    assert {float(row["level"]) for row in rows} == {0.68, 0.90, 0.95}
    assert all(0 < float(row["sin2_2theta"]) <= 1 for row in rows)
    summary = json.loads((out / "contour.json").read_text())
    assert summary["best_fit"]["chi2"] < summary["best_fit"]["null_chi2"]
    assert (out / "contours.png").stat().st_size > 1000
    assert (out / "contours.pdf").exists()
    assert (out / "belt.npz").exists() == (method == "feldman-cousins")


def test_same_belt_again(tmp_path):
    arguments = ("--experiments", "best", "--levels", "0.9", *QUICK)
    with sketched():
        assert run(tmp_path, *arguments).exit_code == 0
    first = (tmp_path / "out" / "belt.npz").read_bytes()
    with sketched():
        assert run(tmp_path, *arguments).exit_code == 0  # from its checkpoints
    assert (tmp_path / "out" / "belt.npz").read_bytes() == first
    with np.load(tmp_path / "out" / "belt.npz", allow_pickle=False) as belt:
        assert belt["critical"].shape == (64, 1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--experiments", "bset"], "did you mean 'best'"),
        (["--experiments", "best", "--method", "fc"], "allowed: wilks"),
        (["--experiments", "best", "--levels", "95"], "between 0 and 1"),
        (["--experiments", "best", "--levels", "x"], "between 0 and 1"),
        (["--experiments", "best", "--points", "50"], "such as 50x50"),
        (["--experiments", "best", "--trials", "10"], "multiples of 1000"),
        (["--experiments", "best", "--seed", "-1"], "zero or a positive"),
        (["--experiments", "best", "--flux", "x"], "flux model"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, arguments, sentence):
    result = run(tmp_path, *arguments)
    assert isinstance(result.exception, InputError)
    assert sentence in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not (tmp_path / "out" / "contours.csv").exists()


def test_what_is_not_the_same_is_not_overwritten(tmp_path, monkeypatch):
    monkeypatch.delenv("PONTECORVO_DATA", raising=False)
    out = tmp_path / "out"
    quick = ("--points", "8x8", "--max-trials", "1000", "--levels", "0.9")
    with sketched():
        assert run(tmp_path, "--experiments", "solar", *quick).exit_code == 0
        other = ("--experiments", "gallium", "--gallium-cross-section", "0", "--method", "wilks")
        result = run(tmp_path, *other, *quick)
        assert isinstance(result.exception, InputError)
        assert "region of other settings" in str(result.exception)
        assert json.loads((out / "contour.json").read_text())["experiments"] == ["solar"]
        assert run(tmp_path, *other, *quick, "--overwrite").exit_code == 0
    assert not (out / "belt.npz").exists()  # it was the other region's
    summary = json.loads((out / "contour.json").read_text())
    assert summary["flux"] == "hm"
    assert summary["gallium_cross_section"] == 0
    assert summary["options"] == {}
    assert summary["data"] is None
    assert summary["points"] == [8, 8]
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "contours.csv").write_text("precious\n")
    result = CliRunner().invoke(
        contour, ["--experiments", "solar", "--method", "wilks", "--out", str(foreign)]
    )
    assert "holds other results" in str(result.exception)
    assert (foreign / "contours.csv").read_text() == "precious\n"
