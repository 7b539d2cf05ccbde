import json

from pontecorvo.diagnostics.certificate import Check
from pontecorvo.diagnostics.verdict import judged_by_p


def test_the_weighted_verdicts_decide():
    good = judged_by_p("ranks", 0.4, 0.01, "are uniform", "are not uniform")
    bad = judged_by_p("widths", 0.001, 0.01, "are right", "are wrong")
    check = Check("a network", [good, bad], [bad], {"simulations": 100})
    assert check.failed == ["widths"]
    assert not check.passed
    assert check.count == "1 of 2 diagnostics pass"
    said = json.loads(json.dumps(check.describe()))
    assert said["simulations"] == 100
    assert said["corrected"][1]["line"] == "are wrong (p = 0.001, alarm below 0.01)"
    assert Check("raw draws count nothing", [good], [bad], {}).passed
