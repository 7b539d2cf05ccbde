"""Is a measured number of the right unit, sign and size? Asked of what the model declares.

A number in degrees that is read as radians, a splitting in units of 1e-5, or one with the other
ordering's sign gives a likelihood that no draw reaches, or one that is flat: found here, before
anything is drawn. What is plausible is what the observable's `Quantity` says of itself:

* ``unit`` ``"rad"``: an angle. Centre and error above 2 pi, or a 3 sigma range wider than the
  circle, are degrees.
* ``sign`` 1 or -1: the sign that the quantity has in this model, and why in its ``description``.
* ``typical`` (low, high): the size that abs(quantity) can have at all, generously.
"""

from math import floor, log10, pi

from .measurement import Measured
from .quantity import Quantity

_CIRCLE = 2 * pi * (1 + 1e-9)


def implausible(measured: Measured, quantity: Quantity) -> str | None:
    """Why a measured quantity cannot be meant, as one sentence; None where it can.

    Args:
        measured: Centre, errors and 3 sigma range.
        quantity: What the model says of the observable.
    """
    if quantity.unit == "rad":
        return _as_angle(measured)
    return _by_sign(measured, quantity) or _by_size(measured, quantity)


def _as_angle(measured: Measured) -> str | None:
    centre, error = abs(measured.central), max(measured.plus, measured.minus)
    if centre <= _CIRCLE and error <= _CIRCLE and measured.high - measured.low <= _CIRCLE:
        return None
    if centre <= _CIRCLE and error <= _CIRCLE:
        return (
            f"measurement {measured.name}: its 3 sigma range "
            f"[{measured.low:g}, {measured.high:g}] is wider than the circle; "
            "give angles in rad or with unit: deg, and a three_sigma of at most one turn"
        )
    return (
        f"measurement {measured.name}: {measured.central:g} +{measured.plus:g} "
        f"-{measured.minus:g} is no angle in rad (more than 2 pi); give unit: deg if it is in "
        "degrees"
    )


def _by_sign(measured: Measured, quantity: Quantity) -> str | None:
    sign = quantity.sign
    if not sign or measured.central * sign > 0:
        return None
    what = f" ({quantity.description})" if quantity.description else ""
    word = "positive" if sign > 0 else "negative"
    return f"measurement {measured.name}: {measured.central:g}; here it is {word}{what}"


def _by_size(measured: Measured, quantity: Quantity) -> str | None:
    typical = quantity.typical
    size = abs(measured.central)
    if typical is None or typical[0] <= size <= typical[1]:
        return None
    unit = f" {quantity.unit}" if quantity.unit else ""
    sentence = (
        f"measurement {measured.name}: {measured.central:g}{unit} is far from what it can be, "
        f"{typical[0]:g} to {typical[1]:g}{unit}"
    )
    if size > 0:
        middle = 0.5 * (log10(typical[0]) + log10(typical[1]))
        power = floor(middle - log10(size) + 0.5)
        if 2 <= abs(power) <= 30 and typical[0] <= size * 10.0**power <= typical[1]:
            return f"{sentence}; if it is in units of 1e{power}{unit}, write that out"
    return f"{sentence}; give it in{unit or ' the unit of the observable'}"
