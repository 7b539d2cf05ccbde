"""Which invariants a classifier goes by, by Shapley values: an extra that needs shap.

Boosted trees learn to tell posterior from prior; the Shapley values of held-out posterior draws
(S. Lundberg et al., Nature Mach. Intell. 2 (2020) 56, exact for trees; shap, MIT) share each draw's
log odds among its invariants. Invariants that say the same share the credit: a value is what the
classifier uses, not what is known of an invariant alone (the ranking by bits says that).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....base.errors import InputError
from ....base.seeds import stream
from .findings import Findings
from .question import question
from .structure_draws import StructureDraws

__all__ = ["Attributions", "attributions"]


@dataclass(frozen=True)
class Attributions:
    """What tells posterior draws from prior ones.

    Attributes:
        names: Invariants (F,), the most used first.
        sizes: Mean size (F,) of their part of a posterior draw's log odds.
        means: Mean part (F,): positive where the invariant speaks for the posterior.
        accuracy: Weighted share of held-out draws told right; 0.5 is chance.
        error: Its standard error.
    """

    names: tuple[str, ...]
    sizes: np.ndarray
    means: np.ndarray
    accuracy: float
    error: float


def attributions(
    findings: Findings,
    posterior: StructureDraws,
    prior: StructureDraws,
    terms: int = 12,
    seed: int = 0,
) -> Attributions:
    """Share the credit among the `terms` most informative invariants.

    Raises:
        InputError: Where shap is not installed.
    """
    try:
        from shap import TreeExplainer
    except ImportError:
        raise InputError("attributions need shap; install it with: pip install shap") from None
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = stream(seed, "structure", "attributions")
    asked = question(findings, posterior, prior, terms, rng)
    trees = HistGradientBoostingClassifier(
        max_iter=80,
        max_leaf_nodes=8,
        min_samples_leaf=30,
        early_stopping=False,
        random_state=int(rng.integers(2**31)),
    )
    seen, held = ~asked.held, asked.held
    trees.fit(asked.x[seen], asked.label[seen], sample_weight=asked.weight[seen])
    accuracy, error = asked.accuracy(trees.predict(asked.x[held]))
    own = held & (asked.label == 1)
    values = np.asarray(TreeExplainer(trees).shap_values(asked.x[own]))
    weight = asked.weight[own] / asked.weight[own].sum()
    sizes, means = weight @ np.abs(values), weight @ values
    order = np.argsort(-sizes)
    names = tuple(asked.names[i] for i in order)
    return Attributions(names, sizes[order], means[order], accuracy, error)
