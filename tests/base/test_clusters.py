"""What ``--workers`` names: where nobody answers, and how a process is started."""

import os
import sys

import pytest

from pontecorvo.base import clusters
from pontecorvo.base.errors import InputError

pytest.importorskip("distributed", reason="the extra pontecorvo[dask] is not installed")


def test_where_no_scheduler_answers(monkeypatch, tmp_path):
    monkeypatch.setattr(clusters, "WAIT", 0.5)
    with pytest.raises(InputError, match="no scheduler with workers answers"):
        clusters.start_pool("tcp://127.0.0.1:9")
    with pytest.raises(InputError, match="scheduler file"):
        clusters.start_pool(str(tmp_path / "none.json"))


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pontecorvo\[dask\]"):
        clusters.start_pool("2")


def test_a_worker_has_one_thread_and_looks_for_nothing_in_the_folder(tmp_path, monkeypatch):
    from distributed.security import Security

    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    found = clusters.worker_surroundings()
    assert found["PYTHONSAFEPATH"] == "1"
    assert {found[name] for name in clusters.ONE_THREAD} == {"1"}
    assert os.environ.get("PYTHONSAFEPATH") != "1"  # the caller's own stay
    command = clusters._worker_command(tmp_path, "tls://127.0.0.1:1", Security.temporary())
    assert command[1] == "-P"
    assert "--no-dashboard" in command
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o077 == 0
