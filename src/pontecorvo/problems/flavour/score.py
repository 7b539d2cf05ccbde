"""Score points against measurements: chi2 by observable and the pulls, and the light scorer."""

from collections.abc import Sequence
from typing import Any

from ...base.errors import InputError, suggest
from ...core.scorer import Score, Scorer
from .files.point import Point
from .measurements.resolve import resolve_measurement
from .nufit import Ordering


def scorer(
    measurement: str = "nufit-6.1",
    ordering: Ordering = "no",
    variant: str | None = None,
    names: Sequence[str] | None = None,
    likelihood: str = "gaussian",
) -> Scorer:
    """The chi2 of single points as a function, for other programs to call in microseconds.

    ``scorer()([7.5e-5, 2.51e-3, 0.309, 0.0225, 0.47])`` takes the observables in the order of
    `Scorer.names`, or by name as a mapping, and returns the chi2.

    Args:
        measurement: Name, combination or file; see `resolve_measurement`.
        ordering: ``"no"`` or ``"io"``.
        variant: Of a named measurement.
        names: Which quantities of a named measurement.
        likelihood: gaussian, two-piece, box or table, of a named measurement.

    Raises:
        InputError: For what is unknown or malformed.
    """
    return Scorer(resolve_measurement(measurement, ordering, variant, names, likelihood))


def score_point(point: Point, scoring: Scorer) -> Score:
    """Chi2 and pulls of a point.

    Raises:
        InputError: If the point lacks an observable that was measured.
    """
    for name in scoring.names:
        if name not in point.observables:
            have = list(point.observables)
            raise InputError(f"point: {name} was measured, and is missing; {suggest(name, have)}")
    return scoring.score(point.observables)


def score_table(score: Score) -> list[str]:
    """A score as lines of text: an observable a line, then the sum."""
    lines = [f"{'observable':14s} {'value':>12s} {'measured':>12s} {'pull':>8s} {'chi2':>9s}  part"]
    for row in score.rows:
        chi2 = "joint" if row["chi2"] is None else f"{row['chi2']:.3f}"
        lines.append(
            f"{row['observable']:14s} {row['value']:12.6g} {row['measured']:12.6g} "
            f"{row['pull']:8.3f} {chi2:>9s}  {row['part']}"
        )
    return [*lines, f"chi2 {score.chi2:.4f} of {len(score.rows)} measured quantities"]


def as_plain(score: Score) -> dict[str, Any]:
    """A score as JSON types."""
    return {"chi2": score.chi2, "rows": [dict(row) for row in score.rows]}
