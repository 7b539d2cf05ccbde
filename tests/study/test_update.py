import json

import numpy as np
import pytest

from pontecorvo import InputError
from pontecorvo.study.finished_run import open_run
from pontecorvo.study.reweight import reweight_run
from pontecorvo.study.update import changes, tensions, write_update
from weighted_run import CENTRE, SIGMA, answer, finished, normal


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return open_run(finished(tmp_path_factory.mktemp("run") / "out"))


def test_what_moved_and_by_how_many_old_sigma(run):
    result = reweight_run(run, normal(0.2, 0.4))
    old, new = answer(), answer(0.2, 0.4)
    found = {change.name: change for change in changes(result)}
    assert next(iter(found)) in ("x", "pair[one]")
    assert found["x"].shift == pytest.approx((new[0] - old[0]) / old[1], abs=0.12)
    assert found["x"].shrink == pytest.approx(new[1] / old[1], rel=0.1)
    assert abs(found["angle"].shift) < 0.2  # nothing was learned of it
    assert "pair[zero]" not in found


def test_an_angle_is_compared_around_its_mean(run):
    """Measured at zero, where the old draws lie on both sides of the cut."""
    near_zero = normal(0.05, 0.2, "angle", 2 * np.pi)
    result = reweight_run(run, near_zero, add=True)
    found = {change.name: change for change in changes(result)}
    assert found["angle"].shrink < 0.5
    pull = tensions(run, near_zero)[0]
    assert abs(pull.pull) < 3.2


def test_the_pull_is_over_both_errors(run):
    (pull,) = tensions(run, normal(2.0, 0.3))
    mean, deviation, _ = answer()
    assert pull.pull == pytest.approx((2.0 - mean) / np.hypot(0.3, deviation), abs=0.15)
    assert pull.measured == 2.0


def test_one_page_and_its_numbers(run, tmp_path):
    new = normal(0.2, 0.4)
    sentences = write_update(reweight_run(run, new), new, tmp_path / "page")
    html = (tmp_path / "page" / "report.html").read_text()
    content = json.loads((tmp_path / "page" / "update.json").read_text())
    assert content["headline"] == sentences
    assert any("x by -" in sentence for sentence in sentences)
    assert "What moved" in html
    assert content["tensions"][0]["name"] == "x"
    assert (tmp_path / "page" / "figures" / "update.png").stat().st_size > 1000
    assert content["log_evidence"] == pytest.approx(answer(0.2, 0.4)[2], abs=0.1)
    newer = normal(0.3, 0.4)
    with pytest.raises(InputError, match="an update of other settings"):
        write_update(reweight_run(run, newer), newer, tmp_path / "page")
    assert (tmp_path / "page" / "report.html").read_text() == html


def test_the_same_data_again_move_nothing(run):
    result = reweight_run(run, normal(CENTRE, SIGMA))
    assert max(abs(change.shift) for change in changes(result)) < 1e-9
