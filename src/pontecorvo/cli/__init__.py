"""One thin command line over the public Python API.

Commands are imported only when they are called, so that ``pontecorvo --help`` answers at once.
"""

import importlib
import os
import sys

import click

from .. import __version__
from ..base.errors import InputError, suggest
from ..core.registry import command_names, find_command

# name -> (module, attribute, one-line help); the help stands here so that --help imports nothing
COMMANDS: dict[str, tuple[str, str, str]] = {
    "run": ("run", "run", "Infer a study and write posterior, predictions and report."),
    "sample": ("sample", "sample", "Draw from a trained network: what-if questions in seconds."),
    "check": ("check", "check", "Say how far a network or a run can be trusted."),
    "train": ("train", "train", "Train the network of a study."),
    "mend": ("mend", "mend", "Carry draws of any origin to a measurement."),
    "compare": ("compare", "compare", "Rank studies by their evidence."),
    "studies": ("studies", "studies", "List the registered studies."),
    "schema": ("schema", "schema", "Print the JSON schema of a study's settings."),
}


def _names() -> list[str]:
    """The verbs of every study, then those that packages register."""
    return [*COMMANDS, *(name for name in command_names() if name not in COMMANDS)]


class _LazyGroup(click.Group):
    """A group whose commands live in modules that are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return _names()

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS:
            module, attribute, _ = COMMANDS[name]
            return getattr(importlib.import_module(f".{module}", __package__), attribute)
        return find_command(name) if name in command_names() else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _names():
            raise InputError(f"command {args[0]!r} is unknown; {suggest(args[0], _names())}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands for any study"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])
        own = [name for name in _names() if name not in COMMANDS]
        if own:
            with formatter.section("Commands of single problems"):
                formatter.write_dl(
                    [(name, find_command(name).get_short_help_str(70)) for name in own]
                )


@click.command(
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="pontecorvo")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Posteriors that can be trusted for neutrino models.

    Exit codes: 0 done; 1 files could not be read or written, or memory is full; 2 the input was at
    fault, and nothing was written; 3 done, but the run has not converged or the check has failed;
    130 and 143 interrupted by Ctrl-C and SIGTERM.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """Entry point: one clear sentence and an exit code for all that may go wrong."""
    from .endings import ended

    # interpreters that this one starts (workers, trackers): never from the current folder
    os.environ["PYTHONSAFEPATH"] = "1"
    sys.exit(ended(lambda: cli(standalone_mode=False)))
