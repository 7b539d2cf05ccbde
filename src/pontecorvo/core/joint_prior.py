"""Priors in which some parameters are drawn together: a product of blocks and marginals."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from ..base.errors import InputError
from .prior import Marginal, Prior


class Block(Protocol):
    """A joint density of k parameters with a one-to-one map from the unit cube.

    `physics`-like objects such as the fundamental domain of a modulus are blocks.
    """

    def from_unit_cube(self, u: np.ndarray) -> np.ndarray:
        """Points (N, k) of the unit cube to parameters (N, k) that follow the density."""

    def to_unit_cube(self, theta: np.ndarray) -> np.ndarray:
        """Inverse of `from_unit_cube`."""

    def log_density(self, theta: np.ndarray) -> np.ndarray:
        """Normalised log-density (N,) of parameters (N, k); -inf outside the support."""


class JointPrior(Prior):
    """Independent marginals, except for blocks of columns that have a joint density.

    Args:
        marginals: One density for each parameter, P in all. For the parameters of a block it only
            says the range (axes of figures, edges of a box); the block's own density counts.
        blocks: Columns -> joint density; no column in two blocks.
    """

    def __init__(
        self, marginals: Sequence[Marginal], blocks: Mapping[tuple[int, ...], Block]
    ) -> None:
        super().__init__(marginals)
        self.blocks = {tuple(columns): block for columns, block in blocks.items()}
        taken = [column for columns in self.blocks for column in columns]
        if len(set(taken)) < len(taken) or not set(taken) <= set(range(len(self.marginals))):
            raise InputError(
                f"prior: blocks {taken} must name each column at most once, "
                f"each between 0 and {len(self.marginals) - 1}"
            )

    def from_unit_cube(self, u: np.ndarray) -> np.ndarray:
        """Map points (N, P) of the unit cube to parameters (N, P) that follow the prior."""
        theta = super().from_unit_cube(u)
        for columns, block in self.blocks.items():
            theta[:, columns] = block.from_unit_cube(np.asarray(u, float)[:, columns])
        return theta

    def to_unit_cube(self, theta: np.ndarray) -> np.ndarray:
        """Inverse of `from_unit_cube` (on its ordered branch)."""
        u = super().to_unit_cube(theta)
        for columns, block in self.blocks.items():
            u[:, columns] = block.to_unit_cube(np.asarray(theta, float)[:, columns])
        return u

    def log_density(self, theta: np.ndarray) -> np.ndarray:
        """Normalised log-density (N,) at parameters (N, P); -inf outside the support."""
        total = super().log_density(theta)
        for columns, block in self.blocks.items():
            for column in columns:  # the range of a block's column is no density of its own
                total -= self._finite(column, theta[:, column])
            total += block.log_density(theta[:, columns])
        return total

    def _finite(self, column: int, x: np.ndarray) -> np.ndarray:
        value = self.marginals[column].log_density(x)
        return np.where(np.isfinite(value), value, 0.0)
