r"""Takagi factorisation of complex symmetric matrices, accurate for each singular value by itself.

For symmetric ``m`` there is a unitary ``U`` with

.. math:: U^T m\, U = \mathrm{diag}(m_1, \dots, m_n), \qquad m_i \ge 0

(T. Takagi, Japan. J. Math. 1 (1924) 83; Horn and Johnson, Matrix Analysis, section 4.4).

How: one-sided Jacobi rotations on graded columns, which give each singular value to a *relative*
accuracy set by the scaled condition number, not by the largest value (J. Demmel and K. Veselic,
SIAM J. Matrix Anal. Appl. 13 (1992) 1204), after a pivoted QR step that brings the grading into
the columns (Z. Drmac and K. Veselic, SIAM J. Matrix Anal. Appl. 29 (2008) 1322). They give
``m = L S V^+``; for distinct masses ``L = V^* P`` with phases ``P``, read from ``V^T L`` where
nothing is small. For equal masses ``V^T L`` is not diagonal, and the block is finished by the
real symmetric form of the problem, harmless there since the block has one scale.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pontecorvo.base.errors import InputError
from pontecorvo.physics.jacobi import jacobi_columns, normalise, pivoted_qr

from ..base.compiled import njit

__all__ = ["takagi", "takagi_of_factor"]

_COUPLED = 1e-13  # |V^T L| off the diagonal above which masses count as degenerate
_CLUSTER = 1e-2  # relative gap inside one block of degenerate masses


@njit(cache=True, nogil=True, error_model="numpy")
def _finish(right, left, s, masses, u, work):  # type: ignore[no-untyped-def]
    """Phases of the columns of ``right``; True where the masses are too degenerate for that."""
    n = s.shape[0]
    coupled = False
    for i in range(n):
        for j in range(n):
            c = 0.0j
            for k in range(n):
                c += right[k, i] * left[k, j]
            work[i, j] = c
            if i != j and s[i] > 0.0 and s[j] > 0.0 and abs(c) > _COUPLED:
                coupled = True
    for j in range(n):
        rank = 0
        for i in range(n):
            if s[i] < s[j] or (s[i] == s[j] and i < j):
                rank += 1
        masses[rank] = s[j]
        size = abs(work[j, j])
        half = 1.0 + 0.0j
        if size > 0.0:
            phase = work[j, j] / size
            # conj(sqrt(phase)), with the root that has a positive real part
            re = math.sqrt(0.5 * (1.0 + abs(phase.real)))
            im = 0.5 * phase.imag / re
            if phase.real >= 0.0:
                half = complex(re, -im)
            else:
                half = complex(abs(im), -re if phase.imag >= 0.0 else re)
        elif size != size:
            half = complex(math.nan, math.nan)
        for i in range(n):
            u[i, rank] = right[i, j] * half
    return coupled


@njit(cache=True, nogil=True, error_model="numpy")
def _fill_nan(masses, u):  # type: ignore[no-untyped-def]
    n = masses.shape[0]
    for i in range(n):
        masses[i] = math.nan
        for j in range(n):
            u[i, j] = complex(math.nan, math.nan)


@njit(cache=True, nogil=True, error_model="numpy")
def _scale(a):  # type: ignore[no-untyped-def]
    """A power of two near the largest entry, or NaN if an entry is not finite."""
    size = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            z = abs(a[i, j].real) + abs(a[i, j].imag)
            if not z < math.inf:
                return math.nan
            size = max(size, z)
    if size == 0.0:
        return 1.0
    return 2.0 ** math.floor(math.log2(size))


@njit(cache=True, nogil=True, error_model="numpy")
def _room(n):  # type: ignore[no-untyped-def]
    """Five matrices (n, n), singular values (n,) and their order, to be filled."""
    room = np.empty((5, n, n), np.complex128)
    return room[0], room[1], room[2], room[3], room[4], np.empty(n), np.empty(n, np.int64)


@njit(cache=True, nogil=True, error_model="numpy")
def takagi_of_factor_batch(x, masses, u, coupled):  # type: ignore[no-untyped-def]
    """Masses (ascending) and U of ``x x^T`` for a batch ``(N, n, n)``; the scalar workhorse."""
    n = x.shape[1]
    a, q, r, v, work, s, order = _room(n)
    s2 = np.empty((n, n), np.complex128)
    for b in range(x.shape[0]):
        scale = _scale(x[b])
        if scale != scale:
            _fill_nan(masses[b], u[b])
            coupled[b] = False
            continue
        for i in range(n):
            for j in range(n):
                a[i, j] = x[b, i, j] / scale
        pivoted_qr(a, q, r, order)
        for i in range(n):
            for j in range(n):
                t = 0.0j
                for k in range(max(i, j), n):
                    t += r[i, k] * r[j, k]
                s2[i, j] = t
        jacobi_columns(s2, v)
        normalise(s2, s)
        for i in range(n):  # right = conj(q) v, left = q s2: into a and r
            for j in range(n):
                t = 0.0j
                w = 0.0j
                for k in range(n):
                    t += q[i, k].conjugate() * v[k, j]
                    w += q[i, k] * s2[k, j]
                a[i, j] = t
                r[i, j] = w
        for i in range(n):
            s[i] *= scale * scale
        coupled[b] = _finish(a, r, s, masses[b], u[b], work)


@njit(cache=True, nogil=True, error_model="numpy")
def takagi_batch(m, masses, u, coupled):  # type: ignore[no-untyped-def]
    """Masses (ascending) and U of symmetric matrices ``(N, n, n)``."""
    n = m.shape[1]
    a, q, r, v, work, s, order = _room(n)
    for b in range(m.shape[0]):
        scale = _scale(m[b])
        if scale != scale:
            _fill_nan(masses[b], u[b])
            coupled[b] = False
            continue
        for i in range(n):
            for j in range(n):
                a[i, j] = 0.5 * (m[b, i, j] + m[b, j, i]) / scale
        pivoted_qr(a, q, r, order)
        for i in range(n):
            for j in range(n):
                a[i, j] = r[j, i].conjugate()
        jacobi_columns(a, v)
        normalise(a, s)
        # m = (q v) s (P a)^+, and transposed: right = conj(q v), left = conj(P a)
        for i in range(n):
            for j in range(n):
                t = 0.0j
                for k in range(n):
                    t += q[i, k] * v[k, j]
                r[i, j] = t.conjugate()
        for i in range(n):
            for j in range(n):
                q[order[i], j] = a[i, j].conjugate()
        for i in range(n):
            s[i] *= scale
        coupled[b] = _finish(r, q, s, masses[b], u[b], work)


def _blocks(s: NDArray[np.float64]) -> list[slice]:
    """Runs of ascending masses whose neighbours are within the cluster gap."""
    edges = [0]
    for i in range(1, s.size):
        if s[i] - s[i - 1] > _CLUSTER * s[i]:
            edges.append(i)
    edges.append(s.size)
    return [slice(a, b) for a, b in itertools.pairwise(edges) if b - a > 1]


def decouple(
    product: NDArray[np.complex128], masses: NDArray[np.float64], u: NDArray[np.complex128]
) -> None:
    """Finish degenerate blocks of one matrix in place, by the real symmetric form of the problem.

    ``product`` is ``u^T m u``. In a block of masses ``T u = s u^*`` reads
    ``[[Re T, -Im T], [-Im T, -Re T]] (Re u, Im u) = s (Re u, Im u)``, whose eigenvalues are
    ``+-s``; the real eigenvectors of ``+s`` are orthonormal as complex vectors too, whether or
    not the values are equal.
    """
    for block in _blocks(masses):
        t = 0.5 * (product[block, block] + product[block, block].T)
        values, vectors = np.linalg.eigh(np.block([[t.real, -t.imag], [-t.imag, -t.real]]))
        k = t.shape[0]
        masses[block] = values[k:]
        u[:, block] = u[:, block] @ (vectors[:k, k:] + 1j * vectors[k:, k:])


def _square(a: ArrayLike, name: str) -> NDArray[np.complex128]:
    array = np.asarray(a, dtype=np.complex128)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        raise InputError(f"{name} must have shape (..., n, n), not {array.shape}")
    return array


def takagi(m: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Takagi factorisation of symmetric matrices ``(..., n, n)``.

    Returns the masses ``(..., n)``, ascending and in the unit of ``m``, and ``U`` ``(..., n, n)``
    with ``U^T m U = diag(masses)``. The symmetric part of ``m`` is used. Matrices with entries
    that are not finite give NaN. Raises InputError for a wrong shape.
    """
    m = _square(m, "m")
    n = m.shape[-1]
    flat = np.ascontiguousarray(m.reshape(-1, n, n))
    masses, u = np.empty(flat.shape[:2]), np.empty_like(flat)
    coupled = np.empty(len(flat), dtype=np.bool_)
    takagi_batch(flat, masses, u, coupled)
    for b in np.flatnonzero(coupled):
        decouple(u[b].T @ flat[b] @ u[b], masses[b], u[b])
    return masses.reshape(m.shape[:-1]), u.reshape(m.shape)


def takagi_of_factor(x: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Takagi factorisation of ``m = x x^T`` for factors ``(..., n, n)``, never forming ``m``.

    Same returns as `takagi`. When the columns of ``x`` have very different lengths (heavy masses
    over many decades), ``m`` in float64 has already lost its small masses; here they keep a
    relative accuracy of about 1e-16 times the condition number of ``x`` with normalised columns:
    with ``x P = Q R``, ``m = Q (R R^T) Q^T`` and the columns of ``R R^T`` are graded.
    """
    x = _square(x, "x")
    n = x.shape[-1]
    flat = np.ascontiguousarray(x.reshape(-1, n, n))
    masses, u = np.empty(flat.shape[:2]), np.empty_like(flat)
    coupled = np.empty(len(flat), dtype=np.bool_)
    takagi_of_factor_batch(flat, masses, u, coupled)
    finish_coupled(flat, masses, u, coupled)
    return masses.reshape(x.shape[:-1]), u.reshape(x.shape)


def finish_coupled(
    x: NDArray[np.complex128],
    masses: NDArray[np.float64],
    u: NDArray[np.complex128],
    coupled: NDArray[np.bool_],
) -> None:
    """Finish in place the matrices that `takagi_of_factor_batch` marked as degenerate."""
    for b in np.flatnonzero(coupled):
        projected = u[b].T @ x[b]
        decouple(projected @ projected.T, masses[b], u[b])
