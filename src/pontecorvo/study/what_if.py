"""What-if questions: the study's network at another measurement, without a run's folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError, check_whole, suggest
from ..base.float_errors import own_float_errors
from ..base.progress import progress
from ..base.quantiles import circular_mean, weighted_quantiles
from ..core.draws import Draws, weights_from_logs
from ..core.measurement import GaussianMeasurement, Measured
from ..core.problem import Problem
from ..core.settings import ModelSettings
from ..core.target import LikelihoodTarget
from ..sbi.amortised import NetworkOptions, check_range, conditioned_chart, propose
from .amortised_network import load_network, network_sampler, network_standing
from .catalog import find_preset, load_problem
from .certificate_files import Standing
from .posterior_file import build_groups, write_groups

RAW_STEPS = 4
"""Steps of RK4 for raw draws: more change nothing that a classifier could see
(`benchmarks/network_steps.py`)."""


@dataclass(frozen=True)
class WhatIf:
    """A question.

    Attributes:
        study: A study's name, its YAML file, or its model's file.
        values: Other central values, by name.
        errors: Other 1 sigma errors, by name.
        draws: Number of draws.
        seed: Seed.
        raw: The network's own draws instead of weighted ones.
        network: Card of a network; None: the shipped one.
        guidance: Guidance scale; None: the study's.
        sampler: Raw draws only.
        steps: Raw draws only.
    """

    study: str
    values: dict[str, float]
    errors: dict[str, float]
    draws: int = 10_000
    seed: int = 0
    raw: bool = False
    network: str | None = None
    guidance: float | None = None
    sampler: str | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        check_whole(draws=(self.draws, 1), seed=(self.seed, 0))


def changed_measurement(
    measurement: GaussianMeasurement, values: dict[str, float], errors: dict[str, float]
) -> GaussianMeasurement:
    """A measurement with other central values or errors; 3 sigma ranges follow them.

    Raises:
        InputError: For a name that is not measured, or an error that is not positive.
    """
    names = list(measurement.names)
    for name in (*values, *errors):
        if name not in names:
            raise InputError(f"{name!r} is not measured in this study; {suggest(name, names)}")
    quantities = []
    for old in measurement.quantities:
        if old.name not in values and old.name not in errors:
            quantities.append(old)
            continue
        centre = values.get(old.name, old.central)
        plus, minus = (errors[old.name],) * 2 if old.name in errors else (old.plus, old.minus)
        if not (np.isfinite(plus) and plus > 0):
            raise InputError(f"--sigma {old.name}={plus}: the error must be positive and finite")
        low, high = centre - 3 * minus, centre + 3 * plus
        quantities.append(Measured(old.name, centre, plus, minus, low, high, old.period))
    return GaussianMeasurement(
        quantities, measurement.shape, measurement.correlation, measurement.source
    )


@own_float_errors
def sample_what_if(
    asked: WhatIf, out: str | None = None
) -> tuple[LikelihoodTarget, Draws, dict[str, Any]]:
    """Draw the answer, and write it where wanted.

    Returns:
        The target, its draws, and their groups as in posterior.nc.

    Raises:
        InputError: For names, values or ranges that are not allowed.
    """
    problem = problem_of(asked)
    measurement = changed_measurement(problem.measurement, asked.values, asked.errors)
    target = problem.measured(measurement)
    if asked.raw:
        draws = raw_draws(problem, target, asked)
    else:
        draws = network_sampler(problem)(target, asked.draws, asked.seed, None)
    groups = build_groups(target.model, draws, problem.extra_predictions)
    if out is not None:
        attributes = {"study": problem.name, "method": draws.method, "seed": asked.seed}
        write_groups(Path(out), groups, attributes)
    return target, draws, groups


def problem_of(asked: WhatIf) -> Problem:
    """The study, with the network that is asked."""
    if not issubclass(find_preset(asked.study)[0].problem.Settings, ModelSettings):
        raise InputError(f"{asked.study}: no network of it answers what-if questions")
    changes = {"file": asked.network, "guidance": asked.guidance}
    return load_problem(asked.study, {"network": changes})


def standing_of(asked: WhatIf) -> Standing:
    """What is known of the calibration of the network that answers."""
    return network_standing(problem_of(asked))[0]


def raw_draws(problem: Problem, target: LikelihoodTarget, asked: WhatIf) -> Draws:
    """The network's own draws: nothing removed, weighted or mended."""
    flow, guidance = load_network(problem), problem.settings.network.guidance
    chart = conditioned_chart(target)
    check_range(flow, chart)
    sampler = asked.sampler or "rk4"
    steps = RAW_STEPS if asked.steps is None and sampler == "rk4" else asked.steps
    options = NetworkOptions(guidance=guidance, sampler=sampler, steps=steps)
    with progress("draw from the network", asked.draws) as advance:
        raw = propose(flow, target, chart, asked.draws, asked.seed, options, False, advance)
    inside = np.isfinite(raw.log_volume)
    log_prior, log_likelihood = np.full((2, asked.draws), -np.inf)
    log_prior[inside] = target.log_prior(raw.theta[inside])
    log_likelihood[inside] = target.log_likelihood(raw.theta[inside])
    accepted = target.within_three_sigma(raw.theta[inside]).sum() / asked.draws
    return Draws(
        theta=raw.theta,
        log_weight=np.zeros(asked.draws),
        log_prior=log_prior,
        log_likelihood=log_likelihood,
        log_evidence=float("nan"),
        log_evidence_error=float("nan"),
        raw_acceptance=float(accepted),
        ess=float("nan"),
        converged=False,
        method="network, raw",
        notes=raw.notes,
    )


def predictions_table(answer: tuple[LikelihoodTarget, Draws, dict[str, Any]]) -> str:
    """Predictions with median and 68 % interval, one a line."""
    _, draws, groups = answer
    weight = weights_from_logs(draws.log_weight)
    lines = [f"{'prediction':14s} {'median':>12s} {'16 %':>12s} {'84 %':>12s}  unit"]
    for name, array in groups["predictions"].data_vars.items():
        values, unit = array.values.ravel(), array.attrs.get("units", "1")
        good = np.isfinite(values)
        middle, low, high = weighted_quantiles(
            values[good], weight[good] / weight[good].sum(), np.array([0.5, 0.16, 0.84])
        )
        note = ""
        if unit == "rad":
            centre, length = circular_mean(values[good], weight[good] / weight[good].sum())
            note = f" (circular mean {centre:.2f}, resultant length {length:.2f})"
        lines.append(
            f"{name!s:14s} {middle:12.5g} {low:12.5g} {high:12.5g}  "
            f"{'' if unit == '1' else unit}{note}"
        )
    if draws.log_q is None:
        worth = f"{len(draws.theta)} raw draws, {100 * draws.raw_acceptance:.2f} % within 3 sigma"
    else:
        worth = (
            f"{len(draws.theta)} draws, ESS {draws.ess:.0f}, k-hat {draws.notes['k_hat']:.2f}, "
            f"log-evidence {draws.log_evidence:.3f} +- {draws.log_evidence_error:.3f}"
        )
        if not draws.converged:
            worth += "; NOT TO BE TRUSTED: " + draws.notes["verdict"]
    return "\n".join([*lines, worth])
