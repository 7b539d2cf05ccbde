"""What the measurement alone does to the prior: the reference that structure is judged against.

Where the likelihood of the prior draws is known, they are weighted by it: exact. Otherwise weights
are learned that give the measured predictions of the prior draws the posterior's distribution, by
a logistic regression in them and their squares and products (exact for a Gaussian likelihood).
Where the prior has next to no draws like the data, there is no reference, and that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ....base.errors import InputError, suggest
from .structure_draws import StructureDraws

__all__ = ["ENOUGH", "reference"]

ENOUGH = 100.0
"""Effective number of prior draws from which on a reference is trusted."""


def reference(
    posterior: StructureDraws, prior: StructureDraws, measured: Sequence[str]
) -> tuple[StructureDraws | None, float]:
    """The prior's draws weighted so that they know the measurement, and their effective number.

    Without anything measured it is the prior itself. None where fewer than `ENOUGH` draws remain.

    Raises:
        InputError: If a measured name is not among the predictions of both.
    """
    if prior.log_likelihood is not None:
        log = np.where(np.isnan(prior.log_likelihood), -np.inf, prior.log_likelihood)
        if not np.isfinite(log).any():
            return None, 0.0
        factor = np.exp(log - log.max())
    elif measured:
        factor = _ratio(posterior, prior, measured)
    else:
        return prior, prior.effective
    weight = prior.w * factor
    effective = float(weight.sum() ** 2 / np.sum(weight**2)) if weight.any() else 0.0
    if effective < ENOUGH:
        return None, effective
    return replace(prior, weight=weight, log_likelihood=None), effective


def _ratio(posterior: StructureDraws, prior: StructureDraws, measured: Sequence[str]) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    for name in measured:
        for which, draws in (("posterior", posterior), ("prior", prior)):
            if name not in draws.predictions:
                raise InputError(
                    f"measured {name!r}: not among the predictions of the {which}; "
                    f"{suggest(name, list(draws.predictions))}"
                )
    tables = [
        np.stack([np.asarray(d.predictions[name]) for name in measured], axis=1)
        for d in (posterior, prior)
    ]
    finite = [np.isfinite(t).all(axis=1) for t in tables]
    x = np.concatenate([t[ok] for t, ok in zip(tables, finite, strict=True)])
    label = np.repeat([1, 0], [int(ok.sum()) for ok in finite])
    weight = np.concatenate([posterior.w[finite[0]], prior.w[finite[1]]]) * len(x) / 2
    # in units of the posterior's spread: a narrow likelihood is then a parabola of order one
    model = make_pipeline(
        _scaled(StandardScaler(), tables[0][finite[0]]),
        PolynomialFeatures(2, include_bias=False),
        LogisticRegression(C=1e4, max_iter=2000),
    )
    model.fit(x, label, logisticregression__sample_weight=weight)
    result = np.zeros(len(tables[1]))
    log = model.decision_function(tables[1][finite[1]])
    result[finite[1]] = np.exp(log - log.max())
    return result


def _scaled(scaler, table: np.ndarray):  # type: ignore[no-untyped-def]
    """A scaler that is fitted to one table and stays so."""
    from sklearn.preprocessing import FunctionTransformer

    scaler.fit(table)
    return FunctionTransformer(scaler.transform)
