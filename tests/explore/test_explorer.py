"""Answers of the explorer, on a toy whose posterior is known."""

import json

import numpy as np
import pytest

from explorer_toy import HOSTILE, toy_explorer
from pontecorvo.base.errors import InputError
from pontecorvo.explore.explorer import PRIOR_DRAWS
from pontecorvo.explore.packing import to_json
from pontecorvo.explore.questions import Question
from weighted_run import answer


@pytest.fixture(scope="module")
def explorer(tmp_path_factory):
    found = toy_explorer(tmp_path_factory.mktemp("toy") / "run")
    found.warm()
    return found


def moments(rows, name):
    weight = rows["weight"]
    mean = weight @ rows[name]
    return mean, np.sqrt(weight @ (rows[name] - mean) ** 2)


@pytest.mark.parametrize("question", [Question(), Question({"x": 1.1}, {"x": 0.4})])
def test_answer_is_the_exact_posterior(explorer, question):
    header, rows = explorer.answer(question)
    mean, deviation, evidence = answer(question.values.get("x", 0.8), question.errors.get("x", 0.5))
    found = moments(rows, "x")
    factor = 1000 if explorer.home.shown["x"].column.unit == "meV" else 1
    error = deviation / np.sqrt(header["ess"])
    assert abs(found[0] / factor - mean) < 4.5 * error
    assert abs(found[1] / factor - deviation) < 4.5 * error
    assert abs(header["log_evidence"] - evidence) < 0.1
    median = header["intervals"]["x"]["quantiles"][0]
    assert abs(median / factor - mean) < 6 * error
    assert header["closure"]["max_log_likelihood_change"] < 1e-12


def test_units_stay_while_the_measurement_moves(explorer):
    _, first = explorer.answer(Question())
    _, second = explorer.answer(Question({"x": 0.81}))
    np.testing.assert_allclose(first["x"], second["x"])


def test_far_measurements_are_refused_in_one_sentence(explorer):
    with pytest.raises(InputError, match="too few draws carry the answer"):
        explorer.answer(Question({"x": 30.0}, {"x": 0.01}))


def test_an_angle_may_be_measured_too(explorer):
    header, rows = explorer.answer(Question(extra=("angle",)))
    turn = np.radians(rows["angle"])
    mean = np.angle(rows["weight"] @ np.exp(1j * turn))
    assert abs(mean - 1.0) < 5 * 0.4 / np.sqrt(header["ess"])


def test_regions_of_a_pair_hold_what_they_say(explorer):
    header, rows = explorer.answer(Question(pairs=(("x", "angle"),)))
    (found,) = header["regions"]
    assert found["pair"] == ("x", "angle")
    assert [level["level"] for level in found["levels"]] == [0.95, 0.68]
    from matplotlib.path import Path

    points = np.stack([rows["x"], rows["angle"]], axis=1)
    for level in found["levels"]:
        inside = np.zeros(len(points), dtype=int)
        for polygon in level["polygons"]:
            for ring in polygon:
                inside += Path(np.reshape(ring, (-1, 2))).contains_points(points)
        assert abs(rows["weight"][inside % 2 == 1].sum() - level["level"]) < 0.04


def test_prior_is_drawn_once(explorer):
    first = explorer.prior()
    assert explorer.prior() is first
    assert len(first["x"]) == PRIOR_DRAWS
    factor = explorer.home.shown["x"].column.factor
    assert abs(first["x"].std() / factor - 1) < 0.03


def test_description_is_json_and_names_every_control(explorer):
    content = json.loads(to_json(explorer.describe()))
    assert [m["name"] for m in content["measured"]] == ["x", "angle"]
    assert [m["optional"] for m in content["measured"]] == [False, True]
    assert content["panels"] == ["x", HOSTILE]
    assert content["standing"] is None
    assert content["forecasts"][0]["errors"] == {"x": 0.2}


def test_old_answers_are_forgotten(explorer):
    header, _ = explorer.answer(Question())
    for _ in range(6):
        explorer.answer(Question())
    with pytest.raises(InputError, match="is not kept any more"):
        explorer.found(header["answer"])


def test_nothing_to_improve(explorer):
    explorer.improve(Question({"x": 0.9}), lambda: False)
