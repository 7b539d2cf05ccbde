"""A quantity a row, a prior a column; what cannot be answered is named below."""

from pontecorvo.report.posterior_sample import Sample
from pontecorvo.report.prior_table import prior_sections


def row(prior, usable=True, **more):
    interval = {"median": 1.0, "ci68": [0.9, 1.2]}
    return {"prior": prior, "ess": 50.0, "usable": usable, "r2": interval, "s": interval, **more}


def test_rows_are_quantities_and_columns_are_priors(toy):
    rows = [
        row("own"),
        row("masses below 10^16 GeV", decided_by_the_prior=["s"]),
        row("far", False),
    ]
    (section,) = prior_sections({"prior_dependence": rows}, Sample(toy.target, toy.groups))
    html = str(section.body)
    assert html.count("<th>") == 3  # two priors that can answer
    assert html.count("<tr>") == 4  # head, two quantities, effective sizes
    assert html.count(" *</b>") == 1
    assert "10<sup>" in html
    assert "far (effective size 50)" in html
    assert 'data-head="own"' in html


def test_nothing_to_compare_is_no_section(toy):
    assert prior_sections({}, Sample(toy.target, toy.groups)) == []
