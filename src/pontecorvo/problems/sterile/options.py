"""Options of single experiments, ``name=value``: all of them, what each may be, and whom it means.

A name that is not here is refused, so that a slip is not silently the default.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ...base.errors import InputError, suggest

WIDTH = "a width in MeV, zero or more"


@dataclass(frozen=True)
class Option:
    """One option.

    Attributes:
        values: What it may be, the default first.
        what: What it decides.
        experiments: Whom it means; with several, ``experiment.name`` sets one of them alone.
        number: The values are examples: any width will do.
    """

    values: tuple[str, ...]
    what: str
    experiments: tuple[str, ...]
    number: bool = False


OPTIONS: dict[str, Option] = {
    "energy_scale": Option(
        ("box", "gaussian"),
        "energy scale free within its uncertainty and nowhere else, or a Gaussian pull",
        ("danss", "neos", "bugey3"),
    ),
    "averaging": Option(
        ("compiled", "exact"),
        "averages of sin^2 on the compilation's coarse nodes, or resolved",
        ("neos", "reno", "double-chooz", "evolution-dayabay"),
    ),
    "reference": Option(
        ("no-oscillation", "three-flavour"),
        "what measured rates are ratios to: the prediction without any oscillation, or with "
        "that of the three known neutrinos",
        ("rates-mbl", "evolution-dayabay", "evolution-reno"),
    ),
    "phase": Option(
        ("true", "compiled"),
        "phase from the distance, or from its square in km, as the compilation's public code has "
        "it where it averages over a slab",
        ("rates-mbl", "evolution-reno"),
    ),
    "dayabay.statistic": Option(
        ("cnp", "pearson", "neyman"), "statistical variance of the chi2", ("dayabay",)
    ),
    "dayabay.theta13": Option(
        ("free", "fixed"), "sin^2 2theta13 and dm2_32 profiled or fixed", ("dayabay",)
    ),
    "dayabay.background": Option(
        ("absolute", "as-dayabay-model"),
        "uncertainties of three backgrounds in events a day, or times their rates",
        ("dayabay",),
    ),
    "gallium.cross_section": Option(
        ("bahcall", "ground-state", "frekers"),
        "total capture cross section to which ratios refer",
        ("gallex", "sage", "best"),
    ),
    "best.data": Option(("zones", "runs"), "two zones, or ten extractions of each", ("best",)),
    "karmen.data": Option(("spectrum", "rate"), "26 bins, or their sum", ("karmen",)),
    "karmen.shape": Option(
        ("phase-space", "fukugita"), "energy dependence of the cross section", ("karmen",)
    ),
    "lsnd.bins": Option(("pairs", "single"), "bins fitted in pairs or singly", ("lsnd",)),
    "lsnd.shape": Option(
        ("fukugita", "phase-space"), "energy dependence of the cross section", ("lsnd",)
    ),
    "carbon.damping": Option(
        ("4", "0"), "width in MeV by which the phase is blurred", ("karmen", "lsnd"), number=True
    ),
}


def option_names() -> list[str]:
    """Every name that may be given."""
    result = []
    for name, option in OPTIONS.items():
        result.append(name)
        if "." not in name:
            result.extend(f"{experiment}.{name}" for experiment in option.experiments)
    return result


def options_of(experiment: str) -> dict[str, Option]:
    """The options that mean an experiment."""
    return {name: option for name, option in OPTIONS.items() if experiment in option.experiments}


def check_options(chosen: Mapping[str, str]) -> None:
    """Check names and values.

    Raises:
        InputError: If one is unknown.
    """
    import difflib

    known = option_names()
    for name, value in chosen.items():
        if name not in known:
            close = [*difflib.get_close_matches(name, known, n=1)]
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise InputError(f"option {name!r} is unknown; {hint}allowed: {', '.join(OPTIONS)}")
        option = OPTIONS.get(name) or OPTIONS[name.split(".", 1)[1]]
        if option.number:
            if not _is_width(value):
                raise InputError(f"option {name}={value}: give {WIDTH}")
        elif value not in option.values:
            raise InputError(
                f"option {name}={value}: {value!r} is unknown; {suggest(value, [*option.values])}"
            )


def chosen_value(chosen: Mapping[str, str], name: str, experiment: str = "") -> str:
    """The value of an option for an experiment: its own, else the common one, else the default."""
    own = f"{experiment}.{name}"
    return chosen.get(own, chosen.get(name, OPTIONS[name].values[0]))


def _is_width(text: str) -> bool:
    try:
        return 0 <= float(text) < float("inf")
    except ValueError:
        return False
