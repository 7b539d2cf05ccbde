import numpy as np
import pytest

from pontecorvo.base.parallel import collect, map_chunks, map_threads
from pontecorvo.base.seeds import stream


def test_order_is_kept_and_nesting_does_not_lock():
    def outer(i):
        return sum(map_chunks(lambda a, b: b - a + i, 10, 3, threads=2))

    assert list(map_threads(outer, range(20), threads=2)) == [10 + 4 * i for i in range(20)]


def test_chunks_cover_everything_once():
    assert map_chunks(lambda a, b: (a, b), 10, 4, threads=2) == [(0, 4), (4, 8), (8, 10)]
    assert map_chunks(lambda a, b: (a, b), 0, 4) == []


def test_errors_reach_the_caller():
    def fail(i):
        raise ValueError(i)

    with pytest.raises(ValueError, match="0"):
        list(map_threads(fail, range(3), threads=2))


def test_streams_are_named_and_independent():
    a, b = stream(1, "x", 1).random(1000), stream(1, "x", 2).random(1000)
    assert np.array_equal(a, stream(1, "x", 1).random(1000))
    assert not np.array_equal(a, stream(2, "x", 1).random(1000))
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.15


def test_results_are_collected_in_order_and_counted():
    done = []
    assert collect(lambda item: item**2, range(20), done.append, threads=3) == [
        item**2 for item in range(20)
    ]
    assert sum(done) == len(done) == 20
    assert collect(str, []) == []
