"""Light neutrino masses: the quantities experiments weigh, and masses from splittings and back.

Masses in eV, labelled as in the PDG: ``(m1, m2, m3)`` on the last axis, with ``m1 < m2 < m3`` in
normal ordering ("no") and ``m3 < m1 < m2`` in inverted ordering ("io"). ``dm2_3l`` is ``dm2_31``
in NO and ``dm2_32`` (negative) in IO.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pontecorvo.base.errors import InputError
from pontecorvo.physics.pmns import jarlskog, pmns_parameters

__all__ = [
    "check_ordering",
    "m_beta",
    "m_ee",
    "m_ee_band",
    "masses_from_splittings",
    "splittings_from_masses",
    "sum_m",
]

Array = NDArray[np.float64]


def check_ordering(ordering: str) -> bool:
    """True for "io", False for "no"; InputError for anything else."""
    if ordering not in ("no", "io"):
        raise InputError(f'ordering must be "no" or "io", not {ordering!r}')
    return ordering == "io"


def m_ee(masses: ArrayLike, u: ArrayLike) -> Array:
    """Effective mass of neutrinoless double beta decay, ``abs(sum_i m_i U_ei^2)``, in eV.

    ``masses`` ``(..., 3)`` in eV, ``u`` ``(..., 3, 3)``. Source: PDG, Phys. Rev. D 110 (2024)
    030001, review 14.
    """
    masses, u = np.asarray(masses, np.float64), np.asarray(u, np.complex128)
    return np.asarray(np.abs(np.sum(masses * u[..., 0, :] ** 2, axis=-1)))


def m_beta(masses: ArrayLike, u: ArrayLike) -> Array:
    """Effective mass of beta decay, ``sqrt(sum_i m_i^2 abs(U_ei)^2)``, in eV.

    ``masses`` ``(..., 3)`` in eV, ``u`` ``(..., 3, 3)``. Source: PDG, as `m_ee`.
    """
    masses, u = np.asarray(masses, np.float64), np.asarray(u, np.complex128)
    return np.asarray(np.sqrt(np.sum(masses**2 * np.abs(u[..., 0, :]) ** 2, axis=-1)))


def sum_m(masses: ArrayLike) -> Array:
    """Sum of the three masses ``(..., 3)``, the quantity of cosmology; unit of the input."""
    return np.asarray(np.sum(np.asarray(masses, np.float64), axis=-1))


def masses_from_splittings(
    lightest: ArrayLike, dm2_21: ArrayLike, dm2_3l: ArrayLike, ordering: str
) -> Array:
    """Masses ``(..., 3)`` in eV from the lightest one (eV) and the splittings (eV^2).

    ``dm2_3l`` must be positive in NO and negative in IO; splittings of the wrong sign give NaN
    where they lead to an imaginary mass.
    """
    inverted = check_ordering(ordering)
    low, d21, d3l = np.broadcast_arrays(
        *(np.asarray(x, np.float64) for x in (lightest, dm2_21, dm2_3l))
    )
    square = low**2
    with np.errstate(invalid="ignore"):
        if inverted:
            m2 = square - d3l
            result = np.stack([np.sqrt(m2 - d21), np.sqrt(m2), low], axis=-1)
        else:
            result = np.stack([low, np.sqrt(square + d21), np.sqrt(square + d3l)], axis=-1)
    return np.asarray(result)


def splittings_from_masses(masses: ArrayLike, ordering: str) -> tuple[Array, Array, Array]:
    """``(lightest, dm2_21, dm2_3l)`` of masses ``(..., 3)``; inverse of `masses_from_splittings`.

    Differences of squares are taken as ``(a - b)(a + b)``, which keeps close masses accurate.
    """
    inverted = check_ordering(ordering)
    m1, m2, m3 = np.moveaxis(np.asarray(masses, np.float64), -1, 0)
    dm2_21 = (m2 - m1) * (m2 + m1)
    if inverted:
        return m3, dm2_21, (m3 - m2) * (m3 + m2)
    return m1, dm2_21, (m3 - m1) * (m3 + m1)


def m_ee_band(
    lightest: ArrayLike,
    s12sq: ArrayLike,
    s13sq: ArrayLike,
    dm2_21: ArrayLike,
    dm2_3l: ArrayLike,
    ordering: str,
) -> tuple[Array, Array]:
    """Smallest and largest ``m_ee`` in eV over both Majorana phases, at fixed masses and angles.

    Three complex numbers of lengths ``m1 c12^2 c13^2``, ``m2 s12^2 c13^2``, ``m3 s13^2`` and free
    phases: the largest sum is that of the lengths, the smallest is 0 when they close a triangle,
    else the longest less the others. Source: F. Vissani, JHEP 06 (1999) 022, hep-ph/9906525.
    """
    masses = masses_from_splittings(lightest, dm2_21, dm2_3l, ordering)
    s12sq, s13sq = np.asarray(s12sq, np.float64), np.asarray(s13sq, np.float64)
    weights = np.broadcast_arrays((1 - s12sq) * (1 - s13sq), s12sq * (1 - s13sq), s13sq)
    lengths = masses * np.stack(weights, axis=-1)
    total = lengths.sum(axis=-1)
    return np.maximum(0.0, 2.0 * lengths.max(axis=-1) - total), total


def lepton_predictions(masses: Array, u: NDArray[np.complex128], ordering: str) -> dict[str, Array]:
    """Everything about masses (N, 3) in eV and mixing (N, 3, 3), by name, each (N,).

    sin^2 of the angles, splittings (eV^2), phases (rad), J, masses, sum_m, m_ee and m_beta (eV).
    """
    angles = pmns_parameters(u)
    _, dm2_21, dm2_3l = splittings_from_masses(masses, ordering)
    return {
        "sin2_theta12": angles.s12sq,
        "sin2_theta13": angles.s13sq,
        "sin2_theta23": angles.s23sq,
        "dm2_21": dm2_21,
        "dm2_3l": dm2_3l,
        "delta_cp": angles.delta,
        "alpha21": angles.alpha21,
        "alpha31": angles.alpha31,
        "J": jarlskog(u),
        "m1": masses[:, 0],
        "m2": masses[:, 1],
        "m3": masses[:, 2],
        "sum_m": masses.sum(axis=1),
        "m_ee": m_ee(masses, u),
        "m_beta": m_beta(masses, u),
    }
