"""A formula that tells posterior from prior, by symbolic regression: an extra that needs gplearn.

Genetic programming over sums, differences and products of the most informative invariants
(gplearn 0.4.3, BSD-3). What it finds is a hint with a held-out accuracy, never a proof.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....base.errors import InputError
from ....base.seeds import stream
from .findings import Findings
from .invariants import invariants
from .structure_draws import StructureDraws

__all__ = ["Formula", "formula"]

_HELD_OUT = 0.4


@dataclass(frozen=True)
class Formula:
    """A formula of standardised invariants that is positive where a draw looks posterior.

    Attributes:
        text: The formula in X0, X1, ...
        names: What X0, X1, ... are.
        accuracy: Weighted share of held-out draws told right; 0.5 is chance.
        error: Its standard error.
    """

    text: str
    names: tuple[str, ...]
    accuracy: float
    error: float


def formula(
    findings: Findings,
    posterior: StructureDraws,
    prior: StructureDraws,
    terms: int = 4,
    generations: int = 10,
    population: int = 500,
    seed: int = 0,
) -> Formula:
    """Search for a formula in the `terms` most informative invariants.

    Raises:
        InputError: Where gplearn is not installed.
    """
    try:
        from gplearn.genetic import SymbolicClassifier
    except ImportError:
        raise InputError(
            "symbolic regression needs gplearn; install it with: pip install gplearn"
        ) from None
    ranked = sorted(findings.invariants, key=lambda r: -r.total.bits)[:terms]
    names = tuple(row.name for row in ranked)
    tables = []
    for draws in (posterior, prior):
        values = invariants(draws)
        table = np.stack([values[name] for name in names], axis=1)
        tables.append(np.clip(np.nan_to_num(table, neginf=-30.0, posinf=30.0), -30, 30))
    x = np.concatenate(tables)
    scale = np.std(tables[1], axis=0)
    x = (x - np.median(tables[1], axis=0)) / np.where(scale > 0, scale, 1.0)
    label = np.repeat([1, 0], [len(t) for t in tables])
    weight = np.concatenate([posterior.w, prior.w]) * len(x) / 2
    rng = stream(seed, "structure", "formula")
    held = rng.random(len(x)) < _HELD_OUT
    model = SymbolicClassifier(
        population_size=population,
        generations=generations,
        function_set=("add", "sub", "mul"),
        parsimony_coefficient=0.005,
        random_state=int(rng.integers(2**31)),
    )
    model.fit(x[~held], label[~held], sample_weight=weight[~held])
    right = model.predict(x[held]) == label[held]
    w = weight[held] / weight[held].sum()
    accuracy = float(w @ right)
    error = float(np.sqrt(accuracy * (1 - accuracy) * np.sum(w**2)))
    return Formula(str(model._program), names, accuracy, error)
