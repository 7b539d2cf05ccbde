"""Bars for people, silence for pipes."""

import pytest

from pontecorvo.base.progress import progress


def test_a_pipe_sees_nothing(capfd):
    with progress("work", 3) as advance:
        advance()
        advance(2, note="done")
    assert capfd.readouterr() == ("", "")


def test_a_bar_stands_on_standard_error_and_ends_full(capfd):
    with progress("counting sheep", 4, enabled=True) as advance:
        advance(1, note="black one")
    out, err = capfd.readouterr()
    assert out == ""
    assert "counting sheep" in err
    assert "4/4" in err
    assert "black one" in err


@pytest.mark.parametrize("enabled", [False, True])
def test_an_error_passes(enabled):
    with pytest.raises(ZeroDivisionError), progress("work", 1, enabled=enabled):
        raise ZeroDivisionError
