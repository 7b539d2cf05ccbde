"""What may be done next."""

import pytest

from pontecorvo.base.closing import next_step, quoted
from pontecorvo.base.progress import set_loudness


@pytest.fixture(autouse=True)
def normal():
    yield
    set_loudness("normal")


def test_steps_stand_below_each_other_and_quiet_leaves_them_out(capsys):
    next_step("open a", "check b")
    assert capsys.readouterr().out == "next: open a\n      check b\n"
    set_loudness("quiet")
    next_step("open a")
    assert capsys.readouterr().out == ""


def test_paths_are_typed_as_a_shell_wants_them():
    assert quoted("my runs/no") == "'my runs/no'"
    assert quoted("runs/no") == "runs/no"
