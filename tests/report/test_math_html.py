"""Formulas that can be copied."""

import pytest

from pontecorvo.report.math_html import NotSimple, simple_formula
from pontecorvo.report.math_svg import rich_text


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"m_{ee}", "m_ee"),
        (r"\sin^2\theta_{12}", "sin^2\u2009θ_12"),
        (r"\Delta m^2_{21}", "Δm^2_21"),
        (r"\log_{10}(|M_1|/\mathrm{GeV})", "log_10(|M_1|/GeV)"),
        (r"10^{-5}", "10^−5"),
        (r"U_{e1}^*", "U_e1^*"),
        (r"\{a < b\}", "{a\u2009<\u2009b}"),
    ],
)
def test_what_is_copied_reads_as_it_was_written(tex, text):
    assert simple_formula(tex).striptags() == " ".join(text.split())


@pytest.mark.parametrize(
    "tex", [r"\frac{1}{2}", r"\sqrt{x}", r"\hat{x}", r"\sum_i x", "{a", "a}", "_"]
)
def test_the_rest_is_left_to_pictures(tex):
    with pytest.raises(NotSimple):
        simple_formula(tex)


def test_a_picture_has_its_source_beside_it():
    html = rich_text(r"$\frac{1}{2}$")
    assert 'aria-label="\\frac{1}{2}"' in html
    assert '<span class="copied" aria-hidden="true">\\frac{1}{2}</span>' in html


def test_names_cannot_become_elements():
    assert "<script" not in simple_formula(r"\mathrm{<script>}_{<b>}")
