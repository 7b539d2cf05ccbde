"""A Dask cluster as a pool of workers: pieces of work go out, results come back in order.

A piece is a pure function of its item, so that it may be done twice: one whose worker dies is given
to another. Functions go by `cloudpickle`, through the connections between a client, its scheduler
and its workers; nothing that lies in a file is unpickled. Who can reach a scheduler can run code
as its workers: see SECURITY.md.
"""

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import count
from types import ModuleType
from typing import Any

from .. import __version__
from .errors import InputError, one_line
from .parallel import one_core

SMALL = 1 << 16
"""Bytes up to which a function travels with each of its items; a larger one once a worker."""
AGAIN = 5
"""Times that a piece is given out anew, beyond Dask's own, when its workers die."""
_MODEL_FILE = "_pontecorvo_file_"
"""How modules of models' files begin (`core.model_file`)."""
_numbers = count()
_clients = 0  # pools of this process: it then has threads of its own, which stay as they are


class WorkersLost(OSError):
    """The scheduler is gone, or piece after piece loses its worker."""


class DaskPool:
    """Workers of a Dask cluster.

    Args:
        client: A connected ``distributed.Client``.
        where: The scheduler's name in messages.
        close: Called when the pool is given up, after the client has been closed.
        patience: Seconds to go on without a single worker; None: for ever, as a queue may ask.
    """

    def __init__(
        self,
        client: Any,
        where: str,
        close: Callable[[], None] | None = None,
        patience: float | None = 120.0,
    ) -> None:
        global _clients
        _clients += 1
        self.client, self.where, self.patience = client, where, patience
        self._close = close
        self._seen = (0.0, 1)
        self._last: tuple[Any, Any] = (None, None)

    @property
    def size(self) -> int:
        """Number of workers' threads now, at least one; asked for again after some seconds."""
        then, size = self._seen
        if time.monotonic() - then > 5:
            size = max(1, sum(self.client.nthreads().values()))
            self._seen = (time.monotonic(), size)
        return size

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Yield ``function(item)`` in the order of `items`; a few items a worker are under way.

        Raises:
            InputError: If the function cannot be sent.
            WorkersLost: If the scheduler is gone, or workers keep dying.
        """
        held = self._sent(function)
        name = f"pontecorvo-{next(_numbers)}"
        waiting: deque[tuple[Any, Any]] = deque()
        try:
            for index, item in enumerate(items):
                waiting.append((item, self._submit(held, item, f"{name}-{index}")))
                if len(waiting) >= max(3 * self.size, 8):
                    yield self._result(held, *waiting.popleft())
            while waiting:
                yield self._result(held, *waiting.popleft())
        finally:
            for _, future in waiting:
                future.cancel()

    def _sent(self, function: Callable[[Any], Any]) -> Any:
        """A function as workers take it; the last one is kept, for it is often asked for again."""
        last, held = self._last
        if last is not function:
            held = content = packed(function)
            if len(content) > SMALL:
                # a task and not data that is scattered: made again when its worker dies
                key = f"pontecorvo-function-{next(_numbers)}"
                held = self.client.submit(_same, content, key=key, pure=False)
            self._last = function, held
        return held

    def _submit(self, held: Any, item: Any, key: str) -> Any:
        return self.client.submit(_done, held, item, __version__, key=key, pure=False)

    def _result(self, held: Any, item: Any, future: Any) -> Any:
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        for attempt in range(AGAIN + 1):
            try:
                self._wait(future)
                return future.result()
            except KilledWorker:
                if attempt == AGAIN:
                    break
                future = self._submit(held, item, f"{future.key}-again")
            except (CancelledError, OSError) as error:
                if self.client.status == "running" and not isinstance(error, CancelledError):
                    raise
                raise WorkersLost(f"{self.where}: the scheduler is gone") from None
        raise WorkersLost(
            f"{self.where}: a piece of work ended {AGAIN + 1} times with its worker; "
            "it may need more memory than a worker has"
        )

    def _wait(self, future: Any) -> None:
        """Until a future is done; not for ever where no worker is left."""
        last = time.monotonic()
        while not future.done():
            try:
                future.exception(timeout=5)  # gives what the function raised, and raises its own
            except TimeoutError:
                if self.client.nthreads():
                    last = time.monotonic()
                elif self.patience is not None and time.monotonic() - last > self.patience:
                    raise WorkersLost(f"{self.where}: has no worker any more") from None

    def close(self) -> None:
        """Leave the cluster; end it if it is the pool's own."""
        global _clients
        _clients -= 1
        self._last = (None, None)
        try:
            self.client.close(timeout=5)
        finally:
            if self._close is not None:
                self._close()


def packed(function: Callable[[Any], Any]) -> bytes:
    """A function by value.

    Raises:
        InputError: If something in it cannot be sent, such as a lock or an open file.
    """
    import cloudpickle

    for module in _the_user_s_own():
        cloudpickle.register_pickle_by_value(module)
    try:
        content: bytes = cloudpickle.dumps(function)
    except Exception as error:  # whatever a user's own class raises
        raise InputError(
            f"--workers: the model cannot be sent to them ({one_line(error, 200)}); keep locks, "
            "open files and generators out of it, or run without workers"
        ) from None
    return content


def _the_user_s_own() -> list[ModuleType]:
    """Modules that no worker could import, so that they travel by value.

    These are models' files, and what lies beside the script that is run: workers look for nothing
    in the current folder.
    """
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    folder = None if script is None else os.path.dirname(os.path.abspath(script))
    found = []
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        beside = folder is not None and path and os.path.dirname(os.path.abspath(path)) == folder
        single = "." not in name and not hasattr(module, "__path__") and name != "__main__"
        if name.startswith(_MODEL_FILE) or (beside and single):
            found.append(module)
    return found


@lru_cache(maxsize=4)
def _unpacked(content: bytes) -> Callable[[Any], Any]:
    import pickle

    try:
        function: Callable[[Any], Any] = pickle.loads(content)
    except ModuleNotFoundError as error:
        raise InputError(
            f"--workers: a worker cannot import {error.name!r}; install it there, or keep the "
            "model in one file"
        ) from None
    return function


def _same(content: bytes) -> bytes:
    return content


def _done(content: bytes, item: Any, version: str) -> Any:
    """One piece of work, in a worker."""
    if version != __version__:
        raise InputError(
            f"--workers: a worker has pontecorvo {__version__}, and this process {version}; "
            "install the same everywhere"
        )
    if not _clients:
        one_thread_here()
    with one_core():
        return _unpacked(content)(item)


@lru_cache(maxsize=1)
def one_thread_here() -> None:
    """One thread for each numerical library of this process, which is a worker, from now on."""
    os.environ.update(ONE_THREAD)
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


ONE_THREAD = {
    name: "1"
    for name in (
        "PONTECORVO_THREADS",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "NUMBA_NUM_THREADS",
    )
}
"""Surroundings of a worker: the workers have the cores."""
ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": str(1 << 28), "MALLOC_MMAP_THRESHOLD_": str(1 << 25)}
"""Dask has workers give back every 64 kB, so that each temporary array is paged in anew; these are
about what the C library does by itself."""
NOWHERE = "127.0.0.1:0"
"""Where Dask's pages would be: it always opens a port for them, here on loopback and empty."""
