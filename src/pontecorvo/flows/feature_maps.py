"""Feature maps by name: what a model tells a network of a point, beyond its coordinates.

A package registers one by an entry point of the group ``pontecorvo.feature_maps``: its name, and a
function without arguments that makes it. Cards of networks hold the name.

A feature map costs the network nothing in exactness: it is part of a smooth velocity field, whose
divergence takes the map's own derivatives into account.
"""

from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..base.errors import InputError, suggest

if TYPE_CHECKING:
    from torch import Tensor

GROUP = "pontecorvo.feature_maps"


class FeatureMap(Protocol):
    """Functions of a point u (N, dim) in the unit cube and a condition (N, conditions)."""

    size: int
    dim: int
    conditions: int

    def differentiable(self, u: "Tensor", condition: "Tensor") -> "Tensor":
        """Features (N, size) by PyTorch."""

    def values(self, u: np.ndarray, condition: np.ndarray) -> np.ndarray:
        """Features (N, size)."""

    def values_and_slopes(
        self, u: np.ndarray, condition: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Features (N, size) and their derivatives (N, dim, size) by u."""


@cache
def feature_map(name: str) -> FeatureMap:
    """The feature map of that name.

    Raises:
        InputError: If none is registered under it.
    """
    known = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in known:
        raise InputError(f"network features {name!r} are unknown; {suggest(name, list(known))}")
    found: FeatureMap = known[name].load()()
    return found
