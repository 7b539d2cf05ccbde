"""`pontecorvo explain`: a run's structure, written down; nothing is found in an exact posterior."""

import json

import pytest

from pontecorvo import InputError
from pontecorvo.problems.flavour.structure.explain_study import explain_study
from sketches import sketched


def test_an_exact_posterior_holds_nothing_beyond_the_measurement(finished_runs, tmp_path):
    out = tmp_path / "out"
    with sketched():
        lines = explain_study(str(finished_runs["no"]), out, draws=600, seed=2)
    content = json.loads((out / "explain.json").read_text())
    assert content["draws"] == 600
    assert (out / "report.html").is_file()
    assert any("measurement given back" in line for line in lines)
    assert "no pattern beyond the prior" in lines[-5]
    assert lines[-1].startswith("Hierarchy of the parts of Y, 1/2/3/4 digits:")
    with pytest.raises(InputError, match="--overwrite"):
        explain_study(str(finished_runs["io"]), out, draws=600)


def test_what_has_no_yukawas_is_refused(tmp_path):
    with pytest.raises(InputError, match="no Yukawas"):
        explain_study("modular-s4-no", tmp_path / "out", draws=600)
    with pytest.raises(InputError, match="no Yukawas to explain"):
        explain_study("sterile", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no finished run"):
        explain_study(str(tmp_path / "empty"), tmp_path / "out")
