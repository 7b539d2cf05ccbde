"""The experiments by name. Each is loaded only when it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from ...base.errors import InputError, suggest
from .experiment import FLUXES, Experiment
from .options import check_options, chosen_value

# name -> module:factory; a factory takes a `Setting` and returns an Experiment
FACTORIES: dict[str, str] = {
    "dayabay": "dayabay:load",
    "rates-sbl": "rates:load_short",
    "rates-mbl": "rates:load_medium",
    "evolution-dayabay": "evolution:load_dayabay",
    "evolution-reno": "evolution:load_reno",
    "danss": "danss:load",
    "neos": "neos:load",
    "bugey3": "bugey3:load",
    "reno": "far_near:load_reno",
    "double-chooz": "far_near:load_double_chooz",
    "gallex": "gallium:load_gallex",
    "sage": "gallium:load_sage",
    "best": "gallium:load_best",
    "karmen": "carbon:load_karmen",
    "lsnd": "carbon:load_lsnd",
    "prospect": "prospect:load",
    "solar": "solar:load",
}
# name -> the names it stands for
GROUPS: dict[str, tuple[str, ...]] = {
    "rates": ("rates-sbl", "rates-mbl"),
    "gallium": ("gallex", "sage", "best"),
}
# experiments that need something that is not part of the package
NEEDS: dict[str, str] = {
    "dayabay": "the package dayabay-data-official (pip install 'pontecorvo[dayabay]')",
    "prospect": "the collaboration's supplement in a data folder (--data DIR)",
}
# what ships with the package: the default of a joint fit
SHIPPED = tuple(name for name in FACTORIES if name not in NEEDS)


@dataclass(frozen=True)
class Setting:
    """What the user chooses for all experiments at once.

    Attributes:
        flux: Reactor flux model: hm, sm or hkss.
        data: Folder with released matrices that do not ship (see `problems.sterile.data_folder`), or None.
        gallium_cross_section: Relative uncertainty common to all gallium experiments.
        options: Options of single experiments, name -> value; see `options.OPTIONS`.
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
        check_options(dict(self.options))

    def choice(self, name: str, experiment: str = "") -> str:
        """What was chosen for an option, for one experiment; or its default."""
        return chosen_value(dict(self.options), name, experiment)


def experiment_names() -> list[str]:
    """Every name a user may write, groups included."""
    return [*FACTORIES, *GROUPS]


def expand(names: str | Sequence[str]) -> list[str]:
    """Resolve names, comma-separated or listed, to single experiments without repetition.

    Raises:
        InputError: If a name is unknown or none is given.
    """
    wanted = names.split(",") if isinstance(names, str) else list(names)
    result: list[str] = []
    for name in (item.strip() for item in wanted):
        if not name:
            continue
        if name not in FACTORIES and name not in GROUPS:
            raise InputError(f"experiment {name!r} is unknown; {suggest(name, experiment_names())}")
        result.extend(GROUPS.get(name, (name,)))
    if not result:
        raise InputError(f"no experiment given; allowed: {', '.join(experiment_names())}")
    return list(dict.fromkeys(result))


def load_experiment(name: str, setting: Setting | None = None) -> Experiment:
    """Make one experiment.

    Raises:
        InputError: If the name is unknown or stands for several, or what it needs is missing.
    """
    if name not in FACTORIES:
        raise InputError(f"experiment {name!r} is unknown; {suggest(name, [*FACTORIES])}")
    module, factory = FACTORIES[name].split(":")
    loaded = import_module(f".experiments.{module}", __package__)
    return getattr(loaded, factory)(setting or Setting())


def load_experiments(
    names: str | Sequence[str], setting: Setting | None = None
) -> list[Experiment]:
    """Make the experiments of `expand(names)`."""
    return [load_experiment(name, setting) for name in expand(names)]
