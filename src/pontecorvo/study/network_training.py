"""Training of a problem's amortised network: examples, learning, calibration, a card."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.files import cached_arrays, fingerprint
from ..base.progress import progress
from ..base.seeds import stream
from ..core.measurement import GaussianMeasurement, Measured
from ..core.problem import Problem
from ..core.settings import TrainingSettings
from ..core.target import LikelihoodTarget
from ..samplers.correction import correct
from ..sbi.amortised import NetworkOptions, conditioned_chart, propose, sample_network
from .amortised_network import model_card

if TYPE_CHECKING:
    from ..flows.conditional_flow import ConditionalFlow
    from ..flows.flow_settings import FlowSettings, TrainSettings


def flow_settings(training: TrainingSettings, features: str) -> "FlowSettings":
    """Path, network and coordinates; the name of the feature map, where one is wanted."""
    from ..flows.flow_settings import FlowSettings
    from ..flows.networks import NetworkSettings

    return FlowSettings(
        path={"name": training.path},
        prediction=training.prediction,
        network=NetworkSettings(
            width=training.width,
            blocks=training.blocks,
            harmonics=training.harmonics,
            features=features if training.features else "",
        ),
        coordinates=training.coordinates,
        model_guidance=training.model_guidance or None,
    )


def train_settings(training: TrainingSettings) -> "TrainSettings":
    """Steps, batch, rates."""
    from ..flows.flow_settings import TrainSettings

    return TrainSettings(
        steps=training.steps,
        batch=training.batch,
        learning_rate=training.learning_rate,
        dropout=training.dropout,
        validate_every=1000,
        checkpoint_every=500,
        seed=training.seed,
    )


def train_network(
    problem: Problem, out: Path, folder: Path | None = None, command: str = ""
) -> "ConditionalFlow":
    """Train the network of a problem, from simulations to calibration, and save it.

    Args:
        problem: The problem; `problem.settings.training` says how.
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

    training, target = problem.settings.training, problem.target
    model, broad = target.model, problem.training_target()
    chart = conditioned_chart(broad)
    u = posterior_examples(
        broad,
        chart,
        training.examples + training.chains,
        training.seed,
        folder,
        training.chains,
        proposals=problem.settings.sampler.proposals,
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
        "ranges": broad.describe_likelihood(),
        "chart": chart.name,
        "examples": learn,
        "seed": training.seed,
    }
    flow = ConditionalFlow(
        chart.learned.stop - chart.learned.start,
        chart.conditions,
        chart.periodic[chart.learned],
        flow_settings(training, problem.feature_map()),
        training.seed,
    )
    flow.card["training"] = {"model": model_card(model)}

    def monitor(flow: "ConditionalFlow") -> dict[str, float]:
        worth = proposal_worth(flow, target, 1024, seed=1)
        return {name: worth[name] for name in ("acceptance", "efficiency")}

    assert isinstance(broad.measurement, GaussianMeasurement)
    ends = {q.name: (q.low, q.high) for q in broad.measurement.quantities}
    flow.fit(
        SimulatedExamples(draw, about, training.seed, block=16),
        train_settings(training),
        validation=(u[learn:, chart.learned], condition[learn:]),
        condition_range=ends,
        retrain=command or f"pontecorvo train {problem.name} --out NETWORK",
        checkpoint=None if folder is None else folder / "training.safetensors",
        monitor=monitor,
    )
    flow.card["training"]["model"] = model_card(model)
    flow.card["calibration"] = calibrate(flow, problem)
    flow.card["known_limits"] = [
        "Trained for one prior and the model's own constants; others are refused.",
        "What is measured beyond the conditions enters by the weights alone, which costs ESS.",
    ]
    flow.save(out)
    return flow


def proposal_worth(
    flow: "ConditionalFlow",
    target: LikelihoodTarget,
    n: int,
    seed: int,
    options: NetworkOptions | None = None,
) -> dict[str, float]:
    """Raw acceptance, ESS/N, k-hat and log-evidence of `n` draws of a network."""
    raw = propose(flow, target, conditioned_chart(target), n, seed, options, check=0)
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

    The errors are the measurement's own times a factor log-uniform between 1/5 and 2, the central
    values uniform where three errors leave them room.
    """
    quantities = []
    for name, (low, high) in flow.conditions.range.items():
        now = next(q for q in measurement.quantities if q.name == name)
        sigma = min(now.sigma * np.exp(rng.uniform(-np.log(5), np.log(2))), (high - low) / 6.1)
        centre = rng.uniform(low + 3.01 * sigma, high - 3.01 * sigma)
        span = 3 * sigma
        quantities.append(Measured(name, centre, sigma, sigma, centre - span, centre + span))
    return GaussianMeasurement(quantities, "gaussian", source="what if")


def calibrate(flow: "ConditionalFlow", problem: Problem, n: int = 256) -> dict[str, Any]:
    """What a network is good for: at the study's measurement, and over random what-ifs."""
    training = problem.settings.training
    here = proposal_worth(flow, problem.target, 32 * n, seed=2)
    worths = what_if_worths(flow, problem, training.what_ifs, n)
    return {
        "at_the_measurement": {"draws": 32 * n} | here,
        "what_ifs": summary_of_worths(worths, n),
    }


def what_if_worths(
    flow: "ConditionalFlow",
    problem: Problem,
    measurements: int,
    n: int,
    options: NetworkOptions | None = None,
    folder: Path | None = None,
) -> np.ndarray:
    """ESS/N (S,) of a network at random measurements (`random_what_if`), n draws each.

    Args:
        flow: The network.
        problem: Whose measurement says what is measured, and how well about.
        measurements: Their number S.
        n: Draws of each.
        options: How the network is used; its own draws, or carried on by annealed steps.
        folder: Where they are kept, so that a killed run resumes; None keeps nothing.
    """

    def one(index: int) -> dict[str, np.ndarray]:
        rng = stream(problem.settings.training.seed, "what-if", index)
        other = problem.measured(random_what_if(flow, problem.measurement, rng))
        if options is None or not options.anneal:
            value = proposal_worth(flow, other, n, index, options)["efficiency"]
        else:
            draws = sample_network(other, n, index, flow=flow, options=options)
            value = draws.notes["weighted_efficiency"]
        return {"efficiency": np.array(value)}

    values = []
    with progress("random measurements", measurements) as advance:
        for index in range(measurements):
            how = fingerprint([n, asdict(options or NetworkOptions())])[:12]
            name = f"what-if-{how}-{index:05d}.npz"
            kept = cached_arrays(folder / name if folder else None, partial(one, index))
            values.append(float(kept["efficiency"]))
            advance()
    return np.array(values)


def summary_of_worths(worths: np.ndarray, n: int) -> dict[str, Any]:
    """What a card says of ESS/N (S,) at random measurements, n draws each."""
    return {
        "measurements": len(worths),
        "draws_each": n,
        "efficiency_median": float(np.median(worths)),
        "efficiency_5_percent": float(np.quantile(worths, 0.05)),
        "efficiency_lowest": float(np.min(worths)),
        "below_0.02": int(np.sum(worths < 0.02)),
    }
