r"""A trained network as a sampler: proposals with their exact density, weighted or rejuvenated.

In a `core.model.ConditionedChart` a point u has three parts, and so has its density:

    q(u) = 1 * q_network(learned | observables) * q_chart(rest | observables, learned),

the first because the observables come from the measurement's own windows, uniform in the cube. The
weights are

    w = prior(theta) likelihood(theta) abs(dtheta/du) / q(u)

(`correct`), so their mean is the evidence, and the network's errors cost draws, never correctness.
Kinds of draws, which never share a name: *raw* (what the network gave; `propose`), *weighted* (the
same points with weights), *annealed* (moved towards the posterior, with the weights of the whole
way; `annealed`) and *rejuvenated* (resampled by weight, then moved by Markov chains that leave the
posterior as it is).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import weights as iw
from ..base.errors import InputError
from ..base.files import cached_arrays
from ..base.progress import progress
from ..base.seeds import stream
from ..core.chart import ConditionedChart
from ..core.draws import Draws
from ..core.target import LikelihoodTarget
from ..samplers.correction import correct, mixture_log_density, resample

if TYPE_CHECKING:
    from ..flows.conditional_flow import ConditionalFlow

_BLOCK = 2048  # proposals that are drawn, and kept, together
_TAIL = 0.00135  # three sigma
LEAST_ANNEALED = 400
"""Draws below which there is nothing to learn weights from, and no annealed steps are taken."""
_USELESS = 0.02  # ESS/N below which the network is said to miss the posterior


@dataclass(frozen=True)
class NetworkOptions:
    """How a network is used.

    Attributes:
        guidance: Guidance scale; one is the conditional density that was learned.
        nodes: Nodes of the divergence's quadrature.
        derivatives: Precision of the divergence: ``bfloat16`` (the log-density's error is in the
            notes), ``float32``, or ``auto``: bfloat16 where the processor multiplies it natively.
        sampler: Without density: ``rk4``, ``heun``, ``ddim`` or ``ancestral``.
        steps: Steps of that sampler; None: its default.
        defensive: Fraction of the draws that come from the uniform density in the learned
            coordinates, which bounds the weights.
        rejuvenate: Steps of the chains that follow; 0 keeps the weighted draws.
        anneal: Annealed moves that carry the draws towards the posterior; see `annealed`.
        features: Name of the registered feature map by which these guess weights; empty for none.
    """

    guidance: float = 1.0
    nodes: int = 12
    derivatives: str = "auto"
    sampler: str = "rk4"
    steps: int | None = None
    defensive: float = 0.0
    rejuvenate: int = 0
    anneal: int = 0
    features: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.defensive < 1:
            raise InputError(f"defensive {self.defensive}: the fraction must lie in [0, 1)")
        if self.anneal < 0:
            raise InputError(f"anneal {self.anneal}: give a number of moves from 0")
        if self.rejuvenate < 0:
            raise InputError(f"rejuvenate {self.rejuvenate}: give a number of steps from 0")


@dataclass(frozen=True)
class Proposals:
    """What the network gave: nothing removed, weighted or mended.

    Attributes:
        u: Points (N, D) of the chart's cube.
        theta: Their parameters (N, P), in one of their equal copies; NaN where they have none.
        log_volume: Log of prior(theta) abs(dtheta/du) (N,), -inf outside the prior's support.
        log_q: Log-density (N,) in the cube, or None.
        log_q_learned: Its part (N,) that the network gave: that of the learned coordinates.
        notes: Solver, guidance, errors of the density.
    """

    u: np.ndarray
    theta: np.ndarray
    log_volume: np.ndarray
    log_q: np.ndarray | None
    log_q_learned: np.ndarray | None
    notes: dict[str, Any]


def conditioned_chart(target: LikelihoodTarget) -> ConditionedChart:
    """The chart in which networks work for this target.

    Raises:
        InputError: If the model declares none.
    """
    measurement = target.measurement
    chart = None if measurement is None else target.model.conditioned_chart(measurement)
    if chart is None:
        raise InputError(
            f"{target.model.name}: the model declares no chart for a network with these settings; "
            "use --method exact, smc, nautilus or emcee"
        )
    return chart


def out_of_range(
    ranges: Mapping[str, tuple[float, float]], chart: ConditionedChart
) -> tuple[str, tuple[float, float], tuple[float, float]] | None:
    """First observable whose 3 sigma range leaves a network's: name, its range, the network's."""
    ends = chart.condition(np.full((2, chart.dim), [[_TAIL], [1 - _TAIL]]))
    for column, name in enumerate(chart.conditions):
        low, high = ranges[name]
        first, last = np.sort(ends[:, column])
        if first < low or last > high:
            return name, (float(first), float(last)), (low, high)
    return None


def check_range(flow: "ConditionalFlow", chart: ConditionedChart) -> None:
    """Refuse a measurement whose 3 sigma ranges leave the network's training range.

    Raises:
        InputError: It names the observable, the range, and the command that trains for another.
    """
    odd = out_of_range(flow.conditions.range, chart)
    if odd is not None:
        name, (first, last), (low, high) = odd
        raise InputError(
            f"measurement {name}: its 3 sigma range [{first:.6g}, {last:.6g}] leaves the range "
            f"[{low:.6g}, {high:.6g}] that the network was trained for; use --method exact, "
            f"or train for it with: {flow.card['retrain']}"
        )


def propose(
    flow: "ConditionalFlow",
    target: LikelihoodTarget,
    chart: ConditionedChart,
    n: int,
    seed: int,
    options: NetworkOptions | None = None,
    with_density: bool = True,
    advance: Callable[[float], None] | None = None,
    check: int = 64,
) -> Proposals:
    """Draw from a network.

    Args:
        flow: The network.
        target: Model and measurement.
        chart: Its chart, `conditioned_chart`.
        n: Number of draws.
        seed: Seed.
        options: How.
        with_density: Also their density.
        advance: Told the number of draws done.
        check: Number of draws on which the errors of the density are measured; 0 for none.
    """
    options = options or NetworkOptions()
    rng = stream(seed, "network", "chart")
    u = rng.random((n, chart.dim))
    values = chart.condition(u)
    ends = np.array([flow.conditions.range[name] for name in chart.conditions])
    values = np.clip(values, ends[:, 0], ends[:, 1])  # beyond 3 sigma; the weights know the truth
    drawn = flow.sample(
        values,
        n,
        int(stream(seed, "network", "flow").integers(2**63)),
        with_density=with_density,
        sampler=options.sampler,
        steps=options.steps,
        guidance=options.guidance,
        nodes=options.nodes,
        derivatives=options.derivatives,
        check=check,
        advance=advance,
    )
    safe = round(options.defensive * n) if with_density else 0
    learned = drawn.u.copy()
    learned[:safe] = stream(seed, "network", "safe").random((safe, learned.shape[1]))
    log_q = drawn.log_density
    if log_q is not None and safe:
        log_q = log_q.copy()
        log_q[:safe] = flow.log_density(
            learned[:safe], values[:safe], guidance=options.guidance, nodes=options.nodes
        )
        log_q = mixture_log_density(log_q, np.zeros(n), safe / n)
    u[:, chart.learned] = np.clip(learned, 0.0, np.nextafter(1.0, 0.0))
    rest = chart.complete(u, rng)
    theta, log_volume = chart.to_parameters(u)
    log_volume[~np.isfinite(rest)] = -np.inf
    inside = np.isfinite(log_volume)
    theta[inside] = chart.any_copy(u[inside], rng)
    notes = dict(drawn.settings) | {"density": drawn.report.describe() if drawn.report else None}
    whole = None if log_q is None else log_q + np.where(np.isfinite(rest), rest, 0.0)
    return Proposals(u, theta, log_volume, whole, log_q, notes)


def sample_network(
    target: LikelihoodTarget,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    *,
    flow: "ConditionalFlow",
    options: NetworkOptions | None = None,
) -> Draws:
    """Draw from the posterior with a trained network.

    Args:
        target: Model and measurement; the measurement within the network's range.
        draws: Number of draws inside the prior's support.
        seed: Seed of everything.
        folder: Where finished blocks are kept, so that a killed run resumes; None keeps nothing.
        flow: The network.
        options: How it is used.

    Returns:
        Weighted draws, or equally weighted ones where chains have followed; with log-evidence.

    Raises:
        InputError: If the measurement is outside the network's range.
    """
    options = options or NetworkOptions()
    chart = conditioned_chart(target)
    check_range(flow, chart)
    parts: list[dict[str, np.ndarray]] = []
    kept = 0
    notes: dict[str, Any] = {}
    with progress("draw from the network", draws) as advance:
        while kept < draws:
            index = len(parts)
            size = min(_BLOCK, draws - index * _BLOCK) if index * _BLOCK < draws else _BLOCK
            part = _block(flow, target, chart, size, seed, index, options, folder, advance, notes)
            parts.append(part)
            kept += int(np.isfinite(part["log_volume"]).sum())
            if not kept and index == 8:
                raise InputError(
                    "network: none of its draws lies in the prior's support; use --method exact"
                )
    every = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    notes |= {
        "chart": chart.name,
        "network": flow.card.get("training", {}).get("last", {}),
        "options": asdict(options),
    }
    inside = np.flatnonzero(np.isfinite(every["log_volume"]))[:draws]
    tried = int(inside[-1]) + 1 if kept > draws else len(every["log_volume"])
    every = {name: values[:tried] for name, values in every.items()}
    if options.anneal and len(inside) >= LEAST_ANNEALED:
        from .annealed import annealed_proposals

        done = cached_arrays(
            None if folder is None else folder / "annealed.npz",
            lambda: annealed_proposals(
                target, chart, every, seed, options.anneal, options.features
            ),
        )
        notes["annealed"] = json.loads(str(done["notes"]))
        every = {name: done[name] for name in every}
    result = weighted_draws(target, every, notes)
    if options.rejuvenate:
        return _rejuvenated(result, every["u"][inside], target, chart, seed, options)
    return result


def weighted_draws(
    target: LikelihoodTarget, every: Mapping[str, np.ndarray], notes: dict[str, Any]
) -> Draws:
    """Proposals with their exact weights; those outside the prior's support only count.

    Args:
        target: Model and measurement.
        every: Of each proposal ``theta`` (N, P), and (N,) ``log_volume``, ``log_q``,
            ``log_likelihood`` (-inf outside the support) and ``accepted``, inside all 3 sigma.
        notes: What is known of them already.
    """
    inside = np.flatnonzero(np.isfinite(every["log_volume"]))
    tried = len(every["log_volume"])
    correction = correct(every["log_volume"] + every["log_likelihood"], every["log_q"])
    theta = every["theta"][inside]
    log_prior = target.log_prior(theta)
    log_weight = correction.log_weights[inside]
    return Draws(
        theta=theta,
        log_weight=log_weight - log_weight.max(),
        log_prior=log_prior,
        log_likelihood=every["log_likelihood"][inside],
        log_evidence=correction.log_evidence,
        log_evidence_error=correction.log_evidence_error,
        raw_acceptance=float(every["accepted"].sum() / tried),
        ess=correction.ess,
        converged=bool(correction.reliable and correction.efficiency >= _USELESS),
        method="network, annealed" if "annealed" in notes else "network",
        # density of the parameters themselves, so that weight = prior * likelihood / q
        log_q=every["log_q"][inside] - every["log_volume"][inside] + log_prior,
        notes=notes
        | {
            "proposals": tried,
            "k_hat": correction.k_hat,
            "verdict": correction.verdict,
            "weighted_ess": correction.ess,
            "weighted_efficiency": correction.efficiency,
        },
    )


def _block(
    flow: "ConditionalFlow",
    target: LikelihoodTarget,
    chart: ConditionedChart,
    size: int,
    seed: int,
    index: int,
    options: NetworkOptions,
    folder: Path | None,
    advance: Callable[[float], None],
    notes: dict[str, Any],
) -> dict[str, np.ndarray]:
    def compute() -> dict[str, np.ndarray]:
        own = int(stream(seed, "network", index).integers(2**63))
        raw = propose(flow, target, chart, size, own, options, advance=advance)
        inside = np.isfinite(raw.log_volume)
        log_likelihood = np.full(size, -np.inf)
        accepted = np.zeros(size, dtype=bool)
        log_likelihood[inside] = target.log_likelihood(raw.theta[inside])
        accepted[inside] = target.within_three_sigma(raw.theta[inside])
        assert raw.log_q is not None
        assert raw.log_q_learned is not None
        return {
            "u": raw.u,
            "theta": raw.theta,
            "log_volume": raw.log_volume,
            "log_q": raw.log_q,
            "log_q_learned": raw.log_q_learned,
            "log_likelihood": log_likelihood,
            "accepted": accepted,
            "notes": np.array(json.dumps(raw.notes)),
        }

    if folder is None:
        part = compute()
    else:
        part = cached_arrays(folder / f"network-{index:05d}.npz", compute)
    if index == 0:
        notes.update(json.loads(str(part["notes"])))
    return {name: values for name, values in part.items() if name != "notes"}


def _rejuvenated(
    raw: Draws,
    u: np.ndarray,
    target: LikelihoodTarget,
    chart: ConditionedChart,
    seed: int,
    options: NetworkOptions,
) -> Draws:
    """Resample by weight, then let chains move the copies apart."""
    from ..samplers.mcmc import Walk, evaluate

    weights = iw.normalised(raw.log_weight)
    rows = resample(weights, len(u), seed)
    walk = Walk(target, chart, u, symmetry_period=0)
    state = evaluate(target, chart, u[rows].copy())
    state, rate = walk.run(state, options.rejuvenate, stream(seed, "network", "chains"))
    theta = chart.any_copy(state.u, stream(seed, "network", "copies"))
    return Draws(
        theta=theta,
        log_weight=np.zeros(len(u)),
        log_prior=target.log_prior(theta),
        log_likelihood=target.log_likelihood(theta),
        log_evidence=raw.log_evidence,
        log_evidence_error=raw.log_evidence_error,
        raw_acceptance=raw.raw_acceptance,
        ess=raw.ess,  # what the chains add is not counted
        converged=raw.converged,
        method="network, rejuvenated",
        notes=raw.notes | {"chain_steps": options.rejuvenate, "chain_acceptance": rate},
    )
