"""Both cores, by plain threads.

NumPy and the numba kernels of this package release the interpreter's lock, so threads are enough.
numba's own parallel threads are never used: beside PyTorch's they slow both threefold.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_PREFIX = "pontecorvo-worker"
_here = threading.local()


def thread_count() -> int:
    """Number of worker threads: ``PONTECORVO_THREADS``, else the cores this process may use."""
    wanted = os.environ.get("PONTECORVO_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def alone() -> bool:
    """Whether this thread has one core: it is a worker of an outer call, or inside `one_core`."""
    inside: bool = getattr(_here, "one_core", False)
    return inside or threading.current_thread().name.startswith(_PREFIX)


@contextmanager
def one_core() -> Iterator[None]:
    """Do in this thread, in order, what the block would give to several: it is one of many."""
    before = getattr(_here, "one_core", False)
    _here.one_core = True
    try:
        yield
    finally:
        _here.one_core = before


@lru_cache(maxsize=4)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix=_PREFIX)


def map_threads(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None
) -> Iterator[Result]:
    """Yield ``function(item)`` in the order of `items`, computed by several threads.

    At most two items a thread are under way, so an endless or huge iterable costs no memory.
    A call from inside a worker thread does its work there, in order: the outer call has the cores.
    """
    count = threads or thread_count()
    if count == 1 or alone():
        yield from map(function, items)
        return
    waiting = []
    for item in items:
        waiting.append(_pool(count).submit(function, item))
        if len(waiting) >= 2 * count:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def map_chunks(
    function: Callable[[int, int], Result], n: int, chunk: int, threads: int | None = None
) -> list[Result]:
    """Return ``[function(start, stop), ...]`` over consecutive chunks of ``range(n)``."""
    starts = range(0, n, chunk)
    if len(starts) <= 1:
        return [function(0, n)] if n else []
    return list(map_threads(lambda start: function(start, min(start + chunk, n)), starts, threads))


def collect(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    advance: Callable[[float], None] | None = None,
    threads: int | None = None,
) -> list[Result]:
    """What `map_threads` yields, in a list; ``advance(1)`` is called after each."""
    found = []
    for result in map_threads(function, items, threads):
        found.append(result)
        if advance is not None:
            advance(1)
    return found


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep linear algebra on the calling thread: the workers have the cores.

    Also, the last bits of a product depend on the number of its threads.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
