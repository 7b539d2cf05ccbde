"""settings.yaml is a study file: fed back, it gives the same draws."""

import math

import numpy as np
import pytest
import yaml

from fast_run import FAST
from pontecorvo import InputError, load_study
from pontecorvo.base.files import sha256
from pontecorvo.core.measurement_file import file_content, read_measurement
from pontecorvo.problems.seesaw.model import OBSERVABLES

OWN = """
source: an experiment of our own
likelihood: two-piece
quantities:
  dm2_21: {central: 7.5e-5, sigma: 2e-6}
  dm2_3l: {central: 2.5e-3, sigma_plus: 3e-5, sigma_minus: 2e-5, three_sigma: [2.4e-3, 2.6e-3]}
  sin2_theta13: {central: 0.022, sigma: 6e-4}
  delta_cp: {central: 200, sigma_plus: 35, sigma_minus: 25, unit: deg}
correlations: [[dm2_21, dm2_3l, 0.1], [sin2_theta13, delta_cp, -0.25]]
"""


@pytest.mark.parametrize(
    "text",
    [
        "ordering: no\n",
        "measurement: own.yaml\n",
        "ordering: io\nvariant: without-sk\nlikelihood: two-piece\ninclude_delta: true\n"
        "correlations: [[sin2_theta23, delta_cp, 0.2]]\nprior: {yukawa_max: 0.5}\nvev: 170\n"
        "seed: 5\n",
        "method: smc\nsampler: {particles: 200, runs: 2, max_sweeps: 20}\ndraws: 50\n",
    ],
    ids=["defaults", "own measurement", "every option", "smc"],
)
def test_settings_fed_back_give_the_same_bytes(tmp_path, text):
    (tmp_path / "own.yaml").write_text(OWN)
    fast = "" if "smc" in text else FAST
    (tmp_path / "study.yaml").write_text(text + fast)
    first = load_study(str(tmp_path / "study.yaml"))
    first.run(tmp_path / "one", report=False)
    again = load_study(str(tmp_path / "one" / "settings.yaml"))
    assert again.settings == first.settings
    assert again.target.describe() == first.target.describe()
    again.run(tmp_path / "two", report=False)
    for name in ("posterior.nc", "settings.yaml"):
        assert sha256(tmp_path / "one" / name) == sha256(tmp_path / "two" / name)


def test_settings_hold_the_numbers_of_a_measurement_file_not_its_name(tmp_path):
    (tmp_path / "own.yaml").write_text(OWN)
    (tmp_path / "study.yaml").write_text("measurement: own.yaml\n")
    settings = load_study(str(tmp_path / "study.yaml")).settings
    assert settings["measurement"]["quantities"]["dm2_21"]["central"] == 7.5e-5
    assert "own.yaml" not in yaml.safe_dump(settings)


def test_content_of_a_measurement_is_read_again_to_the_last_bit():
    content = {
        "likelihood": "gaussian",
        "quantities": {
            "dm2_21": {"central": 7.5e-5, "sigma_plus": 2e-6, "sigma_minus": 1e-6},
            "delta_cp": {"central": 212.0, "sigma": 31.0, "unit": "deg"},
        },
        "correlations": [["delta_cp", "dm2_21", 1 / 3]],
    }
    known = list(OBSERVABLES.values())
    first = read_measurement(content, "here", known)
    second = read_measurement(file_content(first), "there", known)
    assert second.quantities == first.quantities
    assert np.array_equal(second.correlation, first.correlation)
    assert second.describe() == first.describe()
    assert first.quantities[1].central == math.pi / 180 * 212


def test_a_measurement_file_is_looked_for_beside_the_study(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "own.yaml").write_text(OWN)
    (tmp_path / "deep" / "study.yaml").write_text("measurement: own.yaml\n")
    monkeypatch.chdir(tmp_path)
    names = load_study("deep/study.yaml").target.measurement.names
    assert names == ("dm2_21", "dm2_3l", "sin2_theta13", "delta_cp")


@pytest.mark.parametrize("word", ["no", "No", "NO", "'no'", "false"])
def test_normal_ordering_may_be_written_as_yaml_likes(tmp_path, word):
    (tmp_path / "study.yaml").write_text(f"ordering: {word}\n")
    assert load_study(str(tmp_path / "study.yaml")).settings["ordering"] == "no"


def test_the_raw_parameters_serve_where_the_chart_cannot(tmp_path):
    """The advice that the chart's error gives is advice that works."""
    only_sum = {"quantities": {"sum_m": {"central": 0.3, "sigma": 0.1}}}
    with pytest.raises(InputError, match="coordinates: parameters"):
        load_study("seesaw-no", measurement=only_sum).run(tmp_path / "a", report=False)
    study = load_study(
        "seesaw-no",
        measurement=only_sum,
        method="smc",
        draws=100,
        sampler={"coordinates": "parameters", "particles": 200, "runs": 2, "max_sweeps": 20},
    )
    result = study.run(tmp_path / "b", report=False)
    assert abs(np.mean(result.prediction("sum_m")) - 0.3) < 0.1
    assert result.groups["posterior"].sizes["chain"] == 2
