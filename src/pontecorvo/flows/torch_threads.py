"""Both cores for PyTorch, and its own defaults: results depend on neither.

Blocks of draws run in threads, each with one PyTorch thread of its own. On two cores this is faster
than PyTorch's own threads on matrices of this size, and the answer does not depend on how many
threads there are.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch

from ..base.parallel import map_threads, thread_count

Item = TypeVar("Item")
Result = TypeVar("Result")


_lock = threading.Lock()
_entered = 0
_before = torch.float32
_here = threading.local()


@contextmanager
def torch_defaults() -> Iterator[None]:
    """PyTorch's own default type and device, whatever the caller's session has set.

    The type is one for all threads: the first to enter sets it and the last to leave gives it
    back. The device is each thread's own; inside another block it is left alone.
    """
    global _entered, _before
    with _lock:
        if _entered == 0:
            _before = torch.get_default_dtype()
            torch.set_default_dtype(torch.float32)
        _entered += 1
    outermost = not getattr(_here, "inside", False)
    device = torch.get_default_device() if outermost else None
    _here.inside = True
    try:
        if device is None or device.type == "cpu":  # the usual case costs nothing
            yield
        else:
            with torch.device("cpu"):
                yield
    finally:
        if outermost:
            _here.inside = False
        with _lock:
            _entered -= 1
            if _entered == 0:
                torch.set_default_dtype(_before)


def map_torch(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield ``function(item)`` in order, without gradients, one PyTorch thread a worker."""

    def one(item: Item) -> Result:
        torch.set_num_threads(1)
        with torch_defaults(), torch.inference_mode():
            return function(item)

    before = torch.get_num_threads()
    try:
        yield from map_threads(one, items, thread_count())
    finally:
        torch.set_num_threads(before)


@contextmanager
def one_thread() -> Iterator[None]:
    """One PyTorch thread: as fast for small networks, and the same bits on any machine.

    On busy cores the threads of one small product wait for each other.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch_defaults():
            yield
    finally:
        torch.set_num_threads(before)
