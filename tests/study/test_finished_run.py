import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.chi2_table import Chi2Table, TableAxis
from pontecorvo.core.combined import CombinedMeasurement
from pontecorvo.study.finished_run import open_run
from weighted_run import CENTRE, SIGMA, answer, finished, normal


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("run") / "out", 500)


def test_columns_are_predictions_and_every_entry_of_the_parameters(folder):
    run = open_run(folder)
    assert [c.name for c in run.columns] == ["x", "angle", "pair[one]", "pair[zero]", "phi"]
    by_name = {c.name: c for c in run.columns}
    np.testing.assert_array_equal(by_name["x"].values, by_name["pair[one]"].values)
    assert by_name["angle"].unit == "rad"
    assert by_name["x"].prediction
    assert not by_name["phi"].prediction
    assert run.weights.sum() == pytest.approx(1)
    assert run.name == "one-number"
    np.testing.assert_array_equal(run.observables(["phi", "x"])[:, 1], by_name["x"].values)


def test_what_the_run_has_not_is_said(folder):
    with pytest.raises(InputError, match="the run has no y; allowed: x, angle"):
        open_run(folder).observables(["y"])


@pytest.mark.parametrize("broken", ["posterior.nc", "summary.json", "settings.yaml"])
def test_a_folder_that_is_not_whole_gets_one_sentence(tmp_path, folder, broken):
    with pytest.raises(InputError, match="holds no finished run"):
        open_run(tmp_path)
    for name in ("posterior.nc", "summary.json", "settings.yaml"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / broken).write_bytes(b"\x00 [not: it")
    with pytest.raises(InputError) as error:
        open_run(tmp_path)
    assert broken in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", ["table", "combined"])
def test_a_study_takes_tables_and_products_as_its_measurement(tmp_path, kind):
    """A parabola as a table, and two normals as a product: the posterior of the normal."""
    grid = np.linspace(-6, 8, 281)
    table = Chi2Table([TableAxis("x", grid)], ((grid - CENTRE) / SIGMA) ** 2)
    wide = normal(CENTRE, SIGMA * 2**0.5)
    measured = table if kind == "table" else CombinedMeasurement([wide, wide])
    run = open_run(finished(tmp_path / "out", measurement=measured))
    mean, deviation, evidence = answer()
    x = run.observables(["x"])[:, 0]
    size = run.summary["ess"]
    assert run.weights @ x == pytest.approx(mean, abs=5 * deviation / np.sqrt(size))
    assert run.summary["target"]["measurement"]["quantities"]["x"]["central"] == pytest.approx(
        CENTRE
    )
    if kind == "table":
        error = run.summary["log_evidence_error"]
        assert abs(run.summary["log_evidence"] - evidence) < 5 * error
