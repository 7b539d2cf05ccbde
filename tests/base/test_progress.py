"""Bars for people, now and then a line for pipes."""

import math
import re
import time

import pytest

from pontecorvo.base import progress as module
from pontecorvo.base.progress import duration, progress, set_loudness


@pytest.fixture
def soon(monkeypatch):
    """Lines come after 0.05 s and every 0.1 s, so that a test need not wait."""
    monkeypatch.setattr(module, "FIRST", 0.05)
    monkeypatch.setattr(module, "EVERY", 0.1)
    monkeypatch.setattr(module, "_said", -1.0)
    yield
    set_loudness("normal")


def test_short_work_says_nothing_to_a_pipe(capfd):
    with progress("work", 3) as advance:
        advance()
        advance(2, note="done")
    assert capfd.readouterr() == ("", "")


def test_long_work_says_how_far_it_is_and_what_is_left(capfd, soon):
    with progress("counting sheep", 4) as advance:
        advance(1, note="black one")
        time.sleep(0.3)
    out, err = capfd.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert 2 <= len(lines) <= 4
    said = r"pontecorvo: counting sheep: 25 % after \d+ s, about \d+ s left \(black one\)"
    assert all(re.fullmatch(said, line) for line in lines)


def test_the_estimate_is_the_rest_at_the_same_pace():
    job = module._Job("work", 10)
    job.advance(4)
    assert job.line(job.start + 80) == "work: 40 % after 1 min 20 s, about 2 min 0 s left"
    assert module._Job("work", None).line(job.start + 7200).startswith("work: 2 h 0 min so far")


def test_the_innermost_block_speaks_and_an_uncounted_one_when_it_has_gone(capfd, soon):
    with progress("run", bar=False):
        with progress("draw", 2):
            time.sleep(0.2)
        drawn = capfd.readouterr().err
        time.sleep(0.2)
    assert "draw: " in drawn
    assert "run: " not in drawn
    assert "pontecorvo: run: 0 s so far" in capfd.readouterr().err


def test_quiet_says_nothing_and_verbose_says_when_parts_begin_and_end(capfd, soon):
    set_loudness("quiet")
    with progress("work", 2):
        time.sleep(0.15)
    assert capfd.readouterr() == ("", "")
    set_loudness("verbose")
    with progress("work", 2):
        pass
    assert capfd.readouterr().err == "pontecorvo: work ...\npontecorvo: work: done in 0 s\n"


def test_a_closed_standard_error_stops_nothing(monkeypatch, soon):
    import sys

    monkeypatch.setattr(sys, "stderr", None)
    with progress("work", 2):
        time.sleep(0.15)


def test_the_watch_ends_with_the_work(soon):
    with progress("work"):
        assert module._watch is not None
    time.sleep(0.3)
    assert module._watch is None


def test_bars_stand_on_standard_error_one_within_the_other(capfd):
    with progress("herd", 2, enabled=True) as outer:
        with progress("counting sheep", 4, enabled=True) as advance:
            advance(1, note="black one")
        outer(2)
    out, err = capfd.readouterr()
    assert out == ""
    assert "herd" in err
    assert "2/2" in err
    assert module._bars is None


def test_a_bar_ends_full(capfd):
    with progress("counting sheep", 4, enabled=True) as advance:
        advance(1, note="black one")
    err = capfd.readouterr().err
    assert "counting sheep" in err
    assert "4/4" in err
    assert "black one" in err


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("", 5.0), ("off", math.inf), ("20", 20.0), ("-1", 5.0), ("nan", 5.0), ("soon", 5.0)],
)
def test_the_environment_may_ask_for_other_seconds(monkeypatch, asked, seconds):
    monkeypatch.setenv("PONTECORVO_PROGRESS", asked)
    assert module._first() == seconds


@pytest.mark.parametrize(
    ("seconds", "text"), [(7.6, "8 s"), (125, "2 min 5 s"), (12_000, "3 h 20 min")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize("enabled", [None, False, True])
def test_an_error_passes(enabled):
    with pytest.raises(ZeroDivisionError), progress("work", 1, enabled=enabled):
        raise ZeroDivisionError
    assert module._jobs == []
