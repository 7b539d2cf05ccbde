from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.files.run_point import point_of_draw
from pontecorvo.problems.flavour.files.slha_point import read_slha_point, write_slha_point
from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.study.finished_run import FinishedRun


@pytest.fixture(scope="module")
def drawn():
    model = Seesaw("no")
    theta = model.prior.sample(40, np.random.default_rng(3))
    arrays = {
        name: (("chain", "draw", *dims), values[None])
        for name, (dims, values) in model.variables(theta).items()
    }
    likelihood = np.zeros(40)
    likelihood[17] = 3.0
    stats = {
        name: (("chain", "draw"), likelihood[None]) for name in ("log_likelihood", "log_weight")
    }
    groups = {"posterior": xr.Dataset(arrays), "sample_stats": xr.Dataset(stats)}
    settings = {"vev": 174.1}
    return model, theta, FinishedRun(Path("made-up"), groups, {}, settings)


def test_the_likeliest_draw_is_the_point(drawn):
    model, theta, run = drawn
    point = point_of_draw(run)
    assert "draw 17" in point.notes[0]
    expected = model.predict(theta[17:18])
    assert point.observables["sum_m"] == pytest.approx(expected["sum_m"][0], rel=1e-9)
    assert np.array_equal(
        point.yukawa, theta[17, :9].reshape(3, 3) + 1j * theta[17, 9:18].reshape(3, 3)
    )
    np.testing.assert_allclose(np.abs(point.heavy), 10.0 ** theta[17, 18:21])


def test_any_draw_can_be_written_and_read_back(drawn, tmp_path):
    model, theta, run = drawn
    path = tmp_path / "p.slha"
    write_slha_point(path, point_of_draw(run, 5))
    back = read_slha_point(path)
    assert back.vev == 174.1
    expected = model.predict(theta[5:6])
    assert back.observables["m_ee"] == pytest.approx(expected["m_ee"][0], rel=1e-6)


def test_runs_without_a_seesaw_and_draws_that_are_not_there(drawn):
    run = drawn[2]
    with pytest.raises(InputError, match="numbered from 0 to 39"):
        point_of_draw(run, 40)
    bare = FinishedRun(run.folder, {**run.groups, "posterior": xr.Dataset()}, {}, {})
    with pytest.raises(InputError, match="no Y_re"):
        point_of_draw(bare)
