"""One thin command line over the public Python API.

Commands are imported only when they are called, so that ``pontecorvo --help`` answers at once.
"""

import importlib
import os
import sys

import click

from .. import __version__
from ..base.errors import InputError, suggest
from ..core.registry import command_group, command_names, find_command

# name -> (module, attribute, one-line help); the help stands here so that --help imports nothing
COMMANDS: dict[str, tuple[str, str, str]] = {
    "run": ("run", "run", "Infer a study and write posterior, predictions and report."),
    "sample": ("sample", "sample", "Draw from a trained network: what-if questions in seconds."),
    "explore": ("explore", "explore", "Explore a study live in the browser."),
    "check": ("check", "check", "Say how far a network or a run can be trusted."),
    "train": ("train", "train", "Train the network of a study."),
    "mend": ("mend", "mend", "Carry draws of any origin to a measurement."),
    "compare": ("compare", "compare", "Rank studies by their evidence."),
    "cite": ("cite", "cite", "Print what to cite for a run, as BibTeX."),
    "simulate": ("simulate", "simulate", "Simulate a study's prior, in shards on disk."),
    "studies": ("studies", "studies", "List the registered studies."),
    "schema": ("schema", "schema", "Print the JSON schema of a study's settings."),
    "completion": ("completion", "completion", "Print the completion script of a shell."),
}

GROUPS: dict[str, tuple[str, ...]] = {
    "infer": ("run", "sample", "explore", "simulate", "train", "mend"),
    "judge": ("check",),
    "compare": ("compare",),
    "export": ("cite",),
    "look up": ("studies", "schema", "completion"),
}
"""Headings of ``--help`` and the commands below each; registered ones name their own (`in_group`).
"""
_HEADINGS = {
    "infer": "Infer: from a study to draws",
    "judge": "Judge: can it be trusted, what does it say",
    "compare": "Compare: models, points and data",
    "export": "Export: for other programs and papers",
    "look up": "Look up: what there is",
}


def _names() -> list[str]:
    """The verbs of every study, then those that packages register."""
    return [*COMMANDS, *(name for name in command_names() if name not in COMMANDS)]


class _LazyGroup(click.Group):
    """A group whose commands live in modules that are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return _names()

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        from .common import dressed

        if name in COMMANDS:
            module, attribute, _ = COMMANDS[name]
            found = getattr(importlib.import_module(f".{module}", __package__), attribute)
            return dressed(found, name)
        return dressed(find_command(name), name) if name in command_names() else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _names():
            raise InputError(f"command {args[0]!r} is unknown; {suggest(args[0], _names())}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        found: dict[str, list[tuple[str, str]]] = {key: [] for key in (*_HEADINGS, "")}
        own = {name: key for key, names in GROUPS.items() for name in names}
        for name, (_, _, text) in COMMANDS.items():
            found[own.get(name, "")].append((name, text))
        for name in _names():
            if name in COMMANDS:
                continue
            command = find_command(name)
            key = command_group(command)
            text = command.get_short_help_str(70)
            found[key if key in _HEADINGS else ""].append((name, text))
        width = max(len(name) for name in _names())
        for key, rows in found.items():
            if rows:
                with formatter.section(_HEADINGS.get(key, "More")):
                    formatter.write_dl([(name.ljust(width), text) for name, text in rows])


@click.command(
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
First steps:
  pontecorvo studies                     what can be inferred
  pontecorvo run STUDY --out FOLDER      posterior, predictions, report.html
  pontecorvo COMMAND --help              options of a command, with examples
\b
Exit codes: 0 done; 1 files could not be read or written, or memory is full;
2 the input was at fault, and nothing was written; 3 done, but the run has
not converged or the check has failed; 130 and 143 interrupted by Ctrl-C and
SIGTERM.""",
)
@click.option("-q", "--quiet", is_flag=True, help="Results and errors only, no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Say when each part begins and ends.")
@click.version_option(__version__, prog_name="pontecorvo")
@click.pass_context
def cli(ctx: click.Context, quiet: bool, verbose: bool) -> None:
    """Posteriors that can be trusted for neutrino models.

    STUDY is a registered study ('pontecorvo studies'), a YAML file, or a model's Python file.
    """
    from .common import loud

    loud(quiet, verbose)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """Entry point: one clear sentence and an exit code for all that may go wrong."""
    from .endings import ended

    # interpreters that this one starts (workers, trackers): never from the current folder
    os.environ["PYTHONSAFEPATH"] = "1"
    sys.exit(ended(lambda: cli(prog_name="pontecorvo", standalone_mode=False)))
