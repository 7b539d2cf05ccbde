"""The setting ``predict``: plug-ins of predictions in a study, its files and its report."""

import json

import numpy as np
import pytest
import xarray as xr

from pontecorvo import InputError, load_study
from pontecorvo.problems.flavour.predicted import predicted
from pontecorvo.problems.flavour.predictions.running import kappa_ratio
from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.study.catalog import load_problem


def test_a_run_writes_what_was_asked_for(tmp_path):
    study = tmp_path / "study.yaml"
    study.write_text("ordering: no\npredict: [lfv, {leptogenesis: {}}]\nnetwork: {reference: 0}\n")
    result = load_study(str(study), draws=100).run(tmp_path / "out", report=False)
    with xr.open_dataset(result.out / "posterior.nc", group="predictions") as found:
        assert {"m_ee", "BR_mu_e_gamma", "eta_B", "eps_1"} <= set(found.data_vars)
        # light neutrinos alone: unobservably small, and the bound on the asymmetry holds
        assert float(found["BR_mu_e_gamma"].max()) < 1e-50
        assert bool((np.abs(found["eps_1"]) <= found["eps_1_bound"] * (1 + 1e-9)).all())
    assert "eta_B" in json.loads((result.out / "summary.json").read_text())["intervals"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [("[lfw]", "did you mean 'lfv'"), ("[lfv, lfv]", "stands twice"), ("3", "predict")],
)
def test_wrong_ones_are_refused_before_a_draw(tmp_path, asked, words):
    (tmp_path / "study.yaml").write_text(f"ordering: no\npredict: {asked}\n")
    with pytest.raises(InputError, match=words):
        load_problem(str(tmp_path / "study.yaml"))


def test_a_model_without_yukawas_says_so():
    problem = load_problem("modular-s4-no", {"predict": ["leptogenesis"]})
    model = problem.target.model
    theta = model.prior.sample(4, np.random.default_rng(1))
    draws = type("Some", (), {"theta": theta})()
    with pytest.raises(InputError, match="Yukawas"):
        predicted(["leptogenesis"], model, draws)
    values, quantities = predicted(["lfv"], model, draws)
    assert values["BR_mu_e_gamma"].shape == (4,)
    assert quantities["BR_mu_e_gamma"].name == "BR_mu_e_gamma"
    assert predicted([], model, draws) == ({}, {})


def test_flavour_draws_give_the_light_masses_again():
    model = Seesaw("io")
    theta = model.prior.sample(20, np.random.default_rng(3))
    known = model.flavour_draws(theta)
    predictions = model.predict(theta)
    for column, name in enumerate(("m1", "m2", "m3")):
        np.testing.assert_allclose(known.masses[:, column], predictions[name])
    light = known.vev**2 * 1e9 * known.y / known.m[:, None, :] @ np.swapaxes(known.y, 1, 2)
    norm = np.sqrt((np.abs(light) ** 2).sum(axis=(1, 2)))
    np.testing.assert_allclose(norm, np.sqrt((known.masses**2).sum(axis=1)), rtol=1e-9)


def test_running_is_one_factor_of_the_light_masses():
    plain, run = (load_problem("seesaw-no", {"running": r}) for r in ("none", "sm-one-loop"))
    theta = plain.target.model.prior.sample(5, np.random.default_rng(2))
    ratio = plain.target.model.predict(theta)["sum_m"] / run.target.model.predict(theta)["sum_m"]
    np.testing.assert_allclose(ratio, kappa_ratio(1e15), rtol=1e-12)
    assert abs(np.log10(kappa_ratio(1e15)) - 0.118) < 0.001
