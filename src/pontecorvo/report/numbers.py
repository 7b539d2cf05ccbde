"""Numbers as text: as many digits as the interval has meaning for."""

import math

NARROW = "\u202f"
"""Narrow space at which no line breaks."""


def decimals_for(width: float, digits: int = 2) -> int:
    """Decimal places that show `width` with so many significant digits."""
    if not (math.isfinite(width) and width > 0):
        return 3
    return max(0, min(12, digits - 1 - math.floor(math.log10(width))))


def number(value: float, decimals: int) -> str:
    """Fixed decimals, a true minus sign, and no minus before zero."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def interval(low: float, high: float, decimals: int) -> str:
    """``low – high``; with "to" where a minus sign stands in it."""
    first, second = number(low, decimals), number(high, decimals)
    return f"{first} to {second}" if "−" in first + second else f"{first} – {second}"


def places_of(low: float, middle: float, high: float) -> int:
    """Decimal places that show both sides of an interval about its median."""
    return decimals_for(min(middle - low, high - middle) or (high - low) / 2)


def percent(fraction: float, decimals: int = 1) -> str:
    """A fraction in per cent; tiny and all-but-whole ones are not rounded to 0 or 100."""
    value = 100 * fraction
    least = 10.0**-decimals
    if 0 < value < least / 2:
        return f"< {least:g} %"
    if 100 - least / 2 < value < 100 - 1e-9:
        return f"> {100 - least:.{decimals}f} %"
    if abs(value - round(value)) < 1e-9:
        return f"{value:.0f} %"
    return f"{value:.{decimals}f} %"


_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def plain(value: object) -> str:
    """A setting or a note as text: four significant digits, thousands apart."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    if isinstance(value, int):
        return f"{value:,}".replace(",", NARROW) if abs(value) > 9999 else number(value, 0)
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return plain(int(value))
        digits, _, power = f"{value:.4g}".partition("e")
        digits = digits.replace("-", "−")
        return f"{digits}×10{str(int(power)).translate(_RAISED)}" if power else digits
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {plain(item)}" for key, item in value.items())
    return str(value)
