"""Chi2 of one point, by observable, in microseconds: a likelihood for others to call.

The measurements' own `log_likelihood` takes thousands of points at a time; a scorer takes one, in
plain Python numbers, since NumPy's call overhead is larger than the arithmetic of six observables.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import copysign, exp, inf, isnan, log, sqrt
from typing import Any

import numpy as np

from ..base.errors import InputError, suggest
from .chi2_table import Chi2Table
from .combined import CombinedMeasurement
from .limit import PowerNormal, UpperLimit
from .measurement import GaussianMeasurement, NamedLikelihood

Row = Callable[[float], tuple[float, float]]
"""One observable: its value to (chi2, pull)."""


@dataclass(frozen=True)
class Score:
    """What a measurement says of one point.

    Attributes:
        chi2: Minus twice the log-likelihood against its largest value.
        rows: Part, observable, value, measured value, pull, chi2 (None where the part is
            correlated or a surface, whose chi2 belongs to no single observable).
    """

    chi2: float
    rows: tuple[dict[str, Any], ...]


class Scorer:
    """The chi2 of single points.

    ``scorer(values)`` takes the observables by name or in order and gives the chi2; `score` gives
    chi2 and pulls by observable. Chi2 is against the best value of each part by itself, so that it
    is zero where every observable is where it was measured; constants and offsets are left out.

    Args:
        measurement: Normal, two-piece or box, chi2 tables, upper limits, or a product of these.
    """

    def __init__(self, measurement: NamedLikelihood) -> None:
        self.measurement = measurement
        self.names = tuple(measurement.names)
        self._rows: list[tuple[int, Row]] = []
        self._joint: list[tuple[tuple[int, ...], Callable[[Sequence[float]], float]]] = []
        parts = (
            measurement.terms if isinstance(measurement, CombinedMeasurement) else (measurement,)
        )
        self._parts = parts
        for part in parts:
            columns = tuple(self.names.index(name) for name in part.names)
            rows, joint = _compiled(part)
            self._rows += [(columns[i], row) for i, row in rows]
            if joint is not None:
                self._joint.append((columns, joint))

    def __call__(self, values: Mapping[str, float] | Sequence[float]) -> float:
        """Chi2 of one point; inf where it is excluded or a value is not a number."""
        if isinstance(values, Mapping):
            values = self._ordered(values)
        total = 0.0
        for column, row in self._rows:
            total += row(values[column])[0]
        for columns, joint in self._joint:
            total += joint([values[column] for column in columns])
        return inf if isnan(total) else total

    def _ordered(self, values: Mapping[str, float]) -> list[float]:
        try:
            return [values[name] for name in self.names]
        except KeyError as error:
            missing = str(error.args[0])
            raise InputError(
                f"point: {missing} is missing; {suggest(missing, sorted(map(str, values)))}"
            ) from None

    def score(self, values: Mapping[str, float] | Sequence[float]) -> Score:
        """Chi2 and pulls of one point, by part and observable."""
        point = self._ordered(values) if isinstance(values, Mapping) else list(values)
        rows = []
        for part in self._parts:
            columns = [self.names.index(name) for name in part.names]
            compiled, joint = _compiled(part)
            by_column = dict(compiled)
            pulls = _pulls(part, [point[c] for c in columns]) if joint is not None else []
            for index, quantity in enumerate(part.quantities):
                value = float(point[columns[index]])
                chi2: float | None = None
                if joint is None:
                    chi2, pull = by_column[index](value)
                else:
                    pull = pulls[index]
                rows.append(
                    {
                        "part": part.source,
                        "observable": quantity.name,
                        "value": value,
                        "measured": quantity.central,
                        "plus": quantity.plus,
                        "minus": quantity.minus,
                        "pull": pull,
                        "chi2": chi2,
                    }
                )
        return Score(self(point), tuple(rows))


def _compiled(
    part: NamedLikelihood,
) -> tuple[list[tuple[int, Row]], Callable[[Sequence[float]], float] | None]:
    """Rows of a part whose observables are independent, or one function of all of them."""
    if isinstance(part, GaussianMeasurement):
        correlated = not np.array_equal(part.correlation, np.eye(len(part.names)))
        if part.shape != "box" and correlated:
            return [], _correlated(part)
        return [(i, _normal(q, part.shape)) for i, q in enumerate(part.quantities)], None
    if isinstance(part, Chi2Table) and len(part.names) == 1:
        return [(0, _profile(part))], None
    if isinstance(part, UpperLimit):
        return [(0, _limit(part))], None
    if isinstance(part, PowerNormal):
        return [(0, _power(part))], None
    best = _largest(part)

    def joint(values: Sequence[float]) -> float:
        return 2 * (best - float(part.log_likelihood(np.array([values], dtype=float))[0]))

    if len(part.names) == 1:
        centre = part.quantities[0].central

        def row(x: float) -> tuple[float, float]:
            chi2 = joint([x])
            return chi2, copysign(sqrt(max(chi2, 0.0)), x - centre)

        return [(0, row)], None
    return [], joint


def _largest(part: NamedLikelihood) -> float:
    """Largest log-likelihood of a part, at its own best values."""
    best = np.array([[q.central for q in part.quantities]])
    value = float(part.log_likelihood(best)[0])
    if isinstance(part, Chi2Table):
        value = -0.5 * part.offset - part.log_norm
    return value


def _normal(quantity: Any, shape: str) -> Row:
    centre, period, low, high = quantity.central, quantity.period, quantity.low, quantity.high
    plus, minus = (quantity.plus, quantity.minus) if shape != "gaussian" else (quantity.sigma,) * 2
    half = 0.5 * period if period else 0.0

    def row(x: float) -> tuple[float, float]:
        difference = x - centre
        if period:
            difference = (difference + half) % period - half
        pull = difference / (plus if difference > 0 else minus)
        return pull * pull, pull

    def box(x: float) -> tuple[float, float]:
        inside = low <= (low + (x - low) % period if period else x) <= high
        return (0.0 if inside else inf), row(x)[1]

    return box if shape == "box" else row


def _correlated(part: GaussianMeasurement) -> Callable[[Sequence[float]], float]:
    precision = np.linalg.inv(part.correlation).tolist()
    rows = [_normal(q, part.shape) for q in part.quantities]
    size = range(len(rows))

    def joint(values: Sequence[float]) -> float:
        pulls = [row(x)[1] for row, x in zip(rows, values, strict=True)]
        return float(sum(precision[i][j] * pulls[i] * pulls[j] for i in size for j in size))

    return joint


def _pulls(part: NamedLikelihood, values: Sequence[float]) -> list[float]:
    if isinstance(part, GaussianMeasurement):
        return [
            _normal(q, part.shape)(float(x))[1]
            for q, x in zip(part.quantities, values, strict=True)
        ]
    if isinstance(part, Chi2Table):
        return [
            _profile(part.profile(name))(float(x))[1]
            for name, x in zip(part.names, values, strict=True)
        ]
    return [float("nan")] * len(values)


def _limit(part: UpperLimit) -> Row:
    """The pull is the root of chi2: the limit pulls one way only."""
    scales, power = [float(scale) for scale in part.scales], 2 * part.power
    many = len(scales)

    def row(x: float) -> tuple[float, float]:
        if not x >= 0:
            return inf, -inf
        if many == 1:
            chi2 = (x / scales[0]) ** power
        else:
            each = [(x / scale) ** power for scale in scales]
            least = min(each)
            chi2 = least - 2 * log(sum(exp(0.5 * (least - value)) for value in each) / many)
        return chi2, sqrt(max(chi2, 0.0))

    return row


def _power(part: PowerNormal) -> Row:
    centre, plus, minus, power = part.central, part.plus, part.minus, part.power
    # against the best value that the observable can have: a negative square has none
    best = 0.0 if centre >= 0 or power == 1 else (centre / plus) ** 2

    def row(x: float) -> tuple[float, float]:
        difference = x**power - centre
        pull = difference / (plus if difference > 0 else minus)
        chi2 = pull * pull - best
        return chi2, copysign(sqrt(max(chi2, 0.0)), pull)

    return row


def _profile(table: Chi2Table) -> Row:
    """The monotone cubic of one quantity in plain Python; the pull is the signed root."""
    curve = table._curve
    assert curve is not None
    knots, coefficients = curve.polynomial.x.tolist(), curve.polynomial.c.T.tolist()
    last, low, high, period = len(knots) - 2, curve.low, curve.high, curve.period
    best = table.quantities[0].central
    beyond = table.outside

    def row(x: float) -> tuple[float, float]:
        if period is not None:
            x = low + (x - low) % period
        elif not low <= x <= high:
            if beyond == "zero":
                return inf, copysign(inf, x - best)
            chi2 = float(table.chi2(np.array([[x]]))[0])
            return chi2, copysign(sqrt(chi2), x - best)
        index = min(max(bisect_right(knots, x) - 1, 0), last)
        a, b, c, d = coefficients[index]
        t = x - knots[index]
        chi2 = max(((a * t + b) * t + c) * t + d, 0.0)
        difference = x - best
        if period is not None:
            difference = (difference + 0.5 * period) % period - 0.5 * period
        return chi2, copysign(sqrt(chi2), difference)

    return row
