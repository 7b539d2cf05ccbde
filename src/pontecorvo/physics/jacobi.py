"""One-sided Jacobi rotations and pivoted QR of one small complex matrix, for numba code.

Plain scalar loops, each result accurate column by column under a strong grading: see
`pontecorvo.physics.takagi` for what they are put together to, and for the sources.
"""

from __future__ import annotations

import math

from ..base.compiled import njit

__all__ = ["jacobi_columns", "normalise", "pivoted_qr"]

_MAX_SWEEPS = 60
_MAX_PASSES = 30
_UNDERFLOW = 1e-140  # beside entries of about 1: its square would lose digits
_COSINE2 = 1e-31  # squared cosine below which two columns count as orthogonal


@njit(cache=True, nogil=True, error_model="numpy")
def _rotate(x, p, q, cosine, sr):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        u, v = x[i, p], x[i, q]
        x[i, p] = cosine * u + sr.conjugate() * v
        x[i, q] = cosine * v - sr * u


@njit(cache=True, nogil=True, error_model="numpy")
def jacobi_columns(a, v):  # type: ignore[no-untyped-def]
    """Make the columns of ``a`` orthogonal by rotations from the right, gathered in ``v``."""
    n = a.shape[1]
    for i in range(n):
        for j in range(n):
            v[i, j] = 1.0 if i == j else 0.0
    for _ in range(_MAX_SWEEPS):
        rotated = False
        for p in range(n - 1):
            for q in range(p + 1, n):
                pp = 0.0
                qq = 0.0
                c = 0.0j
                for i in range(a.shape[0]):
                    pp += a[i, p].real ** 2 + a[i, p].imag ** 2
                    qq += a[i, q].real ** 2 + a[i, q].imag ** 2
                    c += a[i, p].conjugate() * a[i, q]
                c2 = c.real**2 + c.imag**2
                if not c2 > _COSINE2 * pp * qq:
                    continue
                rotated = True
                h = pp - qq
                r = math.sqrt(h * h + 4.0 * c2)
                u = abs(h) + r
                inverse = 1.0 / math.sqrt(2.0 * r * u)
                s = (2.0 * inverse if h >= 0.0 else -2.0 * inverse) * c
                _rotate(a, p, q, u * inverse, s)
                _rotate(v, p, q, u * inverse, s)
        if not rotated:
            break


@njit(cache=True, nogil=True, error_model="numpy")
def pivoted_qr(a, q, r, order):  # type: ignore[no-untyped-def]
    """Gram-Schmidt, repeated, with the largest remaining column first: ``a[:, order] = q r``."""
    n = a.shape[0]
    for j in range(n):
        order[j] = j
        for i in range(n):
            q[i, j] = a[i, j]
            r[i, j] = 0.0
    for k in range(n):
        best, pivot = -1.0, k
        for j in range(k, n):
            size = 0.0
            for i in range(n):
                size += q[i, j].real ** 2 + q[i, j].imag ** 2
            if size > best:
                best, pivot = size, j
        if pivot != k:
            order[k], order[pivot] = order[pivot], order[k]
            for i in range(n):
                q[i, k], q[i, pivot] = q[i, pivot], q[i, k]
                r[i, k], r[i, pivot] = r[i, pivot], r[i, k]
        # again until nothing is lost: once as a rule, more often under a strong grading
        size = math.sqrt(best)
        for _ in range(_MAX_PASSES):
            before = size
            _orthogonalise(q, r, k)
            size = _norm(q, k)
            if size >= 0.5 * before:
                break
        r[k, k] = size
        if size > _UNDERFLOW:
            for i in range(n):
                q[i, k] /= size
        else:
            r[k, k] = 0.0
            _complete(q, k)
        for j in range(k + 1, n):
            _project(q, r, k, j)


@njit(cache=True, nogil=True, error_model="numpy")
def _norm(q, k):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(q.shape[0]):
        total += q[i, k].real ** 2 + q[i, k].imag ** 2
    return math.sqrt(total)


@njit(cache=True, nogil=True, error_model="numpy")
def _project(q, r, k, j):  # type: ignore[no-untyped-def]
    dot = 0.0j
    for i in range(q.shape[0]):
        dot += q[i, k].conjugate() * q[i, j]
    r[k, j] += dot
    for i in range(q.shape[0]):
        q[i, j] -= dot * q[i, k]


@njit(cache=True, nogil=True, error_model="numpy")
def _orthogonalise(q, r, k):  # type: ignore[no-untyped-def]
    for j in range(k):
        _project(q, r, j, k)


@njit(cache=True, nogil=True, error_model="numpy")
def _complete(q, k):  # type: ignore[no-untyped-def]
    n = q.shape[0]
    best, axis = -1.0, 0
    for e in range(n):
        free = 1.0
        for j in range(k):
            free -= q[e, j].real ** 2 + q[e, j].imag ** 2
        if free > best:
            best, axis = free, e
    for i in range(n):
        q[i, k] = 1.0 if i == axis else 0.0
    for _ in range(2):
        for j in range(k):
            dot = 0.0j
            for i in range(n):
                dot += q[i, j].conjugate() * q[i, k]
            for i in range(n):
                q[i, k] -= dot * q[i, j]
    size = _norm(q, k)
    for i in range(n):
        q[i, k] /= size


@njit(cache=True, nogil=True, error_model="numpy")
def normalise(a, s):  # type: ignore[no-untyped-def]
    """Divide the columns of ``a`` by their lengths, which go to ``s``; zero columns stay."""
    n = a.shape[0]
    for j in range(n):
        s[j] = _norm(a, j)
        for i in range(n):
            a[i, j] = a[i, j] / s[j] if s[j] > 0.0 or s[j] != s[j] else 0.0
