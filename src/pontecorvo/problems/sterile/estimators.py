"""Every estimator of the plane's posterior by name, with what it costs.

Some are trained once and ship (``fmpe``, ``npse``, ``nre``, ``dnre``, and the learned belts); the
others are trained for the measured data when they are asked for. The list is light: what computes
lies in `neural` and is imported where it runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ...base.errors import InputError, suggest


@dataclass(frozen=True)
class Estimator:
    """One of them.

    Attributes:
        title: In tables and figures.
        what: What it gives.
        cost: What it takes, said before anything is drawn.
        trained: Whether it is trained for the measured data, in the run.
    """

    title: str
    what: str
    cost: str
    trained: bool = False


ESTIMATORS: dict[str, Estimator] = {
    "fmpe": Estimator("FMPE (flow matching)", "the network that ships, every set", "seconds"),
    "npse": Estimator("NPSE (score)", "the network that ships, every set", "seconds"),
    "nre": Estimator("NRE (ratio)", "the ratio that ships, every set", "seconds"),
    "dnre": Estimator("DNRE (direct ratio)", "the ratio that ships, every set", "seconds"),
    "belts": Estimator("learned belts", "regions of the joint fit without trials", "seconds"),
    "map": Estimator("MAP", "highest density of each set's exact posterior", "seconds"),
    "fmpe-rounds": Estimator(
        "FMPE, truncated rounds",
        "trained for the joint fit's data",
        "minutes: 4 rounds of 10,000 simulations, a training each",
        True,
    ),
    "npse-rounds": Estimator(
        "NPSE, truncated rounds",
        "trained for the joint fit's data",
        "minutes: 4 rounds of 10,000 simulations, a training each",
        True,
    ),
    "snpe-c": Estimator(
        "SNPE-C (sbi)",
        "trained for the joint fit's data, in rounds",
        "minutes: 4 rounds of 10,000 simulations, a training each",
        True,
    ),
}
DEFAULT = ("fmpe", "npse", "nre", "dnre", "belts")


def check_estimators(names: Sequence[str]) -> tuple[str, ...]:
    """Names, each once, in the list's order; ``all`` stands for every one.

    Raises:
        InputError: If one is unknown, or the package that it needs is not installed.
    """
    wanted = [name.strip() for name in names if name.strip()]
    for name in wanted:
        if name not in ESTIMATORS and name != "all":
            raise InputError(
                f"estimator {name!r} is unknown; {suggest(name, [*ESTIMATORS, 'all'])}"
            )
    chosen = tuple(n for n in ESTIMATORS if n in wanted or "all" in wanted)
    if "snpe-c" in chosen:
        from ...sbi.snpe_c import require_sbi

        require_sbi()
    return chosen


def costs(names: Sequence[str]) -> list[str]:
    """What those that are trained in the run cost, one line each."""
    return [
        f"estimator {name}: {one.what}; {one.cost}"
        for name in names
        if (one := ESTIMATORS[name]).trained
    ]
