"""The lift in a study: as a method, as a network of a model without a chart, and mending."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pontecorvo import InputError
from pontecorvo.core.problem import TrainRequest
from pontecorvo.study.mend import mend_file
from pontecorvo.study.train import train_study

TOY = Path(__file__).parents[2] / "examples" / "toy_model.py"
STUDY = f"""
study: {TOY}
draws: 1000
training: {{examples: 4096, steps: 300, width: 32, blocks: 2, batch: 256}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("lift")
    (path / "study.yaml").write_text(STUDY)
    return path


def evidence(out):
    summary = json.loads((out / "summary.json").read_text())
    return summary["log_evidence"], summary["log_evidence_error"], summary


def test_three_ways_agree(folder, command):
    """Annealing, the lift, and a lift network: one evidence, by the same verbs as any study."""
    found = {}
    said = train_study(str(folder / "study.yaml"), TrainRequest(folder / "net", "train"), {})
    assert "for the lift" in said
    for method, more in (
        ("smc", ()),
        ("lift", ()),
        ("network", ("--network", folder / "net.json")),
    ):
        out = folder / method
        words = ("--method", method, *more, "--out", out, "--no-report")
        answer = command("run", folder / "study.yaml", *words)
        assert answer.code in (0, 3), answer.err
        found[method] = evidence(out)
    for method in ("lift", "network"):
        gap = found[method][0] - found["smc"][0]
        assert abs(gap) < 5 * np.hypot(max(found[method][1], 0.02), max(found["smc"][1], 0.05))
    assert found["lift"][2]["converged"]
    assert found["lift"][2]["ess_fraction"] > 0.3


def test_draws_until_an_effective_size(folder, command):
    out = folder / "ess"
    words = ("--method", "smc", "--ess", "1500", "--out", out, "--no-report")
    answer = command("run", folder / "study.yaml", *words)
    assert answer.code == 0, answer.err
    summary = evidence(out)[2]
    assert summary["ess"] >= 1500
    adaptive = summary["method_notes"]["adaptive"]
    assert adaptive["wanted"] == 1500
    assert adaptive["reached"] >= 1500


def test_draws_of_another_measurement_are_mended(folder, command):
    """Draws of the raw prior, carried to the data: solutions, and no posterior without density."""
    command("run", folder / "study.yaml", "--method", "smc", "--out", folder / "m", "--no-report")
    source = folder / "prior.nc"
    from pontecorvo.core.draws import Draws
    from pontecorvo.study.catalog import load_problem
    from pontecorvo.study.posterior_file import build_groups, write_groups

    target = load_problem(str(TOY)).target
    theta = target.model.prior.sample(300, np.random.default_rng(1))
    flat = np.zeros(300)
    draws = Draws(theta, flat, flat, flat, np.nan, np.nan, 0.0, 300.0, True, "prior")
    write_groups(source, build_groups(target.model, draws), {})
    before = target.within_three_sigma(theta).mean()
    mended = mend_file(source, str(TOY), folder / "mended.nc")
    assert target.within_three_sigma(mended.theta).mean() > before + 0.2
    assert not mended.converged
    assert mended.notes["density"] is False
    with xr.open_dataset(folder / "mended.nc", group="posterior") as found:
        assert found["dm2"].size == len(mended.theta)
    with pytest.raises(InputError, match="--overwrite"):
        mend_file(source, str(TOY), folder / "mended.nc")
    with pytest.raises(InputError, match="holds no draws"):
        mend_file(folder / "study.yaml", str(TOY), folder / "other.nc")
