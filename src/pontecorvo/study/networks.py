"""Networks of studies: which one serves a target, and how one is trained."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import InputError
from ..base.files import sha256
from ..base.seeds import stream
from ..core.measurement import GaussianMeasurement, Measured
from ..core.target import Target
from ..problems.seesaw.model import Seesaw
from ..problems.seesaw.settings import SeesawSettings
from ..samplers.correction import correct
from ..sbi.amortised import NetworkOptions, conditioned_chart, out_of_range, propose, sample_network
from .certificate_files import Standing, standing

if TYPE_CHECKING:
    from ..flows.conditional_flow import ConditionalFlow

SHIPPED = Path(__file__).parents[1] / "problems" / "seesaw" / "networks"


def shipped_card(model: Seesaw) -> Path:
    """Card of the network that ships for a model's ordering."""
    return SHIPPED / f"{model.name}.json"


def model_card(model: Seesaw) -> dict[str, Any]:
    """What a network must agree on with a model: all but what is measured."""
    return {key: value for key, value in model.describe().items() if key != "observables"}


def serves(target: Target) -> bool:
    """Whether a shipped network is made for this target; reads its card only, without PyTorch."""
    if not isinstance(target.model, Seesaw) or not shipped_card(target.model).is_file():
        return False
    card = json.loads(shipped_card(target.model).read_text(encoding="utf-8"))
    chart = target.model.conditioned_chart(target.measurement)
    measured = [q.name for q in target.model.observables]
    return (
        chart is not None
        and card["training"]["model"] == model_card(target.model)
        and set(measured) == set(chart.conditions)
        and out_of_range(card["condition_range"], chart) is None
    )


def load_network(model: Seesaw, file: Path | None = None) -> "ConditionalFlow":
    """The network for a model.

    Args:
        model: The model.
        file: Card of a network; None: the one that ships.

    Raises:
        InputError: If there is none, or if it was trained for another model.
    """
    from ..flows.conditional_flow import ConditionalFlow

    card = file or shipped_card(model)
    if not card.is_file():
        raise InputError(
            f"network {card}: there is no such file; train one with: "
            f"pontecorvo train {model.name} --out {card.with_suffix('')}"
        )
    flow = ConditionalFlow.load(card)
    trained, wanted = flow.card["training"].get("model"), model_card(model)
    if trained != wanted:
        odd = [key for key in wanted if not trained or trained.get(key) != wanted[key]]
        theirs = trained.get(odd[0]) if trained else "another model"
        raise InputError(
            f"network {card.name}: was trained for {odd[0]} {theirs}, not {wanted[odd[0]]}; "
            "use --method exact, or train one for these settings with: "
            "pontecorvo train STUDY.yaml --out NETWORK"
        )
    return flow


def train_network(
    settings: SeesawSettings, out: Path, folder: Path | None = None, command: str = ""
) -> "ConditionalFlow":
    """Train the network of a seesaw study, from simulations to calibration, and save it.

    Args:
        settings: The study; `settings.training` says how.
        out: Path of the network's card.
        folder: Where simulations and checkpoints are kept, so that a killed run resumes and ends
            in the same bytes; None keeps nothing.
        command: The command that does this, for the card.

    Returns:
        The network, as saved.
    """
    from ..flows.batches import SimulatedExamples
    from ..flows.conditional_flow import ConditionalFlow
    from ..sbi.training_draws import posterior_examples

    training = settings.training
    target = settings.build()
    assert isinstance(target.model, Seesaw)
    model = target.model
    broad = training.box(model)
    chart = conditioned_chart(broad)
    u = posterior_examples(
        broad,
        chart,
        training.examples + training.chains,
        training.seed,
        folder,
        training.chains,
        proposals=settings.sampler.proposals,
    )
    condition = chart.condition(u)
    learn = len(u) - training.chains  # the last snapshot of every chain is held out

    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        rows = rng.integers(0, learn, n)
        points = u[rows]
        flip = rng.random((n, 1)) < 0.5
        points = np.where(flip, chart.mirror(points), points)
        return points[:, chart.learned], condition[rows]

    about = {
        "model": model_card(model),
        "ranges": broad.measurement.describe(),
        "chart": chart.name,
        "examples": learn,
        "seed": training.seed,
    }
    flow = ConditionalFlow(
        chart.learned.stop - chart.learned.start,
        chart.conditions,
        chart.periodic[chart.learned],
        training.flow(model),
        training.seed,
    )
    flow.card["training"] = {"model": model_card(model)}

    def monitor(flow: "ConditionalFlow") -> dict[str, float]:
        worth = proposal_worth(flow, target, 1024, seed=1)
        return {name: worth[name] for name in ("acceptance", "efficiency")}

    ends = {
        q.name: (q.low, q.high)
        for q in broad.measurement.quantities  # type: ignore[attr-defined]
    }
    flow.fit(
        SimulatedExamples(draw, about, training.seed, block=16),
        training.train(),
        validation=(u[learn:, chart.learned], condition[learn:]),
        condition_range=ends,
        retrain=command or f"pontecorvo train {model.name} --out NETWORK",
        checkpoint=None if folder is None else folder / "training.safetensors",
        monitor=monitor,
    )
    flow.card["training"]["model"] = model_card(model)
    flow.card["calibration"] = calibrate(flow, settings, target)
    flow.card["known_limits"] = [
        "Trained for one prior and one vev; others are refused.",
        "Measured phases (delta_cp) enter by the weights alone, which costs ESS.",
    ]
    flow.save(out)
    return flow


def proposal_worth(
    flow: "ConditionalFlow",
    target: Target,
    n: int,
    seed: int,
    options: NetworkOptions | None = None,
) -> dict[str, float]:
    """Raw acceptance, ESS/N, k-hat and log-evidence of `n` draws of a network."""
    raw = propose(flow, target, conditioned_chart(target), n, seed, options)
    inside = np.isfinite(raw.log_volume)
    log_target = np.full(n, -np.inf)
    log_target[inside] = raw.log_volume[inside] + target.log_likelihood(raw.theta[inside])
    accepted = target.within_three_sigma(raw.theta[inside]).sum() / n
    assert raw.log_q is not None
    correction = correct(log_target, raw.log_q)
    return {
        "acceptance": float(accepted),
        "efficiency": correction.efficiency,
        "k_hat": correction.k_hat,
        "log_evidence": correction.log_evidence,
        "log_evidence_error": correction.log_evidence_error,
    }


def random_what_if(
    flow: "ConditionalFlow", measurement: GaussianMeasurement, rng: np.random.Generator
) -> GaussianMeasurement:
    """A measurement within a network's range: other central values, other errors.

    The errors are NuFIT's times a factor log-uniform between 1/5 and 2, the central values uniform
    where three errors leave them room.
    """
    quantities = []
    for name, (low, high) in flow.conditions.range.items():
        now = next(q for q in measurement.quantities if q.name == name)
        sigma = min(now.sigma * np.exp(rng.uniform(-np.log(5), np.log(2))), (high - low) / 6.1)
        centre = rng.uniform(low + 3.01 * sigma, high - 3.01 * sigma)
        span = 3 * sigma
        quantities.append(Measured(name, centre, sigma, sigma, centre - span, centre + span))
    return GaussianMeasurement(quantities, "gaussian", source="what if")


def calibrate(
    flow: "ConditionalFlow", settings: SeesawSettings, target: Target, n: int = 256
) -> dict[str, Any]:
    """What a network is good for: at the study's measurement, and over random what-ifs."""
    here = proposal_worth(flow, target, 32 * n, seed=2)
    worths = []
    for index in range(settings.training.what_ifs):
        rng = stream(settings.training.seed, "what-if", index)
        measurement = random_what_if(flow, settings.build_measurement(), rng)
        other = Target(target.model, measurement)
        worths.append(proposal_worth(flow, other, n, seed=index)["efficiency"])
    return {
        "at_the_measurement": {"draws": 32 * n} | here,
        "what_ifs": {
            "measurements": settings.training.what_ifs,
            "draws_each": n,
            "efficiency_median": float(np.median(worths)),
            "efficiency_lowest": float(np.min(worths)),
            "below_0.02": int(np.sum(np.array(worths) < 0.02)),
        },
    }


def network_standing(settings: SeesawSettings, study: str) -> list[Standing]:
    """What is known of the calibration of a study's network."""
    model = settings.build().model
    assert isinstance(model, Seesaw)
    return [standing(settings.network.file or shipped_card(model), study)]


def network_sampler(settings: SeesawSettings) -> Any:
    """A sampler, as `study.Study` takes it, by the study's network; loaded at first use."""
    choice = settings.network
    options = NetworkOptions(
        guidance=choice.guidance,
        nodes=choice.nodes,
        derivatives=choice.derivatives,
        defensive=choice.defensive,
        rejuvenate=choice.rejuvenate,
    )

    def sample(target: Target, draws: int, seed: int, folder: Path | None) -> Any:
        assert isinstance(target.model, Seesaw)
        flow = load_network(target.model, choice.file)
        result = sample_network(target, draws, seed, folder, flow=flow, options=options)
        card = choice.file or shipped_card(target.model)
        notes = result.notes | {"network_card_sha256": sha256(card)}
        return replace(result, notes=notes)

    return sample
