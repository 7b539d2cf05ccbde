"""One computation at a time; of a page's questions that wait, the newest wins."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
_CLIENTS = 64


class Superseded(Exception):
    """A newer question of the same page came before this one was begun."""


class Desk:
    """Work for one thread, from several pages.

    A question that waits is dropped when its page asks a newer one. Work in the background ends as
    soon as any question waits.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "explorer")
        self._newest: OrderedDict[str, int] = OrderedDict()
        self._waiting = 0
        self._closed = False

    async def ask(self, page: str, work: Callable[[], Result]) -> Result:
        """Do the work, unless the page asks something newer first.

        Raises:
            Superseded: If it did.
        """
        ticket = self._newest.pop(page, 0) + 1
        self._newest[page] = ticket
        while len(self._newest) > _CLIENTS:
            self._newest.popitem(last=False)

        def begun() -> Result:
            self._waiting -= 1
            if self._newest.get(page) != ticket:
                raise Superseded
            return work()

        self._waiting += 1
        return await self._run(begun)

    async def aside(self, work: Callable[[], Result]) -> Result:
        """Short work that no newer question replaces, such as writing an export."""

        def begun() -> Result:
            self._waiting -= 1
            return work()

        self._waiting += 1
        return await self._run(begun)

    async def background(self, work: Callable[[Callable[[], bool]], Result]) -> Result:
        """Work that is handed a ``stop()``, and ends when it says so."""
        return await self._run(lambda: work(self.stop))

    def stop(self) -> bool:
        """Whether work in the background should end."""
        return self._closed or self._waiting > 0

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """Take no more work; what is being done ends at its next look."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)
