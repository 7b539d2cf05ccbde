import json

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.base.weights import kish_ess, normalised
from pontecorvo.core.limit import UpperLimit
from pontecorvo.study import reweight as module
from pontecorvo.study.finished_run import open_run
from pontecorvo.study.posterior_file import read_groups
from pontecorvo.study.reweight import (
    known_priors,
    refuse_unusable,
    reweight_run,
    verdict,
    write_reweighted,
)
from weighted_run import CENTRE, SIGMA, OneNumber, answer, finished, normal


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return open_run(finished(tmp_path_factory.mktemp("run") / "out"))


def moments(result):
    weight = normalised(result.weights.log_weight)
    x = result.run.observables(["x"])[:, 0]
    mean = weight @ x
    return mean, np.sqrt(weight @ (x - mean) ** 2)


@pytest.mark.parametrize(("centre", "sigma"), [(0.5, 0.4), (1.1, 0.3), (CENTRE, SIGMA)])
def test_another_measurement_gives_its_own_posterior_and_evidence(run, centre, sigma):
    result = reweight_run(run, normal(centre, sigma))
    mean, deviation, evidence = answer(centre, sigma)
    found = moments(result)
    assert result.usable
    assert found[0] == pytest.approx(mean, abs=5 * deviation / np.sqrt(result.ess))
    assert found[1] == pytest.approx(deviation, rel=5 / np.sqrt(result.ess))
    assert abs(result.log_evidence - evidence) < 5 * result.log_evidence_error
    np.testing.assert_allclose(
        result.log_likelihood, normal(centre, sigma).log_likelihood(run.observables(["x"]))
    )


def test_on_top_of_the_runs_own(run):
    """Two independent measurements of the same number are one, twice as precise."""
    result = reweight_run(run, normal(), add=True)
    mean, deviation, _ = answer(CENTRE, SIGMA / np.sqrt(2))
    assert moments(result)[0] == pytest.approx(mean, abs=5 * deviation / np.sqrt(result.ess))
    assert moments(result)[1] == pytest.approx(deviation, rel=0.1)


def test_an_upper_limit_weighs(run):
    before = run.weights @ np.abs(run.observables(["x"])[:, 0])
    result = reweight_run(run, UpperLimit("x", 0.5, 0.5, 0.9), add=True)
    after = normalised(result.weights.log_weight) @ run.observables(["x"])[:, 0]
    assert 0 < after < before


def test_too_little_overlap_is_refused(run):
    far = reweight_run(run, normal(4.0, 0.05))
    assert not far.usable
    with pytest.raises(InputError, match=r"ESS \d+, .*run the study with the new") as error:
        refuse_unusable(far)
    assert "\n" not in str(error.value)
    refuse_unusable(reweight_run(run, normal(0.5, 0.4)))


def test_correlated_draws_are_worth_less_than_their_weights_say(run):
    result = reweight_run(run, normal(0.5, 0.4))
    poor = {**run.summary, "ess": kish_ess(run.log_weight) / 100}
    from dataclasses import replace

    worse = reweight_run(replace(run, summary=poor), normal(0.5, 0.4))
    assert worse.ess == pytest.approx(result.ess / 100)
    assert not worse.usable
    assert "too few" in verdict(worse)


def test_a_prior_by_its_ratio(run, monkeypatch):
    """N(0, 1) exchanged for N(0.5, 0.7): the product with the measurement is a normal again."""

    def narrower(theta, predictions):
        assert set(predictions) == {"x", "angle"}
        a = theta[:, 0]
        return -0.5 * ((a - 0.5) / 0.7) ** 2 + 0.5 * a**2

    class Stub:
        target = type("T", (), {"model": OneNumber()})

        def other_priors(self):
            return {"mine": narrower}

        def prior_alternatives(self):
            return {"theirs": narrower}

    monkeypatch.setattr("pontecorvo.study.catalog.load_problem", lambda name: Stub())
    assert set(known_priors(run)) == {"mine", "theirs"}
    result = reweight_run(run, prior=narrower, prior_name="mine")
    precision = 0.7**-2 + SIGMA**-2
    mean = (0.5 * 0.7**-2 + CENTRE * SIGMA**-2) / precision
    assert moments(result)[0] == pytest.approx(mean, abs=0.05)
    assert result.what == {"prior": "mine"}


def test_what_is_written_is_read_back(run, tmp_path):
    result = reweight_run(run, normal(0.5, 0.4))
    content = write_reweighted(result, tmp_path / "new")
    groups = read_groups(tmp_path / "new" / "posterior.nc")
    np.testing.assert_array_equal(
        groups["sample_stats"]["log_weight"].values.ravel(), result.weights.log_weight
    )
    assert "not equally likely" in groups["sample_stats"]["log_weight"].attrs["long_name"]
    on_disk = json.loads((tmp_path / "new" / "reweight.json").read_text())
    assert on_disk == content
    assert on_disk["intervals"]["x"]["median"] == pytest.approx(moments(result)[0], abs=0.05)
    assert write_reweighted(result, tmp_path / "new") == content  # its own may be replaced
    other = reweight_run(run, normal(0.4, 0.4))
    with pytest.raises(InputError, match="a reweighting of other settings"):
        write_reweighted(other, tmp_path / "new")
    write_reweighted(other, tmp_path / "new", overwrite=True)
    with pytest.raises(InputError, match="holds a run"):
        write_reweighted(result, run.folder, overwrite=True)


def test_nothing_to_do_and_unknown_quantities_are_said(run):
    with pytest.raises(InputError, match="give a measurement or a prior"):
        reweight_run(run)
    with pytest.raises(InputError, match="the run has no z"):
        reweight_run(run, normal(name="z"))


def test_the_runs_own_zero_stays_zero():
    ratio = module._difference(np.array([1.0, -np.inf, 2.0]), np.array([-np.inf, 0.0, 1.0]))
    np.testing.assert_array_equal(ratio, [-np.inf, -np.inf, 1.0])
