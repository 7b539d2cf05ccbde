"""`pontecorvo check sterile`: calibration of the shipped networks on a set of experiments."""

import json

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.check import sets_to_check
from pontecorvo.problems.sterile.neural import refined as module
from pontecorvo.problems.sterile.neural.interface import NeuralDraws
from pontecorvo.problems.sterile.neural.plane_flows import LOG_AREA
from pontecorvo.problems.sterile.neural.refined import weigh_or_refine
from pontecorvo.problems.sterile.neural.simulated import HIGH, LOW
from pontecorvo.problems.sterile.settings import SterileSettings
from sketches import sketched


def test_certificate_of_the_networks_on_one_set(command, tmp_path):
    out = tmp_path / "certificate"
    options = ("--experiments", "gallium", "--simulations", 100, "--draws", 20, "--out", out)
    with sketched():
        answer = command("check", "sterile", *options)
    assert answer.code == 0, answer.err
    content = json.loads((out / "certificate.json").read_text())
    assert len(content["checks"]) == 2
    for one in content["checks"]:
        assert one["experiments"] == ["gallex", "sage", "best"]
        weights = next(v for v in one["corrected"] if v["name"] == "importance weights")
        assert weights["median"] > 0.9
        assert weights["value"] > 0.02
        # one of many verdicts on 50 data sets may give a false alarm, but no loud one
        assert all(v["p_value"] is None or v["p_value"] > 1e-3 for v in one["corrected"]), (
            answer.out
        )


def test_sets_have_titles_and_unknown_ones_are_refused():
    settings = SterileSettings()
    assert list(sets_to_check(settings)) == ["all 15 experiments", "gallium"]
    assert sets_to_check(settings, ["danss,neos"]) == {"danss,neos": ("danss", "neos")}
    few = SterileSettings(experiments=["danss"])
    assert sets_to_check(few) == {"danss": ("danss",)}
    with pytest.raises(InputError, match="neos is no experiment of this study; it has danss"):
        sets_to_check(few, ["neos"])


def test_good_draws_are_kept_and_hopeless_ones_are_made_better():
    rng = np.random.default_rng(1)
    points = rng.uniform(LOW, HIGH, (400, 2))
    drawn = NeuralDraws(points, np.full(400, -LOG_AREA))
    flat = weigh_or_refine(drawn, lambda x: np.zeros(len(x)), np.zeros(400), seed=2)
    assert flat.rounds == 0
    assert flat.draws is drawn

    def narrow(x):
        return -0.5 * np.sum(((x - [-1.0, 0.3]) / 0.002) ** 2, axis=1)

    better = weigh_or_refine(drawn, narrow, narrow(points), seed=3)
    assert better.rounds > 0
    assert better.raw_efficiency < 0.01
    assert better.weights.efficiency > 0.4
    exact = np.log(2 * np.pi * 0.002**2) - LOG_AREA
    assert abs(better.weights.log_evidence - exact) < 5 * better.weights.log_evidence_error
    assert module.ENOUGH == 0.5
