"""Feature maps by name: what a model tells a network of a point, beyond its coordinates.

A feature map costs the network nothing in exactness: it is part of a smooth velocity field, whose
divergence takes the map's own derivatives into account.
"""

from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..base.errors import InputError, suggest

if TYPE_CHECKING:
    from torch import Tensor

FEATURE_MAPS = ["seesaw-no", "seesaw-io"]


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


def feature_map(name: str) -> FeatureMap:
    """The feature map of that name.

    Raises:
        InputError: If there is none.
    """
    if name not in FEATURE_MAPS:
        raise InputError(f"network features {name!r} are unknown; {suggest(name, FEATURE_MAPS)}")
    from ..problems.seesaw.features import EntryFeatures

    return EntryFeatures(name.removeprefix("seesaw-"))
