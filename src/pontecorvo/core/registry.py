"""The problems and verbs by name, as packages register them.

A package registers a study by an entry point of the group ``pontecorvo.problems``: its name, and a
`Problem` or a `Preset` of one. A verb of the command line is an entry point of the group
``pontecorvo.commands``: its name, and a click command. The shipped ones are registered so too.
"""

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, TypeVar

from ..base.errors import InputError, suggest

if TYPE_CHECKING:
    from .problem import Preset

Command = TypeVar("Command")

PROBLEMS = "pontecorvo.problems"
COMMANDS = "pontecorvo.commands"
DEFAULT = "default"
"""Name under which a package registers what a study file means that names no problem."""


@cache
def registered(group: str) -> dict[str, EntryPoint]:
    """Entry points of a group by name; of two with one name, the first that is found."""
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group):
        found.setdefault(entry.name, entry)
    return found


def problem_names() -> list[str]:
    """Names of the registered studies."""
    return [name for name in registered(PROBLEMS) if name != DEFAULT]


def find_problem(name: str) -> "Preset":
    """The registered study of that name.

    Raises:
        InputError: If there is none, or what is registered is no problem.
    """
    entry = registered(PROBLEMS).get(name)
    if entry is None:
        raise InputError(f"study {name!r} is unknown; {suggest(name, problem_names())}")
    return as_preset(_loaded(entry), f"study {name}")


def as_preset(found: Any, where: str) -> "Preset":
    """A `Problem` class or a `Preset`, as a `Preset`.

    Raises:
        InputError: If it is neither.
    """
    from .problem import Preset, Problem

    if isinstance(found, Preset):
        return found
    if isinstance(found, type) and issubclass(found, Problem):
        return Preset(found)
    raise InputError(f"{where}: {type(found).__name__} is no Problem and no Preset of one")


def _loaded(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"{entry.group}: {entry.name} is registered as {entry.value}, which cannot be loaded "
            f"({error})"
        ) from None


def command_names() -> list[str]:
    """Names of the verbs that packages add."""
    return list(registered(COMMANDS))


def find_command(name: str) -> Any:
    """The click command of that name, which must be registered."""
    return _loaded(registered(COMMANDS)[name])


def in_group(group: str) -> Callable[[Command], Command]:
    """Name the heading of ``pontecorvo --help`` below which a command stands.

    Args:
        group: ``infer``, ``judge``, ``compare``, ``export`` or ``look up``.
    """

    def mark(command: Command) -> Command:
        command.help_group = group  # type: ignore[attr-defined]
        return command

    return mark


def command_group(command: Any) -> str:
    """What `in_group` said of a command; empty where nothing was said."""
    return str(getattr(command, "help_group", ""))


def loaded_entries(group: str) -> list[Any]:
    """All objects that are registered in a group, in the order of their names."""
    return [_loaded(entry) for _, entry in sorted(registered(group).items())]
