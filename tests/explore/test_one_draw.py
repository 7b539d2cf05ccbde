"""One draw: tables and files, and what a spreadsheet must not take for a formula."""

import csv
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from explorer_toy import HOSTILE, toy_explorer
from pontecorvo.base.errors import InputError
from pontecorvo.core.quantity import Quantity
from pontecorvo.explore.one_draw import (
    about_draw,
    all_draws,
    draw_file,
    likeliest,
    quoted,
    sample_command,
    study_file,
)
from pontecorvo.explore.questions import Question
from pontecorvo.study.export_chains import safe_cell


@pytest.fixture(scope="module")
def explorer(tmp_path_factory):
    return toy_explorer(tmp_path_factory.mktemp("toy") / "run", draws=2000)


@pytest.fixture(scope="module")
def answer(explorer):
    header, _ = explorer.answer(Question({"x": 1.0}))
    return explorer.found(header["answer"])


def test_tables_and_values_are_the_draw(explorer, answer):
    index = likeliest(answer)
    found = about_draw(explorer, answer, index)
    (table,) = found["tables"]
    assert float(table["rows"][0][1]) == pytest.approx(answer.draws.theta[index, 0], rel=1e-5)
    assert found["values"][HOSTILE] == pytest.approx(answer.draws.theta[index, 0] ** 2)
    density = answer.draws.log_prior + answer.draws.log_likelihood
    assert density[index] == density.max()


def test_json_has_every_digit(explorer, answer):
    content = json.loads(draw_file(explorer, answer, 7, "json"))
    assert content["parameters"]["a"][0] == answer.draws.theta[7, 0]
    assert content["draw"] == 7
    assert content["measurement"]["quantities"]["x"]["central"] == 1.0


def test_csv_comes_back(explorer, answer):
    rows = list(csv.reader(io.StringIO(draw_file(explorer, answer, 7, "csv"))))
    assert rows[0] == ["group", "quantity", "value", "unit"]
    assert float(rows[1][2]) == answer.draws.theta[7, 0]


def test_all_draws(explorer, answer):
    text = all_draws(explorer, answer)
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
    weights = np.array([float(row[0]) for row in rows[1:]])
    assert abs(weights.sum() - 1) < 1e-9
    np.testing.assert_allclose(weights, answer.sample.weight, rtol=1e-9)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_are_quoted(start):
    assert safe_cell(f"{start}cmd|' /C calc'!A0").startswith("'")
    assert safe_cell("m_ee") == "m_ee"


def test_a_hostile_name_is_quoted_in_csv(explorer, answer, monkeypatch):
    model = answer.target.model
    monkeypatch.setattr(model, "parameters", (Quantity("=1+1", "", "@x"), model.parameters[1]))
    rows = list(csv.reader(io.StringIO(draw_file(explorer, answer, 0, "csv"))))
    assert rows[1][1] == "'=1+1"
    assert rows[1][3] == "'@x"


def test_what_is_not_there_is_refused(explorer, answer):
    with pytest.raises(InputError, match="numbered from 0"):
        about_draw(explorer, answer, 10**6)
    with pytest.raises(InputError, match="numbered from 0"):
        draw_file(explorer, answer, -1, "json")
    with pytest.raises(InputError, match="allowed: json, csv"):
        draw_file(explorer, answer, 0, "exe")


def test_study_file_holds_the_measurement(explorer, answer):
    content = yaml.safe_load(study_file(explorer, answer))
    assert content["study"] == "toy.py"
    assert content["measurement"]["quantities"]["x"]["central"] == 1.0
    assert study_file(explorer, answer).startswith("# ")


def test_a_study_without_place_for_it_is_refused(explorer, answer, monkeypatch):
    monkeypatch.setattr(type(explorer.problem), "plain_settings", lambda self: {"study": "x"})
    with pytest.raises(InputError, match="holds no measurement of your own"):
        study_file(explorer, answer)


def test_command_is_one_line_and_quoted(explorer, answer):
    assert sample_command(explorer, answer) == "pontecorvo sample toy.py --set x=1.0"
    assert quoted("a b; rm -rf *\nx") == "'a b; rm -rf * x'"
    extra = SimpleNamespace(question=Question(extra=("angle",)))
    assert "has no command" in sample_command(explorer, extra)
