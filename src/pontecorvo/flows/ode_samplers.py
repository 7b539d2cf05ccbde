"""Samplers: from noise to data, step by step or along the flow.

* ``rk4``, ``heun``: fixed-step solvers of dx/ds = v(x, s) (four and two evaluations a step; Heun's
  is the deterministic sampler of EDM, arXiv:2206.00364). They end at the path's first noise level.
* ``ddim``: arXiv:2010.02502, eq. 12, in the general form for any a and b,
  x' = a' x_0 + sqrt(b'^2 - sigma^2) eps + sigma z,
  sigma^2 = eta^2 (b'/b)^2 (b^2 - b'^2 a^2 / a'^2). One evaluation a step; ends on
  the data estimate.
* ``ancestral``: the same with eta = 1, which is the DDPM's posterior variance (arXiv:2006.11239).

The last two can keep their estimate of the data within limits at every step (``clip_denoised`` of
the DDPM's code; dynamic thresholding of arXiv:2205.11487): nothing else bounds it.

Coordinates whose noise is uniform on a circle have no such conditional; there the stochastic
samplers move along the flow, which leaves the same density behind.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import torch
from torch import Tensor

from ..base.errors import InputError, suggest
from .coordinates import CLIPS
from .guidance import Field
from .noise_schedules import Level, wrap

SAMPLERS = ["rk4", "heun", "ddim", "ancestral"]
DEFAULT_STEPS = {"rk4": 12, "heun": 24, "ddim": 50, "ancestral": 1000}
EVALUATIONS = {"rk4": 4, "heun": 2, "ddim": 1, "ancestral": 1}
Limit = Callable[[Tensor], Tensor]


def _slope(field: Field, x: Tensor, q: Tensor) -> Tensor:
    s, rate = field.path.at(q)
    return field.velocity(x, s) * rate.float()


def rk4_step(
    field: Field, x: Tensor, q: Tensor, step: Tensor, first: Tensor | None = None
) -> Tensor:
    """One step of the classical Runge-Kutta method in the solver's time q.

    Args:
        field: The field.
        x: Points (N, D).
        q: Present time, float64.
        step: Change of time, float64.
        first: dx/dq at (x, q), where it is known already.
    """
    h = step.float()
    k1 = _slope(field, x, q) if first is None else first
    k2 = _slope(field, x + 0.5 * h * k1, q + 0.5 * step)
    k3 = _slope(field, x + 0.5 * h * k2, q + 0.5 * step)
    k4 = _slope(field, x + h * k3, q + step)
    return wrap(x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), field.periodic)


def heun_step(field: Field, x: Tensor, q: Tensor, step: Tensor) -> Tensor:
    """One step of Heun's second-order method."""
    h = step.float()
    k1 = _slope(field, x, q)
    k2 = _slope(field, x + h * k1, q + step)
    return wrap(x + 0.5 * h * (k1 + k2), field.periodic)


def integrate(
    field: Field, x: Tensor, method: str = "rk4", steps: int = 12, forward: bool = False
) -> Tensor:
    """Move points along the flow.

    Args:
        field: The field.
        x: Points (N, D): noise, or data where `forward`.
        method: ``rk4`` or ``heun``.
        steps: Number of equal steps in the solver's time.
        forward: From data to noise, to invert a draw.

    Returns:
        Points (N, D) at the other end.
    """
    grid = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
    if not forward:
        grid = grid.flip(0)
    advance = rk4_step if method == "rk4" else heun_step
    for start, stop in pairwise(grid):
        x = advance(field, x, start, stop - start)
    return x


def _estimates(
    field: Field, x: Tensor, s: Tensor, limit: Limit | None
) -> tuple[Level, Tensor, Tensor]:
    """Level, and the field's estimates of data (within the limits) and noise."""
    level = field.path.level(s, field.periodic)
    data, eps = level.data_and_noise(x, field.velocity(x, s))
    if limit is not None:
        data = limit(data)
        eps = torch.where(field.periodic, eps, (x - level.a * data) / level.b)
    return level, data, eps


def descend(
    field: Field,
    x: Tensor,
    steps: int,
    eta: float,
    noise: Iterator[Tensor] | None = None,
    limit: Limit | None = None,
) -> Tensor:
    """DDIM; eta = 1 is ancestral sampling.

    Args:
        field: The field.
        x: Noise (N, D).
        steps: Number of evaluations.
        eta: Zero is deterministic, one ancestral.
        noise: Gives normal numbers (N, D), one batch a step, where eta > 0.
        limit: Brings an estimate of the data (N, D) within its limits; None: there are none.

    Returns:
        Points (N, D): the estimate of the data after the last step.
    """
    ladder = field.path.ladder(steps - 1) if steps > 1 else field.path.ladder(1)[:1]
    straight = field.periodic & (not field.path.gaussian_circle)
    for index, s in enumerate(ladder):
        level, data, eps = _estimates(field, x, s, limit)
        if index + 1 == len(ladder):
            x = wrap(data, field.periodic)
            break
        after = field.path.level(ladder[index + 1], field.periodic)
        if eta > 0 and noise is not None:
            ratio = after.b * level.a / after.a
            sigma = eta * after.b / level.b * torch.sqrt((level.b**2 - ratio**2).clamp_min(0))
            sigma = torch.where(straight, torch.zeros_like(sigma), sigma)
            keep = torch.sqrt((after.b**2 - sigma**2).clamp_min(0))
            x = after.a * data + keep * eps + sigma * next(noise)
        else:
            x = after.a * data + after.b * eps
        x = wrap(x, field.periodic)
    return x


def check_sampler(
    sampler: str, steps: int | None, eta: float | None, clip: str = "none"
) -> tuple[int, float]:
    """Fill in the default steps and eta, or refuse.

    Raises:
        InputError: If sampler or clip are unknown or do not go together, or steps or eta are out of
            range.
    """
    if clip not in CLIPS:
        raise InputError(f"clip {clip!r} is unknown; {suggest(clip, CLIPS)}")
    if clip != "none" and sampler in ("rk4", "heun"):
        raise InputError(f"clip {clip!r}: sampler {sampler} has no estimate of the data to clip")
    if sampler not in SAMPLERS:
        raise InputError(f"sampler {sampler!r} is unknown; {suggest(sampler, SAMPLERS)}")
    steps = DEFAULT_STEPS[sampler] if steps is None else steps
    if not (isinstance(steps, int) and 1 <= steps <= 100_000):
        raise InputError(f"steps {steps!r}: give a whole number from 1 to 100000")
    eta = (1.0 if sampler == "ancestral" else 0.0) if eta is None else eta
    if not 0 <= eta <= 1:
        raise InputError(f"eta {eta}: give a number from 0 (deterministic) to 1 (ancestral)")
    return steps, eta


def run_sampler(
    field: Field,
    x: Tensor,
    sampler: str,
    steps: int,
    eta: float,
    seed: int,
    limit: Limit | None = None,
) -> Tensor:
    """Carry noise (N, D) to draws (N, D) with a named sampler; `seed` feeds the stochastic ones."""
    if sampler in ("rk4", "heun"):
        return integrate(field, x, sampler, steps)
    rng = torch.Generator().manual_seed(seed)

    def normals() -> Iterator[Tensor]:
        while True:
            yield torch.randn(x.shape, generator=rng)

    return descend(field, x, steps, eta, normals(), limit)
