"""How an experiment's file registers what it holds: ``EXPERIMENTS``, a tuple of declarations.

The file and its table are all that an experiment needs: names, sets, options, colours, the default
joint fit and the pairs that are tested for tension follow from the declarations (`discovery`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .experiment import Experiment
    from .experiment_registry import Setting

LAST = 1000
"""Place of what says none: after the experiments that ship, by name."""


@dataclass(frozen=True)
class Option:
    """An option ``name=value`` of one experiment or of several.

    Attributes:
        values: What it may be, the default first.
        what: What it decides.
        number: The values are examples: any width, zero or more, will do.
        unit: Of such a width.
        implies: Of a value, what other options are then where they are not given themselves.
    """

    values: tuple[str, ...]
    what: str
    number: bool = False
    unit: str = "MeV"
    implies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Released:
    """Something of a data folder that an experiment reads.

    Attributes:
        path: Where it is looked for, relative to the folder.
        what: What it is.
        without: What happens without it.
        where: Where it is published.
        read: Reads and checks it; raises `InputError` where it is bad.
    """

    path: str
    what: str
    without: str
    where: str
    read: Callable[[Path], object]


@dataclass(frozen=True)
class Declaration:
    """One experiment, as its file declares it.

    Attributes:
        name: Name in commands and files.
        title: Name in figures.
        factory: Makes it for a `registry.Setting`; reads its tables only then.
        order: Its place among the others in tables and joint data; a seed's draws depend on it.
        groups: Sets that it belongs to (`groups`).
        options: Its own options by name; those that are only its own read ``experiment.option``.
            Experiments that share an option declare the same `Option`.
        needs: What must be installed or given first; empty for an experiment that ships whole and
            is in the default joint fit.
        present: Of an experiment of this package that needs something: whether it is there, given
            the data folder in force; it then joins the default run.
        released: What it reads of a data folder (`data_folder`).
        colour: In figures that draw it alone among the sets; empty for none.
    """

    name: str
    title: str
    factory: "Callable[[Setting], Experiment]"
    order: int = LAST
    groups: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    needs: str = ""
    present: Callable[[Path | None], bool] | None = None
    released: tuple[Released, ...] = ()
    colour: str = ""
