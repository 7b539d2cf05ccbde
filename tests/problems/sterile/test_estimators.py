"""The estimators by name, and what a run makes of those that do not ship."""

import json

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile import estimator_study
from pontecorvo.problems.sterile.estimators import DEFAULT, ESTIMATORS, check_estimators, costs
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import Settings, sets_of
from pontecorvo.problems.sterile.problem import SterileProblem
from pontecorvo.problems.sterile.settings import SterileSettings

SMALL = Settings(shape=(8, 8), posterior_shape=(41, 81))


def test_names_are_checked_and_costs_said():
    assert check_estimators(["map", " fmpe", "map", ""]) == ("fmpe", "map")
    with pytest.raises(InputError, match="estimator 'fpme' is unknown; did you mean 'fmpe'"):
        check_estimators(["fpme"])
    assert set(DEFAULT) <= set(ESTIMATORS)
    assert costs(DEFAULT) == []
    (line,) = costs(["fmpe-rounds", "map"])
    assert "fmpe-rounds" in line
    assert ESTIMATORS["fmpe-rounds"].cost in line
    pytest.importorskip("torch")


def test_a_slip_is_refused_before_anything_is_drawn(capsys):
    settings = SterileSettings(experiments="solar", estimators="fmpe,mpa", data="none")
    with pytest.raises(InputError, match="'mpa' is unknown"):
        SterileProblem(settings).build_target()
    settings = SterileSettings(experiments="solar", estimators="npse-rounds,map", data="none")
    SterileProblem(settings).build_target()
    assert "estimator npse-rounds: trained for the joint fit's data" in capsys.readouterr().err


def test_map_of_every_set(tmp_path):
    fits = sets_of(load_experiments("best,sage"), SMALL)
    (section,) = estimator_study.estimators_part(["map"], fits, 1, tmp_path, tmp_path)
    assert section.title == "MAP of every set"
    kept = json.loads((tmp_path / "estimators.json").read_text())["map"]
    assert [one["set"] for one in kept] == list(fits)
    for one in kept:
        fit = fits[one["set"]]
        at = np.array([[one["map_log10_s22"], one["map_log10_dm2"]]])
        top = float(fit.log_likelihood(at)[0])
        # above every point of the grid, and nothing near is higher
        assert top >= fit.posterior.log_likelihood.max() - 1e-6
        around = at + 1e-3 * np.random.default_rng(0).standard_normal((100, 2))
        around[:, 0] = np.minimum(around[:, 0], 0)
        assert fit.log_likelihood(around).max() <= top + 1e-4


def test_none_asked_for_writes_nothing(tmp_path):
    assert estimator_study.estimators_part(DEFAULT, {}, 1, tmp_path, tmp_path) == []
    assert not list(tmp_path.iterdir())
