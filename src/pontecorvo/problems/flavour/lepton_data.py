"""What flavour models are fitted to: oscillation parameters and charged-lepton mass ratios.

One table, `tables/leptons.csv`, with its sources.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from ...base.errors import InputError, suggest
from ...base.tables import read_table
from ...core.measurement import GaussianMeasurement, Measured

DataSet = Literal["nufit-6.1", "juno-207d"]
SETS = ("nufit-6.1", "juno-207d")
_TABLE = Path(__file__).parent / "tables" / "leptons.csv"


@cache
def _measured(name: str, ordering: str) -> dict[str, Measured]:
    result = {}
    for row in read_table(_TABLE).rows():
        if row["set"] != name or row["ordering"] != ordering:
            continue
        central, plus, minus = (float(row[key]) for key in ("central", "plus", "minus"))
        low = float(row["low"]) if row["low"] else central - 3 * minus
        high = float(row["high"]) if row["high"] else central + 3 * plus
        quantity = row["quantity"]
        result[quantity] = Measured(quantity, central, plus, minus, low, high)
    return result


def lepton_data(ordering: str, data: str = "nufit-6.1") -> dict[str, Measured]:
    """All that is known, by name: charged-lepton ratios, angles, splittings and `dm2_ratio`.

    The ratio dm2_21/abs(dm2_3l) has its two relative errors, each the mean of both sides, added in
    quadrature.

    Args:
        ordering: ``"no"`` or ``"io"``.
        data: ``"nufit-6.1"``, or ``"juno-207d"``: the same with sin^2 theta12 and dm2_21 replaced
            by JUNO's own of 207 days.
    """
    if data not in SETS:
        raise InputError(f"data {data!r}: {suggest(data, list(SETS))}")
    known = {**_measured("charged", ordering), **_measured("nufit-6.1", ordering)}
    if data != "nufit-6.1":
        known |= _measured(data, ordering)
    small, large = known["dm2_21"], known["dm2_3l"]
    ratio = small.central / abs(large.central)
    error = (
        ratio
        * ((small.sigma / small.central) ** 2 + (large.sigma / abs(large.central)) ** 2) ** 0.5
    )
    known["dm2_ratio"] = Measured(
        "dm2_ratio", ratio, error, error, ratio - 3 * error, ratio + 3 * error
    )
    return known


def lepton_measurement(
    ordering: str, names: Sequence[str], data: str = "nufit-6.1"
) -> GaussianMeasurement:
    """Independent Gaussian densities in the named quantities; see `lepton_data`."""
    known = lepton_data(ordering, data)
    for name in names:
        if name not in known:
            raise InputError(f"measured {name!r}: {suggest(name, list(known))}")
    source = f"{data} with SK-atm, {ordering.upper()}; charged-lepton ratios of arXiv:2006.03058"
    return GaussianMeasurement([known[name] for name in names], source=source)


def reference_dm2_3l(ordering: str) -> float:
    """abs(dm2_3l) (eV^2) that gives models without a mass scale their unit: NuFIT 6.1's best."""
    return abs(_measured("nufit-6.1", ordering)["dm2_3l"].central)
