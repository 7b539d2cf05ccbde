"""The declared experiments: every file in `experiments`, and what users' packages register.

A package registers the module that declares its experiments by an entry point of the group
``pontecorvo.experiments``. They may be asked for by name, and are in no default joint fit.
"""

import pkgutil
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from ...base.errors import InputError
from ...core.registry import registered
from . import experiments
from .declaration import Declaration, Option

ENTRY_POINTS = "pontecorvo.experiments"
ATTRIBUTE = "EXPERIMENTS"
_NAME = re.compile(r"[a-z][a-z0-9-]*")


@cache
def declared() -> dict[str, Declaration]:
    """Every declaration by name, in order.

    Raises:
        InputError: If a file cannot be imported, or two experiments have one name.
    """
    found: dict[str, tuple[Declaration, str]] = {}
    for declaration, where in [*_shipped_files(), *_entry_points()]:
        name = declaration.name
        if not _NAME.fullmatch(name):
            raise InputError(
                f"{where}: experiment {name!r}: give a name of small letters, digits and hyphens"
            )
        if name in found:
            raise InputError(f"{where}: experiment {name!r} is declared by {found[name][1]} too")
        found[name] = declaration, where
    ordered = sorted((one for one, _ in found.values()), key=lambda one: (one.order, one.name))
    return {one.name: one for one in ordered}


@cache
def default_names() -> tuple[str, ...]:
    """The default joint fit: what ships and needs nothing more."""
    files = {declaration.name for declaration, _ in _shipped_files()}
    return tuple(n for n, one in declared().items() if n in files and not one.needs)


def present_names(data: Path | None) -> tuple[str, ...]:
    """The default run: what ships, and what is installed or lies in the data folder."""
    shipped = default_names()
    return tuple(
        name
        for name, one in declared().items()
        if name in shipped or (one.present is not None and one.present(data))
    )


@cache
def options() -> dict[str, tuple[Option, tuple[str, ...]]]:
    """Every option by name, with the experiments that it means.

    Raises:
        InputError: If two experiments declare different options of one name.
    """
    result: dict[str, tuple[Option, tuple[str, ...]]] = {}
    for name, declaration in declared().items():
        for key, option in declaration.options.items():
            before, members = result.get(key, (option, ()))
            if before != option:
                raise InputError(f"experiment {name}: option {key} is another for {members[0]}")
            result[key] = option, (*members, name)
    return result


def forget() -> None:
    """Look again the next time; for files that were added since."""
    for cached in (declared, default_names, options, registered):
        cached.cache_clear()


def _shipped_files() -> Iterator[tuple[Declaration, str]]:
    for module in pkgutil.iter_modules(experiments.__path__):
        name = f"{experiments.__name__}.{module.name}"
        yield from _of(getattr(_imported(name), ATTRIBUTE, ()), name)


def _entry_points() -> Iterator[tuple[Declaration, str]]:
    for name, entry in registered(ENTRY_POINTS).items():
        where = f"entry point {ENTRY_POINTS}: {name}"
        try:
            content = entry.load()
        except (ImportError, AttributeError) as error:
            raise InputError(f"{where} cannot be loaded ({error})") from None
        yield from _of(getattr(content, ATTRIBUTE, content), where)


def _imported(name: str) -> object:
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError(f"experiment file {name}: cannot be imported ({error})") from None


def _of(content: object, where: str) -> Iterator[tuple[Declaration, str]]:
    several = [content] if isinstance(content, Declaration) else content
    if not isinstance(several, Iterable) or not all(isinstance(d, Declaration) for d in several):
        raise InputError(f"{where}: {ATTRIBUTE} must be a tuple of Declaration")
    for declaration in several:
        yield declaration, where
