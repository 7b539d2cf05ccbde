"""A user's own measurement: YAML in, checked by a schema, one sentence for each mistake."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..base.errors import InputError, suggest
from ..base.yaml_files import Error, Number, checked, read_yaml
from .measurement import GaussianMeasurement, Measured
from .plausibility import implausible
from .quantity import Quantity


class QuantityEntry(BaseModel):
    """One measured quantity: a central value with a symmetric or two-sided 1 sigma error."""

    model_config = ConfigDict(extra="forbid")

    central: Number = Field(ge=-1e12, le=1e12)
    sigma: Error | None = Field(None, description="symmetric error")
    sigma_plus: Error | None = Field(None, description="upper error")
    sigma_minus: Error | None = Field(None, description="lower error, positive too")
    three_sigma: tuple[Number, Number] | None = Field(
        None, description="3 sigma range; by default the central value with three times the errors"
    )
    unit: Literal["rad", "deg"] | None = Field(None, description="of an angle; rad by default")

    @model_validator(mode="after")
    def _one_kind_of_error(self) -> "QuantityEntry":
        both = self.sigma_plus is not None and self.sigma_minus is not None
        neither = self.sigma_plus is None and self.sigma_minus is None
        if (self.sigma is not None) == both or not (both or neither):
            raise ValueError("give either sigma, or both sigma_plus and sigma_minus")
        return self

    def build(self, name: str, angle: bool) -> Measured:
        """As a `Measured`, angles in rad."""
        if self.unit is not None and not angle:
            raise InputError(f"measurement {name}: unit {self.unit!r} is only for angles")
        factor = math.pi / 180 if self.unit == "deg" else 1.0
        plus = self.sigma if self.sigma is not None else self.sigma_plus
        minus = self.sigma if self.sigma is not None else self.sigma_minus
        assert plus is not None
        assert minus is not None
        low, high = self.three_sigma or (self.central - 3 * minus, self.central + 3 * plus)
        period = 2 * math.pi if angle else None
        centre, plus, minus, low, high = (
            factor * x for x in (self.central, plus, minus, low, high)
        )
        return Measured(name, centre, plus, minus, low, high, period)


class MeasurementFile(BaseModel):
    """A measurement file: named quantities, correlations, and how the errors are to be read."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field("user's measurement", description="where the numbers come from")
    likelihood: Literal["gaussian", "two-piece", "box"] = "gaussian"
    quantities: dict[str, QuantityEntry] = Field(min_length=1)
    correlations: list[tuple[str, str, Number]] = Field(
        default_factory=list, description="[name, name, coefficient] triples"
    )

    def build(self, observables: Sequence[Quantity]) -> GaussianMeasurement:
        """The measurement that the file describes, of any of a model's observables."""
        known = {q.name: q for q in observables}
        for name in self.quantities:
            if name not in known:
                raise InputError(
                    f"observable {name!r} is unknown to this model; {suggest(name, list(known))}"
                )
        if self.likelihood == "box" and self.correlations:
            raise InputError("correlations: a box has none; give likelihood gaussian or two-piece")
        quantities = [
            entry.build(name, known[name].unit == "rad") for name, entry in self.quantities.items()
        ]
        for measured in quantities:
            complaint = implausible(measured, known[measured.name])
            if complaint:
                raise InputError(complaint)
        names = list(self.quantities)
        correlation = correlation_matrix(names, self.correlations)
        return GaussianMeasurement(quantities, self.likelihood, correlation, self.source)


def correlation_matrix(
    names: list[str], entries: list[tuple[str, str, float]]
) -> np.ndarray | None:
    """Correlation matrix (K, K) from ``[name, name, coefficient]`` triples; None if there are none.

    Raises:
        InputError: For an unknown or repeated pair, or a coefficient outside (-1, 1).
    """
    if not entries:
        return None
    matrix, seen = np.eye(len(names)), set()
    for first, second, value in entries:
        for name in (first, second):
            if name not in names:
                raise InputError(
                    f"correlations: {name!r} is not measured; allowed: {', '.join(names)}"
                )
        pair = frozenset((first, second))
        if len(pair) == 1 or pair in seen or not -1 < value < 1:
            raise InputError(
                f"correlations: [{first}, {second}, {value}]; give each pair of different "
                "quantities once, with a coefficient between -1 and 1"
            )
        seen.add(pair)
        i, j = names.index(first), names.index(second)
        matrix[i, j] = matrix[j, i] = value
    return matrix


def read_measurement(
    source: Path | dict[str, Any], where: str, observables: Sequence[Quantity]
) -> GaussianMeasurement:
    """Read a measurement from a YAML file, or from a mapping that stood in a study file.

    Args:
        source: The file, or the mapping.
        where: Where the mapping stood, for messages.
        observables: What may be measured; angles are those whose unit is rad.

    Raises:
        InputError: One sentence that says what is wrong, and where.
    """
    content, where = (
        (source, where) if isinstance(source, dict) else (read_yaml(source), str(source))
    )
    checked_content = checked(MeasurementFile, content, where)
    try:
        return checked_content.build(observables)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def file_content(measurement: GaussianMeasurement) -> dict[str, Any]:
    """The content of a measurement file that gives this measurement again, to the last bit."""
    names, matrix = measurement.names, measurement.correlation
    return {
        "source": measurement.source,
        "likelihood": measurement.shape,
        "quantities": {
            q.name: q.describe() | ({"unit": "rad"} if q.period is not None else {})
            for q in measurement.quantities
        },
        "correlations": [
            [names[i], names[j], float(matrix[i, j])]
            for i in range(len(names))
            for j in range(i + 1, len(names))
            if matrix[i, j] != 0
        ],
    }
