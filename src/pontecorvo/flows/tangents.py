"""Forward-mode derivatives by hand: a value and its D tangents go through a network as one batch.

The divergence of a D-dimensional field needs all D directional derivatives. Carrying them together
turns every layer into one large matrix product, many times faster than D separate sweeps. The
functions below take a plain tensor (N, H) or a `Dual`, so a network's forward pass is written once.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional


class Dual(NamedTuple):
    """A value (N, H) and its derivatives (N, D, H) with respect to the D inputs."""

    value: Tensor
    tangent: Tensor


Number = TypeVar("Number", Tensor, Dual)
Slope = Callable[[Tensor], tuple[Tensor, Tensor]]


def linear(layer: nn.Linear, x: Number) -> Number:
    """Affine layer."""
    if isinstance(x, Dual):
        weight = layer.weight.to(x.tangent.dtype)
        return Dual(layer(x.value), functional.linear(x.tangent, weight))
    return layer(x)


def add_linear(x: Number, layer: nn.Linear, y: Number) -> Number:
    """x + W y + bias, in one product."""
    if isinstance(x, Dual) and isinstance(y, Dual):
        weight = layer.weight.to(x.tangent.dtype).T
        rows = torch.addmm(x.tangent.flatten(0, 1), y.tangent.flatten(0, 1), weight)
        return Dual(x.value + layer(y.value), rows.view_as(x.tangent))
    return x + layer(y)


def diagonal_linear(layer: nn.Linear, x: Dual) -> tuple[Tensor, Tensor]:
    """Value (N, D) of a layer to D outputs, and the derivative (N, D) of each by its own input."""
    return layer(x.value), (x.tangent * layer.weight).sum(dim=2)


def activate(x: Number, rule: Slope, offset: Tensor, gain: Tensor | None = None) -> Number:
    """Activation of gain * x + offset; gain and offset (N or 1, H) do not depend on the inputs.

    Args:
        x: Number.
        rule: Value and derivative of the activation.
        offset: What is added.
        gain: What multiplies before; None is one.
    """
    if isinstance(x, Dual):
        inside = x.value + offset if gain is None else x.value * gain + offset
        value, slope = rule(inside)
        factor = slope if gain is None else slope * gain
        return Dual(value, x.tangent * factor.unsqueeze(-2).to(x.tangent.dtype))
    return _PLAIN[rule](x + offset if gain is None else torch.addcmul(offset, x, gain))


def silu(x: Tensor) -> tuple[Tensor, Tensor]:
    """x sigmoid(x), and its derivative."""
    gate = torch.sigmoid(x)
    value = x * gate
    return value, gate + value * (1 - gate)


def selu(x: Tensor) -> tuple[Tensor, Tensor]:
    """Self-normalising exponential unit (arXiv:1706.02515), and its derivative."""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    value = functional.selu(x)
    return value, torch.where(x > 0, torch.full_like(value, scale), value + scale * alpha)


def tanh(x: Tensor) -> tuple[Tensor, Tensor]:
    """Hyperbolic tangent, and its derivative."""
    value = torch.tanh(x)
    return value, 1 - value * value


_PLAIN: dict[Slope, Callable[[Tensor], Tensor]] = {
    silu: functional.silu,
    selu: functional.selu,
    tanh: torch.tanh,
}
