"""A formula that tells posterior from prior, by symbolic regression: an extra that needs gplearn.

Genetic programming over sums, differences and products of the most informative invariants
(gplearn 0.4.3, BSD-3). What it finds is a hint with a held-out accuracy, never a proof.
"""

from __future__ import annotations

from dataclasses import dataclass

from ....base.errors import InputError
from ....base.seeds import stream
from .findings import Findings
from .question import question
from .structure_draws import StructureDraws

__all__ = ["Formula", "formula"]


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
    rng = stream(seed, "structure", "formula")
    asked = question(findings, posterior, prior, terms, rng)
    model = SymbolicClassifier(
        population_size=population,
        generations=generations,
        function_set=("add", "sub", "mul"),
        parsimony_coefficient=0.005,
        random_state=int(rng.integers(2**31)),
    )
    seen = ~asked.held
    model.fit(asked.x[seen], asked.label[seen], sample_weight=asked.weight[seen])
    accuracy, error = asked.accuracy(model.predict(asked.x[asked.held]))
    return Formula(str(model._program), asked.names, accuracy, error)
