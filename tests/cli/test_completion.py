"""Shells complete commands, options and names of studies."""

import os
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from pontecorvo.cli import cli
from pontecorvo.cli.completion import HOW


def completed(words, index):
    """What is offered for a word of a command line, as bash's script asks."""
    environment = {
        **os.environ,
        "_PONTECORVO_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(index),
    }
    done = subprocess.run(
        [sys.executable, "-m", "pontecorvo"], env=environment, capture_output=True, text=True
    )
    return done.stdout.split()


@pytest.mark.parametrize("shell", list(HOW))
def test_each_shell_has_its_script(shell):
    done = CliRunner().invoke(cli, ["completion", shell])
    assert done.exit_code == 0
    assert f"_PONTECORVO_COMPLETE={shell}_complete" in done.output
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=done.output, text=True, check=True)


def test_an_unknown_shell_is_refused(command):
    assert command("completion", "tcsh").code == 2


def test_commands_options_and_studies_are_offered():
    assert "plain,contour" in completed("pontecorvo con", 1)
    assert "plain,--overwrite" in completed("pontecorvo run --ov", 2)
    offered = completed("pontecorvo run modular-", 2)
    assert "plain,modular-s4-no" in offered
    assert not [word for word in offered if "juno" in word]
