"""The plug-ins that ship, and how a study asks for them: ``predict: [lfv, leptogenesis]``.

An entry is a name, or a mapping of one name to its settings::

    predict:
      - lfv
      - leptogenesis: {equations: density-matrix, decaying: 3}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ....base.errors import InputError, suggest
from ....core.model import Quantity
from .leptogenesis_plugin import Leptogenesis
from .lfv_plugins import LeptonFlavourViolation, SusyFlavourViolation
from .plugin import FlavourDraws, Plugin, read_settings

__all__ = ["available", "plugins_from", "predict", "register"]

_REGISTRY: dict[str, type[Plugin]] = {
    p.name: p for p in (LeptonFlavourViolation, SusyFlavourViolation, Leptogenesis)
}


def register(plugin: type[Plugin]) -> type[Plugin]:
    """Make a plug-in known by its name; usable as a decorator.

    Raises:
        InputError: If another plug-in has the name.
    """
    if _REGISTRY.get(plugin.name, plugin) is not plugin:
        raise InputError(f"prediction {plugin.name!r} is registered already; choose another name")
    _REGISTRY[plugin.name] = plugin
    return plugin


def available() -> dict[str, type[Plugin]]:
    """Plug-ins by name: those that ship, those registered, and entry points of other packages."""
    from importlib.metadata import entry_points

    found = dict(_REGISTRY)
    for entry in entry_points(group="pontecorvo.predictions"):
        if entry.name not in found:
            found[entry.name] = entry.load()
    return found


def plugins_from(asked: Iterable[str | Mapping[str, Any]]) -> tuple[Plugin, ...]:
    """Plug-ins with their settings, from what a study's ``predict`` says.

    Raises:
        InputError: For an unknown name, a name given twice, or a wrong setting.
    """
    known = available()
    chosen: dict[str, Plugin] = {}
    for entry in asked:
        given: Mapping[str, Any] = {}
        if isinstance(entry, Mapping):
            if len(entry) != 1:
                raise InputError(
                    f"predict: {dict(entry)}; give one name with its settings an entry"
                )
            name, settings = next(iter(entry.items()))
            given = settings or {}
            if not isinstance(given, Mapping):
                raise InputError(f"predict: {name}: {given!r}; give settings as a mapping")
        else:
            name = entry
        if name not in known:
            raise InputError(f"predict: {name!r} is unknown; {suggest(str(name), list(known))}")
        if name in chosen:
            raise InputError(f"predict: {name!r} stands twice; give it once")
        chosen[name] = known[name](read_settings(known[name], given))
    return tuple(chosen.values())


def predict(
    asked: Iterable[str | Mapping[str, Any]], draws: FlavourDraws
) -> tuple[dict[str, np.ndarray], dict[str, Quantity]]:
    """Values (N,) by name, and the quantities they are, of all plug-ins asked for."""
    values: dict[str, np.ndarray] = {}
    quantities: dict[str, Quantity] = {}
    for plugin in plugins_from(asked):
        values |= plugin.checked(draws)
        quantities |= {q.name: q for q in plugin.quantities}
    return values, quantities
