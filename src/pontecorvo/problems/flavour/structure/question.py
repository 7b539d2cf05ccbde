"""Posterior or prior? The table of invariants from which formulas and attributions learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .findings import Findings
from .invariants import invariants
from .structure_draws import StructureDraws

__all__ = ["HELD_OUT", "Question", "question"]

HELD_OUT = 0.4
"""Share of the draws that an answer is judged by, and did not learn from."""
_FAR = 30.0  # logarithms of what is exactly zero end here


@dataclass(frozen=True)
class Question:
    """Draws of posterior and prior, one row each.

    Attributes:
        names: Of the invariants (F,), most informative first.
        x: Their values (N, F), less the prior's median, in its standard deviations.
        label: One for the posterior, zero for the prior (N,).
        weight: Of the draws (N,); both halves count alike.
        held: Which rows (N,) are held out.
    """

    names: tuple[str, ...]
    x: np.ndarray
    label: np.ndarray
    weight: np.ndarray
    held: np.ndarray

    def accuracy(self, answer: np.ndarray) -> tuple[float, float]:
        """Weighted share of right answers to the held-out rows (H,), and its standard error."""
        weight = self.weight[self.held] / self.weight[self.held].sum()
        right = min(float(weight @ (answer == self.label[self.held])), 1.0)  # rounding
        return right, float(np.sqrt(right * (1 - right) * np.sum(weight**2)))


def question(
    findings: Findings,
    posterior: StructureDraws,
    prior: StructureDraws,
    terms: int,
    rng: np.random.Generator,
) -> Question:
    """The `terms` most informative invariants of the draws, and which draws are held out."""
    ranked = sorted(findings.invariants, key=lambda row: -row.total.bits)[:terms]
    names = tuple(row.name for row in ranked)
    tables = []
    for draws in (posterior, prior):
        values = invariants(draws)
        table = np.stack([values[name] for name in names], axis=1)
        tables.append(np.clip(np.nan_to_num(table, neginf=-_FAR, posinf=_FAR), -_FAR, _FAR))
    x, scale = np.concatenate(tables), np.std(tables[1], axis=0)
    x = (x - np.median(tables[1], axis=0)) / np.where(scale > 0, scale, 1.0)
    label = np.repeat([1, 0], [len(table) for table in tables])
    weight = np.concatenate([posterior.w, prior.w]) * len(x) / 2
    return Question(names, x, label, weight, rng.random(len(x)) < HELD_OUT)
