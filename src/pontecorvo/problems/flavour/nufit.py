"""NuFIT 6.0 in its four variants: what arXiv:2503.21432 and its recipe are measured with.

Source: I. Esteban et al., JHEP 12 (2024) 216, arXiv:2410.05380.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...base.tables import read_table, shipped
from ...core.measurement import GaussianMeasurement, Measured, Shape

Ordering = Literal["no", "io"]
Variant = Literal["with-sk", "without-sk"]

OSCILLATION = ("dm2_21", "dm2_3l", "sin2_theta12", "sin2_theta13", "sin2_theta23")
"""The five observables of the default likelihood, in the order of the forward map's columns."""


def abs_u_name(flavor: str, mass: int) -> str:
    """Name of the modulus of one mixing-matrix element, such as ``abs_U_e3``."""
    return f"abs_U_{flavor}{mass}"


ABS_U = tuple(abs_u_name(flavor, mass) for flavor in ("e", "mu", "tau") for mass in (1, 2, 3))
LABELS = ("dm2_21", "dm2_31", *ABS_U)
"""The eleven labels of the founding paper (arXiv:2503.21432)."""


def nufit(
    ordering: Ordering = "no",
    variant: Variant = "with-sk",
    names: Sequence[str] = OSCILLATION,
    shape: Shape = "gaussian",
) -> GaussianMeasurement:
    """NuFIT 6.0 as a measurement.

    Args:
        ordering: ``"no"`` or ``"io"``.
        variant: ``"with-sk"`` (IC24 with SK-atm) or ``"without-sk"`` (IC19 without SK-atm).
        names: Which quantities, in this order: any of `OSCILLATION` and ``"delta_cp"``.
        shape: How the likelihood is read; see `GaussianMeasurement`.

    Returns:
        The measurement; dm2 in eV^2, delta_cp in rad.
    """
    table = {
        row["quantity"]: [float(row[key]) for key in ("central", "plus", "minus", "low", "high")]
        for row in read_table(shipped("pontecorvo.problems.flavour", "nufit60.csv")).rows()
        if row["variant"] == variant and row["ordering"] == ordering
    }
    quantities = []
    for name in names:
        if name == "delta_cp":
            centre, plus, minus, low, high = (float(np.deg2rad(x)) for x in table[name])
            quantities.append(Measured(name, centre, plus, minus, low, high, 2 * np.pi))
        else:
            quantities.append(Measured(name, *table[name]))
    source = f"NuFIT 6.0 (arXiv:2410.05380), {ordering.upper()}, {variant}"
    return GaussianMeasurement(quantities, shape, source=source)


def founding_paper_box(
    ordering: Ordering = "no", variant: Variant = "with-sk"
) -> GaussianMeasurement:
    """The 3 sigma box on the 11 labels, by which arXiv:2503.21432 accepts a draw.

    The labels are dm2_21, dm2_31 and the nine moduli of the mixing matrix. The centres are the
    middles of the ranges, and the errors a sixth of their widths; the likelihood uses neither.
    For inverted ordering dm2_31 = dm2_32 + dm2_21, with NuFIT's range of dm2_32 moved by the best
    value of dm2_21.
    """
    splittings = {q.name: q for q in nufit(ordering, variant, ("dm2_21", "dm2_3l")).quantities}
    shift = splittings["dm2_21"].central if ordering == "io" else 0.0
    ranges = {
        "dm2_21": (splittings["dm2_21"].low, splittings["dm2_21"].high),
        "dm2_31": (splittings["dm2_3l"].low + shift, splittings["dm2_3l"].high + shift),
    }
    for row in read_table(shipped("pontecorvo.problems.flavour", "nufit60_abs_u.csv")).rows():
        if row["variant"] == variant:
            name = abs_u_name(row["flavor"], int(row["mass"]))
            ranges[name] = (float(row["low"]), float(row["high"]))
    quantities = [
        Measured(name, 0.5 * (low + high), (high - low) / 6, (high - low) / 6, low, high)
        for name, (low, high) in ranges.items()
    ]
    source = f"NuFIT 6.0 (arXiv:2410.05380) 3 sigma ranges, {ordering.upper()}, {variant}"
    return GaussianMeasurement(quantities, "box", source=source)


@dataclass(frozen=True)
class MassLimit:
    """An upper limit on an absolute-mass observable, in eV."""

    quantity: str
    low: float
    high: float
    confidence: float
    name: str
    source: str
