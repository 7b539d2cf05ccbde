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

__all__ = [
    "casas_ibarra_matrix",
    "complex_orthogonal",
    "orthogonal_coordinates",
    "yukawa_from_casas_ibarra",
]


def yukawa_from_casas_ibarra(
    masses: ArrayLike, u: ArrayLike, r: ArrayLike, m: ArrayLike, vev: float = VEV
) -> NDArray[np.complex128]:
    """Yukawa matrix ``(..., 3, 3)`` [flavour, heavy] from Casas-Ibarra parameters.

    ``masses`` ``(..., 3)`` in eV and ``u`` ``(..., 3, 3)`` with the same labels, ``r``
    ``(..., 3, 3)`` complex orthogonal, ``m`` ``(..., 3)`` complex heavy masses in GeV.
    """
    light = np.sqrt(np.asarray(masses, np.float64) / EV_PER_GEV)
    heavy = np.sqrt(np.asarray(m, np.complex128))
    u, r = np.asarray(u, np.complex128), np.asarray(r, np.complex128)
    return (u.conj() * light[..., None, :]) @ r * (heavy[..., None, :] / vev)


def casas_ibarra_matrix(
    y: ArrayLike, m: ArrayLike, masses: ArrayLike, u: ArrayLike, vev: float = VEV
) -> NDArray[np.complex128]:
    """``R = m^-1/2 U^T vev Y M^-1/2`` ``(..., 3, 3)``; inverse of `yukawa_from_casas_ibarra`.

    ``masses`` and ``u`` must be those of ``y`` and ``m`` (see `light_neutrinos`); then
    ``R R^T = 1``. A vanishing light mass leaves its row of ``R`` undefined (inf or NaN).
    """
    y, m = np.asarray(y, np.complex128), np.asarray(m, np.complex128)
    light = np.sqrt(np.asarray(masses, np.float64) / EV_PER_GEV)
    x = vev * y / np.sqrt(m)[..., None, :]
    return np.asarray(np.swapaxes(np.asarray(u, np.complex128), -1, -2) @ x / light[..., :, None])


def _rotation(euler: NDArray[np.float64]) -> NDArray[np.float64]:
    a, cb, g = np.moveaxis(euler, -1, 0)
    sb = np.sqrt((1.0 - cb) * (1.0 + cb))
    ca, sa, cg, sg = np.cos(a), np.sin(a), np.cos(g), np.sin(g)
    rows = [
        [ca * cb * cg - sa * sg, -ca * cb * sg - sa * cg, ca * sb],
        [sa * cb * cg + ca * sg, -sa * cb * sg + ca * cg, sa * sb],
        [-sb * cg, sb * sg, cb],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def _antisymmetric(v: NDArray[np.float64]) -> NDArray[np.float64]:
    """``A_ij = eps_ijk v_k`` of vectors ``(..., 3)``."""
    result = np.zeros((*v.shape, 3))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        result[..., i, j] = v[..., k]
        result[..., j, i] = -v[..., k]
    return result


def complex_orthogonal(euler: ArrayLike, boost: ArrayLike) -> NDArray[np.complex128]:
    """``R = O exp(iA)`` ``(..., 3, 3)`` from ``euler = (a, cos b, g)`` and ``boost``, ``(..., 3)``.

    Angles in radians, ``cos b`` in [-1, 1]. The Haar measure is flat in (a, cos b, g) and
    ``sinh(eta)^2/eta^2`` in the boost, ``eta`` its length.
    """
    euler, boost = np.asarray(euler, np.float64), np.asarray(boost, np.float64)
    eta = np.sqrt(np.sum(boost**2, axis=-1))[..., None, None]
    small = eta < 1e-4
    safe = np.where(small, 1.0, eta)
    first = np.where(small, 1.0 + eta**2 / 6.0, np.sinh(safe) / safe)
    # (cosh x - 1)/x^2 = 2 sinh^2(x/2)/x^2, which has no cancellation
    second = np.where(small, 0.5 + eta**2 / 24.0, 2.0 * (np.sinh(0.5 * safe) / safe) ** 2)
    ia = 1j * _antisymmetric(boost)
    return _rotation(euler) @ (np.eye(3) + first * ia + second * (ia @ ia))


def orthogonal_coordinates(
    r: ArrayLike,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``(euler, boost)`` of complex orthogonal matrices of determinant +1 (`complex_orthogonal`).

    From ``R^+ R = exp(2iA)``, whose imaginary part is ``(sinh 2 eta/eta) A``, and
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
