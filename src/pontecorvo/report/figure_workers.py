"""Figures drawn beside the main work: processes that take figures and give back their files' bytes.

matplotlib holds the interpreter's lock, so that threads would take turns; and a fork beside the
threads of PyTorch and numba may hang. So workers are fresh interpreters, told what to do by a pipe.
(`multiprocessing` would run a user's script again in each of them.) They touch no file: the caller
writes what it gets, and a run that is killed leaves nothing half done. A figure that cannot be
sent, or that a worker fails at, is drawn by the caller, where an error has its own traceback; the
bytes are the same.

Figures are pickled, as `multiprocessing` would, but only through the pipes between a process and
the children it has started: nothing that lies in a file or comes from elsewhere is unpickled.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import matplotlib
from matplotlib.figure import Figure

from ..base.parallel import thread_count
from .style import rendered

FEWEST = 4
"""Figures below which starting a worker takes longer than drawing."""
_SERVE = "from pontecorvo.report.figure_workers import serve; serve()"
_FAILURES = (OSError, EOFError, ValueError, TypeError, AttributeError, pickle.PickleError)
Drawn = Future[dict[str, bytes] | None]
"""The bytes of a figure by format; None where the caller has to draw it."""


class _Worker:
    """A process that draws one figure at a time."""

    def __init__(self) -> None:
        source = str(Path(__file__).parents[2])
        above = os.environ.get("PYTHONPATH")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _SERVE],  # -P: never from the current folder
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([source, above] if above else [source]),
            },
        )

    def draw(self, job: bytes) -> dict[str, bytes] | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        _send(self._process.stdin, job)
        found: dict[str, bytes] | None = pickle.loads(_receive(self._process.stdout))
        return found

    def close(self) -> None:
        self._process.kill()  # it has nothing to lose
        self._process.communicate()


class _Workers:
    """As many workers as are wanted, each fed by a thread."""

    def __init__(self, workers: int) -> None:
        self._feeders = ThreadPoolExecutor(workers, thread_name_prefix="pontecorvo-figures")
        self._own, self._workers = threading.local(), set[_Worker]()
        self._closed = False

    def start(self, job: bytes) -> Drawn:
        return self._feeders.submit(self._draw, job)

    def _draw(self, job: bytes) -> dict[str, bytes] | None:
        if self._closed:
            return None
        try:
            worker = getattr(self._own, "worker", None)
            if worker is None:
                worker = self._own.worker = _Worker()
                self._workers.add(worker)
            return worker.draw(job)
        except _FAILURES:  # the worker is gone, or never came
            self._own.worker = None
            return None

    def close(self) -> None:
        self._closed = True
        for worker in self._workers:
            worker.close()
        self._feeders.shutdown(cancel_futures=True)


_workers_here: _Workers | None = None


def start(figures: Sequence[Figure]) -> list[Drawn | None]:
    """Begin to draw figures as they are now, and return at once.

    Returns:
        For each figure what it will be, or None where it is for the caller to draw: with a single
        thread all of them, else those that cannot be sent.
    """
    global _workers_here
    workers = thread_count()
    if workers == 1 or (_workers_here is None and len(figures) < FEWEST):
        return [None] * len(figures)
    if _workers_here is None:
        _workers_here = _Workers(workers)
    jobs = [_packed(figure) for figure in figures]
    return [None if job is None else _workers_here.start(job) for job in jobs]


def close() -> None:
    """End the workers. What has been started and not drawn is for the caller."""
    global _workers_here
    if _workers_here is not None:
        _workers_here.close()
        _workers_here = None


def finished(figure: Figure, drawn: Drawn | None) -> dict[str, bytes]:
    """The bytes of a figure that was given to `start`, drawn here if need be."""
    content = None if drawn is None or drawn.cancelled() else drawn.result()
    return rendered(figure) if content is None else content


def _packed(figure: Figure) -> bytes | None:
    """A figure and the settings of matplotlib that are not its own defaults."""
    defaults = matplotlib.rcParamsDefault
    changed = {
        name: value
        for name, value in matplotlib.rcParams.items()
        if name != "backend" and value != defaults.get(name)
    }
    try:
        return pickle.dumps((changed, figure))
    except _FAILURES:  # a function of a user's script, say
        return None


def serve() -> None:
    """Draw figures from standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller's to answer; then the input ends
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not print into the answer
    try:
        while True:
            _send(sink, pickle.dumps(_drawn(_receive(source))))
    except (EOFError, BrokenPipeError):  # the caller has ended, or was killed
        os._exit(0)


def _drawn(job: bytes) -> dict[str, bytes] | None:
    try:
        changed, figure = pickle.loads(job)
        with matplotlib.rc_context(changed):
            return rendered(figure)
    except Exception:  # the caller draws it again, and has the error
        return None


def _send(stream: BinaryIO | Any, content: bytes) -> None:
    stream.write(len(content).to_bytes(8, "little") + content)
    stream.flush()


def _receive(stream: BinaryIO | Any) -> bytes:
    size = stream.read(8)
    content = stream.read(int.from_bytes(size, "little")) if len(size) == 8 else b""
    if len(size) < 8 or len(content) < int.from_bytes(size, "little"):
        raise EOFError("the other side is gone")
    return bytes(content)
