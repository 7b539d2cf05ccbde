"""What every command has: --quiet and --verbose, examples in its help, and a line now and then.

The line comes while it works, where no part of it says anything itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from ..base.errors import InputError
from ..base.progress import progress, set_loudness
from ..core.registry import loaded_entries

EXAMPLES = "pontecorvo.examples"
"""Entry points of examples by verb: ``{verb: ((command, what it does), ...)}``."""
_SHORT = ("studies", "schema", "completion", "cite")


def loud(quiet: bool, verbose: bool) -> None:
    """Set how much is said on standard error.

    Raises:
        InputError: If both are wanted.
    """
    if quiet and verbose:
        raise InputError("--quiet and --verbose: give one of them")
    set_loudness("quiet" if quiet else "verbose" if verbose else "normal")


def examples_of(verb: str) -> Sequence[tuple[str, str]]:
    """Commands that show a verb at work, as packages register them."""
    found: list[tuple[str, str]] = []
    for one in loaded_entries(EXAMPLES):
        known: Mapping[str, Sequence[tuple[str, str]]] = one
        found += known.get(verb, ())
    return found


def dressed(command: click.Command, verb: str) -> click.Command:
    """The command with the options that all have; the same object at each call."""
    if getattr(command, "is_dressed", False):
        return command
    command.params = [*command.params, *_loudness_options()]
    show, work = command.format_epilog, command.invoke

    def format_epilog(ctx: click.Context, formatter: click.HelpFormatter) -> None:
        examples = examples_of(verb)
        if examples:
            with formatter.section("Examples"):
                for line, text in examples:
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")
                    formatter.write(f"{'':{formatter.current_indent + 4}}{text}\n")
        show(ctx, formatter)

    def invoke(ctx: click.Context) -> Any:
        if verb in _SHORT:
            return work(ctx)
        with progress(verb, bar=False):
            return work(ctx)

    command.format_epilog = format_epilog  # type: ignore[method-assign]
    command.invoke = invoke  # type: ignore[method-assign]
    command.is_dressed = True  # type: ignore[attr-defined]
    return command


def _loudness_options() -> list[click.Option]:
    def chosen(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
        if value:
            other = "verbose" if parameter.name == "quiet" else "quiet"
            if ctx.meta.setdefault("pontecorvo.loudness", parameter.name) == other:
                raise InputError("--quiet and --verbose: give one of them")
            loud(parameter.name == "quiet", parameter.name == "verbose")

    words = {"quiet": "Results and errors only, no progress."}
    words["verbose"] = "Say when each part begins and ends."
    shared: dict[str, Any] = {"is_flag": True, "expose_value": False, "callback": chosen}
    return [click.Option([f"-{n[0]}", f"--{n}"], help=words[n], **shared) for n in words]
