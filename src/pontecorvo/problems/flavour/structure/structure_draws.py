"""Draws whose structure is asked about: Yukawas, heavy masses, mixing, weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ....base.errors import InputError
from ..predictions.conventions import real_masses
from ..predictions.plugin import FlavourDraws

__all__ = ["StructureDraws"]


@dataclass(frozen=True)
class StructureDraws:
    """Posterior or prior draws of a model with Yukawas and heavy masses.

    Attributes:
        y: Yukawas (N, 3, n) of ``l_alpha H N_i``.
        m: Heavy masses (N, n) in GeV, complex allowed.
        weight: Weights (N,), any scale; equal if left out.
        predictions: Predicted quantities (N,) by name; those that were measured are told apart by
            their names.
        log_likelihood: Log-likelihood (N,) of the measurement, where known: on prior draws it says
            exactly what the measurement alone does to them.
        vev: <H> in GeV.
        ordering: "no" or "io".
    """

    y: np.ndarray
    m: np.ndarray
    weight: np.ndarray | None = None
    predictions: dict[str, np.ndarray] = field(default_factory=dict)
    log_likelihood: np.ndarray | None = None
    vev: float = 174.1
    ordering: str = "no"

    def __post_init__(self) -> None:
        n = len(self.y)
        for name, values in {"weight": self.weight, "log_likelihood": self.log_likelihood}.items():
            if values is not None and np.shape(values) != (n,):
                raise InputError(f"{name}: shape {np.shape(values)}; give one value a draw, ({n},)")
        weight = self.weight
        if weight is not None and (not np.isfinite(weight).all() or np.min(weight) < 0):
            raise InputError("weight: negative or not a number; give weights, not their logarithms")
        if self.effective < 20:
            raise InputError(
                f"structure: {n} draws worth {self.effective:.1f} equal ones; give at least 20"
            )

    @cached_property
    def w(self) -> np.ndarray:
        """Weights (N,) that sum to one."""
        if self.weight is None:
            return np.full(len(self.y), 1 / len(self.y))
        return np.asarray(self.weight / np.sum(self.weight))

    @cached_property
    def effective(self) -> float:
        """Kish's number of equally weighted draws that these are worth."""
        return float(1 / np.sum(self.w**2))

    @cached_property
    def canonical(self) -> tuple[np.ndarray, np.ndarray]:
        """Y (N, 3, n) and M (N, n) with real, positive, ascending masses."""
        return real_masses(self.y, self.m)

    @cached_property
    def mixing(self) -> tuple[np.ndarray, np.ndarray]:
        """U (N, 3, 3) and light masses (N, 3) in eV."""
        return FlavourDraws(y=self.y, m=self.m, vev=self.vev, ordering=self.ordering).mixing

    @cached_property
    def light_matrix(self) -> np.ndarray:
        """m_nu (N, 3, 3) in eV."""
        y, m = self.canonical
        return np.asarray(self.vev**2 * 1e9 * (y / m[:, None, :]) @ np.swapaxes(y, 1, 2))
