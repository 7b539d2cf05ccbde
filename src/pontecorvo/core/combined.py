"""Several measurements at once: the product of independent likelihoods.

The observables are the union of the measurements' own, by name; what two of them measure enters
twice, as it should. That they are independent is for the caller to know.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..base.errors import InputError
from .measurement import Measured, NamedLikelihood


class CombinedMeasurement:
    """A product of likelihoods of named observables.

    Args:
        terms: The measurements, one at least.
        names: Order of the observables; by default as the terms give them, each once.
        constant: Added to every log-likelihood, such as minus half the Delta chi2 by which this
            hypothesis' best fit lacks behind another's.
        note: What the constant is.

    Raises:
        InputError: Without terms, or if `names` is not the union of theirs.
    """

    def __init__(
        self,
        terms: Sequence[NamedLikelihood],
        names: Sequence[str] | None = None,
        constant: float = 0.0,
        note: str = "",
    ) -> None:
        self.terms = tuple(terms)
        if not self.terms:
            raise InputError("combined measurement: it has no parts; give at least one")
        union = tuple(dict.fromkeys(name for term in self.terms for name in term.names))
        self.names = union if names is None else tuple(names)
        if set(self.names) != set(union) or len(self.names) != len(union):
            raise InputError(
                f"combined measurement: names {', '.join(self.names)} are not the quantities that "
                f"its parts measure, {', '.join(union)}"
            )
        self.constant, self.note = float(constant), note
        self._columns = [[self.names.index(name) for name in term.names] for term in self.terms]

    @property
    def shape(self) -> str:
        """The parts' common shape, or ``mixed``."""
        shapes = {term.shape for term in self.terms}
        return shapes.pop() if len(shapes) == 1 else "mixed"

    @property
    def is_gaussian(self) -> bool:
        """Whether every part is a normal density, so that the product is one but for a factor."""
        return all(term.is_gaussian for term in self.terms)

    @property
    def source(self) -> str:
        """Where the parts come from."""
        return " + ".join(term.source for term in self.terms)

    @cached_property
    def quantities(self) -> tuple[Measured, ...]:
        """Each quantity once: as its only part gives it, else the product of normals.

        Where several parts measure a quantity, their mean errors are weighed by inverse variances,
        and the 3 sigma range is the part of the parts' ranges that they share, or three of the
        product's errors where they share none. It shapes proposals and tables; the likelihood is
        always the product of the parts themselves.
        """
        result = []
        for name in self.names:
            given = [q for term in self.terms for q in term.quantities if q.name == name]
            result.append(given[0] if len(given) == 1 else _product(given))
        return tuple(result)

    def log_likelihood(self, observables: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) of observables (N, K); -inf where a part excludes them."""
        observables = np.asarray(observables, dtype=float)
        total = np.full(len(observables), self.constant)
        for term, columns in zip(self.terms, self._columns, strict=True):
            total += term.log_likelihood(observables[:, columns])
        return total

    def within_three_sigma(self, observables: np.ndarray) -> np.ndarray:
        """Which rows (N,) lie in every 3 sigma range of every part."""
        observables = np.asarray(observables, dtype=float)
        inside = np.ones(len(observables), dtype=bool)
        for term, columns in zip(self.terms, self._columns, strict=True):
            inside &= term.within_three_sigma(observables[:, columns])
        return inside

    def describe(self) -> dict[str, Any]:
        """Everything that defines it, as plain JSON types."""
        content: dict[str, Any] = {
            "shape": self.shape,
            "source": self.source,
            "names": list(self.names),
            "quantities": {q.name: q.describe() for q in self.quantities},
            "parts": [term.describe() for term in self.terms],
        }
        if self.constant:
            content |= {"constant": self.constant, "constant_is": self.note}
        return content


def _product(given: Sequence[Measured]) -> Measured:
    period, first = given[0].period, given[0].central
    centres = np.array([q.central for q in given])
    if period is not None:  # each the short way round from the first
        centres = first + (centres - first + 0.5 * period) % period - 0.5 * period
    weights = np.array([q.sigma**-2.0 for q in given])
    centre = float(centres @ weights / weights.sum())
    sigma = float(weights.sum() ** -0.5)
    low, high = centre - 3 * sigma, centre + 3 * sigma
    if period is None:
        shared = max(q.low for q in given), min(q.high for q in given)
        if shared[0] <= centre <= shared[1] and shared[0] < shared[1]:
            low, high = shared
    elif high - low > period:
        low, high = centre - 0.5 * period, centre + 0.5 * period
    return Measured(given[0].name, centre, sigma, sigma, low, high, period)
