"""NuFIT's one-dimensional chi2 projections as likelihoods: both octants, delta as it is.

The shipped ones are those of normal ordering with SK-atm (NuFIT 6.0 and 6.1, all six quantities)
and of delta_CP in all four variants of NuFIT 6.1. Source: nu-fit.org, JHEP 12 (2024) 216. The
projections of one fit are read as independent: each is profiled over the other parameters.
"""

from functools import cache
from math import pi

import numpy as np

from ....base.tables import read_table, shipped
from ....core.chi2_table import Chi2Table, TableAxis
from ..nufit import Ordering
from .library import PACKAGE, NamedMeasurement

_FILES = {"nufit-6.0": "nufit60_profiles.csv", "nufit-6.1": "nufit61_profiles.csv"}
PARAMETERS = {
    "T12": "sin2_theta12",
    "T13": "sin2_theta13",
    "T23": "sin2_theta23",
    "DCP": "delta_cp",
    "DMS": "dm2_21",
    "DMA": "dm2_3l",
}
"""NuFIT's names of parameters, and the observables' own."""


def in_units(parameter: str, values: np.ndarray) -> np.ndarray:
    """A grid of NuFIT's, in the unit of the observable (eV^2, rad)."""
    if parameter == "DMS":
        return np.asarray(10.0**values)
    if parameter == "DMA":
        return 1e-3 * values
    return np.deg2rad(values) if parameter == "DCP" else values


@cache
def profiles(entry: NamedMeasurement, ordering: Ordering) -> dict[str, Chi2Table]:
    """Chi2 tables of one quantity each, by observable; empty where none ships."""
    source = f"{entry.title}, {ordering.upper()}, chi2 projection"
    found: dict[str, Chi2Table] = {}
    if entry.name in _FILES and entry.variant == "with-sk" and ordering == "no":
        table = read_table(shipped(PACKAGE, _FILES[entry.name]))
        for parameter, name in PARAMETERS.items():
            rows = table["parameter"] == parameter
            found[name] = _table(
                name, in_units(parameter, table["value"][rows]), table["delta_chi2"][rows], source
            )
    elif entry.name == "nufit-6.1":
        table = read_table(shipped(PACKAGE, "nufit61_delta_cp.csv"))
        column = f"{entry.variant.replace('-', '_')}_{ordering}"
        grid = np.deg2rad(table["delta_cp_deg"])
        found["delta_cp"] = _table("delta_cp", grid, table[column], source)
    return found


def _table(name: str, grid: np.ndarray, chi2: np.ndarray, source: str) -> Chi2Table:
    period = 2 * pi if name == "delta_cp" else None
    return Chi2Table([TableAxis(name, grid, period)], chi2, source)
