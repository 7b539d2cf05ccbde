"""Simulated measurements with known truth, and a network's answer to each.

Truths are draws of the prior inside the network's range, shrunk by the reach of the errors; each is
measured with the study's errors, and the network is asked. The windows of the observables are cut
at the shrunk range: outside the truths' prior is zero, and calibration is about one prior.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import InputError
from ..base.files import cached_arrays
from ..base.progress import progress
from ..base.seeds import stream
from ..base.shards import kept_shards
from ..core.measurement import GaussianMeasurement, Measured
from ..core.problem import Problem
from ..core.target import LikelihoodTarget
from ..diagnostics.calibration import Answers, Observed, usable
from ..diagnostics.calibration_set import Trials
from ..sbi.amortised import NetworkOptions, conditioned_chart
from ..sbi.training_draws import posterior_examples
from .amortised_network import load_network

if TYPE_CHECKING:
    from ..flows.conditional_flow import ConditionalFlow

REACH = 6.2  # sigma: three between truth and measurement, three from there to the range's end
_BLOCK = 50  # data sets answered together
OBSERVED_DRAWS = 1000
NODES = 8
"""Of the divergence's quadrature: its error, 0.01 in log-density in the median, is far below the
spread of the weights."""


def _narrow_range(problem: Problem, ranges: Mapping[str, tuple[float, float]]) -> LikelihoodTarget:
    """The prior inside the shrunk range."""
    quantities = []
    for now in problem.measurement.quantities:
        low, high = ranges[now.name]
        reach = min(REACH * now.sigma, 0.45 * (high - low))
        low, high = low + reach, high - reach
        spread = (high - low) / 6
        quantities.append(Measured(now.name, (low + high) / 2, spread, spread, low, high))
    return problem.measured(GaussianMeasurement(quantities, "box", source="range of the truths"))


@dataclass(frozen=True)
class Asked:
    """A problem's network, and the prior of the truths it is asked about.

    Attributes:
        problem: The problem; its measurement gives the errors.
        guidance: Guidance scale of the network.
    """

    problem: Problem
    guidance: float = 1.0

    @cached_property
    def flow(self) -> "ConditionalFlow":
        """The network."""
        return load_network(self.problem)

    @cached_property
    def narrow(self) -> LikelihoodTarget:
        """The prior inside the network's range, shrunk by the errors' reach."""
        return _narrow_range(self.problem, self.flow.conditions.range)

    @cached_property
    def ends(self) -> dict[str, tuple[float, float]]:
        """Lowest and highest true value of each measured quantity."""
        measurement = self.narrow.measurement
        assert isinstance(measurement, GaussianMeasurement)
        return {q.name: (q.low, q.high) for q in measurement.quantities}

    @cached_property
    def checked_count(self) -> int:
        """Number of quantities Q that are ranked."""
        theta = self.problem.target.model.prior.sample(1, np.random.default_rng(0))
        return self.problem.checked(theta).values.shape[1]

    @cached_property
    def quantities(self) -> list[Measured]:
        """What is measured, in the order of the network's conditions.

        Raises:
            InputError: If other quantities are measured than the network is conditioned on.
        """
        measured = {q.name: q for q in self.problem.measurement.quantities}
        names = conditioned_chart(self.narrow).conditions
        if set(names) != set(measured):
            raise InputError(
                f"check: the network is conditioned on {', '.join(names)}, and the study measures "
                f"{', '.join(measured)}; check it with a study that measures the same"
            )
        return [measured[name] for name in names]

    def answer(
        self, data: np.ndarray, draws: int, rng: np.random.Generator, truth: np.ndarray | None
    ) -> dict[str, np.ndarray]:
        """Draws of the checked quantities (S, N, Q) at measured values (S, M), with weights.

        Args:
            data: Measured values.
            draws: Draws for each, N.
            rng: Random numbers.
            truth: Parameters (S, P) whose density is wanted too, or None.
        """
        targets = [_measured(self, values) for values in data]
        charts = [conditioned_chart(one).within(self.ends) for one in targets]
        chart = charts[0]
        u = rng.random((len(data), draws, chart.dim))
        x = np.stack([c.condition(part) for c, part in zip(charts, u, strict=True)])
        limits = np.array([self.flow.conditions.range[name] for name in chart.conditions])
        options = NetworkOptions(guidance=self.guidance)
        drawn = self.flow.sample(
            np.clip(x, limits[:, 0], limits[:, 1]).reshape(-1, x.shape[2]),
            len(data) * draws,
            int(rng.integers(2**63)),
            with_density=True,
            guidance=options.guidance,
            nodes=NODES,
            derivatives=options.derivatives,
            check=0,
        )
        assert drawn.log_density is not None
        learned = drawn.u.reshape(len(data), draws, -1)
        log_q = drawn.log_density.reshape(len(data), draws)
        points = np.zeros((len(data), draws, self.checked_count))
        log_weights, log_density = np.empty((2, len(data), draws))
        own_density = np.zeros(len(data))
        for k, (one, own) in enumerate(zip(targets, charts, strict=True)):
            u[k][:, own.learned] = np.clip(learned[k], 0, np.nextafter(1.0, 0.0))
            rest = own.complete(u[k], rng)
            parameters, _ = own.to_parameters(u[k])
            density = one.log_posterior_in(own, u[k])
            density[~np.isfinite(rest)] = -np.inf
            alive = np.isfinite(density)
            weight = np.where(alive, density - log_q[k], -np.inf)
            weight[alive] -= rest[alive]
            if alive.any():
                points[k][alive] = self.problem.checked(parameters[alive]).values
            log_weights[k], log_density[k] = weight, density
            if truth is not None:
                there = own.from_parameters(truth[k : k + 1])
                own_density[k] = one.log_posterior_in(own, there)[0]
        return {
            "points": points,
            "log_weights": log_weights,
            "log_density": log_density,
            "own_density": own_density,
        }


def network_answers(
    problem: Problem,
    simulations: int,
    draws: int,
    seed: int,
    folder: Path | None = None,
    guidance: float = 1.0,
) -> Answers:
    """Measure `simulations` truths, and draw `draws` posterior points for each from the network.

    Args:
        problem: The problem; its measurement gives the errors.
        simulations: Number of data sets S.
        draws: Draws for each, N.
        seed: Seed of everything.
        folder: Where finished blocks are kept, so that a killed run resumes; None keeps nothing.
        guidance: Guidance scale of the network.

    Returns:
        Trials with importance weights and log densities, and the network's answer at the study's
        own measurement where it lies among the truths; ``data`` are the measured values (S, M).
    """
    asked = Asked(problem, guidance)
    chart = conditioned_chart(asked.narrow)
    truths = posterior_examples(
        asked.narrow,
        chart,
        simulations,
        seed,
        folder,
        chains=max(simulations, 256),
        proposals=problem.settings.sampler.proposals,
        burn=400,
    )[:simulations]
    sigma = np.array([q.sigma for q in asked.quantities])
    # a measurement beyond three sigma is drawn again: the network's range has its end there
    noise = stream(seed, "noise").standard_normal((simulations, 60, len(sigma)))
    good = np.argmax(np.abs(noise) < 3, axis=1)
    noise = np.take_along_axis(noise, good[:, None], axis=1)[:, 0]
    data = chart.condition(truths) + sigma * noise
    theta, _ = chart.to_parameters(truths)

    def block(first: int) -> dict[str, np.ndarray]:
        rows = slice(first, min(first + _BLOCK, simulations))
        return asked.answer(data[rows], draws, stream(seed, "answers", first), theta[rows])

    here = np.array([[q.central for q in asked.quantities]])
    among = all(asked.ends[q.name][0] < q.central < asked.ends[q.name][1] for q in asked.quantities)
    parts, observed = [], None
    starts = range(0, simulations, _BLOCK)
    with progress("ask the network", len(starts) + among) as advance:
        own = {"draws": draws, "seed": seed, "simulations": simulations, "guidance": guidance}
        ends = [*starts[1:], simulations]
        # one after the other: inside a block, PyTorch has the cores
        for part in kept_shards(block, starts, folder, "answers-{:06d}.npz", own, ends, threads=1):
            parts.append(part)
            advance()
        if among:
            ask = partial(asked.answer, here, OBSERVED_DRAWS, stream(seed, "measured"), None)
            found = cached_arrays(folder and folder / "measured.npz", ask)
            observed = Observed(here[0], found["points"][0], found["log_weights"][0])
            advance()
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    use = usable(whole["log_weights"])
    checked = problem.checked(theta[use])
    trials = Trials(
        truth=checked.values,
        draws=whole["points"][use],
        log_weights=whole["log_weights"][use],
        log_density=whole["log_density"][use],
        truth_log_density=whole["own_density"][use],
        data=data[use],
        names=checked.names,
        periodic=checked.periodic,
        period=2 * np.pi,
    )
    names = [q.name for q in asked.quantities]
    slices = {f"measured {name}": data[use, k] for k, name in enumerate(names)}
    return Answers(trials, trials.unweighted(), slices, observed, int((~use).sum()))


def _measured(asked: Asked, values: np.ndarray) -> LikelihoodTarget:
    """The posterior with Gaussian errors like those of the problem, at other measured values."""
    quantities = [
        Measured(
            *(q.name, float(v), q.sigma, q.sigma, float(v) - 3 * q.sigma, float(v) + 3 * q.sigma),
            period=q.period,
        )
        for q, v in zip(asked.quantities, values, strict=True)
    ]
    return asked.problem.measured(GaussianMeasurement(quantities, "gaussian", source="simulated"))
