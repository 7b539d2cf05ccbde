"""Other priors in a study file: rows of the report, and no new draws."""

import pytest
import yaml

from fast_run import FAST
from pontecorvo import InputError, load_study
from pontecorvo.base.files import sha256
from pontecorvo.report.posterior_sample import Sample
from pontecorvo.report.prior_table import prior_sections

OTHERS = """
other_priors:
  - {name: low scale, log10_M_max: 16.5}
  - {name: "<b>mine</b>", light: masses, lightest: 1.0e-3}
  - {name: sharp, yukawa: log-uniform, yukawa_min: 0.5}
"""


def study(tmp_path, text):
    path = tmp_path / "study.yaml"
    path.write_text(FAST.replace("200", "600") + text)
    return load_study(str(path))


def test_they_stand_in_the_report_and_change_no_draw(tmp_path):
    out = tmp_path / "out"
    plain = study(tmp_path, "")
    assert plain.settings["other_priors"] == []
    plain.run(out, report=False)
    before = sha256(out / "posterior.nc")
    (kept,) = (out / ".stages").glob("*/draws.npz")
    drawn = kept.stat().st_mtime_ns
    asked = study(tmp_path, OTHERS)
    with pytest.raises(InputError, match="--overwrite"):
        asked.run(out, report=False)
    result = asked.run(out, overwrite=True, report=False)
    assert sha256(out / "posterior.nc") == before
    (kept,) = (out / ".stages").glob("*/draws.npz")
    assert kept.stat().st_mtime_ns == drawn
    names = [row["prior"] for row in result.summary["prior_dependence"]]
    assert names[:4] == ["as in this run", "low scale", "<b>mine</b>", "sharp"]
    low, mine, sharp = result.summary["prior_dependence"][1:4]
    assert low["usable"]
    assert low["ess"] > 200
    heavy = result.draws.theta[:, 20]
    assert low["posterior_inside"] == pytest.approx((heavy <= 16.5).mean(), abs=1e-9)
    lightest = result.prediction("m1")
    assert mine["posterior_inside"] == pytest.approx((lightest >= 1e-3).mean(), abs=1e-9)
    assert not sharp["usable"]
    (section,) = prior_sections(result.summary, Sample(result.study.target, result.groups))
    page = str(section.body)
    assert "low scale" in page
    assert "<b>mine</b>" not in page  # a name is text, not HTML
    again = load_study(str(out / "settings.yaml"))
    assert again.settings == asked.settings
    assert yaml.safe_load((out / "settings.yaml").read_text())["other_priors"][0]["name"]


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("{name: a, log10_M_max: 18}", "other_priors.0: log10_M_max reaches beyond"),
        ("{name: a, yukawa_min: 2, yukawa: log-uniform}", "must be below yukawa_max"),
        ("{name: a, light: haar, yukawa: log-uniform}", "yukawa must be uniform"),
        ("{name: as in this run}", "rename it"),
        ("{name: a}, {name: a}", "other_priors.1.name"),
        ("{name: a, haar: true}", "haar is unknown"),
        ("{light: haar}", "name is missing"),
        ("{name: a, lightest: -1}", "greater than 0"),
    ],
)
def test_one_sentence_says_what_is_wrong(tmp_path, entry, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        study(tmp_path, f"other_priors: [{entry}]\n")
    assert "\n" not in str(error.value)
