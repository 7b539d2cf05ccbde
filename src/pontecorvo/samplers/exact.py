"""Exact draws in a chart: importance sampling from the cube, then chains that forget their start.

Three steps, each measured:

1. Points uniform in the chart's cube, weighted by volume * likelihood. The mean weight is the
   evidence, without bias and with a standard error.
2. Resampling by weight, in strata.
3. From each resampled point a Markov chain with the posterior as its invariant density. It starts
   in the posterior already; its steps only take away the kinship of draws with one ancestor. The
   correlation of the draws with their ancestors is measured, and steps go on until it is gone.

Blocks of proposals and of chains have their own random streams, so the result depends neither on
threads nor on where a run was interrupted.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.errors import InputError, tell
from ..base.progress import progress
from ..base.seeds import stream
from ..base.shards import kept_shards
from ..core.chart import Chart
from ..core.draws import Draws, systematic_resample, weights_from_logs
from ..core.target import LikelihoodTarget
from .mcmc import State, Walk, evaluate, memory

_BLOCK = 1 << 16  # proposals in one block
_KEPT = 512  # points that a block hands on, resampled by weight
_CHAINS = 1024  # chains in one block
_POOL = 4096  # points whose differences steer the chains
_LEAST_ESS = 400  # of the proposals, for a run that has converged
_PILOT = 8  # blocks after which a hopeless run is said to be one
_LEG = 100  # steps between two looks at the memory of the chains


def sample_exact(
    target: LikelihoodTarget,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    proposals: int = 1 << 22,
    max_memory: float = 0.03,
    max_steps: int = 2000,
    chart: Chart | None = None,
) -> Draws:
    """Draw from the posterior by importance sampling and rejuvenation.

    Args:
        target: Model and measurement; the model should declare a chart (without one, the raw
            parameters are used, which only works where the posterior fills much of the prior).
        draws: Number of equally weighted draws.
        seed: Seed of everything.
        folder: Where finished blocks are kept, so that a killed run resumes; None keeps nothing.
        proposals: Points of the cube that are weighed.
        max_memory: Chains run until no coordinate's correlation with the start exceeds this (or
            four standard errors of a vanishing correlation, whichever is larger).
        max_steps: Most steps a chain may take.
        chart: Coordinates, by default the target's own.

    Returns:
        Equally weighted draws, log-evidence with its standard error.

    Raises:
        InputError: If no proposal has any posterior weight.
    """
    chart = chart or target.chart
    start = starting_points(target, chart, draws, seed, folder, proposals)
    ess = start.ess
    walk = Walk(target, chart, start.pool)
    allowed = max(max_memory, 4 / np.sqrt(draws))
    u, accepted, left, steps = _forget(walk, start.u, allowed, max_steps, seed, folder)

    theta, _ = chart.to_parameters(u)
    return Draws(
        theta=theta,
        log_weight=np.zeros(draws),
        log_prior=target.log_prior(theta),
        log_likelihood=target.log_likelihood(theta),
        log_evidence=start.log_evidence,
        log_evidence_error=start.log_evidence_error,
        raw_acceptance=start.raw_acceptance,
        ess=float(draws) if left <= allowed else float(min(draws, ess)),
        converged=bool(left <= allowed and ess > _LEAST_ESS),
        method="exact",
        notes={
            "chart": chart.name,
            "proposals": start.proposals,
            "proposal_ess": ess,
            "proposal_ess_fraction": ess / start.proposals,
            "chain_steps": steps,
            "chain_acceptance": accepted,
            "correlation_with_start": left,
            "correlation_allowed": allowed,
        },
    )


@dataclass(frozen=True)
class Start:
    """Points (N, D) that follow the posterior but have ancestors in common.

    Attributes:
        u: The points.
        pool: More of them, for the directions of `walk.Walk`.
        log_evidence: Natural log of the evidence.
        log_evidence_error: Its standard error.
        ess: Effective number of the proposals.
        raw_acceptance: Fraction of the proposals in the support and all 3 sigma ranges.
        proposals: Number of proposals.
    """

    u: np.ndarray
    pool: np.ndarray
    log_evidence: float
    log_evidence_error: float
    ess: float
    raw_acceptance: float
    proposals: int


def starting_points(
    target: LikelihoodTarget, chart: Chart, n: int, seed: int, folder: Path | None, proposals: int
) -> Start:
    """Weigh uniform points of the chart's cube, and resample `n` of them by weight.

    Raises:
        InputError: If no proposal has any posterior weight.
    """
    n_blocks = -(-proposals // _BLOCK)

    def propose(block: int) -> dict[str, np.ndarray]:
        return _proposal_block(target, chart, stream(seed, "exact", "proposals", block))

    blocks = []
    asked = {"chart": chart.name, "block": _BLOCK, "seed": seed}
    with progress("weigh proposals", n_blocks) as advance:
        for block in kept_shards(
            propose, range(n_blocks), folder, "proposals-{:05d}.npz", asked, range(1, n_blocks + 1)
        ):
            blocks.append(block)
            advance()
            if len(blocks) == _PILOT:
                _warn(np.array([block["sums"] for block in blocks]), n_blocks)
    sums = np.array([block["sums"] for block in blocks])
    if not np.isfinite(sums[:, 0]).any():
        raise InputError(
            "exact sampler: no proposal has any posterior weight; the prior's range and the "
            "measurement exclude each other, or --method smc is needed"
        )
    log_evidence, error, ess = _evidence(sums)
    rng = stream(seed, "exact", "resample")
    kept = np.concatenate([block["u"] for block in blocks])
    share = np.repeat(weights_from_logs(sums[:, 0]) / _KEPT, _KEPT)
    share[~np.isfinite(np.repeat(sums[:, 0], _KEPT))] = 0.0
    return Start(
        u=kept[systematic_resample(share, n, rng)],
        pool=kept[systematic_resample(share, _POOL, rng)],
        log_evidence=log_evidence,
        log_evidence_error=error,
        ess=ess,
        raw_acceptance=float(sums[:, 3].sum() / sums[:, 4].sum()),
        proposals=n_blocks * _BLOCK,
    )


def _warn(sums: np.ndarray, n_blocks: int) -> None:
    """Say early that a run cannot converge, where the first blocks leave no doubt."""
    if not np.isfinite(sums[:, 0]).any():
        return  # the end says it, if no later block has any weight
    expected = _evidence(sums)[2] * n_blocks / len(sums)
    if expected < _LEAST_ESS / 10:
        tell(
            f"the exact sampler's proposals are worth {expected:.0f} draws, as far as the first "
            f"{len(sums) * _BLOCK} say, and it needs {_LEAST_ESS}: this run will not converge; "
            "Ctrl-C, and try --method smc or lift, a narrower prior or more sampler.proposals"
        )


def _proposal_block(
    target: LikelihoodTarget, chart: Chart, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Weigh one block: [log sum w, log sum w^2, max log w, accepted, size] and `_KEPT` points."""
    u = rng.random((_BLOCK, chart.dim))
    theta, log_volume = chart.to_parameters(u)
    log_weight = np.full(_BLOCK, -np.inf)
    inside = np.flatnonzero(np.isfinite(log_volume))
    accepted = 0
    if len(inside):
        log_weight[inside] = log_volume[inside] + target.log_likelihood(theta[inside])
        accepted = int(target.within_three_sigma(theta[inside]).sum())
    top = log_weight.max()
    if not np.isfinite(top):
        empty = np.array([-np.inf, -np.inf, -np.inf, accepted, _BLOCK])
        return {"u": u[:_KEPT].copy(), "sums": empty}
    weight = np.exp(log_weight - top)
    chosen = systematic_resample(weight / weight.sum(), _KEPT, rng)
    sums = [top + np.log(weight.sum()), 2 * top + np.log((weight**2).sum()), top, accepted, _BLOCK]
    return {"u": u[chosen], "sums": np.array(sums)}


def _evidence(sums: np.ndarray) -> tuple[float, float, float]:
    """Log-evidence, its standard error, and the ESS of the weights, from the blocks' sums."""
    top = sums[:, 2].max()
    total = np.exp(sums[:, 0] - top).sum()
    squares = np.exp(sums[:, 1] - 2 * top).sum()
    count = sums[:, 4].sum()
    ess = total**2 / squares
    return float(top + np.log(total / count)), float(np.sqrt(1 / ess - 1 / count)), float(ess)


def _forget(
    walk: Walk,
    start: np.ndarray,
    allowed: float,
    max_steps: int,
    seed: int,
    folder: Path | None,
) -> tuple[np.ndarray, float, float, int]:
    """Run chains in legs until they have forgotten `start` (N, D)."""
    u, rates, left = start, [], 1.0
    legs = max(max_steps // _LEG, 1)
    blocks = range(0, len(start), _CHAINS)
    with progress("decorrelate draws", legs * len(blocks)) as advance:
        for leg in range(legs):

            def run(first: int, leg: int = leg, u: np.ndarray = u) -> dict[str, np.ndarray]:
                rng = stream(seed, "exact", "chains", leg, first)
                state: State = evaluate(walk.target, walk.chart, u[first : first + _CHAINS].copy())
                state, rate = walk.run(state, _LEG, rng)
                return {"u": state.u, "rate": np.array(rate)}

            parts = []
            asked = {"chart": walk.chart.name, "draws": len(u), "leg": leg, "seed": seed}
            name = f"chains-{leg:03d}-{{:07d}}.npz"
            for part in kept_shards(run, blocks, folder, name, asked, [*blocks[1:], len(u)]):
                parts.append(part)
                advance(note=f"memory {left:.2f}")
            u = np.concatenate([part["u"] for part in parts])
            rates.append(float(np.mean([part["rate"] for part in parts])))
            left = memory(start, u, walk.chart.periodic)
            if left <= allowed:
                break
    return u, float(np.mean(rates)), left, _LEG * len(rates)
