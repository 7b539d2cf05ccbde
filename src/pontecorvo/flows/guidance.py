"""Fields to integrate: a denoiser at a condition, with or without guidance.

A field is a velocity v(x, s). Guidance changes the velocity, and the changed field is itself a
flow, so its draws have an exact density too (`density`). A scale of one is the conditional
distribution; a larger one is not: near the data it leans towards
p(x | c)^scale / p(x)^(scale - 1).
"""

import math
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from ..base.errors import InputError
from .denoiser import Denoiser
from .networks import Context
from .noise_schedules import Path


class Field(Protocol):
    """What samplers and densities need. Points (N, D) float32, s a float64 scalar tensor."""

    path: Path
    periodic: Tensor

    def velocity(self, x: Tensor, s: Tensor) -> Tensor:
        """Velocity dx/ds (N, D)."""

    def velocity_and_diagonal(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """Velocity, and the diagonal (N, D) of its Jacobian; its sum is the divergence."""


def differentiate(field: Field, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """`velocity_and_diagonal` of any field, by D backward sweeps."""
    with torch.inference_mode(False), torch.enable_grad():
        point = x.clone().requires_grad_()
        velocity = field.velocity(point, s)
        columns = []
        for index in range(point.shape[1]):
            (slope,) = torch.autograd.grad(velocity[:, index].sum(), point, retain_graph=True)
            columns.append(slope[:, index])
        return velocity.detach(), torch.stack(columns, dim=1).detach()


class NetworkField:
    """A denoiser at one condition, or at one per row.

    Args:
        denoiser: The trained network.
        condition: Standardised condition (1, C), or (N, C) for exactly the N points to come.
        conditional: Use the condition, or the null label.
        guidance: Scale given to a network that learned guided fields; ignored by others.
        precision: That of the derivatives.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        condition: Tensor,
        conditional: bool = True,
        guidance: float = 1.0,
        precision: torch.dtype = torch.float32,
    ) -> None:
        self.denoiser = denoiser
        self.condition = condition if conditional else condition[:1]
        self.keep = None if conditional else condition.new_zeros(1, 1)
        self.log_guidance = math.log(guidance) if denoiser.guidance_input else 0.0
        self.precision = precision
        self.path = denoiser.path
        self.periodic = denoiser.periodic
        self._cache: tuple[float, Context] | None = None

    def _context(self, s: Tensor) -> Context:
        key = float(s)
        if torch.is_grad_enabled() or self._cache is None or self._cache[0] != key:
            context = self.denoiser.context(s, self.condition, self.keep, self.log_guidance)
            if torch.is_grad_enabled():
                return context
            self._cache = (key, context)
        return self._cache[1]

    def velocity(self, x: Tensor, s: Tensor) -> Tensor:
        """The network's velocity."""
        return self.denoiser.velocity(x, s, self._context(s))

    def velocity_and_diagonal(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """The network's velocity and diagonal, by forward-mode tangents."""
        return self.denoiser.velocity_and_diagonal(x, s, self._context(s), self.precision)


class ClassifierFree:
    """Classifier-free guidance (arXiv:2207.12598): v = v_null + scale (v_cond - v_null).

    Args:
        conditional: Field at the condition.
        unconditional: Field at the null label.
        scale: One is the conditional field, zero the unconditional one.
        interval: Part of the solver's time, 0 at the data and 1 at the noise, in which the scale
            acts (arXiv:2404.07724); elsewhere the field is the conditional one.
    """

    def __init__(
        self,
        conditional: Field,
        unconditional: Field,
        scale: float,
        interval: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        self.interval = interval
        self.conditional = conditional
        self.unconditional = unconditional
        self.scale = scale
        self.path = conditional.path
        self.periodic = conditional.periodic

    def _acts(self, s: Tensor) -> bool:
        low, high = self.interval
        whole = low <= 0 and high >= 1
        return whole or low <= float(self.path.progress(s)) <= high

    def velocity(self, x: Tensor, s: Tensor) -> Tensor:
        """Guided velocity: two evaluations."""
        if not self._acts(s):
            return self.conditional.velocity(x, s)
        null = self.unconditional.velocity(x, s)
        return null + self.scale * (self.conditional.velocity(x, s) - null)

    def velocity_and_diagonal(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """Guided velocity and its diagonal: both are linear in the two fields."""
        if not self._acts(s):
            return self.conditional.velocity_and_diagonal(x, s)
        null, null_slope = self.unconditional.velocity_and_diagonal(x, s)
        value, slope = self.conditional.velocity_and_diagonal(x, s)
        return null + self.scale * (value - null), null_slope + self.scale * (slope - null_slope)


def network_field(
    denoiser: Denoiser,
    condition: Tensor,
    guidance: float = 1.0,
    precision: torch.dtype = torch.float32,
    interval: tuple[float, float] = (0.0, 1.0),
) -> Field:
    """Field of a network at a guidance scale, by one evaluation a step where one is enough."""
    field = NetworkField(denoiser, condition, True, guidance, precision)
    if denoiser.guidance_input or guidance == 1:
        return field
    null = NetworkField(denoiser, condition, False, 1.0, precision)
    if guidance == 0 and interval == (0.0, 1.0):
        return null
    return ClassifierFree(field, null, guidance, interval)


class GradientGuided:
    """Guidance by the gradient of a differentiable log-likelihood at the denoised point.

    The score gains scale * grad_x log L(x0(x)), with x0(x) the field's estimate of the data
    (diffusion posterior sampling, arXiv:2209.14687), which changes the velocity by
    -(b / a) w scale grad, w the Wronskian. With uniform noise on a circle the same formula is the
    moment-matched one.

    Args:
        field: The field to guide.
        log_likelihood: Maps points (N, D) to (N,), differentiable in PyTorch.
        scale: Strength; one is Bayes' rule up to the replacement of x_0 by its mean.
        largest: The norm of the change is kept below this many times that of sqrt(D) noise, since
            far from the data a likelihood's gradient can be without bound.
    """

    def __init__(
        self,
        field: Field,
        log_likelihood: Callable[[Tensor], Tensor],
        scale: float = 1.0,
        largest: float = 10.0,
    ) -> None:
        self.field = field
        self.log_likelihood = log_likelihood
        self.scale = scale
        self.largest = largest
        self.path = field.path
        self.periodic = field.periodic

    def velocity(self, x: Tensor, s: Tensor) -> Tensor:
        """Guided velocity."""
        differentiable = torch.is_grad_enabled() and x.requires_grad
        with torch.inference_mode(False), torch.enable_grad():
            point = x if differentiable else x.clone().requires_grad_()
            velocity = self.field.velocity(point, s)
            level = self.path.level(s, self.periodic)
            data, _ = level.data_and_noise(point, velocity)
            total = self.log_likelihood(data).sum()
            (slope,) = torch.autograd.grad(total, point, create_graph=differentiable)
            wronskian = level.a * level.db - level.b * level.da
            # the cap below is smooth, so that the guided field stays differentiable
            change = -(level.b / level.a.clamp_min(1e-3)) * wronskian * self.scale * slope
            limit = self.largest * x.shape[1] ** 0.5
            size = change.norm(dim=1, keepdim=True)
            guided = velocity + change / torch.sqrt(1 + (size / limit) ** 2)
        return guided if differentiable else guided.detach()

    def velocity_and_diagonal(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """By backward sweeps through the gradient."""
        return differentiate(self, x, s)


def check_guidance(guidance: float, largest: float | None, has_null: bool) -> None:
    """Refuse a scale that a network cannot give.

    Args:
        guidance: The scale.
        largest: Largest scale that the network learned, or None where it learned none.
        has_null: Whether it was trained with dropped conditions.

    Raises:
        InputError: It says which scales are allowed.
    """
    if largest is not None and not 1 <= guidance <= largest:
        raise InputError(
            f"guidance {guidance}: this network learned guided fields of scale 1 to {largest:g}"
        )
    if largest is None and guidance != 1 and not has_null:
        raise InputError(
            f"guidance {guidance}: this network was trained without dropped conditions, so it "
            "has no unconditional field; allowed: 1"
        )
    if not math.isfinite(guidance) or guidance < 0:
        raise InputError(f"guidance {guidance}: give a finite number from 0")


def model_guidance_change(
    denoiser: Denoiser,
    x: Tensor,
    s: Tensor,
    condition: Tensor,
    keep: Tensor,
    scale: Tensor,
) -> Tensor:
    """Change of the velocity target that makes a network learn the guided field itself.

    Model guidance (arXiv:2502.12154) regresses on eps + w sg[eps(x, c) - eps(x, null)]. Its fixed
    point is eps(c) + w / (1 - w) [eps(c) - eps(null)], which is classifier-free guidance at scale
    1 / (1 - w); hence w = 1 - 1/scale. Velocities are linear in eps, so the same holds for them.

    Args:
        denoiser: The average (EMA) network; no gradient flows through it.
        x: Noisy points (N, D).
        s: Times (N,).
        condition: Standardised conditions (N, C).
        keep: Zero where the condition is dropped (no change there), (N, 1).
        scale: Guidance scale (N,).

    Returns:
        What to add to the velocity target, (N, D).
    """
    with torch.no_grad():
        log_scale = torch.log(scale)
        guided = denoiser.velocity(x, s, denoiser.context(s, condition, None, log_scale))
        nothing = torch.zeros_like(keep)
        plain = denoiser.velocity(x, s, denoiser.context(s, condition, nothing, log_scale))
        weight = (1 - 1 / scale).unsqueeze(1)
        return weight * keep * (guided - plain)
