"""`run juno`: settings, files and sections."""

import json

import numpy as np
import pytest
import xarray as xr
import yaml

from pontecorvo.base.errors import InputError
from pontecorvo.problems.oscillation.problem import JunoProblem
from pontecorvo.problems.oscillation.settings import JunoSettings
from pontecorvo.study.catalog import load_study
from sketches import sketched

QUICK = {
    "study": "juno",
    "draws": 600,
    "plane": {"points": 9},
    "forecast": {"days": [59.1, 2191.5]},
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    path = tmp_path_factory.mktemp("juno") / "quick.yaml"
    path.write_text(yaml.safe_dump(QUICK))
    with sketched():
        return load_study(str(path)).run(path.parent / "out")


def test_posterior_file(finished):
    with xr.open_dataset(finished.out / "posterior.nc", group="posterior") as posterior:
        assert set(posterior.data_vars) == {"sin2_theta12", "dm2_21", "sin2_theta13", "dm2_3l"}
        assert abs(float(posterior["sin2_theta12"].mean()) - 0.309) < 0.004
    with xr.open_dataset(finished.out / "posterior.nc", group="predictions") as predictions:
        assert {"dm2_ee", "U_e2_squared"} <= set(predictions.data_vars)


def test_numbers_beside_the_report(finished):
    fit = json.loads((finished.out / "juno-fit.json").read_text())
    assert fit["bins"] == 66
    assert abs(fit["chi2"] - 55.9) < 3
    low, high = fit["intervals"]["dm2_21"][1:]
    assert low < 7.5e-5 < high
    plane = np.genfromtxt(finished.out / "juno-plane.csv", delimiter=",", names=True)
    assert len(plane) == 81
    forecast = json.loads((finished.out / "juno-forecast.json").read_text())
    assert [entry["days"] for entry in forecast] == [59.1, 2191.5]


def test_report_has_its_sections(finished):
    page = (finished.out / "report.html").read_text()
    for words in ("The fit of JUNO", "What JUNO will reach", "JUNO 2025"):
        assert words in page
    for name in ("juno-spectrum", "juno-regions", "juno-forecast"):
        assert (finished.out / "figures" / f"{name}.png").is_file()


def test_settings_run_again(finished):
    content = yaml.safe_load((finished.out / "settings.yaml").read_text())
    assert content["experiment"]["statistic"] == "cnp"
    assert JunoSettings(**content).draws == 600


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"prior": {"dm2_3l": [-2.5e-3, 6e-5]}}, "not the sign of ordering NO"),
    ],
)
def test_contradictions_in_one_sentence(settings, words):
    with pytest.raises(InputError, match=words):
        JunoProblem(JunoSettings(**settings)).build_target()


@pytest.mark.parametrize(
    "settings",
    [
        {"prior": {"sin2_theta12": [0.4, 0.2]}},
        {"prior": {"sin2_theta12": [0.4, 1.2]}},
        {"prior": {"sin2_theta13": [0.7, 0.01]}},
        {"forecast": {"days": [-1.0]}},
        {"experiment": {"flux": "nothing"}},
        {"experiment": {"rescaled": True}},
    ],
)
def test_bad_settings_are_refused(settings):
    with pytest.raises(ValueError, match="validation error"):
        JunoSettings(**settings)


def test_own_prior_and_ordering_are_used():
    problem = JunoProblem(
        JunoSettings(
            experiment={"ordering": "IO", "lithium": "fixed"},
            prior={"dm2_3l": [-2.5e-3, 5e-5], "sin2_theta12": [0.25, 0.35]},
        )
    )
    model = problem.target.model
    assert model.prior.marginals[0].support == (0.25, 0.35)
    assert model.prior.marginals[3].mean == -2.5e-3
    assert model.external.source == "the settings"
    assert model.juno.setting.lithium == "fixed"
