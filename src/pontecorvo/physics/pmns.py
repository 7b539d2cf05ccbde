r"""The leptonic mixing matrix (PMNS) and its parameters, in the convention of the PDG.

.. math::

    U = R_{23}(\theta_{23})\, R_{13}(\theta_{13}, \delta)\, R_{12}(\theta_{12})\,
        \mathrm{diag}(1, e^{i\alpha_{21}/2}, e^{i\alpha_{31}/2})

Rows are the flavours e, mu, tau and columns the mass states 1, 2, 3. Source: Particle Data Group,
Review of Particle Physics, Phys. Rev. D 110 (2024) 030001, review 14 "Neutrino masses, mixing,
and oscillations".

What is physical: the phases of the rows are absorbed by the charged leptons, and the sign of each
column by its Majorana neutrino (``U^T m U`` does not see it). A change of sign of column 2 is
``alpha21 -> alpha21 + 2 pi``, so Majorana phases are physical modulo ``2 pi`` and are given here
in ``[0, 2 pi)``; a range of ``4 pi`` would count every matrix twice for each column.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "PMNSParameters",
    "haar_unitary",
    "jarlskog",
    "majorana_invariants",
    "pmns_matrix",
    "pmns_parameters",
]

TWO_PI = 2.0 * np.pi


class PMNSParameters(NamedTuple):
    """The six physical parameters of a Majorana mixing matrix; every field has the batch shape.

    ``s12sq``, ``s13sq``, ``s23sq`` are sin^2 of the angles; ``delta``, ``alpha21``, ``alpha31``
    are in radians and in ``[0, 2 pi)``.
    """

    s12sq: NDArray[np.float64]
    s13sq: NDArray[np.float64]
    s23sq: NDArray[np.float64]
    delta: NDArray[np.float64]
    alpha21: NDArray[np.float64]
    alpha31: NDArray[np.float64]


def pmns_matrix(
    s12sq: ArrayLike,
    s13sq: ArrayLike,
    s23sq: ArrayLike,
    delta: ArrayLike,
    alpha21: ArrayLike = 0.0,
    alpha31: ArrayLike = 0.0,
) -> NDArray[np.complex128]:
    """Mixing matrix from sin^2 of the angles and the phases (radians); inputs broadcast.

    Returns an array of shape ``(..., 3, 3)``. Source: PDG, as above.
    """
    s12sq, s13sq, s23sq, delta, alpha21, alpha31 = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (s12sq, s13sq, s23sq, delta, alpha21, alpha31))
    )
    s12, c12 = np.sqrt(s12sq), np.sqrt(1.0 - s12sq)
    s13, c13 = np.sqrt(s13sq), np.sqrt(1.0 - s13sq)
    s23, c23 = np.sqrt(s23sq), np.sqrt(1.0 - s23sq)
    phase = np.exp(1j * delta)
    u = np.empty((*s12.shape, 3, 3), dtype=np.complex128)
    u[..., 0, 0] = c12 * c13
    u[..., 0, 1] = s12 * c13
    u[..., 0, 2] = s13 * phase.conj()
    u[..., 1, 0] = -s12 * c23 - c12 * s23 * s13 * phase
    u[..., 1, 1] = c12 * c23 - s12 * s23 * s13 * phase
    u[..., 1, 2] = s23 * c13
    u[..., 2, 0] = s12 * s23 - c12 * c23 * s13 * phase
    u[..., 2, 1] = -c12 * s23 - s12 * c23 * s13 * phase
    u[..., 2, 2] = c23 * c13
    u[..., :, 1] *= np.exp(0.5j * alpha21)[..., None]
    u[..., :, 2] *= np.exp(0.5j * alpha31)[..., None]
    return u


def _dirac_vector(u: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """``J_max exp(i delta)``, from products of U that no rephasing changes and without division.

    With ``Q_i = U_ei U_mu3 U_e3^* U_mui^*`` the PDG form gives
    ``c12^2 Q_2 - s12^2 Q_1 = c12 s12 c23 s23 c13^2 s13 exp(i delta)``: nothing is divided by a
    small number, so a vanishing angle only shortens the vector whose direction is delta.
    """
    e1 = np.abs(u[..., 0, 0]) ** 2
    e2 = np.abs(u[..., 0, 1]) ** 2
    common = u[..., 1, 2] * u[..., 0, 2].conj()
    q1 = u[..., 0, 0] * common * u[..., 1, 0].conj()
    q2 = u[..., 0, 1] * common * u[..., 1, 1].conj()
    total = e1 + e2
    safe = np.where(total > 0.0, total, 1.0)
    return (e1 * q2 - e2 * q1) / safe


def _ratio(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """``a / (a + b)``, or 0 where both vanish (the angle is then without meaning)."""
    total = a + b
    return np.asarray(a / np.where(total > 0.0, total, 1.0))


def _fold(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """The angle in [0, 2 pi); np.mod alone returns 2 pi itself for -1e-17."""
    folded = np.mod(angle, TWO_PI)
    return np.where(folded >= TWO_PI, 0.0, folded)


def _column_phases(
    aligned: NDArray[np.complex128],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Phases of columns 2 and 3 against column 1, from ``aligned = U_ai conj(U0_ai)``.

    Each entry is ``abs(U_ai)^2 exp(i(phase of row a + phase of column i))``: summed over rows,
    every term of conj(column i) * column j has the phase between them, so that no single entry
    has to be large. Of the three pairs the two with the largest sums are used, since columns may
    share no row at all.
    """
    pairs = ((0, 1), (0, 2), (1, 2))
    sums = np.stack([np.sum(aligned[..., i].conj() * aligned[..., j], axis=-1) for i, j in pairs])
    p12, p13, p23 = np.where(sums == 0.0, 0.0, np.angle(sums))
    weakest = np.argmin(np.abs(sums)[::-1], axis=0)  # in a draw the pair (2, 3)
    half21 = np.where(weakest == 2, p13 - p23, p12)
    half31 = np.where(weakest == 1, p12 + p23, p13)
    return half21, half31


def pmns_parameters(u: ArrayLike) -> PMNSParameters:
    """Angles and phases of mixing matrices ``(..., 3, 3)``; the inverse of `pmns_matrix`.

    Row phases and column signs of ``u`` do not matter; column phases are the Majorana phases.
    Where a phase has no meaning (delta when an angle is exactly 0 or 90 degrees, a Majorana phase
    when its column shares no row with column 1) it is returned as 0, and the phases that keep a
    meaning are those of the matrix with that choice: ``pmns_matrix(*pmns_parameters(u))`` is
    always ``u`` up to row phases and column signs.
    """
    u = np.asarray(u, dtype=np.complex128)
    mod = np.abs(u) ** 2
    s13sq = np.minimum(mod[..., 0, 2], 1.0)
    s12sq = _ratio(mod[..., 0, 1], mod[..., 0, 0])
    # without c13, theta12 is taken as 0 and theta23 is what is left of the other rows
    lost = mod[..., 1, 2] + mod[..., 2, 2] == 0.0
    s23sq = np.where(lost, mod[..., 1, 0], _ratio(mod[..., 1, 2], mod[..., 2, 2]))
    s23sq = np.minimum(s23sq, 1.0)
    vector = _dirac_vector(u)
    delta = np.where(vector == 0.0, 0.0, np.angle(vector))
    reference = pmns_matrix(s12sq, s13sq, s23sq, delta)
    half21, half31 = _column_phases(u * reference.conj())
    return PMNSParameters(
        s12sq, s13sq, s23sq, _fold(delta), _fold(2.0 * half21), _fold(2.0 * half31)
    )


def jarlskog(u: ArrayLike) -> NDArray[np.float64]:
    """Jarlskog invariant ``J = Im(U_e1 U_mu2 U_e2^* U_mu1^*)`` of matrices ``(..., 3, 3)``.

    In the PDG form ``J = c12 s12 c23 s23 c13^2 s13 sin(delta)``. Source: C. Jarlskog, Phys. Rev.
    Lett. 55 (1985) 1039.
    """
    u = np.asarray(u, dtype=np.complex128)
    return np.asarray(
        np.imag(u[..., 0, 0] * u[..., 1, 1] * u[..., 0, 1].conj() * u[..., 1, 0].conj())
    )


def majorana_invariants(u: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``I1 = Im(U_e1^* U_e2)`` and ``I2 = Im(U_e1^* U_e3)`` of matrices ``(..., 3, 3)``.

    In the PDG form ``I1 = c12 s12 c13^2 sin(alpha21/2)`` and
    ``I2 = c12 s13 c13 sin(alpha31/2 - delta)``. They do not depend on row phases, but change sign
    with their column, which is not physical: the columns are first given the signs for which
    ``alpha21`` and ``alpha31`` lie in ``[0, 2 pi)``, as in `pmns_parameters` (so ``I1 >= 0``).
    Source: J. F. Nieves and P. B. Pal, Phys. Rev. D 36 (1987) 315.
    """
    p = pmns_parameters(u)
    canonical = pmns_matrix(*p)
    e1 = canonical[..., 0, 0].conj()
    return np.imag(e1 * canonical[..., 0, 1]), np.imag(e1 * canonical[..., 0, 2])


def haar_unitary(n: int, rng: np.random.Generator, dim: int = 3) -> NDArray[np.complex128]:
    """``n`` unitary matrices ``(n, dim, dim)`` drawn from the Haar measure.

    QR of complex Gaussian matrices with the phases of R's diagonal divided out: F. Mezzadri,
    Notices AMS 54 (2007) 592, arXiv:math-ph/0609050, section 5.
    """
    z = rng.standard_normal((n, dim, dim)) + 1j * rng.standard_normal((n, dim, dim))
    q, r = np.linalg.qr(z)
    d = np.diagonal(r, axis1=-2, axis2=-1)
    return np.asarray(q * (d / np.abs(d))[:, None, :])
