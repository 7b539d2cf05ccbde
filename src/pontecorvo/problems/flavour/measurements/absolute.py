"""Absolute masses: named variants, as likelihoods or as lines in figures.

docs/absolute-masses.md says why a limit must not cut draws.
"""

from typing import Any

from ....base.errors import InputError, suggest
from ....base.tables import read_table, shipped
from ....core.limit import PowerNormal, UpperLimit
from ..nufit import MassLimit
from .library import ABSOLUTE, PACKAGE


def _rows() -> list[dict[str, Any]]:
    return list(read_table(shipped(PACKAGE, "absolute_masses.csv")).rows())


def variants(quantity: str) -> list[str]:
    """Names of the variants of one absolute-mass observable; the first is the default.

    Raises:
        InputError: For another quantity.
    """
    if quantity not in ABSOLUTE:
        raise InputError(f"absolute mass {quantity!r}; {suggest(quantity, list(ABSOLUTE))}")
    return [str(row["variant"]) for row in _rows() if row["quantity"] == quantity]


def mass_likelihood(quantity: str, variant: str | None = None) -> UpperLimit | PowerNormal:
    """An absolute-mass result as a likelihood that weighs draws and cuts none.

    Args:
        quantity: ``sum_m``, ``m_beta`` or ``m_ee``, in eV.
        variant: One of `variants`; None: the first.

    Raises:
        InputError: For an unknown quantity or variant, or a reach, which measures nothing yet.
    """
    names = variants(quantity)
    for row in _rows():
        if row["quantity"] != quantity or variant not in (None, row["variant"]):
            continue
        source = f"{row['title']} ({row['source']})"
        if row["kind"] == "reach":
            raise InputError(
                f"{quantity}:{row['variant']}: is a reach, for figures; it has measured nothing yet"
            )
        if row["kind"] == "square":
            central, plus, minus = (float(row[key]) for key in ("central", "plus", "minus"))
            return PowerNormal(quantity, central, plus, minus, 2, source)
        return UpperLimit(
            quantity,
            float(row["low"]),
            float(row["high"]),
            float(row["confidence"]),
            int(row["power"]),
            source,
        )
    raise InputError(f"{quantity}: variant {variant!r}; {suggest(str(variant), names)}")


def shown_lines() -> tuple[MassLimit, ...]:
    """The limits that figures draw by default: one a quantity, and for the sum of masses also the
    one that allows dark energy to vary, which says how much the first depends on cosmology."""
    first = {quantity: variants(quantity)[0] for quantity in ABSOLUTE}
    wanted = {*first.items(), ("sum_m", "w0wa")}
    titles = {row["title"] for row in _rows() if (row["quantity"], row["variant"]) in wanted}
    return tuple(line for line in mass_lines() if line.name in titles)


def mass_lines(quantity: str | None = None, reach: bool = False) -> tuple[MassLimit, ...]:
    """What figures draw beside the predictions: the limits, or what experiments would reach."""
    return tuple(
        MassLimit(
            str(row["quantity"]),
            float(row["low"]),
            float(row["high"]),
            float(row["confidence"]),
            str(row["title"]),
            str(row["source"]),
        )
        for row in _rows()
        if quantity in (None, row["quantity"]) and (row["kind"] == "reach") == reach
    )
