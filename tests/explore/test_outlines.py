"""Symbols for the page: outlines or plain text, never markup."""

import pytest

from pontecorvo.explore.outlines import pieces, symbol, text


def test_a_formula_is_an_outline():
    (found,) = symbol("m_{ee}", "m_ee")
    assert set(found) == {"path", "box", "width", "height", "below", "text"}
    assert found["path"].startswith("M")
    assert set(found["path"]) <= set("MLQCZ-. 0123456789")


def test_mixed_text():
    found = pieces(r"$10^{-5}$ eV$^2$")
    assert [bool(piece.get("path")) for piece in found] == [True, False, True]
    assert found[1]["text"].strip() == "eV"


@pytest.mark.parametrize("bad", [r"\frac{", "<script>alert(1)</script>", "\\input{/etc/passwd}"])
def test_what_fails_is_text(bad):
    for piece in symbol(bad, "name"):
        assert set(piece) <= {"path", "box", "width", "height", "below", "text"}
        assert "<" not in piece.get("path", "")


def test_no_symbol_is_the_name():
    assert symbol("", "x") == [{"text": "x"}]
    assert text("a$b$c") == [{"text": "a$b$c"}]
    assert len(text("x" * 5000)[0]["text"]) < 300
