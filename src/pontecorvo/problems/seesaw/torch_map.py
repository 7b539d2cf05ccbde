"""The forward map of the seesaw as differentiable PyTorch functions.

Forward is the numba kernel itself (`fast_map`), backward and forward-mode
derivatives are first-order perturbation theory (`gradient`, which says what
happens near and at degeneracy). Works with ``backward``, ``torch.func.grad``, ``vjp``, ``jvp``,
``vmap``, ``jacrev`` and ``jacfwd``; once differentiable. float64 on the CPU; other dtypes are
computed in float64 and returned in their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...base.errors import InputError
from ...physics.masses import check_ordering
from .fast_map import labels_from_theta, observables_from_theta
from .formula import VEV
from .gradient import pullback, pushforward

__all__ = ["labels", "observables"]


def _numpy(x: torch.Tensor) -> NDArray[np.float64]:
    return np.asarray(x.detach().to(torch.float64).numpy())


def _rows(x: torch.Tensor) -> NDArray[np.float64]:
    return _numpy(x).reshape(-1, x.shape[-1])


def _like(x: NDArray[np.float64], theta: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(x).to(theta.dtype).reshape(*theta.shape[:-1], x.shape[-1])


def _first(dims: int | None, x: torch.Tensor, size: int) -> torch.Tensor:
    """``x`` with the dimension that vmap maps in front."""
    return x.expand(size, *x.shape) if dims is None else x.movedim(dims, 0)


class _Outputs(torch.autograd.Function):
    """theta ``(..., 23)`` to observables ``(..., 5)`` or labels ``(..., 11)``."""

    @staticmethod
    def forward(theta: torch.Tensor, ordering: str, vev: float, labels: bool) -> torch.Tensor:
        function = labels_from_theta if labels else observables_from_theta
        return _like(function(_rows(theta), ordering, vev), theta)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        theta, *ctx.settings = inputs
        ctx.save_for_backward(theta)
        ctx.save_for_forward(theta)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[torch.Tensor | None, ...]:
        (theta,) = ctx.saved_tensors
        return _Product.apply(theta, grads[0], False, *ctx.settings), None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> torch.Tensor:
        (theta,) = ctx.saved_tensors
        return _Product.apply(theta, tangents[0], True, *ctx.settings)  # type: ignore[no-any-return]

    @staticmethod
    def vmap(info: Any, in_dims: Any, theta: torch.Tensor, *settings: Any) -> Any:
        return _Outputs.apply(_first(in_dims[0], theta, info.batch_size), *settings), 0


class _Product(torch.autograd.Function):
    """The derivative times a vector, from either side; not differentiable itself."""

    @staticmethod
    def forward(
        theta: torch.Tensor,
        vector: torch.Tensor,
        tangent: bool,
        ordering: str,
        vev: float,
        labels: bool,
    ) -> torch.Tensor:
        function = pushforward if tangent else pullback
        return _like(function(_rows(theta), _rows(vector), ordering, vev, labels), theta)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        raise NotImplementedError("the seesaw map is differentiable once, not twice")

    @staticmethod
    def vmap(info: Any, in_dims: Any, theta: torch.Tensor, vector: torch.Tensor, *rest: Any) -> Any:
        theta = _first(in_dims[0], theta, info.batch_size)
        vector = _first(in_dims[1], vector, info.batch_size)
        return _Product.apply(theta, vector, *rest), 0


def _apply(theta: torch.Tensor, ordering: str, vev: float, labels: bool) -> torch.Tensor:
    check_ordering(ordering)
    if theta.ndim < 1 or theta.shape[-1] != 23:
        raise InputError(f"theta must have shape (..., 23), not {tuple(theta.shape)}")
    if theta.device.type != "cpu":
        raise InputError(f"the seesaw kernel runs on the CPU, but theta is on {theta.device}")
    return _Outputs.apply(theta, ordering, float(vev), labels)  # type: ignore[no-any-return]


def observables(theta: torch.Tensor, ordering: str, vev: float = VEV) -> torch.Tensor:
    """Five observables ``(..., 5)`` of ``theta`` ``(..., 23)``; see `observables_from_theta`.

    Raises InputError for a wrong shape, device or ordering.
    """
    return _apply(theta, ordering, vev, False)


def labels(theta: torch.Tensor, ordering: str, vev: float = VEV) -> torch.Tensor:
    """Eleven labels ``(..., 11)`` of ``theta`` ``(..., 23)``; see `labels_from_theta`.

    ``abs(U_ai)`` has no derivative where it vanishes: 0 is given. Raises InputError as
    `observables`.
    """
    return _apply(theta, ordering, vev, True)
