"""Settings and runs that hold for every test."""

import sys
from types import SimpleNamespace

import pytest
from hypothesis import settings

from fast_run import FAST

# a first example may wait for a compiler, and CI machines are shared: time says nothing here
settings.register_profile("pontecorvo", deadline=None)
settings.load_profile("pontecorvo")


@pytest.fixture
def command(monkeypatch, capsys):
    """Call the command line in this process; gives code, out and err."""
    from pontecorvo.cli import main

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["pontecorvo", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        return SimpleNamespace(code=stop.value.code, out=captured.out, err=captured.err)

    return call


@pytest.fixture(scope="session")
def finished_runs(tmp_path_factory):
    """Folders of a finished run of each ordering, made once; tests only read them."""
    from pontecorvo import load_study

    folders = {}
    for ordering in ("no", "io"):
        folder = tmp_path_factory.mktemp(f"run-{ordering}")
        study = folder / "study.yaml"
        study.write_text(f"ordering: {ordering}\n{FAST}")
        load_study(str(study)).run(folder / "out", report=False)
        folders[ordering] = folder / "out"
    return folders
