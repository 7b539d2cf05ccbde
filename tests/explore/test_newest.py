"""One thing at a time; the newest question of a page wins."""

import asyncio
import threading
import time

import pytest

from pontecorvo.explore.newest import Desk, Superseded


def test_the_newest_wins_and_nothing_runs_at_once():
    async def main():
        desk, running, done = Desk(), [], []
        most = 0

        def work(name):
            def run():
                nonlocal most
                running.append(name)
                most = max(most, len(running))
                time.sleep(0.05)
                running.remove(name)
                done.append(name)
                return name

            return run

        first = asyncio.create_task(desk.ask("page", work("first")))
        await asyncio.sleep(0.02)
        rest = [asyncio.create_task(desk.ask("page", work(k))) for k in range(5)]
        other = asyncio.create_task(desk.ask("other page", work("other")))
        found = await asyncio.gather(first, *rest, other, return_exceptions=True)
        desk.close()
        return found, done, most

    found, done, most = asyncio.run(main())
    assert found[0] == "first"
    assert all(isinstance(x, Superseded) for x in found[1:5])
    assert found[5:] == [4, "other"]
    assert done == ["first", 4, "other"]
    assert most == 1


def test_background_ends_when_someone_waits():
    async def main():
        desk, begun = Desk(), threading.Event()

        def long(stop):
            begun.set()
            while not stop():
                time.sleep(0.005)
            return "ended"

        background = asyncio.create_task(desk.background(long))
        await asyncio.to_thread(begun.wait, 5)
        started = time.perf_counter()
        assert await desk.ask("page", lambda: 1) == 1
        assert await desk.aside(lambda: 2) == 2
        assert time.perf_counter() - started < 5
        assert await background == "ended"
        desk.close()
        assert desk.stop()

    asyncio.run(main())


def test_errors_reach_who_asked():
    async def main():
        desk = Desk()

        def fails():
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            await desk.ask("page", fails)
        assert not desk.stop()
        desk.close()

    asyncio.run(main())
