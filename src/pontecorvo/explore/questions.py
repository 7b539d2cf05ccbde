"""What the page asks: checked before anything is computed, one sentence for each mistake."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..base.errors import InputError, brief, suggest
from ..core.measurement import GaussianMeasurement, Measured
from ..study.what_if import changed_measurement

_MOST = 64  # entries of a list, letters of a name


@dataclass(frozen=True)
class Question:
    """A measurement, and what is wanted of its posterior.

    Attributes:
        values: Other central values by name, in the observables' units.
        errors: Other 1 sigma errors by name, symmetric.
        extra: Names of optional observables that are measured too.
        pairs: Pairs of columns whose regions are wanted.
    """

    values: dict[str, float] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def plain(self) -> bool:
        """Whether it asks for the study's own measurement."""
        return not (self.values or self.errors or self.extra)


def read_question(content: Any) -> Question:
    """A question from JSON.

    Raises:
        InputError: For anything that is no question.
    """
    if not isinstance(content, dict):
        raise InputError("question: give a JSON object")
    known = ("values", "errors", "extra", "pairs")
    for key in content:
        if key not in known:
            raise InputError(f"question: {suggest(str(key), list(known))}")
    pairs = []
    for pair in _list(content, "pairs"):
        if not (isinstance(pair, list) and len(pair) == 2):
            raise InputError("question: pairs are lists of two names")
        pairs.append((_name(pair[0]), _name(pair[1])))
    if len(pairs) > 4:
        raise InputError("question: give four pairs at most")
    return Question(
        _numbers(content, "values"),
        _numbers(content, "errors"),
        tuple(_name(name) for name in _list(content, "extra")),
        tuple(pairs),
    )


def read_names(content: Any, key: str) -> tuple[str, ...]:
    """A list of names from JSON.

    Raises:
        InputError: If it is none.
    """
    if not isinstance(content, dict):
        raise InputError("question: give a JSON object")
    return tuple(_name(name) for name in _list(content, key))


def read_levels(content: Any) -> tuple[float, ...]:
    """Confidence levels from JSON.

    Raises:
        InputError: If one is no number between 0 and 1.
    """
    found = _list(content, "levels")
    if not all(_is_number(level) and 0 < level < 1 for level in found) or len(found) > 4:
        raise InputError("levels: give up to four numbers between 0 and 1")
    return tuple(float(level) for level in found)


def _list(content: Mapping[str, Any], key: str) -> list[Any]:
    found = content.get(key, [])
    if not isinstance(found, list) or len(found) > _MOST:
        raise InputError(f"question: {key} must be a short list")
    return found


def _name(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MOST:
        raise InputError(f"question: {brief(value)} is no name")
    return value


def _is_number(value: Any) -> bool:
    # a whole number of JSON may be larger than any double
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 1e300:
        return False
    return math.isfinite(value)


def _numbers(content: Mapping[str, Any], key: str) -> dict[str, float]:
    found = content.get(key, {})
    if not isinstance(found, dict) or len(found) > _MOST:
        raise InputError(f"question: {key} must be an object of names and numbers")
    for name, value in found.items():
        if not _is_number(value):
            raise InputError(f"{brief(name)}: {brief(value)} is no finite number")
    return {_name(name): float(value) for name, value in found.items()}


def asked_measurement(
    measurement: GaussianMeasurement, optional: Sequence[Measured], question: Question
) -> GaussianMeasurement:
    """The measurement that a question asks about.

    Args:
        measurement: The study's.
        optional: Observables that may be measured beside it, uncorrelated.
        question: What is changed.

    Raises:
        InputError: For names that are unknown, or errors that are not positive.
    """
    import numpy as np

    known = {q.name: q for q in optional}
    for name in question.extra:
        if name not in known:
            raise InputError(f"{brief(name)} cannot be measured here; {suggest(name, [*known])}")
    if question.extra:
        added = [known[name] for name in dict.fromkeys(question.extra)]
        size = len(measurement.quantities)
        matrix = np.eye(size + len(added))
        matrix[:size, :size] = measurement.correlation
        measurement = GaussianMeasurement(
            (*measurement.quantities, *added), measurement.shape, matrix, measurement.source
        )
    return changed_measurement(measurement, question.values, question.errors)
