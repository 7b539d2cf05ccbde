"""Exact log-density of a flow's draws, in the pass that draws them.

Along dx/dq = v the density changes by d log p / dq = -div v, so a draw x_0 that came from z has

    log p(x_0) = log p_base(z) + int_0^1 div v(x_q, q) dq

(arXiv:1806.07366; arXiv:2011.13456, eq. 39). The trajectory needs many cheap evaluations, the
divergence few dear ones: the solver's steps run between the nodes of a Gauss-Legendre rule, and the
divergence is taken at the nodes only, where its value also starts the next step.

Both errors are reported: the solver's by carrying draws back to the noise they came from, the
quadrature's by repeating some of them with twice the nodes.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .guidance import Field
from .noise_schedules import PERIOD, base_log_density
from .ode_samplers import rk4_step

DEFAULT_NODES = 16


@dataclass(frozen=True)
class FlowReport:
    """How well a flow was solved, over the draws that were checked.

    Attributes:
        checked: Number of draws carried back and repeated.
        round_trip_median: Median distance between the noise and its image there and back, in units
            of the noise (largest coordinate).
        round_trip_worst: The largest.
        log_density_median: Median change of the log-density with twice the nodes.
        log_density_worst: The largest.
        evaluations: Network evaluations a draw, not counting derivatives.
        nodes: Nodes of the divergence's quadrature.
    """

    checked: int
    round_trip_median: float
    round_trip_worst: float
    log_density_median: float
    log_density_worst: float
    evaluations: int
    nodes: int

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return asdict(self)


@dataclass(frozen=True)
class Draws:
    """Draws as the network made them: nothing removed, weighted or mended.

    Attributes:
        u: Points (n, D) of the unit cube; affine coordinates can lie outside it.
        log_density: Log-density (n,) with respect to du, or None.
        report: Errors of solver and quadrature, where there is a density.
        settings: Sampler, steps, guidance scale and seed.
    """

    u: np.ndarray
    log_density: np.ndarray | None
    report: FlowReport | None
    settings: dict[str, Any]


def gauss_nodes(nodes: int) -> tuple[Tensor, Tensor]:
    """Nodes and weights of the Gauss-Legendre rule on [0, 1], float64."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return torch.tensor((points + 1) / 2), torch.tensor(weights / 2)


def transport(
    field: Field, x: Tensor, nodes: int = DEFAULT_NODES, forward: bool = False
) -> tuple[Tensor, Tensor]:
    """Move points along the flow and integrate the divergence.

    Args:
        field: The field.
        x: Points (N, D): noise, or data where `forward`.
        nodes: Nodes of the quadrature; there is one solver step more.
        forward: From data to noise.

    Returns:
        Points (N, D) at the other end, and the integral (N,) of div v over the path's whole length
        (float64), by which the log-density at the data exceeds that at the noise.
    """
    points, weights = gauss_nodes(nodes)
    if not forward:
        points, weights = points.flip(0), weights.flip(0)
    ends = torch.tensor([0.0, 1.0] if forward else [1.0, 0.0], dtype=torch.float64)
    total = torch.zeros(len(x), dtype=torch.float64)
    x = rk4_step(field, x, ends[0], points[0] - ends[0])
    for index in range(nodes):
        q = points[index]
        s, rate = field.path.at(q)
        velocity, diagonal = field.velocity_and_diagonal(x, s)
        total += weights[index] * rate * diagonal.double().sum(dim=1)
        target = points[index + 1] if index + 1 < nodes else ends[1]
        x = rk4_step(field, x, q, target - q, first=velocity * rate.float())
    return x, total


def draw_with_density(
    field: Field, noise: Tensor, nodes: int = DEFAULT_NODES
) -> tuple[Tensor, Tensor]:
    """Carry base noise (N, D) to draws (N, D) and their log-density (N,), float64."""
    x, gained = transport(field, noise, nodes)
    return x, base_log_density(noise, field.path, field.periodic) + gained


def log_density(field: Field, x: Tensor, nodes: int = DEFAULT_NODES) -> Tensor:
    """Log-density (N,) of the flow at any points (N, D)."""
    noise, gained = transport(field, x, nodes, forward=True)
    return base_log_density(noise, field.path, field.periodic) + gained


def check_flow(
    field: Field, noise: Tensor, draws: Tensor, log_q: Tensor, nodes: int = DEFAULT_NODES
) -> FlowReport:
    """Measure the solver's and the quadrature's errors on some draws.

    Args:
        field: The field.
        noise: Where they came from, (N, D).
        draws: The draws (N, D).
        log_q: Their log-densities (N,).
        nodes: Nodes they were drawn with.
    """
    returned, _ = transport(field, draws, nodes, forward=True)
    gap = (returned - noise).abs()
    around = torch.minimum(gap, PERIOD - gap)
    gap = torch.where(field.periodic, around, gap).amax(dim=1)
    finer = log_density(field, draws, 2 * nodes)
    change = (finer - log_q).abs()
    return FlowReport(
        checked=len(draws),
        round_trip_median=float(gap.median()),
        round_trip_worst=float(gap.max()),
        log_density_median=float(change.median()),
        log_density_worst=float(change.max()),
        evaluations=4 * (nodes + 1),
        nodes=nodes,
    )
