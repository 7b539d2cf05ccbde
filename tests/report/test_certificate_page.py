"""A certificate's page says at once whether it passed, and what its raw lines mean."""

from pontecorvo.diagnostics.certificate import Check
from pontecorvo.diagnostics.verdict import Verdict
from pontecorvo.report.certificate_page import write_certificate


def page(tmp_path, decides):
    good = Verdict("coverage", 0.5, (0.01, 1.0), decides, "of the weighted draws", p_value=0.5)
    raw = Verdict("coverage", 0.001, (0.01, 1.0), False, "of the raw draws", p_value=0.001)
    check = Check("a network", [good], [raw], {"simulations": 1000, "draws_each": 100})
    write_certificate(tmp_path, "a study", [check], {"command": "c", "versions": {"p": "1"}})
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_raw_failure_beneath_a_pass_is_explained(tmp_path):
    html = page(tmp_path, True)
    assert 'class="verdict good"' in html
    assert html.index("PASSED") < html.index("These are no part of the verdict")
    assert "FAIL</span>" not in html  # in capitals only where it decides
    assert '<span class="note">fail</span>' in html


def test_a_failure_is_seen_first(tmp_path):
    html = page(tmp_path, False)
    assert 'class="verdict bad"' in html
    assert html.index("FAILED") < html.index("<nav")
    assert '<span class="fail">FAIL</span>' in html
