"""Transforms of the observables, in which one step is as good as another.

A scale that may lie anywhere over decades is compared by the logarithm of its size, a fraction by
its logit, an angle the short way round, the rest as it is. A model may say so itself, by an
attribute ``lift_transforms``: name of an observable -> ``log``, ``logit``, ``identity`` or
``angle``; what it does not say is read off the prior's own predictions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...base.errors import InputError, suggest
from ...core.model import Model

KINDS = ("log", "logit", "identity", "angle")
_DECADES = 10.0  # ratio of the 95 and the 5 % quantile from which a positive quantity is a scale


@dataclass(frozen=True)
class Transforms:
    """One transform T for each of m observables.

    Attributes:
        kinds: ``log``, ``logit``, ``identity`` or ``angle``, in the order of the columns.
        periods: Period of each angle, NaN for the rest (m,).
        signs: For ``log``: the sign of the quantity (m,), minus one for a negative scale.
    """

    kinds: tuple[str, ...]
    periods: np.ndarray
    signs: np.ndarray

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in KINDS:
                raise InputError(
                    f"lift: transform {kind!r} is unknown; {suggest(kind, list(KINDS))}"
                )

    def _columns(self, kind: str) -> np.ndarray:
        return np.array([k == kind for k in self.kinds])

    def forward(self, x: np.ndarray) -> np.ndarray:
        """T of observables (N, m); NaN outside a transform's domain."""
        t = np.array(x, dtype=float)
        log, logit = self._columns("log"), self._columns("logit")
        with np.errstate(invalid="ignore", divide="ignore"):
            t[:, log] = np.log(self.signs[log] * x[:, log])
            t[:, logit] = np.log(x[:, logit]) - np.log1p(-x[:, logit])
        t[~np.isfinite(t)] = np.nan
        return t

    def inverse(self, t: np.ndarray) -> np.ndarray:
        """Observables (N, m) of transformed ones."""
        x = np.array(t, dtype=float)
        log, logit = self._columns("log"), self._columns("logit")
        with np.errstate(over="ignore"):
            x[:, log] = self.signs[log] * np.exp(t[:, log])
            x[:, logit] = 1.0 / (1.0 + np.exp(-t[:, logit]))
        return x

    def slope(self, x: np.ndarray) -> np.ndarray:
        """dT/dx (N, m) at observables (N, m)."""
        slope = np.ones_like(x, dtype=float)
        log, logit = self._columns("log"), self._columns("logit")
        with np.errstate(divide="ignore", invalid="ignore"):
            slope[:, log] = 1.0 / x[:, log]
            slope[:, logit] = 1.0 / (x[:, logit] * (1.0 - x[:, logit]))
        return slope

    def difference(self, t: np.ndarray, centre: np.ndarray) -> np.ndarray:
        """t - centre (..., m), angles the short way round."""
        result = np.asarray(t - centre)
        angle = np.isfinite(self.periods)
        if angle.any():
            period = self.periods[angle]
            result[..., angle] = (result[..., angle] + 0.5 * period) % period - 0.5 * period
        return result


def default_transforms(
    model: Model, quantities: Any, predicted: np.ndarray, declared: Mapping[str, str] | None = None
) -> Transforms:
    """Transforms of measured quantities: declared, or read off predictions of the prior.

    Args:
        model: May declare ``lift_transforms``.
        quantities: Those of the measurement (m), with ``name``, ``central`` and ``period``.
        predicted: Observables (N, m) of draws of the prior.
        declared: Overrides the model's own declarations.

    Raises:
        InputError: If a declared transform does not hold the measured value.
    """
    known = dict(getattr(model, "lift_transforms", None) or {}) | dict(declared or {})
    names = [q.name for q in quantities]
    for name in known:
        if name not in {o.name for o in model.observables}:
            raise InputError(
                f"lift: transform for {name!r}, which is no observable of the model; "
                f"{suggest(name, names)}"
            )
    kinds = []
    for column, quantity in enumerate(quantities):
        values = predicted[:, column]
        values = values[np.isfinite(values)]
        kind = known.get(quantity.name) or _guess(quantity, values)
        central = quantity.central
        outside = (kind == "log" and central == 0) or (kind == "logit" and not 0 < central < 1)
        if outside:
            raise InputError(
                f"lift: {quantity.name} = {central:g} cannot be compared by its {kind}; "
                "declare another transform"
            )
        kinds.append(kind)
    periods = np.full(len(kinds), np.nan)
    for column, (quantity, kind) in enumerate(zip(quantities, kinds, strict=True)):
        if kind == "angle":
            periods[column] = quantity.period or 2 * np.pi
    signs = np.array([-1.0 if q.central < 0 else 1.0 for q in quantities])
    return Transforms(tuple(kinds), periods, signs)


def _guess(quantity: Any, values: np.ndarray) -> str:
    if quantity.period is not None:
        return "angle"
    central = abs(quantity.central)
    values = np.sign(quantity.central) * values
    if not len(values) or values.min() <= 0:
        return "identity"
    low, high = np.quantile(values, [0.05, 0.95])
    if quantity.central > 0 and values.max() < 1 and central < 1 and high > 0.5:
        return "logit"
    return "log" if high > _DECADES * low else "identity"
