"""A click command whose options depend on the study that it is asked for."""

import os
from typing import Any

import click
from click.shell_completion import CompletionItem

from ..base.errors import InputError
from ..core.registry import problem_names


class StudyCommand(click.Command):
    """A command on a STUDY, with the options that the study's problem adds to this verb.

    ``pontecorvo run STUDY --help`` shows them; without a study, only those that every study has.
    The name of the verb is the command's own. Values that were given for such options reach the
    command as the mapping ``extras``.
    """

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Look at the arguments for the study first, and take its options in."""
        self.params = self.params_of(args)
        for parameter in self.params:
            if parameter.name in ("study", "subject", "studies"):
                parameter._custom_shell_complete = _complete_study
        return super().make_context(info_name, args, parent, **extra)

    def params_of(self, args: list[str]) -> list[click.Parameter]:
        """The command's own parameters, and those of the study that the arguments name."""
        own = [p for p in self.params if not getattr(p, "of_the_problem", False)]
        return [*own, *_options_of(_study_in(args, own), self.name or "")]

    def invoke(self, ctx: click.Context) -> Any:
        """Hand the problem's own options over as ``extras``."""
        names = [p.name for p in self.params if getattr(p, "of_the_problem", False) and p.name]
        given = {name: ctx.params.pop(name) for name in names}
        ctx.params["extras"] = {
            name: value for name, value in given.items() if value not in (None, (), False)
        }
        return super().invoke(ctx)


def _complete_study(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Registered studies that begin so, and files."""
    names = [CompletionItem(name) for name in problem_names() if name.startswith(incomplete)]
    return [*names, CompletionItem(incomplete, type="file")]


def absolute(path: str | None) -> str | None:
    """A path of the command line, made absolute; those of a study file are relative to it."""
    if path is None or path.strip() in ("", "none"):  # `none` stands for no path
        return path
    return os.path.abspath(os.path.expanduser(path))


def _study_in(args: list[str], params: list[click.Parameter]) -> str | None:
    """The first argument that is neither an option nor the value of one."""
    values = {
        name
        for p in params
        if isinstance(p, click.Option) and not p.is_flag
        for name in (*p.opts, *p.secondary_opts)
    }
    skip = False
    for argument in args:
        if skip:
            skip = False
        elif argument.startswith("-"):
            skip = argument in values
        else:
            return argument
    return None


def _options_of(study: str | None, verb: str) -> list[click.Option]:
    if study is None:
        return []
    from ..study.catalog import find_preset

    try:
        problem = find_preset(study)[0].problem
    except InputError:
        return []  # the command says it, with all else that is wrong
    result = []
    for option in problem.options.get(verb, ()):
        made = click.Option(
            [f"--{option.name}"],
            is_flag=option.flag,
            multiple=option.multiple,
            help=option.help,
            # where the user stands, not where the study file lies
            callback=(lambda ctx, param, value: absolute(value)) if option.path else None,
        )
        made.of_the_problem = True  # type: ignore[attr-defined]
        result.append(made)
    return result
