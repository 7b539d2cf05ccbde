"""Three-sigma ranges of abs(U), from NuFIT's projections on angles and phase.

NuFIT 6.1's own table of them was not found. Here the chi2 of a point is the sum of its four
one-dimensional projections, and a modulus' range is where that sum can stay below 9: ours, not
NuFIT's, whose chi2 knows correlations. Done to NuFIT 6.0, whose table is published, it shows how
far that goes (`benchmarks/abs_u_ranges.py`).
"""

import numpy as np

from ....base.errors import InputError
from ....base.tables import read_table, shipped
from ....core.measurement import GaussianMeasurement, Measured
from ....physics.pmns import pmns_matrix
from ..nufit import ABS_U, LABELS, Ordering, founding_paper_box
from .library import PACKAGE, NamedMeasurement, find, quantities_of
from .profiles import profiles

LEVEL = 9.0
_KNOTS = {"sin2_theta12": 41, "sin2_theta13": 9, "sin2_theta23": 81, "delta_cp": 73}


def abs_u_ranges(entry: NamedMeasurement, level: float = LEVEL) -> dict[str, tuple[float, float]]:
    """Ranges of the nine moduli in which the sum of the projections stays below `level`.

    Args:
        entry: A fit whose projections on all four ship (normal ordering, with SK-atm).
        level: Delta chi2.

    Raises:
        InputError: If they do not ship.
    """
    tables = profiles(entry, "no")
    missing = [name for name in _KNOTS if name not in tables]
    if missing:
        raise InputError(f"{entry.key}: no projection on {', '.join(missing)} ships")
    grids, chi2 = [], []
    for name, size in _KNOTS.items():
        ends = [end for pair in tables[name].intervals(name, level) for end in pair]
        best = tables[name].quantities[0].central  # so that the ends of the others are reached
        grid = np.sort(np.append(np.linspace(min(ends), max(ends), size), best))
        grids.append(grid)
        chi2.append(tables[name].chi2(grid[:, None]))
    s13 = grids[1]
    low, high = np.full(9, np.inf), np.full(9, -np.inf)
    for i, s12 in enumerate(grids[0]):  # a slice at a time: the whole grid would be large
        total = (
            chi2[0][i] + chi2[1][:, None, None] + chi2[2][None, :, None] + chi2[3][None, None, :]
        )
        inside = total <= level + 1e-6
        if not inside.any():
            continue
        a, b, c = np.nonzero(inside)
        moduli = np.abs(pmns_matrix(s12, s13[a], grids[2][b], grids[3][c])).reshape(-1, 9)
        low = np.minimum(low, moduli.min(axis=0))
        high = np.maximum(high, moduli.max(axis=0))
    return {name: (float(low[k]), float(high[k])) for k, name in enumerate(ABS_U)}


def label_box(name: str = "nufit-6.1", ordering: Ordering = "no") -> GaussianMeasurement:
    """The founding paper's box on its 11 labels, with the ranges of another NuFIT.

    The moduli of NuFIT 6.1 are ours (`abs_u_ranges`), of normal ordering with SK-atm, and taken for
    either ordering, as NuFIT does. dm2_31 of inverted ordering is as in `founding_paper_box`.

    Raises:
        InputError: For a fit without them.
    """
    entry = find(name)
    if entry.name == "nufit-6.0":
        return founding_paper_box(ordering)
    if entry.name != "nufit-6.1":
        raise InputError(
            f"{entry.key}: has no ranges of the 11 labels; allowed: nufit-6.0, nufit-6.1"
        )
    known = {q.name: q for q in quantities_of(entry, ordering)}
    shift = known["dm2_21"].central if ordering == "io" else 0.0
    ranges = {
        "dm2_21": (known["dm2_21"].low, known["dm2_21"].high),
        "dm2_31": (known["dm2_3l"].low + shift, known["dm2_3l"].high + shift),
    }
    for row in read_table(shipped(PACKAGE, "nufit61_abs_u.csv")).rows():
        ranges[str(row["element"])] = (float(row["low"]), float(row["high"]))
    quantities = [
        Measured(label, 0.5 * sum(ranges[label]), width, width, *ranges[label])
        for label in LABELS
        for width in [(ranges[label][1] - ranges[label][0]) / 6]
    ]
    source = f"{entry.title} 3 sigma ranges, {ordering.upper()}, moduli computed from projections"
    return GaussianMeasurement(quantities, "box", source=source)
