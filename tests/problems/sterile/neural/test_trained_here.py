"""Estimators trained for the measured data: weighed, they give the exact evidence."""

import numpy as np
import pytest

from pontecorvo.base.seeds import stream
from pontecorvo.flows.flow_settings import TrainSettings
from pontecorvo.problems.sterile.estimator_study import estimators_part
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import Settings, sets_of
from pontecorvo.problems.sterile.neural import trained_here
from pontecorvo.problems.sterile.neural.trained_here import TrainingEffort, target_of, train_here

QUICK = TrainingEffort(
    rounds=1, simulations=400, draws=400, train=TrainSettings(steps=60, batch=128), epochs=2
)


@pytest.fixture(scope="module")
def fits():
    effort = Settings(shape=(8, 8), posterior_shape=(61, 121))
    return sets_of(load_experiments("sage,gallex"), effort)


ENOUGH = TrainingEffort(rounds=2, simulations=2000, draws=2000)  # a score needs its training


@pytest.mark.parametrize(
    ("kind", "effort"),
    [("fmpe-rounds", QUICK), pytest.param("npse-rounds", ENOUGH, marks=pytest.mark.slow)],
)
def test_rounds_weighed_give_the_exact_evidence(fits, kind, effort):
    found = train_here(kind, fits["joint"], 3, effort=effort)
    about = found.describe()
    assert about["estimator"] == kind
    error = max(about["log_bayes_factor_error"], 0.01)
    assert about["log_bayes_factor"] == pytest.approx(
        about["exact_log_bayes_factor"], abs=5 * error + 0.05
    )
    assert found.draws.points.shape == (effort.draws, 2)


def test_section_and_file(fits, tmp_path, monkeypatch):
    monkeypatch.setattr(trained_here, "TrainingEffort", lambda: QUICK)
    (section,) = estimators_part(["fmpe-rounds"], fits, 3, tmp_path, tmp_path / "stages")
    assert "Estimators trained for these data" in section.title
    assert (tmp_path / "estimators.json").is_file()
    assert list((tmp_path / "stages" / "estimators").iterdir())


@pytest.mark.filterwarnings("ignore::UserWarning")  # sbi says that two epochs are few
def test_snpe_c(fits):
    pytest.importorskip("sbi.inference", reason="SNPE-C needs the extra package sbi")
    found = train_here("snpe-c", fits["joint"], 3, effort=QUICK)
    about = found.describe()
    error = max(about["log_bayes_factor_error"], 0.02)
    assert about["log_bayes_factor"] == pytest.approx(
        about["exact_log_bayes_factor"], abs=6 * error + 0.1
    )


def test_rounds_see_what_the_shipped_networks_read(fits):
    target = target_of(fits["joint"])
    assert target.observed.shape == target.simulate(np.full((3, 2), -1.0), stream(1, "x")).shape[1:]
    assert len(target.observed) > fits["joint"].bins  # the numbers of the map
    inside = fits["joint"].posterior.plane.points[[100, 2000]]
    assert np.allclose(target.log_likelihood(inside), fits["joint"].log_likelihood(inside))
