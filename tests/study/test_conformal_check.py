"""Conformal intervals of a study's network: by check, given again by sample."""

import json

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.diagnostics.calibration_set import Trials
from pontecorvo.study.conformal_check import calibrated_by_halves, coverage_table, supported


def trials(s=400, n=40, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(s, 1))
    data = truth + rng.normal(size=(s, 1))
    draws = data[:, None] / 2 + 0.3 * rng.normal(size=(s, n, 1))
    return Trials(truth, draws, rng.normal(size=(s, n)))


def test_the_network_s_draws_count_alike_unless_they_lie_outside_the_support():
    every = trials()
    weights = np.where(np.arange(40) < 5, -np.inf, every.log_weights)
    raw = supported(Trials(every.truth, every.draws, weights))
    assert set(np.unique(raw.log_weights)) == {-np.inf, 0.0}
    plain = Trials(every.truth, every.draws)
    assert supported(plain) is plain


def test_half_calibrates_and_the_other_half_tests():
    content = json.loads(json.dumps(calibrated_by_halves(trials(2000))))
    assert content["simulations"] == 1000
    for row in content["coverage"]:
        assert row["simulations"] == 1000
        assert abs(row["covered"] - row["level"]) < 0.06
        assert row["network_alone"] < row["covered"]
    assert "conformal 90 %" in coverage_table(content)
    few = calibrated_by_halves(trials(30))
    assert few["levels"] == [0.5, 0.68, 0.9]


@pytest.mark.slow
def test_check_calibrates_and_sample_uses_it(command, tmp_path):
    study = tmp_path / "quick.yaml"
    study.write_text("ordering: no\nsampler: {proposals: 131072}\n")
    out = tmp_path / "out"
    options = ("--simulations", 100, "--draws", 20, "--out", out)
    answer = command("check", study, "--conformal", *options)
    assert answer.code in (0, 3), answer.err
    assert "conformal 50 %" in answer.out
    content = json.loads((out / "certificate.json").read_text())
    assert "--conformal" in content["command"]
    assert "True" not in content["command"]
    assert content["checks"][0]["conformal"]["simulations"] == 50
    given = ("sample", study, "--conformal", out / "certificate.json")
    answers = [command(*given, "--seed", seed) for seed in (1, 1, 2)]
    assert answers[0].code == 0, answers[0].err
    assert "delta_cp" in answers[0].out
    assert answers[0].out == answers[1].out != answers[2].out
    moved = command(*given, "--set", "sin2_theta23=0.56")
    assert moved.code == 0
    assert moved.out != command(*given).out
    for wrong in (
        ("--sigma", "sin2_theta23=0.01"),
        ("--guidance", 2),
        ("--set", "sin2_theta23=5"),
        ("--set", "theta=5"),
    ):
        refused = command(*given, *wrong)
        assert refused.code == 2
    other = dict(content)
    other["checks"] = [{**content["checks"][0], "network": {"weights_sha256": "0"}}]
    (tmp_path / "other.json").write_text(json.dumps(other))
    for file, said in (("other.json", "another network"), ("none.json", "holds no conformal")):
        refused = command("sample", study, "--conformal", tmp_path / file)
        assert refused.code == 2
        assert said in refused.err


def test_kept_calibrations_are_checked(tmp_path):
    from pontecorvo.study.conformal_check import kept_calibration

    path = tmp_path / "c.json"
    for text in ("", "[]", '{"checks": 3}', '{"checks": [{"conformal": 1}]}'):
        path.write_text(text)
        with pytest.raises(InputError, match="holds no conformal"):
            kept_calibration(path, tmp_path / "card.json")
