"""Where shards of long work are done: in this process, or by the workers of a Dask cluster.

Code that has independent pieces of work gives them to `map_shards`. Without workers they are done
by this process's threads; inside `use_workers` they are done by a cluster. A piece has its own
random stream and its result depends on nothing else, so that where it is done changes no byte.
Like the number of threads, the workers are a matter of the surroundings and no setting of a study.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from .parallel import alone, map_threads

Item = TypeVar("Item")
Result = TypeVar("Result")


class Pool(Protocol):
    """Workers that pieces of work are given to."""

    @property
    def size(self) -> int:
        """Number of workers now, at least one."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield ``function(item)`` in the order of `items`."""

    def close(self) -> None:
        """Give the workers up."""


_now: Pool | None = None


def current_pool() -> Pool | None:
    """The workers in force; None in a worker, and where there are none."""
    return None if alone() else _now


@contextmanager
def use_workers(workers: "str | int | Pool | None") -> Iterator[Pool | None]:
    """Have the shards of everything in the block done by workers.

    Args:
        workers: A number of processes of this machine; the address of a Dask scheduler
            (``tcp://HOST:PORT`` or ``tls://HOST:PORT``); a scheduler file (JSON); a YAML file that
            describes a batch system's cluster (docs/cluster.md); a pool; None or 0 for none.

    Raises:
        InputError: If it is none of these, Dask is not installed, or there is no such scheduler.
    """
    global _now
    if workers is None or workers in (0, "0"):
        yield None
        return
    own = not hasattr(workers, "map")
    if own:
        from .clusters import start_pool

        pool: Pool = start_pool(workers)  # type: ignore[arg-type]
    else:
        pool = workers  # type: ignore[assignment]
    before, _now = _now, pool
    try:
        yield pool
    finally:
        _now = before
        if own:
            pool.close()


def map_shards(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None
) -> Iterator[Result]:
    """Yield ``function(item)`` in the order of `items`, by the workers in force or by threads.

    Args:
        function: Depends on its item only. To workers it goes by value, closures and all; what it
            reads from files lies in a folder that they share.
        items: Small descriptions, such as the number of a block.
        threads: Threads where there are no workers, by default as many as `parallel.thread_count`.
    """
    pool = current_pool()
    if pool is None:
        return map_threads(function, items, threads)
    return pool.map(function, items)
