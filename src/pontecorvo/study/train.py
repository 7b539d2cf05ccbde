"""`pontecorvo train`: the amortised network of any study, or what its problem trains instead."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..base.errors import InputError
from ..base.files import writable_folder
from ..base.float_errors import own_float_errors
from ..base.folders import alone_in
from ..core.problem import TrainRequest
from ..core.settings import ModelSettings
from .catalog import find_preset, load_problem


@own_float_errors
def train_study(study: str, request: TrainRequest, changes: Mapping[str, Any]) -> str:
    """Train what a study needs, and say in a line what came out.

    Args:
        study: A registered study, the path of a YAML file, or of a model's Python file.
        request: Where to, and with which options.
        changes: Settings of the training of an amortised network, such as ``steps``; None leaves
            one as it is.

    Raises:
        InputError: If the study or an option is wrong, or a network is there already.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    if not issubclass(find_preset(study)[0].problem.Settings, ModelSettings):
        problem = load_problem(study)
        if given or request.work:
            names = ", ".join(f"--{name}" for name in (*given, *(["work"] if request.work else [])))
            raise InputError(f"{names}: only for a study with one amortised network")
        said = problem.train(request)
        if said is None:
            raise InputError(f"{study}: has no network to train")
        return said
    problem = load_problem(study, {"training": {**given, "seed": request.seed}})
    said = problem.train(request)
    return _train_amortised(problem, request) if said is None else said


def _train_amortised(problem: Any, request: TrainRequest) -> str:
    text = str(request.out)
    card = request.out if text.endswith(".json") else Path(text + ".json")
    if card.exists() and not request.overwrite:
        raise InputError(f"--out {card}: a network is there already; give --overwrite or another")
    target = problem.target
    has_chart = target.measurement is not None and target.model.conditioned_chart(
        target.measurement
    )
    folder = writable_folder(request.work or card.with_suffix(".work"))
    writable_folder(card.parent)
    with alone_in(folder):
        train = _train_with_chart if has_chart else _train_lifted
        return train(problem, card, folder, request.command)


def _train_with_chart(problem: Any, card: Path, folder: Path, command: str) -> str:
    from .network_training import train_network  # imports PyTorch

    flow = train_network(problem, card, folder, command)
    here = flow.card["calibration"]["at_the_measurement"]
    others = flow.card["calibration"]["what_ifs"]
    return (
        f"{card}: {flow.parameter_count} weights, raw acceptance {here['acceptance']:.3f}, "
        f"ESS/N {here['efficiency']:.3f} (what-ifs: median {others['efficiency_median']:.3f}, "
        f"5 % {others['efficiency_5_percent']:.3f}, lowest {others['efficiency_lowest']:.3f})"
    )


def _train_lifted(problem: Any, card: Path, folder: Path, command: str) -> str:
    """The network of a model without coordinates of its own: in its parameters, for the lift."""
    from ..core.target import Target
    from ..sbi.lift.network import LiftTraining, train_lift_network
    from .network_training import flow_settings, train_settings

    target, training = problem.target, problem.settings.training
    if not isinstance(target, Target):
        raise InputError(f"{problem.name}: a network needs a measurement of observables")
    network = train_lift_network(
        target,
        training.seed,
        folder,
        LiftTraining(
            ranges=training.ranges,
            examples=training.examples,
            flow=flow_settings(training, ""),
            train=train_settings(training),
        ),
    )
    network.save(card)
    return (
        f"{card}: {network.flow.parameter_count} weights, for the lift; its draws carry exact "
        f"weights: pontecorvo run {problem.name} --method network --network {card} --out DIR"
    )
