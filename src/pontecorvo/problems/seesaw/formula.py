r"""The type-I seesaw: from Yukawa couplings and heavy masses to light masses and mixing.

.. math:: m_\nu = v^2\, Y M^{-1} Y^T = X X^T, \qquad X = v\, Y M^{-1/2}

``Y[..., alpha, i]`` couples the flavour alpha = e, mu, tau to the heavy neutrino i, and
``M[..., i]`` are the (complex) heavy masses in GeV; charged-lepton Yukawas are diagonal. The
result is in eV. Sources: P. Minkowski, Phys. Lett. B 67 (1977) 421; convention of Nishimura,
Otsuka and Uchiyama, arXiv:2503.21432. ``vev`` is <H> in GeV; 174.1 is our default (assumed: the
paper does not print it legibly), and another value only shifts ``log10 M``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...physics.masses import check_ordering

__all__ = ["EV_PER_GEV", "VEV", "factor", "light_mass_matrix", "light_neutrinos"]

VEV = 174.1  # GeV
EV_PER_GEV = 1e9


def light_mass_matrix(y: ArrayLike, m: ArrayLike, vev: float = VEV) -> NDArray[np.complex128]:
    """Light mass matrix ``vev^2 Y M^-1 Y^T`` in eV, ``(..., 3, 3)``.

    ``y`` ``(..., 3, 3)`` [flavour, heavy], ``m`` ``(..., 3)`` complex in GeV.
    """
    y, m = np.asarray(y, np.complex128), np.asarray(m, np.complex128)
    return (vev**2 * EV_PER_GEV) * (y / m[..., None, :]) @ np.swapaxes(y, -1, -2)


def factor(y: ArrayLike, m: ArrayLike, vev: float = VEV) -> NDArray[np.complex128]:
    """``X = vev Y M^-1/2`` in eV^(1/2), so that ``X X^T`` is the light mass matrix in eV.

    The square root of a complex mass is the principal one; the other sign only changes the sign
    of a column of ``X``, which ``X X^T`` does not see.
    """
    y, m = np.asarray(y, np.complex128), np.asarray(m, np.complex128)
    return np.asarray(vev * np.sqrt(EV_PER_GEV) * y / np.sqrt(m)[..., None, :])


def light_neutrinos(
    y: ArrayLike, m: ArrayLike, ordering: str, vev: float = VEV
) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Light masses ``(m1, m2, m3)`` in eV and ``U`` with ``U^T m_nu U = diag(m1, m2, m3)``.

    Labels follow ``ordering`` ("no" or "io"). Shapes ``(..., 3)`` and ``(..., 3, 3)``. Row phases
    of ``U`` are those of the charged leptons as they stand in ``Y``; column signs are arbitrary.
    Entries that are not finite give NaN. Raises ValueError for an unknown ordering.
    """
    from ...physics.takagi import takagi_of_factor  # no file of the fast map's

    inverted = check_ordering(ordering)
    masses, u = takagi_of_factor(factor(y, m, vev))
    if inverted:  # ascending is (3, 1, 2)
        masses, u = np.roll(masses, -1, axis=-1), np.roll(u, -1, axis=-1)
    return masses, u
