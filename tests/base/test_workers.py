"""Shards go to threads or to workers: same results, errors reach the caller, nothing nests."""

import os
import threading
import time

import pytest

from dask_here import cluster_here
from pontecorvo.base.errors import InputError
from pontecorvo.base.parallel import alone, map_threads, one_core
from pontecorvo.base.seeds import stream
from pontecorvo.base.workers import current_pool, map_shards, use_workers
from pontecorvo.base.workers_option import workers_option


def number(key):
    return float(stream(3, "test", key).random())


@pytest.fixture(scope="module")
def pool():
    with cluster_here(3) as (made, _):
        yield made


def test_the_same_numbers_by_threads_and_by_workers(pool):
    expected = [number(key) for key in range(40)]
    assert list(map_shards(number, range(40), threads=3)) == expected
    with use_workers(pool):
        assert current_pool() is pool
        assert list(map_shards(number, range(40))) == expected
        assert list(map_shards(lambda key: number(key) + 1, iter(range(3)))) == [
            number(key) + 1 for key in range(3)
        ]
    assert current_pool() is None


def test_a_worker_neither_nests_nor_starts_threads(pool):
    def inner(key):
        inside = list(map_shards(lambda k: (threading.get_ident(), k), range(3)))
        plain = list(map_threads(lambda k: threading.get_ident(), range(3), threads=3))
        return current_pool() is None and alone(), {one for one, _ in inside} | set(plain)

    with use_workers(pool):
        for nobody, idents in map_shards(inner, range(6)):
            assert nobody
            assert len(idents) == 1


def test_errors_of_a_shard_reach_the_caller(pool):
    def fails(key):
        raise InputError(f"shard {key} is at fault")

    with use_workers(pool), pytest.raises(InputError, match="shard 0 is at fault"):
        list(map_shards(fails, range(4)))
    assert current_pool() is None


def test_what_cannot_be_sent_is_said_in_one_sentence(pool):
    lock = threading.Lock()

    def holds(key):
        return lock.locked()

    with use_workers(pool), pytest.raises(InputError, match="cannot be sent"):
        list(map_shards(holds, range(2)))


@pytest.mark.parametrize("workers", [None, 0, "0"])
def test_no_workers(workers):
    with use_workers(workers) as pool:
        assert pool is None
        assert list(map_shards(number, range(3))) == [number(key) for key in range(3)]


@pytest.mark.parametrize("text", ["two", "-1", "udp://here:1", "4096", "1.5", "", "cluster.txt"])
def test_other_forms_are_refused(text):
    with pytest.raises(InputError, match="--workers"), use_workers(text):
        pass


def test_one_core_holds_for_its_block_only():
    assert not alone()
    with one_core():
        assert alone()
        with one_core():
            assert alone()
        assert alone()
    assert not alone()


def test_the_option_hands_the_workers_to_the_block():
    import click
    from click.testing import CliRunner

    @click.command()
    @click.option("--draws", type=int)
    @workers_option
    def verb(draws):
        click.echo(f"{draws} {current_pool() is None}")

    runner = CliRunner()
    assert runner.invoke(verb, ["--draws", "3"]).output == "3 True\n"
    refused = runner.invoke(verb, ["--workers", "some"])
    assert isinstance(refused.exception, InputError)
    assert "--workers" in runner.invoke(verb, ["--help"]).output


@pytest.mark.slow
def test_processes_of_this_machine_are_killed_and_import_nothing_from_the_folder(
    tmp_path, monkeypatch
):
    """Real processes: a module in the current folder is not imported, a killed worker is missed
    for its shard only, and they are gone when the block ends."""
    pytest.importorskip("distributed")
    import psutil

    monkeypatch.chdir(tmp_path)
    for name in ("dask", "distributed", "numpy", "pickle", "multiprocessing", "click"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the folder')")
    marker = tmp_path / "killed"

    def shard(key):
        import os
        import signal
        import sys

        if key == 5 and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        threads = os.environ["PONTECORVO_THREADS"], os.environ["OMP_NUM_THREADS"]
        drawn = float(stream(3, "test", key).random())  # workers cannot import this file
        return os.getpid(), threads, sys.flags.safe_path, drawn

    with use_workers(2) as pool:
        with pytest.raises(InputError, match="cannot import 'test_workers'"):
            list(map_shards(number, range(2)))
        found = list(map_shards(shard, range(30)))
        deadline = time.monotonic() + 60
        while pool.size < 2 and time.monotonic() < deadline:  # its nanny starts another
            time.sleep(0.1)
        assert pool.size == 2
        children = psutil.Process().children(recursive=True)
    assert marker.exists()
    assert [one[3] for one in found] == [number(key) for key in range(30)]
    assert {one[1] for one in found} == {("1", "1")}
    assert all(one[2] for one in found)
    assert os.getpid() not in {one[0] for one in found}
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert gone
    assert not [one for one in alive if "dask" in " ".join(one.cmdline())]
