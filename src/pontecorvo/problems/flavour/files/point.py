"""One point of a flavour model, whatever file it came from: what `pontecorvo score` asks of.

A point gives observables directly, or light masses and a mixing matrix, or a seesaw (Yukawas and
heavy masses) from which these follow.
"""

from dataclasses import dataclass, field
from math import pi

import numpy as np

from ....base.errors import InputError
from ....physics.masses import m_beta, m_ee, splittings_from_masses
from ....physics.pmns import jarlskog, pmns_matrix, pmns_parameters
from ..nufit import ABS_U, Ordering
from .slha import Block

VEV = 174.1
"""<H> in GeV where a file does not say."""


@dataclass
class Point:
    """What a file says of one point.

    Attributes:
        observables: By name, in the units of the models (eV, eV^2, rad).
        ordering: ``"no"`` or ``"io"``, or None where the file does not say.
        yukawa: Y (3, 3), rows e mu tau, coupling as l_alpha H N_i (m_nu = v^2 Y M^-1 Y^T), or None.
        heavy: Masses (3,) of the heavy neutrinos in GeV, complex where they have phases, or None.
        vev: <H> in GeV that belongs to `yukawa`.
        notes: What was assumed in reading it.
        blocks: Of an SLHA file, all that it held: written again, its numbers are the same bits.
    """

    observables: dict[str, float]
    ordering: Ordering | None = None
    yukawa: np.ndarray | None = None
    heavy: np.ndarray | None = None
    vev: float | None = None
    notes: list[str] = field(default_factory=list)
    blocks: dict[str, Block] = field(default_factory=dict)


def ordering_of(masses: np.ndarray) -> Ordering:
    """The ordering of light masses (3,) labelled as in the PDG."""
    return "no" if masses[2] > masses[0] else "io"


def light_observables(masses: np.ndarray, mixing: np.ndarray) -> dict[str, float]:
    """Every observable of light neutrinos of masses (3,) in eV and mixing (3, 3).

    Raises:
        InputError: If m2 is not above m1, or a mass is negative.
    """
    masses = np.asarray(masses, dtype=float)
    if masses.min() < 0 or not masses[1] > masses[0]:
        shown = ", ".join(f"{mass:g}" for mass in masses)
        raise InputError(f"light masses {shown} eV: give m1, m2, m3 >= 0 with m2 above m1")
    ordering = ordering_of(masses)
    if ordering == "io" and masses[2] > masses[0]:
        raise InputError("light masses: m3 lies between m1 and m2; that is neither ordering")
    angles = pmns_parameters(mixing)
    _, dm2_21, dm2_3l = splittings_from_masses(masses, ordering)
    result = {
        "dm2_21": dm2_21,
        "dm2_3l": dm2_3l,
        "dm2_31": dm2_3l if ordering == "no" else dm2_3l + dm2_21,
        "sin2_theta12": angles.s12sq,
        "sin2_theta13": angles.s13sq,
        "sin2_theta23": angles.s23sq,
        "delta_cp": angles.delta,
        "alpha21": angles.alpha21,
        "alpha31": angles.alpha31,
        "J": jarlskog(mixing),
        "m1": masses[0],
        "m2": masses[1],
        "m3": masses[2],
        "sum_m": masses.sum(),
        "m_ee": m_ee(masses, mixing),
        "m_beta": m_beta(masses, mixing),
    }
    moduli = np.abs(mixing).ravel()
    result |= {name: moduli[index] for index, name in enumerate(ABS_U)}
    return {name: float(value) for name, value in result.items()}


def from_angles(
    masses: np.ndarray,
    sin2: tuple[float, float, float],
    phases: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> dict[str, float]:
    """Observables from masses (3,) in eV, sin^2 of theta12, theta13, theta23, and phases in rad."""
    for value in sin2:
        if not 0 <= value <= 1:
            raise InputError(f"sin^2 of an angle is {value:g}; it must lie between 0 and 1")
    return light_observables(masses, pmns_matrix(*sin2, *phases))


def complete(point: Point) -> Point:
    """The point with what follows from its seesaw at tree level: light masses and mixing.

    What the file gave of the light neutrinos itself stays as it is.

    Raises:
        InputError: If the seesaw gives no three light neutrinos.
    """
    if point.yukawa is None or point.heavy is None:
        return point
    from ....physics.takagi import takagi_of_factor

    # m_nu = X X^T with X = v Y M^-1/2, whose small masses a product would lose
    scale = (point.vev or VEV) * np.sqrt(1e9)
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused below
        factor = scale * point.yukawa / np.sqrt(point.heavy.astype(complex))
        masses, mixing = takagi_of_factor(factor)
    if not np.isfinite(masses).all():
        raise InputError("seesaw: its light masses are not finite; check the Yukawas and masses")
    order = _pdg_order(masses)
    found = light_observables(masses[order], mixing[:, order])
    point.observables = {**found, **point.observables}
    point.ordering = point.ordering or ordering_of(masses[order])
    return point


def _pdg_order(values: np.ndarray) -> np.ndarray:
    """Indices that put ascending masses into the PDG's order m1, m2, m3."""
    ascending = np.argsort(values)
    low, middle, high = values[ascending]
    normal = middle**2 - low**2 < high**2 - middle**2
    return ascending if normal else ascending[[1, 2, 0]]


def wrapped(angle: float) -> float:
    """An angle in [0, 2 pi)."""
    folded = angle % (2 * pi)
    return 0.0 if folded >= 2 * pi else folded
