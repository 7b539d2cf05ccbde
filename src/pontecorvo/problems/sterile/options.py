"""Options of single experiments, ``name=value``: what may be chosen, and what was.

A name that no experiment declares is refused, so that a slip is not silently the default.
"""

from collections.abc import Mapping

from ...base.errors import InputError, suggest
from .declaration import Option
from .discovery import declared, options


def option_names() -> list[str]:
    """Every name that may be given; ``experiment.name`` sets a shared one for one alone."""
    result = []
    for name, (_, experiments) in options().items():
        result.append(name)
        if "." not in name:
            result.extend(f"{experiment}.{name}" for experiment in experiments)
    return result


def options_of(experiment: str) -> dict[str, Option]:
    """The options that mean an experiment."""
    return dict(declared()[experiment].options)


def check_options(chosen: Mapping[str, str]) -> None:
    """Check names and values.

    Raises:
        InputError: If one is unknown.
    """
    import difflib

    if not chosen:  # nothing to look up
        return
    known, every = option_names(), options()
    for name, value in chosen.items():
        if name not in known:
            close = [*difflib.get_close_matches(name, known, n=1)]
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise InputError(f"option {name!r} is unknown; {hint}allowed: {', '.join(every)}")
        option, _ = every.get(name) or every[name.split(".", 1)[1]]
        if option.number:
            if value not in option.values and not _is_width(value):
                words = [v for v in option.values if not _is_width(v)]
                also = f", or {' or '.join(words)}" if words else ""
                raise InputError(
                    f"option {name}={value}: give a width in {option.unit}, zero or more{also}"
                )
        elif value not in option.values:
            raise InputError(
                f"option {name}={value}: {value!r} is unknown; {suggest(value, [*option.values])}"
            )


def chosen_value(chosen: Mapping[str, str], name: str, experiment: str = "") -> str:
    """The value of an option for an experiment: its own, the common one, or what others imply.

    Else it is the default.
    """
    given = chosen.get(f"{experiment}.{name}") or chosen.get(name)
    return given or _implied(chosen, name, experiment) or options()[name][0].values[0]


def _implied(chosen: Mapping[str, str], name: str, experiment: str) -> str | None:
    for other, (option, _) in options().items():
        value = chosen.get(f"{experiment}.{other}") or chosen.get(other)
        implied = option.implies.get(value or "", {}).get(name)
        if implied:
            return implied
    return None


def _is_width(text: str) -> bool:
    try:
        return 0 <= float(text) < float("inf")
    except ValueError:
        return False
