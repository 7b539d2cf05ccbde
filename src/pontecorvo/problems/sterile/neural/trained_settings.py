"""What the networks were trained with, and what a run may do otherwise.

Networks are trained with one likelihood of every experiment. Another flux, a released covariance,
a resolved average or any other option changes the physics and takes no network away: what a
network reads of the data is their map under the likelihood in force, which is also the chart in
which it works, and what it has learned is the small rest. Draws are weighed by the likelihood in
force, so that weighted draws and evidences are exact whatever the network; the number of effective
draws says what it was worth. What is refused is an experiment that a network has never seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..experiment import Experiment
from ..experiment_registry import Setting, load_experiment
from .bundle import read_card, unfit

TRAINED = (("averaging", "compiled"), ("reference", "no-oscillation"))
"""Options of the networks that ship, whose card has none."""


@dataclass(frozen=True)
class Readable:
    """Experiments that networks can read.

    Attributes:
        experiments: Those that they have seen.
        left_out: The others, each with the reason.
        other_settings: Names of those that they have seen with other settings.
    """

    experiments: list[Experiment]
    left_out: dict[str, str]
    other_settings: tuple[str, ...]


def readable(folder: Path, experiments: Sequence[Experiment]) -> Readable:
    """Which experiments the networks of a folder have seen, and which otherwise than they are now.

    Raises:
        InputError: If the networks are missing or damaged.
    """
    seen, bad = read_card(folder)["experiments"], unfit(folder, experiments)
    return Readable(
        [one for one in experiments if one.name in seen],
        {name: why for name, why in bad.items() if name not in seen},
        tuple(name for name in bad if name in seen),
    )


def likelihood_in_words(setting: Setting, other: Sequence[str] = ()) -> str:
    """Of which likelihood a certificate is.

    Args:
        setting: In force.
        other: Experiments that the networks have seen with other settings.
    """
    options = ", ".join(f"{name} = {value}" for name, value in setting.options)
    said = f"flux {setting.flux}, gallium cross section {100 * setting.gallium_cross_section:g} %, "
    said += options or "options by default"
    return f"{said}; not that of the training for {', '.join(other)}" if other else said


def trained_setting(folder: Path) -> Setting:
    """What the networks of a folder were trained with."""
    kept: dict[str, Any] | None = read_card(folder).get("setting")
    if kept is None:
        return Setting(options=TRAINED)
    return Setting(
        str(kept["flux"]),
        None,
        float(kept["gallium_cross_section"]),
        tuple((str(name), str(value)) for name, value in kept["options"]),
    )


def trained_experiments(folder: Path, names: Sequence[str]) -> list[Experiment]:
    """Experiments by name as the networks of a folder were trained with them."""
    setting = trained_setting(folder)
    return [load_experiment(name, setting) for name in names]
