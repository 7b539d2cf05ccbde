import pytest
from markupsafe import Markup

from pontecorvo.report.math_svg import paragraphs, rich_text
from pontecorvo.report.numbers import decimals_for, interval, number, percent, places_of, plain
from pontecorvo.report.page import Section, table


def test_numbers_show_what_the_interval_means():
    assert decimals_for(0.012) == 3
    assert decimals_for(1.2) == 1
    assert decimals_for(120) == 0
    assert places_of(0.14, 0.61, 2.28) == 2
    assert number(-0.0004, 2) == "0.00"
    assert number(-1.25, 1) == "−1.2"
    assert number(float("nan"), 2) == "–"
    assert interval(1, 2, 1) == "1.0 – 2.0"
    assert interval(-1, 2, 1) == "−1.0 to 2.0"


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.0, "0 %"), (1.0, "100 %"), (1e-5, "< 0.1 %"), (0.99999, "> 99.9 %"), (0.9826, "98.3 %")],
)
def test_rare_and_common_are_not_none_and_all(fraction, text):
    assert percent(fraction) == text


def test_plain_values():
    assert plain(7.49e-5) == "7.49×10⁻⁵"
    assert plain(4194304) == "4\u202f194\u202f304"
    assert plain(True) == "yes"
    assert plain({"a": [1, 2.5]}) == "a: 1, 2.5"


def test_text_is_escaped_and_formulas_are_set():
    html = rich_text("a < b, $m_{ee}$ & 36 meV")
    assert html.startswith('a &lt; b, <span class="math">')
    assert html.endswith("&amp; 36\u00a0meV")
    assert html.striptags() == "a < b, m_ee & 36 meV"
    assert rich_text(Markup("<b>kept</b>")) == "<b>kept</b>"
    assert paragraphs("one\n\ntwo").count("<p>") == 2


def test_table_escapes_cells():
    html = table(["<h>"], [["<i>"], [Markup("<b>x</b>")]])
    assert "&lt;h&gt;" in html
    assert "&lt;i&gt;" in html
    assert "<b>x</b>" in html


def test_anchors_are_plain():
    assert Section("Can these draws be trusted?").anchor == "can-these-draws-be-trusted"
