"""Ranking by evidence: known answers, other priors, kept evidences, files."""

import json

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.study.evidence import Candidate, Evidence, rank, under_another_prior
from pontecorvo.study.ranking import compare, comparison_table, comparison_text, in_words

RULES = "pontecorvo.problems.mixing_sum_rules:SumRuleProblem"
EFFORT = {"method": "smc", "draws": 400, "sampler": {"runs": 2, "particles": 400, "max_sweeps": 20}}


def _candidates():
    return [Candidate(rule, RULES, {"rule": rule, **EFFORT}) for rule in ("tm2", "none", "tm1")]


def test_sum_rules_are_ranked_and_kept(tmp_path):
    rows = compare(_candidates(), tmp_path, jobs=1)
    assert [row["model"] for row in rows] == ["tm1", "none", "tm2"]
    assert rows[0]["log_bayes_factor"] == 0
    assert sum(row["probability"] for row in rows) == pytest.approx(1)
    # TM2 is 4.8 standard errors off in theta12, TM1 1.4: (4.8^2 - 1.4^2)/2 = 10.5, and priors that
    # differ by a factor of two in sin^2 theta13
    gap = rows[0]["log_evidence"] - rows[2]["log_evidence"]
    assert gap == pytest.approx(10.5 + np.log(2), abs=1.5)
    text = (tmp_path / "comparison.csv").read_text(encoding="utf-8")
    assert text.startswith("rank,model,parameters,log_evidence,")
    content = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert content["same_data"] is True
    assert (tmp_path / "comparison.png").stat().st_size > 5000
    assert "tm1" in comparison_text(rows)
    # a kept evidence is not computed again: change one file, and the change is believed
    for path in (tmp_path / "evidences").glob("*.json"):
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["label"] == "tm2":
            path.write_text(json.dumps({**kept, "log_evidence": 99.0}), encoding="utf-8")
    assert rank(_candidates(), tmp_path, jobs=1)[0].label == "tm2"
    # other settings are another model
    other = [Candidate("tm2", RULES, {"rule": "tm2", **EFFORT, "data": "juno-207d"})]
    assert rank(other, tmp_path, jobs=1)[0].log_evidence < 50


@pytest.mark.slow
def test_processes_give_the_same(tmp_path):
    alone = rank(_candidates(), None, jobs=1)
    several = rank(_candidates(), tmp_path, jobs=2)
    assert [e.label for e in alone] == [e.label for e in several]
    assert [e.log_evidence for e in alone] == [e.log_evidence for e in several]


def test_another_prior():
    # prior U(0, 1), likelihood N(x; 0.3, 0.02); other prior 2x, given without its factor 2
    rng = np.random.default_rng(0)
    posterior, prior = rng.normal(0.3, 0.02, 20_000), rng.random(20_000)
    weight = np.zeros(20_000)
    value, error = under_another_prior(0.0, 0.01, weight, np.log(posterior), np.log(prior))
    assert value == pytest.approx(np.log(0.6), abs=0.02)
    assert 0.01 < error < 0.02
    nothing = np.full(20_000, -np.inf)
    assert np.isnan(under_another_prior(0.0, 0.01, weight, nothing, np.log(prior))[0])


def test_table_and_words():
    rows = comparison_table(
        [
            Evidence("a", -3.0, 0.1, "smc", True, 3, 1.0, data="x"),
            Evidence("b", -1.0, 0.2, "smc", True, 3, 1.0, {"flat": (-2.0, 0.3)}, data="y"),
        ]
    )
    assert [row["model"] for row in rows] == ["b", "a"]
    assert rows[1]["log_bayes_factor"] == pytest.approx(-2)
    assert rows[1]["log_bayes_factor_error"] == pytest.approx(np.hypot(0.1, 0.2))
    assert rows[0]["probability"] == pytest.approx(1 / (1 + np.exp(-2)))
    assert rows[0]["log_evidence, flat"] == -2.0
    assert "not all models" in comparison_text(rows).lower()
    assert in_words(0.5, 1.0) == "undecided"
    assert in_words(4.0, 0.1) == "strong"
    assert in_words(6.0, 0.1) == "very strong"


def test_bad_input_is_refused_before_anything_runs(tmp_path):
    twice = [Candidate("a", RULES), Candidate("a", RULES)]
    with pytest.raises(InputError, match="twice"):
        rank(twice, tmp_path)
    with pytest.raises(InputError, match="cannot be imported"):
        rank([Candidate("a", "pontecorvo.problems.nothing:Here")], tmp_path)
