"""The user's environment, and a machine that runs out of something: nothing leaks, all is said."""

import errno
import os
import resource
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import pytest

from fast_run import FAST
from pontecorvo import InputError, Study, Target, load_study
from pontecorvo.base.errors import of_the_machine, out_of_memory
from pontecorvo.cli.endings import ended
from weighted_run import OneNumber, draw, finished, normal

SOURCE = str(Path(__file__).parents[2] / "src")
COMMAND = [sys.executable, "-m", "pontecorvo"]
ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"},
    "PYTHONPATH": SOURCE,
    "PONTECORVO_THREADS": "1",
}
RESULTS = ("posterior.nc", "equal.nc", "settings.yaml")


def bytes_of(folder):
    return {name: (folder / name).read_bytes() for name in RESULTS}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Results of a run in an environment of which nothing is to be said."""
    return bytes_of(finished(tmp_path_factory.mktemp("plain") / "run", draws=200))


def test_numpys_error_state_is_the_users_and_changes_nothing(tmp_path, plain):
    with np.errstate(all="raise"):
        before = np.geterr()
        assert bytes_of(finished(tmp_path / "run", draws=200)) == plain
        assert np.geterr() == before


def test_a_seesaw_run_does_not_see_numpys_error_state(tmp_path, finished_runs):
    with np.errstate(all="raise"):
        study = load_study(str(finished_runs["no"].parent / "study.yaml"))
        study.run(tmp_path / "run", report=False)
        assert np.geterr()["under"] == "raise"
    assert bytes_of(tmp_path / "run") == bytes_of(finished_runs["no"])


@pytest.mark.parametrize("jump", [-1e9, 1e9, -3e9])
def test_a_clock_that_jumps_changes_nothing(tmp_path, plain, monkeypatch, jump):
    true, calls = time.time, []

    def clock():
        calls.append(1)
        return true() + (jump if len(calls) % 2 else 0)

    monkeypatch.setattr(time, "time", clock)
    assert bytes_of(finished(tmp_path / "run", draws=200)) == plain
    assert not list((tmp_path / "run").rglob(".*.tmp"))


def test_a_study_of_one_draw_has_results_and_a_report_says_what_it_needs(tmp_path):
    study = Study("one", Target(OneNumber(), normal()), draw, "test", draws=1)
    summary = study.run(tmp_path / "one", report=False).summary
    assert summary["counts"]["draws"] == 1
    with pytest.raises(InputError, match=r"draws: 1 is too few for a report \(at least 10\)"):
        study.run(tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("fault", ["no home", "no folder"])
def test_templates_are_done_without_a_cache(tmp_path, monkeypatch, fault):
    from pontecorvo.problems.sterile.templates import tabulate

    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("PONTECORVO_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if fault == "no home":
        monkeypatch.setattr(Path, "home", nobody)
    else:
        monkeypatch.setenv("PONTECORVO_CACHE", "/proc/no/such/folder")
    found = tabulate("x", [1], lambda: {"a": np.arange(3.0)})
    assert found["a"].tolist() == [0, 1, 2]


@pytest.fixture
def poisoned(tmp_path):
    """A folder of files that are named as modules, and say so when they are executed."""
    said = tmp_path / "EXECUTED"
    folder = tmp_path / "here"
    folder.mkdir()
    for name in ("numpy", "yaml", "colorsys", "json", "click", "joblib", "sitecustomize"):
        text = f"open({str(said)!r}, 'a').write({name!r} + ' ')\n"
        (folder / f"{name}.py").write_text(text)
    return types.SimpleNamespace(folder=folder, said=said)


def test_nothing_in_the_current_folder_is_executed(poisoned):
    done = subprocess.run(
        [*COMMAND, "studies"], cwd=poisoned.folder, env=ENVIRONMENT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "seesaw-no" in done.stdout
    assert not poisoned.said.exists(), poisoned.said.read_text()


def test_workers_of_a_command_execute_nothing_in_the_current_folder(poisoned, monkeypatch):
    from pontecorvo import cli

    def work():
        script = [sys.executable, "-c", "import json, colorsys"]  # as a pool starts its processes
        return subprocess.run(script, cwd=poisoned.folder, check=False).returncode

    monkeypatch.setenv("PYTHONSAFEPATH", "")
    work()
    assert poisoned.said.exists()  # without the guard it would be
    poisoned.said.unlink()
    monkeypatch.setattr(cli, "cli", lambda prog_name, standalone_mode: work())
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 0
    assert not poisoned.said.exists()


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_end_no_command(tmp_path, closed):
    line = f'"{sys.executable}" -m pontecorvo schema seesaw {closed}; echo $? > code'
    subprocess.run(["sh", "-c", line], cwd=tmp_path, env=ENVIRONMENT, check=True, text=True)
    assert (tmp_path / "code").read_text().strip() == "0"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left"), "make room"),
        (OSError(errno.EFBIG, "File too large"), "ulimit -f"),
        (OSError(errno.EMFILE, "Too many open files"), "ulimit -n"),
        (MemoryError(), "memory is full"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "memory is full"),
        (RuntimeError("can't start new thread"), "memory is full"),
        (ImportError("libtorch_cpu.so: failed to map segment from"), "memory is full"),
    ],
)
def test_what_runs_out_is_said_with_what_to_do(error, words, capsys, monkeypatch):
    def work():
        raise error

    monkeypatch.setattr(sys, "argv", ["pontecorvo", "run", "seesaw-no", "--out", "o"])
    assert ended(work) == 1
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    if isinstance(error, OSError):
        assert "the same command takes up where it was" in said


def test_a_fault_of_ours_is_no_lack_of_memory():
    assert not out_of_memory(RuntimeError("wires crossed"))
    assert not of_the_machine(FileNotFoundError(errno.ENOENT, "No such file"))


@pytest.mark.parametrize("what", ["memory", "files"])
def test_a_file_is_not_called_damaged_where_the_machine_is_at_fault(tmp_path, monkeypatch, what):
    import xarray

    from pontecorvo.study.posterior_file import read_groups

    run = finished(tmp_path / "run", draws=20)
    error = MemoryError() if what == "memory" else OSError(errno.EMFILE, "Too many open files")

    def no(*arguments, **options):
        raise error

    monkeypatch.setattr(xarray, "open_dataset", no)
    with pytest.raises(type(error)):
        read_groups(run / "posterior.nc")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "value"),
    [("RLIMIT_FSIZE", 20_000), ("RLIMIT_FSIZE", 100_000), ("RLIMIT_NOFILE", 12)],
)
def test_a_limit_that_is_met_while_results_are_written(tmp_path, limit, value):
    """One sentence; and once the limit is gone the same command ends in the same bytes."""
    (tmp_path / "study.yaml").write_text(f"ordering: no\n{FAST}")
    words = [*COMMAND, "run", "study.yaml", "--no-report", "--out"]
    whole = subprocess.run([*words, "whole"], cwd=tmp_path, env=ENVIRONMENT, check=False)
    assert whole.returncode == 3
    number = getattr(resource, limit)

    def less():
        resource.setrlimit(number, (value, value))

    done = subprocess.run(
        [*words, "out"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        preexec_fn=less,
        capture_output=True,
        text=True,
        check=False,
    )
    # how many files a system needs at the least differs; results of too large a size never do
    assert done.returncode in ((1, 3) if limit == "RLIMIT_NOFILE" else (1,)), done.stderr
    assert done.stderr.splitlines()[-1].startswith("pontecorvo: ")
    assert "Traceback" not in done.stderr
    again = subprocess.run([*words, "out"], cwd=tmp_path, env=ENVIRONMENT, check=False)
    assert again.returncode == 3
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")


def test_a_hopeless_run_is_said_to_be_one_before_its_minutes(capsys):
    from pontecorvo.samplers import exact

    top = 10.0
    hopeless = np.tile([top, 2 * top, top, 1, 65536], (8, 1))  # a draw a block
    exact._warn(hopeless, 16)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "will not converge" in said
    assert "--method" in said
    fair = np.tile([top + np.log(100.0), 2 * top + np.log(100.0), top, 1, 65536], (8, 1))
    exact._warn(fair, 16)  # a hundred a block
    exact._warn(np.full((8, 5), -np.inf), 16)
    assert capsys.readouterr().err == ""
