"""Forward-mode derivatives by hand: a value and its D tangents go through a network as one batch.

The divergence of a D-dimensional field needs all D directional derivatives. Carrying them together
turns every layer into one large matrix product, many times faster than D separate sweeps. The
functions below take a plain tensor (N, H) or a `Dual`, so a network's forward pass is written once.
"""

from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional


class Dual(NamedTuple):
    """A value (N, H) and its derivatives (N, D, H) with respect to the D inputs."""

    value: Tensor
    tangent: Tensor


Number = TypeVar("Number", Tensor, Dual)


def linear(layer: nn.Linear, x: Number) -> Number:
    """Affine layer."""
    if isinstance(x, Dual):
        return Dual(layer(x.value), functional.linear(x.tangent, layer.weight))
    return layer(x)


def diagonal_linear(layer: nn.Linear, x: Dual) -> tuple[Tensor, Tensor]:
    """Value (N, D) of a layer to D outputs, and the derivatives (N, D) of each by its own input."""
    return layer(x.value), torch.einsum("ndh,dh->nd", x.tangent, layer.weight)


def add(x: Number, y: Number) -> Number:
    """Sum."""
    if isinstance(x, Dual):
        return Dual(x.value + y.value, x.tangent + y.tangent)  # type: ignore[union-attr]
    return x + y  # type: ignore[operator]


def shift(x: Number, offset: Tensor) -> Number:
    """Add what does not depend on the inputs."""
    if isinstance(x, Dual):
        return Dual(x.value + offset, x.tangent)
    return x + offset


def scale(x: Number, factor: Tensor) -> Number:
    """Multiply by what does not depend on the inputs, (N or 1, H)."""
    if isinstance(x, Dual):
        return Dual(x.value * factor, x.tangent * factor.unsqueeze(-2))
    return x * factor


def silu(x: Number) -> Number:
    """x sigmoid(x)."""
    if isinstance(x, Dual):
        gate = torch.sigmoid(x.value)
        value = x.value * gate
        slope = gate + value * (1 - gate)
        return Dual(value, x.tangent * slope.unsqueeze(-2))
    return functional.silu(x)


def selu(x: Number) -> Number:
    """Self-normalising exponential unit (arXiv:1706.02515)."""
    if isinstance(x, Dual):
        value = functional.selu(x.value)
        lam, alpha = 1.0507009873554805, 1.6732632423543772
        slope = torch.where(x.value > 0, torch.full_like(value, lam), value + lam * alpha)
        return Dual(value, x.tangent * slope.unsqueeze(-2))
    return functional.selu(x)


def tanh(x: Number) -> Number:
    """Hyperbolic tangent."""
    if isinstance(x, Dual):
        value = torch.tanh(x.value)
        return Dual(value, x.tangent * (1 - value * value).unsqueeze(-2))
    return torch.tanh(x)
