"""The table of times and its sentences, with limits and multiplied cells."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))  # a program's own module

from timing_table import (
    BELT,
    EXACT,
    MANY,
    MAP,
    ONE,
    TRAINING,
    Row,
    Time,
    amortisation,
    belts,
    contest,
    number,
    pays_from,
    plainly,
    quality_rows,
    statements,
    time_rows,
)


def row(one, many, more=False, **others):
    times = {ONE: Time(one, 1, more), MANY: Time(many, 1000, more)}
    return Row(times | {name: Time(value) for name, value in others.items()})


EXACT_ROW = Row(
    {ONE: Time(1.0), MANY: Time(1000.0, 50), MAP: Time(1.5), BELT: Time(120.0)},
    {"marginal_gap": 0.012, "map_gap": 0.0},
    "grid",
    {"prepare": 6.0, "next_belt": 2.0},
)
NETWORK = Row(
    {ONE: Time(3.0), MANY: Time(500.0, 50), BELT: Time(0.2), TRAINING: Time(700.0)},
    {"effective": 0.97, "ln_evidence_gap": -0.004},
    "shipped <network>",
)
STUCK = row(180.0, 180_000.0, more=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0123456, "0.0123"), (4.0, "4"), (99.96, "100"), (1234.5, "1,230"), (8.64e6, "8,640,000")],
)
def test_numbers_have_three_digits_and_no_exponent(value, text):
    assert number(value) == text


def test_a_cell_says_whether_it_was_stopped_or_multiplied():
    assert Time(180.0, 1000, True).text == "more than 180*"
    assert Time(0.5).text == "0.5"
    assert Time(180.0, 1, True).over(Time(2.0)) == "more than 90"


def test_training_pays_where_it_and_all_posteriors_take_less():
    count, bound = pays_from(NETWORK, EXACT_ROW)
    assert (count, bound) == (1400, "")
    per_set = {"grid": 1.0, "network": 0.5}
    assert 700 + 1401 * per_set["network"] < 1401 * per_set["grid"]
    assert 700 + 1399 * per_set["network"] > 1399 * per_set["grid"]


def test_limits_become_bounds():
    """A method that was stopped takes longer, so that training pays sooner; and the reverse."""
    assert pays_from(NETWORK, STUCK) == (4, "at most ")
    slow = row(1.0, 500.0, training=700.0)
    slow.times[MANY] = Time(500.0, 1000, True)
    assert pays_from(slow, EXACT_ROW) == (1400, "at least ")
    assert pays_from(slow, STUCK) is None
    slower = row(1.0, 2000.0, training=700.0)
    assert pays_from(slower, EXACT_ROW) == (np.inf, "")
    # stopped before the network ended: nothing is known
    assert pays_from(row(1.0, 2e6, training=1.0), STUCK) is None
    assert pays_from(EXACT_ROW, STUCK) is None


def test_the_winner_is_named_with_what_the_others_take():
    rows = {EXACT: EXACT_ROW, "FMPE": NETWORK, "nautilus": STUCK}
    said = contest(rows, ONE)
    assert said.startswith(f"{ONE}: the exact method wins (1 s)")
    assert "FMPE 3, nautilus more than 180." in said
    said = contest(rows, MANY)
    assert "FMPE is fastest (500* s)" in said
    assert "1,000* s, 2 times as long" in said
    assert "wins against (times as long): nautilus more than 180." in said
    assert contest(rows, MAP) == ""


def test_with_training_counted_the_exact_method_is_said_to_win():
    rows = {EXACT: EXACT_ROW, "FMPE": NETWORK, "nautilus": STUCK}
    says = "With training counted, the exact method wins against the networks: "
    assert plainly(rows) == f"{says}{ONE}, posteriors of fewer than 1,400 data sets (FMPE)."
    slow = row(3.0, 3000.0, **{TRAINING: 700.0, MAP: 0.1})
    every = f"{says}{ONE}, {MAP}, posteriors of any number of data sets."
    assert plainly({EXACT: EXACT_ROW, "NPSE": slow}) == every
    untrained = row(0.1, 10.0, **{TRAINING: 0.0})
    assert plainly({EXACT: EXACT_ROW, "NRE": untrained}) == ""
    assert plainly({EXACT: EXACT_ROW, "nautilus": STUCK}) == ""


def test_one_that_was_stopped_too_early_decides_nothing():
    rows = {EXACT: row(10.0, 1e4), "emcee": row(5.0, 5e3, more=True), "FMPE": row(20.0, 2e4)}
    said = contest(rows, ONE)
    assert "wins" not in said
    assert "none is known to be faster" in said
    assert "times as long: FMPE 2;" in said
    assert "not decided, stopped too early: emcee." in said


def test_wrong_answers_win_nothing():
    wrong = Row(NETWORK.times | {ONE: Time(0.1), MAP: Time(0.1)}, {"marginal_gap": 0.15})
    rows = {EXACT: EXACT_ROW, "SNPE-C": wrong, "nautilus": STUCK}
    said = contest(rows, ONE)
    assert "the exact method wins (1 s); times as long: nautilus more than 180" in said
    assert said.endswith("not counted, its answer is off: SNPE-C.")
    assert "SNPE-C is fastest" in contest(rows, MAP)
    wrong.quality["map_gap"] = 2.0
    assert contest(rows, MAP) == ""
    assert "its draws are off, by 0.15" in amortisation(rows, "SNPE-C")
    assert plainly(rows) == ""
    assert "(FMPE)" in plainly(rows | {"FMPE": NETWORK})


def test_amortisation_is_against_every_method_without_training():
    rows = {EXACT: EXACT_ROW, "FMPE": NETWORK, "NPSE": NETWORK, "nautilus": STUCK}
    assert amortisation(rows, "FMPE") == (
        f"FMPE, after 700 s of training, pays against {EXACT} from 1,400 data sets on, "
        "against nautilus from at most 4 data sets on."
    )
    rows["nautilus"] = row(0.1, 100.0)
    assert "against nautilus never." in amortisation(rows, "FMPE")
    assert amortisation(rows, "nautilus") == ""


def exact_belt(first, following):
    return Row({BELT: Time(first)}, extra={"next_belt": following})


@pytest.mark.parametrize(
    ("first", "following", "training", "says"),
    [
        (120.0, 0.1, 480.0, "pay for no number of data sets."),
        (102.0, 2.2, 480.0, "pay from 191 data sets on."),
        (800.06, 0.1, 480.0, "pay up to 3,199 data sets."),
        (800.0, 2.0, 480.0, "pay for any number of data sets."),
    ],
)
def test_exact_critical_values_too_are_made_once(first, following, training, says):
    multiplied = Row({BELT: Time(1e6, 900)})
    rows = {EXACT: exact_belt(first, following), "FMPE": NETWORK, "iminuit": multiplied}
    said = belts(rows, training)
    assert said.endswith(says)
    assert "up to 0.2 s" in said
    assert belts(rows, None) == ""
    assert belts({EXACT: rows[EXACT]}, training) == ""


def test_statements_without_an_exact_row_claim_nothing():
    assert statements({"FMPE": NETWORK}, 100.0) == []


def test_tables_show_limits_stars_and_quality():
    rows = {EXACT: EXACT_ROW, "FMPE": NETWORK, "nautilus": STUCK}
    cells = [cell for row in time_rows(rows)[1] for cell in row]
    for cell in ("1,000*", "more than 180", "more than 180,000*", "1,400"):
        assert cell in cells
    cells = [cell for row in quality_rows(rows)[1] for cell in row]
    for cell in ("-0.004", "0.97", "shipped <network>"):
        assert cell in cells


def test_rows_survive_json():
    for one in (EXACT_ROW, NETWORK, STUCK):
        assert Row.read(json.loads(json.dumps(one.describe()))) == one
