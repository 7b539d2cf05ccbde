"""The paragraph for a paper."""

from pontecorvo.report.methods_text import methods_section

CITED = [
    {"key": "a", "role": "data", "text": "Alpha 2020", "bibtex": "@misc{a,\n}"},
    {"key": "b", "role": "method", "text": "Beta 2021", "bibtex": "@misc{b,\n}"},
    {"key": "c", "role": "software", "text": "Gamma 2022", "bibtex": "@misc{c,\n}"},
]


def test_it_says_what_was_done_with_marks_that_lead_to_the_list(toy):
    summary = {
        "study": "s", "method": "network", "ess": 123.4, "counts": {"draws": 300},
        "log_evidence": 1.0, "log_evidence_error": 0.1, "citations": CITED,
        "closure": {"within_three_sigma": 0.5},
    }  # fmt: skip
    text = methods_section(toy.target, summary).striptags()
    for words in (
        "the 3 parameters of s given the data [1] was drawn by importance sampling",
        "density [2]: 300 draws with an effective sample size of 123.",
        "ln Z = 1.000 ± 0.100.",
        "50 % of the posterior",
        "Software: [3].",
        "@misc{b,",
    ):
        assert words in text, words


def test_without_citations_there_is_none(toy):
    assert methods_section(toy.target, {"method": "smc"}) == ""
    odd = methods_section(toy.target, {"method": "own thing", "citations": CITED})
    assert "by the method “own thing”" in odd.striptags()
