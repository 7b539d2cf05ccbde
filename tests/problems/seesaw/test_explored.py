"""What the explorer shows of the seesaw: tables, files and columns are the draw's own."""

import numpy as np
import pytest

from pontecorvo.problems.flavour.files.slha_point import read_slha_point
from pontecorvo.problems.seesaw.explored import exploration_of, point_tables, slha_text
from pontecorvo.problems.seesaw.fast_map import unpack
from pontecorvo.study.catalog import load_problem


@pytest.fixture(scope="module", params=["seesaw-no", "seesaw-io"])
def problem(request):
    return load_problem(request.param)


@pytest.fixture(scope="module")
def theta(problem):
    rng = np.random.default_rng(3)
    model = problem.model
    return model.prior.from_unit_cube(rng.random((4, len(model.prior))))


def test_names_are_columns_of_the_model(problem, theta):
    found = exploration_of(problem.model)
    columns = found.columns(theta)
    known = {q.name for q in problem.model.prediction_quantities} | set(columns)
    known |= {f"log10_M[{i}]" for i in (1, 2, 3)}
    assert set(found.panels) <= known
    assert {name for pair in found.pairs for name in pair} <= known
    assert set(found.logs) <= known
    yukawa = theta[:, :9] + 1j * theta[:, 9:18]
    np.testing.assert_allclose(columns["abs_Y[mu,2]"][0], np.abs(yukawa[:, 4]))


def test_forecasts_are_the_librarys(problem):
    found = {forecast.title: forecast for forecast in problem.explore().forecasts}
    assert set(found) == {"JUNO six years", "DUNE seven years", "Hyper-Kamiokande ten years"}
    assert found["JUNO six years"].errors["sin2_theta12"] == (0.00154, 0.00154)
    assert list(found["DUNE seven years"].errors) == ["delta_cp"]
    (delta,) = problem.explore().optional
    assert delta.name == "delta_cp"
    assert delta.period == 2 * np.pi


def test_slha_comes_back_as_the_draw(problem, theta, tmp_path):
    path = tmp_path / "draw.slha"
    path.write_text(slha_text(problem.model, theta[0]))
    point = read_slha_point(path)
    wanted = problem.model.predict(theta[[0]])
    # SLHA has real masses: their phases are in the columns of Y
    yukawa, heavy = unpack(theta[0])
    np.testing.assert_allclose(point.yukawa**2 / point.heavy, yukawa**2 / heavy, rtol=1e-9)
    assert point.observables["m_ee"] == pytest.approx(wanted["m_ee"][0], rel=1e-6)


def test_tables(problem, theta):
    tables = point_tables(problem.model, theta[0])
    assert [len(table.rows) for table in tables] == [3, 2, 3, 1]
    masses = [float(cell) for cell in tables[3].rows[0][1:]]
    wanted = problem.model.predict(theta[[0]])
    np.testing.assert_allclose(masses, [1e3 * wanted[m][0] for m in ("m1", "m2", "m3")], rtol=1e-3)
    real = float(tables[0].rows[0][1].split()[0].replace("−", "-"))
    assert abs(real - theta[0, 0]) < 1e-4


def test_the_study_file_takes_a_measurement(problem):
    content = problem.explore().study({"quantities": {}})
    assert content["likelihood"] == "gaussian"
    assert content["measurement"] == {"quantities": {}}
