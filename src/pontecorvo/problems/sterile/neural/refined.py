"""A network's draws weighed by the exact likelihood; better ones where these are worth little."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ....samplers.adaptive_importance import ENOUGH, ROUNDS, Kernels, refine
from ....samplers.correction import Correction
from .interface import NeuralDraws
from .plane_flows import LOG_AREA, weigh
from .simulated import HIGH, LOW


@dataclass(frozen=True)
class Weighed:
    """Draws of a proposal with their weights.

    Attributes:
        draws: The network's, or the better ones.
        weights: By the exact likelihood.
        proposal: Where the better ones are from; None where the network's own were kept.
        rounds: How many led to the proposal; 0 where the network's own were kept.
        raw_efficiency: ESS/N of the network's own draws.
    """

    draws: NeuralDraws
    weights: Correction
    proposal: Kernels | None
    rounds: int
    raw_efficiency: float


def weigh_or_refine(
    drawn: NeuralDraws,
    log_likelihood: Callable[[np.ndarray], np.ndarray],
    known: np.ndarray,
    seed: int,
) -> Weighed:
    """Weigh draws at one data set; where ESS/N is below a half, improve them.

    By `samplers.adaptive_importance`.

    Args:
        drawn: The network's N draws.
        log_likelihood: Exact log-likelihood (M,) of points (M, 2).
        known: That of the draws (N,).
        seed: Of the refinement.

    Returns:
        As many draws as were given. The better ones are kept only if their ESS/N is higher.
    """
    own = weigh(drawn, known)
    if own.efficiency >= ENOUGH:
        return Weighed(drawn, own, None, 0, own.efficiency)
    found = refine(
        drawn.points,
        own.log_weights,
        lambda points: log_likelihood(points) - LOG_AREA,
        LOW,
        HIGH,
        seed,
    )
    points = found.proposal.sample(len(drawn.points), seed + ROUNDS)
    better = NeuralDraws(points, found.proposal.log_density(points))
    log_target = log_likelihood(points)
    if np.isfinite(log_target).any():
        anew = weigh(better, log_target)
        if anew.efficiency > own.efficiency:
            return Weighed(better, anew, found.proposal, found.rounds, own.efficiency)
    return Weighed(drawn, own, None, 0, own.efficiency)
