"""What models of lepton flavour offer to the live explorer: forecasts, and delta_cp."""

from collections.abc import Sequence

from ...core.exploration import Forecast
from ...core.measurement import Measured
from .measurements.library import find, library, quantities_of
from .nufit import Ordering


def forecasts(ordering: Ordering, names: Sequence[str]) -> list[Forecast]:
    """The library's forecasts of any of these observables, as errors to be put on them.

    Args:
        ordering: ``"no"`` or ``"io"``.
        names: Observables that can be measured in the study.
    """
    found = []
    for entry in library():
        if entry.kind != "forecast" or ordering not in entry.orderings:
            continue
        errors = {
            q.name: (_digits(q.plus), _digits(q.minus))
            for q in quantities_of(entry, ordering)
            if q.name in names
        }
        if errors:
            source = f"{entry.source}; {entry.note}" if entry.note else entry.source
            found.append(Forecast(entry.key, entry.title, errors, source))
    return found


def _digits(error: float) -> float:
    """An error without what conversions left behind its published digits."""
    return float(f"{error:.10g}")


def measured_delta(ordering: Ordering) -> Measured:
    """delta_cp as NuFIT 6.1 has it, for a slider that can be switched on."""
    entry = find("nufit-6.1")
    (delta,) = (q for q in quantities_of(entry, ordering) if q.name == "delta_cp")
    return delta
