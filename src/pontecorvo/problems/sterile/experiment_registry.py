"""The experiments by name. Each is made only when it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...base.errors import InputError, suggest
from .data_folder import NONE, folder_of
from .discovery import declared, default_names
from .experiment import FLUXES, Experiment
from .groups import group_names, present_members
from .options import check_options, chosen_value

SHIPPED = "shipped"
"""Stands for the default joint fit among the names of experiments."""


@dataclass(frozen=True)
class Setting:
    """What the user chooses for all experiments at once.

    Attributes:
        flux: Reactor flux model: hm, sm, hkss, kurchatov or dayabay.
        data: Folder with released data that do not ship (see `data_folder`), or None. The
            environment is not asked: commands and settings do (`data_folder.folder_of`).
        gallium_cross_section: Relative uncertainty common to all gallium experiments.
        options: Options of single experiments, name -> value; see `options`.
    """

    flux: str = "hm"
    data: Path | None = None
    gallium_cross_section: float = 0.02
    options: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.flux not in FLUXES:
            raise InputError(
                f"flux model {self.flux!r} is unknown; {suggest(self.flux, [*FLUXES])}"
            )
        folder_of(self.data or NONE)  # refuses what is no folder
        check_options(dict(self.options))

    def choice(self, name: str, experiment: str = "") -> str:
        """What was chosen for an option, for one experiment; or its default."""
        return chosen_value(dict(self.options), name, experiment)


def experiment_names() -> list[str]:
    """Every name a user may write: experiments, sets of them, and the default joint fit."""
    return [*declared(), *group_names(), SHIPPED]


def expand(names: str | Sequence[str], data: Path | None = None) -> list[str]:
    """Resolve names, comma-separated or listed, to single experiments without repetition.

    A set stands for those of its experiments that ship, are installed, or lie in the data folder.

    Args:
        names: Experiments and sets.
        data: The data folder in force.

    Raises:
        InputError: If a name is unknown or none is given.
    """
    wanted = names.split(",") if isinstance(names, str) else list(names)
    result: list[str] = []
    for name in (item.strip() for item in wanted):
        if not name:
            continue
        found = default_names() if name == SHIPPED else present_members(name, data)
        if not found:
            raise InputError(f"experiment {name!r} is unknown; {suggest(name, experiment_names())}")
        result.extend(found)
    if not result:
        raise InputError(f"no experiment given; allowed: {', '.join(experiment_names())}")
    return list(dict.fromkeys(result))


def load_experiment(name: str, setting: Setting | None = None) -> Experiment:
    """Make one experiment.

    Raises:
        InputError: If the name is unknown or stands for several, or what it needs is missing.
    """
    if name not in declared():
        raise InputError(f"experiment {name!r} is unknown; {suggest(name, [*declared()])}")
    return declared()[name].factory(setting or Setting())


def load_experiments(
    names: str | Sequence[str], setting: Setting | None = None
) -> list[Experiment]:
    """Make the experiments of `expand(names)`, with the data folder of the setting."""
    data = setting.data if setting else None
    return [load_experiment(name, setting) for name in expand(names, data)]
