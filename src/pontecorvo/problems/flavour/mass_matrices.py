r"""From mass matrices to what oscillations see, for many points at once.

A flavour model predicts two matrices, of charged leptons and of light neutrinos:

.. math::

    M_e = U_R\, \mathrm{diag}(m_e, m_\mu, m_\tau)\, U_L^\dagger, \qquad
    U_\nu^T M_\nu U_\nu = \mathrm{diag}(m_1, m_2, m_3), \qquad U = U_L^\dagger U_\nu

with the left-handed fields on the right index of ``M_e``. Majorana phases come with ``U``, for the
Takagi factorisation fixes the phases of the columns of ``U_nu`` up to signs. Sources: PDG review
"Neutrino masses, mixing, and oscillations", Phys. Rev. D 110 (2024) 030001; the factorisations are
those of `physics.takagi` and `physics.jacobi` (plain loops: LAPACK called point by point is slower
and loses small singular values of hierarchical matrices).
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from ...base.errors import InputError
from ...base.parallel import map_chunks
from ...physics.jacobi import jacobi_columns, normalise, pivoted_qr
from ...physics.masses import check_ordering, lepton_predictions
from ...physics.takagi import decouple, takagi_batch

__all__ = ["charged_leptons", "lepton_predictions", "leptons", "light_neutrinos", "mixing_angles"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
CHUNK = 4096  # points a thread takes at a time: some ten milliseconds


@njit(cache=True, nogil=True, error_model="numpy")
def charged_block(m, start, stop, masses, u_left):  # type: ignore[no-untyped-def]
    """Singular values (ascending) and right singular vectors of ``m[start:stop]``.

    Pivoted QR, then one-sided Jacobi on the rows of R: each singular value to its own accuracy.
    """
    a = np.empty((3, 3), np.complex128)
    q = np.empty((3, 3), np.complex128)
    r = np.empty((3, 3), np.complex128)
    v = np.empty((3, 3), np.complex128)
    s = np.empty(3)
    order = np.empty(3, np.int64)
    for b in range(start, stop):
        scale = 0.0
        for i in range(3):
            for j in range(3):
                a[i, j] = m[b, i, j]
                scale = max(scale, abs(a[i, j].real), abs(a[i, j].imag))
                if not np.isfinite(a[i, j].real + a[i, j].imag):
                    scale = np.inf
        if not (0.0 < scale < np.inf):
            masses[b, :] = np.nan
            u_left[b, :, :] = complex(np.nan, np.nan)
            continue
        for i in range(3):
            for j in range(3):
                a[i, j] /= scale
        pivoted_qr(a, q, r, order)
        for i in range(3):
            for j in range(3):
                a[i, j] = r[j, i].conjugate()
        jacobi_columns(a, v)  # a = left s, R = v s left^+, m = (q v) s (P left)^+
        normalise(a, s)
        for j in range(3):
            rank = 0
            for i in range(3):
                if s[i] < s[j] or (s[i] == s[j] and i < j):
                    rank += 1
            masses[b, rank] = s[j] * scale
            for i in range(3):
                u_left[b, order[i], rank] = a[i, j]


@njit(cache=True, nogil=True, error_model="numpy")
def angles_block(u, start, stop, out):  # type: ignore[no-untyped-def]
    """sin^2 of theta12, theta13, theta23 of ``u[start:stop]`` into ``out`` (N, 3)."""
    for n in range(start, stop):
        e1 = u[n, 0, 0].real ** 2 + u[n, 0, 0].imag ** 2
        e2 = u[n, 0, 1].real ** 2 + u[n, 0, 1].imag ** 2
        e3 = u[n, 0, 2].real ** 2 + u[n, 0, 2].imag ** 2
        mu3 = u[n, 1, 2].real ** 2 + u[n, 1, 2].imag ** 2
        tau3 = u[n, 2, 2].real ** 2 + u[n, 2, 2].imag ** 2
        out[n, 0] = e2 / (e1 + e2)
        out[n, 1] = min(e3, 1.0)
        out[n, 2] = mu3 / (mu3 + tau3)


def _matrices(m: ArrayLike, name: str) -> Complex:
    array = np.ascontiguousarray(m, np.complex128)
    if array.ndim != 3 or array.shape[1:] != (3, 3):
        raise InputError(f"{name} must have shape (N, 3, 3), not {array.shape}")
    return array


def charged_leptons(m_e: ArrayLike) -> tuple[Array, Complex]:
    """Masses (N, 3), ascending and in the unit of ``m_e``, and ``U_L`` (N, 3, 3).

    Args:
        m_e: Mass matrices (N, 3, 3), left-handed fields on the last index. Rows that are not
            finite, or vanish, give NaN.
    """
    m = _matrices(m_e, "m_e")
    masses, u_left = np.empty((len(m), 3)), np.empty_like(m)
    map_chunks(partial(_charged, m, masses, u_left), len(m), CHUNK)
    return masses, u_left


def _charged(m: Complex, masses: Array, u_left: Complex, start: int, stop: int) -> None:
    charged_block(m, start, stop, masses, u_left)


def light_neutrinos(m_nu: ArrayLike, ordering: str) -> tuple[Array, Complex]:
    """Masses (m1, m2, m3) (N, 3) and U_nu (N, 3, 3) of symmetric matrices (N, 3, 3).

    Args:
        m_nu: Mass matrices (the symmetric part is used).
        ordering: ``"no"`` or ``"io"``: which of the three masses is called m1. In IO the lightest
            is m3, and m1 < m2 are the other two.
    """
    inverted = check_ordering(ordering)
    m = _matrices(m_nu, "m_nu")
    masses, u_nu = np.empty((len(m), 3)), np.empty_like(m)

    def block(start: int, stop: int) -> None:
        part = slice(start, stop)
        coupled = np.empty(stop - start, np.bool_)
        takagi_batch(m[part], masses[part], u_nu[part], coupled)
        for b in np.flatnonzero(coupled):
            b += start
            decouple(u_nu[b].T @ m[b] @ u_nu[b], masses[b], u_nu[b])

    map_chunks(block, len(m), CHUNK)
    if inverted:  # ascending is (3, 1, 2)
        masses, u_nu = np.roll(masses, -1, axis=-1), np.roll(u_nu, -1, axis=-1)
    return masses, u_nu


def leptons(m_e: ArrayLike, m_nu: ArrayLike, ordering: str) -> tuple[Array, Array, Complex]:
    """Masses of charged leptons and neutrinos, and the mixing matrix, of (N, 3, 3) matrices.

    Args:
        m_e: Charged-lepton mass matrices, left-handed fields on the last index.
        m_nu: Symmetric neutrino mass matrices (the symmetric part is used).
        ordering: ``"no"`` or ``"io"``; see `light_neutrinos`.

    Returns:
        Charged masses (N, 3) in the unit of ``m_e``, neutrino masses (m1, m2, m3) (N, 3) in that
        of ``m_nu``, and U (N, 3, 3) with free row phases and column signs.
    """
    charged, u_left = charged_leptons(m_e)
    masses, u_nu = light_neutrinos(m_nu, ordering)
    # written out: numpy's matmul of many small matrices is slow
    u = np.einsum("nia,nij->naj", u_left.conj(), u_nu)
    return charged, masses, u


def mixing_angles(u: ArrayLike) -> Array:
    """sin^2 of theta12, theta13 and theta23 (N, 3) of mixing matrices (N, 3, 3), nothing else.

    A third of the time that `physics.pmns.pmns_parameters` needs for angles and phases.
    """
    matrix = _matrices(u, "u")
    out = np.empty((len(matrix), 3))
    angles_block(matrix, 0, len(matrix), out)
    return out
