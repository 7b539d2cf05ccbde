"""Work in a child process: its time, its failure, and its end at the limit."""

import os
import sys
import time
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def within(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from limited import within

    yield within
    sys.modules.pop("limited")


def slow_start():
    time.sleep(1.0)
    return 0.3


def nap(given, more):
    time.sleep(given + more)
    return os.getpid()


def fail(given):
    raise ValueError("nothing to be found")


def die(given):
    os._exit(3)


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_getting_ready_is_not_counted(within):
    done = within(60.0, slow_start, nap, 0.2)
    assert done.ended
    assert done.result != os.getpid()
    assert 0.5 <= done.seconds < 60.0


def test_stopped_at_the_limit(within, tmp_path):
    start = time.perf_counter()
    done = within(0.5, os.getpid, nap, 600.0)
    assert (done.seconds, done.ended, done.result) == (0.5, False, None)
    assert time.perf_counter() - start < 300.0


def test_a_stopped_child_is_gone(within):
    first = within(60.0, float, nap, 0.0).result
    assert gone(first)


@pytest.mark.parametrize(("work", "says"), [(fail, "nothing to be found"), (die, "died")])
def test_a_failure_is_said(within, work, says):
    with pytest.raises(RuntimeError, match=says):
        within(60.0, float, work)
