"""From the number that a paper prints to the observable of the model: one rule a kind.

A paper gives sin^2 2theta13, the size of dm2_32, or delta in units of pi; the models have
sin2_theta13, dm2_3l (dm2_31 > 0 in normal, dm2_32 < 0 in inverted ordering) and delta_cp in rad.
Where dm2_21 or sin2_theta12 is needed to go from one splitting to another, NuFIT 6.1's best values
are taken: their errors are 15 times smaller than any error that is converted.
"""

from collections.abc import Callable
from math import pi, radians, sqrt

from ....base.errors import InputError, suggest
from ....core.measurement import Measured
from ..nufit import Ordering
from .quantities import PERIODS

REFERENCE_DM2_21 = 7.537e-5
"""eV^2; NuFIT 6.1, both orderings."""
REFERENCE_SIN2_THETA12 = 0.3088
"""NuFIT 6.1, both orderings."""

Conversion = Callable[[float, Ordering], float]


def _from_double_angle(value: float, _: Ordering) -> float:
    # theta13 is in the first octant; an error may pass zero, and the line goes on there
    return 0.5 * (1 - sqrt(1 - value))


def _from_dm2_31(value: float, ordering: Ordering) -> float:
    size = 1e-3 * abs(value)
    return size if ordering == "no" else -(size + REFERENCE_DM2_21)


def _from_dm2_32(value: float, ordering: Ordering) -> float:
    size = 1e-3 * abs(value)
    return size + REFERENCE_DM2_21 if ordering == "no" else -size


def _from_dm2_ee(value: float, ordering: Ordering) -> float:
    # dm2_ee = c12^2 dm2_31 + s12^2 dm2_32 (H. Nunokawa, S. Parke, R. Zukanovich Funchal,
    # Phys. Rev. D 72 (2005) 013009)
    size, s12sq = 1e-3 * abs(value), REFERENCE_SIN2_THETA12
    if ordering == "no":
        return size + s12sq * REFERENCE_DM2_21
    return -(size + (1 - s12sq) * REFERENCE_DM2_21)


CONVERSIONS: dict[str, tuple[str, Conversion]] = {
    "sin2_theta12": ("sin2_theta12", lambda x, _: x),
    "sin2_theta13": ("sin2_theta13", lambda x, _: x),
    "sin2_theta23": ("sin2_theta23", lambda x, _: x),
    "sin2_2theta13": ("sin2_theta13", _from_double_angle),
    "dm2_21": ("dm2_21", lambda x, _: 1e-5 * x),
    "dm2_3l": ("dm2_3l", lambda x, _: 1e-3 * x),
    "abs_dm2_31": ("dm2_3l", _from_dm2_31),
    "abs_dm2_32": ("dm2_3l", _from_dm2_32),
    "abs_dm2_ee": ("dm2_3l", _from_dm2_ee),
    "delta_cp": ("delta_cp", lambda x, _: radians(x)),
    "delta_pi": ("delta_cp", lambda x, _: pi * x),
}
"""What is published -> the observable, and the map to its unit."""


def observable(
    published: str,
    ordering: Ordering,
    central: float,
    plus: float,
    minus: float,
    low: float | None = None,
    high: float | None = None,
) -> Measured:
    """A published number as the observable of the model.

    Args:
        published: One of `CONVERSIONS`, which also says the unit of the numbers.
        ordering: ``"no"`` or ``"io"``.
        central: Best value.
        plus: Upper 1 sigma error.
        minus: Lower one, positive.
        low: Lower end of the 3 sigma range; None: three errors below.
        high: Upper end; None: three errors above.

    Raises:
        InputError: For an unknown kind, or errors that are not positive.
    """
    if published not in CONVERSIONS:
        raise InputError(f"published {published!r}; {suggest(published, list(CONVERSIONS))}")
    name, convert = CONVERSIONS[published]
    if not (plus > 0 and minus > 0):
        raise InputError(f"{published}: errors +{plus} -{minus}; both must be positive")
    if low is None or high is None:
        low, high = central - 3 * minus, central + 3 * plus
        if published == "sin2_2theta13":
            low, high = max(low, 0.0), min(high, 1.0)
    if published == "sin2_2theta13" and not (central >= 0 and central + plus <= 1 and high <= 1):
        raise InputError(f"{published}: {central} +{plus} is not between 0 and 1; a sin^2 is")
    middle = convert(central, ordering)
    ends = sorted((convert(central - minus, ordering), convert(central + plus, ordering)))
    wide = sorted((convert(low, ordering), convert(high, ordering)))
    period = PERIODS.get(name)
    if period is not None:
        turns = period * (middle // period)  # delta_cp is given in [0, 2 pi)
        middle, ends, wide = middle - turns, [e - turns for e in ends], [w - turns for w in wide]
        if wide[1] - wide[0] > period:  # three errors are more than a turn: all of it
            wide = [middle - 0.5 * period, middle + 0.5 * period]
    elif name.startswith("sin2"):
        wide = [max(wide[0], 0.0), min(wide[1], 1.0)]
    return Measured(name, middle, ends[1] - middle, middle - ends[0], wide[0], wide[1], period)
