"""The first line of a page says whether the draws can be used."""

import pytest

from pontecorvo.report.first_screen import verdict_of
from pontecorvo.report.posterior_sample import Sample

GOOD = {"converged": True, "ess": 5000.0, "method": "smc"}


@pytest.mark.parametrize(
    ("summary", "state", "words"),
    [
        (GOOD, "good", "can be used"),
        ({**GOOD, "converged": False}, "bad", "do not use"),
        ({**GOOD, "ess": 12.0}, "bad", "only 12 effective draws"),
        ({**GOOD, "ess": float("nan")}, "plain", "No posterior"),
        (
            {**GOOD, "networks": [{"network": "n", "certified": False, "line": "no certificate"}]},
            "plain",
            "without a passed certificate",
        ),
    ],
)
def test_states(toy, summary, state, words):
    found = verdict_of(toy.target, toy.groups, summary, Sample(toy.target, toy.groups))
    assert (found.state, words in found.text) == (state, True)


def test_one_line_each(toy):
    summary = {
        **GOOD,
        "log_evidence": -3.14159,
        "log_evidence_error": 0.004,
        "closure": {"within_three_sigma": 0.98, "max_log_likelihood_change": 0.0},
    }
    rows = dict(verdict_of(toy.target, toy.groups, summary, Sample(toy.target, toy.groups)).rows)
    assert rows["evidence"] == "$\\ln Z$ = −3.142 ± 0.004"
    assert rows["effective size"] == "5000 of 300 draws (ESS)"
    assert rows["closure"].startswith("98 % within 3 sigma")
    assert rows["closure"].endswith("the same $\\ln L$")
