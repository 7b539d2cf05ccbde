"""What every command has: groups and examples in the help, --quiet and --verbose."""

import os
import shlex
import subprocess
import sys
from contextlib import suppress

import click
import pytest
from click.testing import CliRunner

from pontecorvo.base import progress as loudness
from pontecorvo.cli import _HEADINGS, COMMANDS, GROUPS, _names, cli
from pontecorvo.cli.common import dressed, examples_of
from pontecorvo.cli.simulate import simulate
from pontecorvo.core.registry import command_group, find_command
from pontecorvo.problems.command_examples import EXAMPLES


@pytest.fixture(autouse=True)
def normal():
    yield
    loudness.set_loudness("normal")


def test_every_command_stands_below_a_heading():
    grouped = {name for names in GROUPS.values() for name in names}
    for name in _names():
        known = name in grouped if name in COMMANDS else command_group(find_command(name))
        assert known, f"{name} is in no group"
    text = CliRunner().invoke(cli, ["--help"]).output
    assert [text.index(heading) for heading in _HEADINGS.values()] == sorted(
        text.index(heading) for heading in _HEADINGS.values()
    )


def test_every_command_has_examples_that_parse():
    root = click.Context(cli)
    for verb in _names():
        assert examples_of(verb), f"{verb} has no example"
        for line, text in examples_of(verb):
            assert text
            if line.startswith("eval"):
                continue
            words = shlex.split(line.partition(">")[0])
            assert words[:2] == ["pontecorvo", verb]
            command = cli.get_command(root, verb)
            with suppress(click.exceptions.Exit):
                command.make_context(verb, words[2:], parent=root)
    assert set(EXAMPLES) <= set(_names())


@pytest.mark.parametrize("verb", ["run", "contour", "data"])
def test_the_help_shows_examples_and_loudness(verb):
    text = CliRunner().invoke(cli, [verb, "--help"]).output
    assert "Examples:" in text
    assert EXAMPLES[verb][0][0] in text
    assert "--quiet" in text
    assert "--verbose" in text


def test_quiet_and_verbose_stand_before_or_behind_the_verb(command):
    for words, wanted in (
        (["-q", "studies"], "quiet"),
        (["studies", "--quiet"], "quiet"),
        (["studies", "-v"], "verbose"),
        (["studies"], "normal"),
    ):
        assert command(*words).code == 0
        assert loudness._loudness == wanted
    for words in (["-q", "-v", "studies"], ["studies", "-q", "-v"]):
        done = command(*words)
        assert done.code == 2
        assert "give one of them" in done.err


def test_the_group_gives_the_command_of_its_file():
    assert cli.get_command(click.Context(cli), "simulate") is simulate


def test_a_command_is_dressed_once():
    @click.command()
    def bare():
        """Nothing."""

    assert dressed(bare, "bare") is dressed(bare, "bare")
    assert sum("--quiet" in p.opts for p in bare.params) == 1


def test_the_help_is_there_at_once():
    def used():  # by processes that have ended; others may have the processor, and the clock runs
        return sum(os.times()[2:4])

    seconds = []
    for _ in range(3):
        start = used()
        subprocess.run(
            [sys.executable, "-m", "pontecorvo", "--help"], check=True, capture_output=True
        )
        seconds.append(used() - start)
    assert min(seconds) < 0.5
