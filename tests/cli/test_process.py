"""The command as a process: codes and streams that only a real process or signal shows."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pontecorvo.cli import COMMANDS

SOURCE = str(Path(__file__).parents[2] / "src")
COMMAND = [sys.executable, "-m", "pontecorvo"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": SOURCE}


def test_bad_input_ends_with_code_2_and_one_line_on_stderr(tmp_path):
    (tmp_path / "study.yaml").write_text("vev: .nan\n")
    done = subprocess.run(
        [*COMMAND, "run", "study.yaml", "--out", "o"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "pontecorvo: study.yaml: vev: nan is not a finite number\n"
    assert os.listdir(tmp_path) == ["study.yaml"]


def test_a_reader_that_leaves_early_is_no_crash():
    process = subprocess.Popen(
        [*COMMAND, "--help"], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    _, error = process.communicate()
    assert (process.returncode, error) == (1, b"")


@pytest.fixture
def failing(command, monkeypatch, tmp_path):
    """Call a command whose work raises an error."""
    monkeypatch.chdir(tmp_path)

    def call(error):
        def fail(*arguments, **options):
            raise error

        monkeypatch.setattr("pontecorvo.study.catalog.load_study", fail)
        return command("run", "seesaw-no", "--out", "o")

    return call


def test_an_interrupt_says_how_to_go_on(failing):
    done = failing(KeyboardInterrupt())
    assert done.code == 130
    assert "takes up where it was" in done.err


def test_a_full_disk_is_said_in_one_sentence(failing):
    done = failing(OSError(errno.ENOSPC, "No space left on device"))
    assert done.code == 1
    assert done.err.startswith("pontecorvo: No space left on device; make room")


def test_other_errors_are_shown_whole(monkeypatch, tmp_path):
    """A defect of ours must not be dressed up as the user's mistake."""
    from pontecorvo import cli

    def fail(*arguments, **options):
        raise RuntimeError("wires crossed")

    monkeypatch.setattr("pontecorvo.study.catalog.load_study", fail)
    monkeypatch.setattr(sys, "argv", ["pontecorvo", "run", "seesaw-no", "--out", str(tmp_path)])
    with pytest.raises(RuntimeError, match="wires crossed"):
        cli.main()


def test_help_lists_every_command():
    done = subprocess.run(
        [*COMMAND, "--help"], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert all(name in done.stdout for name in COMMANDS)
