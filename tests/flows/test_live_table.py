"""The table of a training run: shown on a terminal, kept either way, silent elsewhere."""

import re
from io import StringIO

import pytest

from pontecorvo.flows import live_table
from pontecorvo.flows.live_table import TrainingTable


def text_of(table):
    from rich.console import Console

    out = StringIO()
    Console(file=out, width=120).print(table._live.renderable)
    return out.getvalue()


def test_silent_where_nobody_watches(capsys):
    with TrainingTable(10) as table:
        table.row({"step": 5.0, "loss": 0.5}, 1000.0)
        table.advance(6, 0.4, 1000.0)
    assert table.rows == [{"step": 5.0, "loss": 0.5, "items/s": 1000.0}]
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_rows_of_a_terminal(capsys):
    with TrainingTable(20_000, show=True) as table:
        for step in range(14):
            table.row({"step": 1000.0 * step, "loss": 1 / (1 + step), "other": 2.0}, 12345.6)
        table.advance(13_500, 0.0421, 9.0)
        shown = text_of(table)
    assert "training, 20000 steps" in shown
    heads = next(line for line in shown.splitlines() if "loss" in line)
    order = [heads.index(name) for name in ("step", "loss", "other", "items/s")]
    assert order == sorted(order), "the speed stands last"
    assert "13,500" in shown
    assert "0.0421" in shown
    assert "12,346" in shown
    assert not re.search(r"\b1,000\b", shown), "only the last twelve rows"
    assert "13,000" in shown
    capsys.readouterr()


def test_an_error_inside_closes_the_table(monkeypatch, capsys):
    with pytest.raises(ZeroDivisionError), TrainingTable(3, show=True) as table:
        raise ZeroDivisionError
    assert not table._live.is_started
    monkeypatch.setattr(live_table, "at_a_terminal", lambda: True)
    assert TrainingTable(3).show
    capsys.readouterr()
