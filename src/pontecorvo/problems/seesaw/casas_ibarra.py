r"""Casas-Ibarra parameters: all Yukawa matrices with given light masses, mixing and heavy masses.

.. math:: v\, Y = U^* \sqrt{m}\; R\, \sqrt{M}, \qquad R R^T = 1

with ``m = diag(m1, m2, m3)`` and ``U^T m_nu U = m``; then ``v^2 Y M^-1 Y^T = U^* m U^+ = m_nu``.
Source: J. A. Casas and A. Ibarra, Nucl. Phys. B 618 (2001) 171, hep-ph/0103065, in the convention
of `formula`.

A complex orthogonal matrix of determinant +1 is a rotation times a boost, its polar form:

.. math:: R = O\, e^{iA}, \quad O = R_z(a) R_y(b) R_z(g), \quad A_{ij} = \epsilon_{ijk} a_k

with six real coordinates ``(a, cos b, g)`` and ``(a_1, a_2, a_3)``. With ``eta`` the length of
the boost, ``e^{iA} = 1 + (sinh eta/eta) iA + ((cosh eta - 1)/eta^2) (iA)^2``, for ``iA`` has the
eigenvalues ``0, +-eta``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...base.errors import InputError
from .formula import EV_PER_GEV, VEV

__all__ = ["casas_ibarra_matrix", "orthogonal_coordinates"]


def casas_ibarra_matrix(
    y: ArrayLike, m: ArrayLike, masses: ArrayLike, u: ArrayLike, vev: float = VEV
) -> NDArray[np.complex128]:
    """``R = m^-1/2 U^T vev Y M^-1/2`` ``(..., 3, 3)`` of a Yukawa matrix.

    ``masses`` and ``u`` must be those of ``y`` and ``m`` (see `light_neutrinos`); then
    ``R R^T = 1``. A vanishing light mass leaves its row of ``R`` undefined (inf or NaN).
    """
    y, m = np.asarray(y, np.complex128), np.asarray(m, np.complex128)
    light = np.sqrt(np.asarray(masses, np.float64) / EV_PER_GEV)
    x = vev * y / np.sqrt(m)[..., None, :]
    return np.asarray(np.swapaxes(np.asarray(u, np.complex128), -1, -2) @ x / light[..., :, None])


def orthogonal_coordinates(
    r: ArrayLike,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``((a, cos b, g), boost)``, ``(..., 3)`` each, of complex orthogonal matrices of det +1.

    Angles in radians. The Haar measure is flat in (a, cos b, g) and ``sinh(eta)^2/eta^2`` in the
    boost. From ``R^+ R = exp(2iA)``, whose imaginary part is ``(sinh 2 eta/eta) A``, and
    ``Re R = O Re exp(iA)``. ``a`` and ``g`` are in [0, 2 pi); ``g = 0`` where ``abs(cos b) = 1``.
    Raises InputError where the determinant is not +1.
    """
    r = np.asarray(r, np.complex128)
    finite = np.isfinite(r).all(axis=(-1, -2))
    if np.any(np.linalg.det(np.where(finite[..., None, None], r, np.eye(3))).real < 0.0):
        raise InputError("orthogonal_coordinates needs det R = +1: change the sign of a row first")
    gram = np.imag(np.swapaxes(r.conj(), -1, -2) @ r)
    vector = np.stack(
        [
            0.5 * (gram[..., 1, 2] - gram[..., 2, 1]),
            0.5 * (gram[..., 2, 0] - gram[..., 0, 2]),
            0.5 * (gram[..., 0, 1] - gram[..., 1, 0]),
        ],
        axis=-1,
    )
    length = np.sqrt(np.sum(vector**2, axis=-1))[..., None]
    eta = 0.5 * np.arcsinh(length)
    n = vector / np.where(length > 0.0, length, 1.0)
    # Re exp(iA) = cosh(eta) - (cosh(eta) - 1) n n^T, inverted in closed form
    inverse_cosh = (1.0 / np.cosh(eta))[..., None]
    nn = n[..., :, None] * n[..., None, :]
    o = r.real @ (inverse_cosh * np.eye(3) + (1.0 - inverse_cosh) * nn)
    return _euler_angles(o), n * eta


def _euler_angles(o: NDArray[np.float64]) -> NDArray[np.float64]:
    cb = np.clip(o[..., 2, 2], -1.0, 1.0)
    straight = np.hypot(o[..., 2, 0], o[..., 2, 1]) == 0.0
    a = np.where(
        straight,
        np.arctan2(-o[..., 0, 1], o[..., 1, 1]),
        np.arctan2(o[..., 1, 2], o[..., 0, 2]),
    )
    g = np.where(straight, 0.0, np.arctan2(o[..., 2, 1], -o[..., 2, 0]))
    return np.stack([np.mod(a, 2 * np.pi), cb, np.mod(g, 2 * np.pi)], axis=-1)
