"""Settings and runs that hold for every test."""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import settings

from fast_run import FAST

if "PYTEST_XDIST_WORKER" in os.environ:  # a core for each: more threads would only wait
    for name in ("PONTECORVO", "OMP_NUM", "OPENBLAS_NUM", "MKL_NUM"):
        os.environ.setdefault(f"{name}_THREADS", "1")  # before NumPy and PyTorch look

# nothing of the user's session reaches a test or a process that it starts, and nothing is written
# to a home: before matplotlib is imported, which reads the second when it is
for name in ("PONTECORVO_DATA", "MATPLOTLIBRC", "MPLBACKEND"):
    os.environ.pop(name, None)
_cache = Path(tempfile.gettempdir()) / f"pontecorvo-tests-{os.getuid()}"
os.environ["PONTECORVO_CACHE"] = str(_cache)
# a busy machine must not add lines to what a test compares
os.environ["PONTECORVO_PROGRESS"] = "off"

# a first example may wait for a compiler, and CI machines are shared: time says nothing here
settings.register_profile("pontecorvo", deadline=None)
settings.load_profile("pontecorvo")

# files of the longest tests: begun first, so that no worker is left with one at the end
LONG = {
    *("test_check.py", "test_sterile_training.py", "test_follow.py", "test_sterile_check.py"),
    *("test_docs.py", "test_kill_and_resume.py", "test_flows.py", "test_amortised.py"),
    *("test_train_and_sample.py", "test_refine.py", "test_classical_samplers.py"),
    *("test_founding_run.py", "test_nuisance_study.py", "test_discovery.py", "test_haar_prior.py"),
}


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name not in LONG)


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


@pytest.fixture(scope="session")
def seesaw_no():
    """Some draws of normal ordering, as a report gets them."""
    from report_runs import seesaw_run

    return seesaw_run("no")


@pytest.fixture(scope="session")
def seesaw_io():
    """The same of inverted ordering."""
    from report_runs import seesaw_run

    return seesaw_run("io")


@pytest.fixture(scope="module")
def browser():
    """A real Chromium, of the system: playwright brings none along."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright: pip install 'pontecorvo[browser]'"
    )
    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        pytest.skip("needs a Chromium of the system, such as Debian's /usr/bin/chromium")
    with api.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()
