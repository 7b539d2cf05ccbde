"""The observables of three light neutrinos, with the sign and the size that they can have.

What `core.plausibility` asks of a measured number is declared here, an observable at a time.
"""

from math import pi

from ....core.quantity import Quantity
from ..nufit import ABS_U, Ordering


def declared(ordering: Ordering) -> dict[str, Quantity]:
    """Observables by name, in their units, for one mass ordering."""
    normal = ordering == "no"
    sin2 = (1e-4, 1.0)
    quantities = [
        Quantity("dm2_21", r"\Delta m^2_{21}", "eV^2", "m2 is above m1", 1, (1e-6, 1e-3)),
        Quantity(
            "dm2_3l",
            r"\Delta m^2_{3\ell}",
            "eV^2",
            "dm2_31 in normal ordering" if normal else "dm2_32 in inverted ordering",
            1 if normal else -1,
            (1e-4, 1e-1),
        ),
        Quantity(
            "dm2_31",
            r"\Delta m^2_{31}",
            "eV^2",
            "normal ordering" if normal else "inverted ordering",
            1 if normal else -1,
            (1e-4, 1e-1),
        ),
        Quantity("sin2_theta12", r"\sin^2\theta_{12}", "", "a sin^2", 1, sin2),
        Quantity("sin2_theta13", r"\sin^2\theta_{13}", "", "a sin^2", 1, sin2),
        Quantity("sin2_theta23", r"\sin^2\theta_{23}", "", "a sin^2", 1, sin2),
        Quantity("delta_cp", r"\delta_{CP}", "rad"),
        Quantity("alpha21", r"\alpha_{21}", "rad"),
        Quantity("alpha31", r"\alpha_{31}", "rad"),
        Quantity("J", "J", "", "", 0, (1e-8, 0.1)),
        Quantity("sum_m", r"\Sigma m_\nu", "eV"),
        Quantity("m_ee", "m_{ee}", "eV"),
        Quantity("m_beta", r"m_\beta", "eV"),
        *(Quantity(name, "", "", "a modulus", 1, (1e-3, 1.0)) for name in ABS_U),
    ]
    return {quantity.name: quantity for quantity in quantities}


PERIODS: dict[str, float] = {"delta_cp": 2 * pi, "alpha21": 2 * pi, "alpha31": 2 * pi}
"""Observables that are angles, in rad."""
