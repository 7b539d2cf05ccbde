"""Work in a child process that is stopped after a limit: what the benchmarks of times share.

A sampler can be stuck in one call for minutes; no check between its steps would stop it in time.
"""

import multiprocessing
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

START = 600.0
"""Seconds within which a child must be ready to work."""


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        seconds: How long the work took, or the limit; getting ready is not counted.
        ended: Whether it ended within the limit.
        result: What it returned; None where it did not end.
    """

    seconds: float
    ended: bool
    result: Any = None


def within(limit: float, ready: Callable[[], Any], work: Callable[..., Any], *args: Any) -> Outcome:
    """Time ``work(ready(), *args)`` in a process of its own and stop it at the limit.

    Args:
        limit: Seconds.
        ready: What is done before the clock starts; like `work`, a function of a module.
        work: What is timed.
        args: More arguments of `work`.

    Raises:
        RuntimeError: If the child failed or died, with its own words.
    """
    context = multiprocessing.get_context("spawn")  # a fork would inherit threads that do not run
    own, theirs = context.Pipe()
    child = context.Process(target=_serve, args=(theirs, ready, work, args), daemon=True)
    child.start()
    theirs.close()
    try:
        if not own.poll(START):
            raise RuntimeError(f"{work.__name__}: was not ready to start within {START:g} s")
        _said(own, work.__name__)
        if not own.poll(limit):
            return Outcome(limit, False)
        seconds, result = _said(own, work.__name__)
        return Outcome(seconds, True, result)
    finally:
        child.kill()
        child.join()
        own.close()


def _said(own: Connection, name: str) -> Any:
    try:
        good, content = own.recv()
    except EOFError:
        raise RuntimeError(f"{name}: its process died; too little memory?") from None
    if not good:
        raise RuntimeError(f"{name} failed:\n{content}")
    return content


def _serve(
    pipe: Connection, ready: Callable[[], Any], work: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    try:
        given = ready()
        pipe.send((True, None))
        start = time.perf_counter()
        result = work(given, *args)
        pipe.send((True, (time.perf_counter() - start, result)))
    except BaseException:
        pipe.send((False, traceback.format_exc()))
