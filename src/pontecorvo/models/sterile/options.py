"""Options of an experiment, ``experiment.option=value``: checked names, checked values."""

from collections.abc import Mapping, Sequence

from ...base.errors import InputError, suggest
from .registry import Setting


def choices(setting: Setting, allowed: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What was chosen for each option; the first value of each is its default.

    Names that start like one of these (up to the dot) but are none of them are refused, so that a
    slip is not silently the default.

    Args:
        setting: The user's setting.
        allowed: Name -> values; an empty list allows anything, and has no default.

    Raises:
        InputError: If a name or a value is unknown.
    """
    owners = {name.split(".")[0] for name in allowed}
    for name, _ in setting.options:
        if "." in name and name.split(".")[0] in owners and name not in allowed:
            raise InputError(f"option {name!r} is unknown; {suggest(name, [*allowed])}")
    chosen = {}
    for name, values in allowed.items():
        value = setting.option(name, values[0] if values else "")
        if values and value not in values:
            raise InputError(f"{name} {value!r} is unknown; {suggest(value, list(values))}")
        chosen[name] = value
    return chosen
