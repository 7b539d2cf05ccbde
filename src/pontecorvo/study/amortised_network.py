"""Networks of studies: which one serves a problem, and how its draws are made."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import InputError
from ..base.files import sha256
from ..core.draws import Draws
from ..core.model import Model
from ..core.problem import Problem, Reference, Sampler
from ..core.target import LikelihoodTarget
from ..sbi.amortised import NetworkOptions, out_of_range, sample_network
from .certificate_files import Standing, standing

if TYPE_CHECKING:
    from ..flows.conditional_flow import ConditionalFlow

REFERENCE_PROPOSALS = 1 << 21
"""Half of the exact sampler's own: enough for thousands of draws to compare with."""
ANNEALED = 64
"""Annealed moves of each draw where the problem has a feature map, unless told."""


def model_card(model: Model) -> dict[str, Any]:
    """What a network must agree on with a model: all but what is measured."""
    return {key: value for key, value in model.describe().items() if key != "observables"}


def serves(problem: Problem) -> bool:
    """Whether a shipped network is made for a problem; reads its card only, without PyTorch."""
    card, target = problem.shipped_network(), problem.target
    if card is None or not card.is_file() or target.measurement is None:
        return False
    content = json.loads(card.read_text(encoding="utf-8"))
    chart = target.model.conditioned_chart(target.measurement)
    measured = getattr(target.measurement, "names", ())
    return (
        chart is not None
        and content["training"]["model"] == model_card(target.model)
        and set(measured) == set(chart.conditions)
        and out_of_range(content["condition_range"], chart) is None
    )


def network_card(problem: Problem) -> Path:
    """Card of a problem's network: the one that its settings name, or the one that ships.

    Raises:
        InputError: If there is none.
    """
    choice = getattr(problem.settings, "network", None)
    card = getattr(choice, "file", None) or problem.shipped_network()
    if card is None or not Path(card).is_file():
        what = f"network {card}: there is no such file" if card else "no network ships for it"
        out = Path(card).with_suffix("") if card else "NETWORK"
        raise InputError(
            f"{problem.name}: {what}; train one with: pontecorvo train {problem.name} --out {out}"
        )
    return Path(card)


def load_network(problem: Problem) -> "ConditionalFlow":
    """The network of a problem.

    Raises:
        InputError: If there is none, or if it was trained for another model.
    """
    from ..flows.conditional_flow import ConditionalFlow

    card = network_card(problem)
    flow = ConditionalFlow.load(card)
    trained, wanted = flow.card["training"].get("model"), model_card(problem.target.model)
    if trained != wanted:
        odd = [key for key in wanted if not trained or trained.get(key) != wanted[key]]
        theirs = trained.get(odd[0]) if trained and odd else "another model"
        mine = wanted[odd[0]] if odd else "this one"
        raise InputError(
            f"network {card.name}: was trained for {odd[0] if odd else 'model'} {theirs}, not "
            f"{mine}; use --method exact, or train one for these settings with: "
            "pontecorvo train STUDY.yaml --out NETWORK"
        )
    return flow


def network_options(problem: Problem) -> NetworkOptions:
    """How the settings want the network to be used."""
    choice, features = problem.settings.network, problem.feature_map()
    moves = choice.anneal
    if moves is None:
        moves = ANNEALED if features and not choice.rejuvenate else 0
    return NetworkOptions(
        guidance=choice.guidance,
        nodes=choice.nodes,
        derivatives=choice.derivatives,
        defensive=choice.defensive,
        rejuvenate=choice.rejuvenate,
        anneal=moves,
        features=features,
    )


def network_standing(problem: Problem) -> list[Standing]:
    """What is known of the calibration of a problem's network."""
    return [standing(network_card(problem), problem.name)]


def network_sampler(problem: Problem) -> Sampler:
    """A sampler by the problem's network; loaded at first use."""
    options = network_options(problem)

    def sample(target: LikelihoodTarget, draws: int, seed: int, folder: Path | None) -> Draws:
        if is_lifted(network_card(problem)):
            result = _by_lift(problem, target, draws, seed, folder)
        else:
            flow = load_network(problem)
            result = sample_network(target, draws, seed, folder, flow=flow, options=options)
        notes = result.notes | {"network_card_sha256": sha256(network_card(problem))}
        return replace(result, notes=notes)

    return sample


def is_lifted(card: Path) -> bool:
    """Whether a network is one for the lift: made for a model without a chart of its own."""
    try:
        content = json.loads(card.read_text(encoding="utf-8"))
        return bool(content["calibration"]["lift"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _by_lift(
    problem: Problem, target: LikelihoodTarget, draws: int, seed: int, folder: Path | None
) -> Draws:
    from ..core.target import Target
    from ..sbi.lift.network import LiftNetwork, LiftNetworkOptions
    from ..sbi.lift.network_sampler import sample_lift_network

    if not isinstance(target, Target):
        raise InputError(f"{problem.name}: a lift network needs a measurement of observables")
    choice = problem.settings.network
    options = LiftNetworkOptions(
        choice.nodes, choice.derivatives, choice.defensive, anneal=choice.anneal or 0
    )
    network = LiftNetwork.load(network_card(problem), target.model)
    return sample_lift_network(target, draws, seed, folder, network=network, options=options)


def exact_reference(problem: Problem) -> Reference | None:
    """Exact draws that the report shows beneath a network's, or None where none are wanted."""
    draws, effort = problem.settings.network.reference, problem.settings.sampler
    if not draws or problem.target.chart is problem.target.raw_chart:
        return None  # blind proposals in the raw parameters would hit nothing

    def sample(target: LikelihoodTarget, draws: int, seed: int, folder: Path | None) -> Draws:
        from ..samplers.exact import sample_exact

        chart = target.raw_chart if effort.coordinates == "parameters" else target.chart
        return sample_exact(
            target,
            draws,
            seed,
            folder,
            proposals=REFERENCE_PROPOSALS,
            max_steps=effort.max_steps,
            chart=chart,
        )

    return Reference("exact sampler", sample, draws)
