"""Both cores for PyTorch: blocks of draws in threads, each with one thread of its own.

On two cores this is faster than PyTorch's own threads on matrices of this size, and the answer does
not depend on how many threads there are.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch

from ..base.parallel import map_threads, thread_count

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_torch(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield ``function(item)`` in order, without gradients, one PyTorch thread a worker."""

    def one(item: Item) -> Result:
        torch.set_num_threads(1)
        with torch.inference_mode():
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
        yield
    finally:
        torch.set_num_threads(before)
