r"""The seesaw map for a tile of ``L`` points at once, as straight-line code that LLVM vectorises.

A tile is a flat scratch array of rows of ``L`` numbers (structure of arrays): number ``k`` of
point ``i`` is ``w[k * L + i]``. No body branches on data, so eight points share a vector register.

1. `prepare`: ``X = v Y M^-1/2``, columns by length, ``X = Q R``, then ``G = X R^T = m Q^*``.
   ``G`` is as graded as ``X`` squared, but column by column, and ``m`` itself is never formed.
2. `sweep`: one-sided Jacobi rotations make the columns of ``G`` orthogonal, each to an accuracy
   relative to its own length (J. Demmel and K. Veselic, SIAM J. Matrix Anal. Appl. 13 (1992)
   1204). Repeated until every rotation of the tile is small: convergence is quadratic, so that
   the next would be negligible. Then ``G V = U^* m``: lengths are masses, directions mixing.
3. `squares`: ``m_i^2`` and ``abs(U)^2``, by ascending mass; `observables` and `labels` from them.
"""

from __future__ import annotations

import math

import numpy as np

from ...base.compiled import njit
from ...physics.elementary import FLAGS, INLINE, cos_sin_up_to_sign, exp10

__all__ = [
    "L",
    "add",
    "dot",
    "get",
    "labels_range",
    "load",
    "norm2",
    "observables_range",
    "pick",
    "put",
    "scaled_column",
    "solve",
    "swap",
    "times",
]

L = 64  # points of a tile: its 23 rows stay in the first-level cache
MAX_SWEEPS = 30
TINY = 1e-150  # keeps 0/0 from becoming NaN where a column or an angle has no meaning
# tan^2 of a rotation below which no further sweep is made. What is left is an angle of about this
# size over the relative gap of the masses: 1e-10 for masses that agree to 1e-5.
SMALL2 = 1e-15


@njit(**FLAGS)
def load(theta, start, n, w):  # type: ignore[no-untyped-def]
    """Copy points ``start`` to ``start + n`` of theta into rows 0-22."""
    for i in range(n):
        for k in range(23):
            w[k * L + i] = theta[start + i, k]
    for i in range(n, L):  # a short last tile repeats its first point
        for k in range(23):
            w[k * L + i] = theta[start, k]


@njit(**INLINE)
def pick(g, a, b):  # type: ignore[no-untyped-def]
    """``(b, a) if g else (a, b)``."""
    return (b, a) if g else (a, b)


@njit(**INLINE)
def swap(g, a, b):  # type: ignore[no-untyped-def]
    """Exchange two columns of six numbers where ``g``."""
    a0, b0 = pick(g, a[0], b[0])
    a1, b1 = pick(g, a[1], b[1])
    a2, b2 = pick(g, a[2], b[2])
    a3, b3 = pick(g, a[3], b[3])
    a4, b4 = pick(g, a[4], b[4])
    a5, b5 = pick(g, a[5], b[5])
    return (a0, a1, a2, a3, a4, a5), (b0, b1, b2, b3, b4, b5)


@njit(**INLINE)
def norm2(a):  # type: ignore[no-untyped-def]
    """Squared length of a column of six numbers (Re, Im in turn)."""
    return a[0] * a[0] + a[1] * a[1] + a[2] * a[2] + a[3] * a[3] + a[4] * a[4] + a[5] * a[5]


@njit(**INLINE)
def dot(a, b):  # type: ignore[no-untyped-def]
    """``a^+ b`` as (real, imaginary)."""
    return (
        a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3] + a[4] * b[4] + a[5] * b[5],
        a[0] * b[1] - a[1] * b[0] + a[2] * b[3] - a[3] * b[2] + a[4] * b[5] - a[5] * b[4],
    )


@njit(**INLINE)
def add(a, b, x, y):  # type: ignore[no-untyped-def]
    """``a + b (x + i y)``."""
    return (
        a[0] + (b[0] * x - b[1] * y),
        a[1] + (b[0] * y + b[1] * x),
        a[2] + (b[2] * x - b[3] * y),
        a[3] + (b[2] * y + b[3] * x),
        a[4] + (b[4] * x - b[5] * y),
        a[5] + (b[4] * y + b[5] * x),
    )


@njit(**INLINE)
def times(a, x):  # type: ignore[no-untyped-def]
    """A column times a real number."""
    return a[0] * x, a[1] * x, a[2] * x, a[3] * x, a[4] * x, a[5] * x


@njit(**INLINE)
def scaled_column(w, i, j, x, y):  # type: ignore[no-untyped-def]
    """Column ``j`` of Y times ``x + i y``."""
    r0, i0 = w[j * L + i], w[(j + 9) * L + i]
    r1, i1 = w[(j + 3) * L + i], w[(j + 12) * L + i]
    r2, i2 = w[(j + 6) * L + i], w[(j + 15) * L + i]
    return add((0.0, 0.0, 0.0, 0.0, 0.0, 0.0), (r0, i0, r1, i1, r2, i2), x, y)


@njit(**INLINE)
def get(w, i, row):  # type: ignore[no-untyped-def]
    """Column of point ``i`` from six rows."""
    return (
        w[row * L + i],
        w[(row + 1) * L + i],
        w[(row + 2) * L + i],
        w[(row + 3) * L + i],
        w[(row + 4) * L + i],
        w[(row + 5) * L + i],
    )


@njit(**INLINE)
def put(w, i, row, a):  # type: ignore[no-untyped-def]
    """Store a column of point ``i`` in six rows."""
    w[row * L + i] = a[0]
    w[(row + 1) * L + i] = a[1]
    w[(row + 2) * L + i] = a[2]
    w[(row + 3) * L + i] = a[3]
    w[(row + 4) * L + i] = a[4]
    w[(row + 5) * L + i] = a[5]


@njit(**FLAGS)
def _prepare(w, scale):  # type: ignore[no-untyped-def]
    """From theta in rows 0-22 to the columns of G, rows 0-5, 6-11, 12-17 (Re, Im in turn).

    Row 18 becomes 1: not done yet.
    """
    for i in range(L):
        f0 = scale * exp10(-0.5 * w[18 * L + i])
        f1 = scale * exp10(-0.5 * w[19 * L + i])
        f2 = scale * exp10(-0.5 * w[20 * L + i])
        c0, s0 = cos_sin_up_to_sign(0.5 * w[21 * L + i])
        c1, s1 = cos_sin_up_to_sign(0.5 * w[22 * L + i])
        a = scaled_column(w, i, 0, f0 * c0, -f0 * s0)
        b = scaled_column(w, i, 1, f1 * c1, -f1 * s1)
        d = scaled_column(w, i, 2, f2, 0.0)
        na, nb, nd = norm2(a), norm2(b), norm2(d)
        g = nb > na
        a, b = swap(g, a, b)
        na, nb = pick(g, na, nb)
        g = nd > na
        a, d = swap(g, a, d)
        na, nd = pick(g, na, nd)
        b, d = swap(nd > nb, b, d)
        r11 = math.sqrt(na)
        q1 = times(a, 1.0 / r11)
        x12, y12 = dot(q1, b)
        x13, y13 = dot(q1, d)
        b2 = add(b, q1, -x12, -y12)
        d2 = add(d, q1, -x13, -y13)
        r22 = math.sqrt(norm2(b2))
        q2 = times(b2, 1.0 / (r22 + TINY))  # parallel columns: q2 = 0
        x23, y23 = dot(q2, d2)
        r33 = math.sqrt(norm2(add(d2, q2, -x23, -y23)))
        put(w, i, 0, add(add(times(a, r11), b, x12, y12), d, x13, y13))
        put(w, i, 6, add(times(b, r22), d, x23, y23))
        put(w, i, 12, times(d, r33))
        w[18 * L + i] = 1.0


@njit(**INLINE)
def _rotate(p, q, active):  # type: ignore[no-untyped-def]
    """Make columns ``p``, ``q`` orthogonal if ``active``; also whether the rotation was large.

    With ``h = p^+p - q^+q``, ``c = 2 p^+q``, ``r = hypot(h, c)`` and ``u = abs(h) + r``, the
    tangent is ``c/u`` and the cosine ``u/sqrt(2 r u)``: two square roots and one division.
    """
    x, y = dot(p, q)
    x, y = 2.0 * x, 2.0 * y
    h = norm2(p) - norm2(q)
    c2 = x * x + y * y
    g = abs(h) + TINY  # equal and orthogonal columns: no rotation, not 0/0
    r = math.sqrt(g * g + c2)
    u = g + r
    f = 1.0 / math.sqrt(2.0 * r * u)
    cosine = u * f if active else 1.0
    f = f if h >= 0.0 else -f
    f = f if active else 0.0
    x, y = x * f, y * f
    return (
        add(times(p, cosine), q, x, -y),
        add(times(q, cosine), p, -x, -y),
        np.int64(c2 > SMALL2 * (u * u)),
    )


@njit(**FLAGS)
def _sweep(w):  # type: ignore[no-untyped-def]
    """One rotation of each pair of columns; non-zero where any was a large one.

    A point that is done (row 18) is left alone, so that its last bit does not depend on its
    neighbours in the tile.
    """
    large = 0
    for i in range(L):
        active = w[18 * L + i] != 0.0
        a, b, d = get(w, i, 0), get(w, i, 6), get(w, i, 12)
        a, b, f1 = _rotate(a, b, active)
        a, d, f2 = _rotate(a, d, active)
        b, d, f3 = _rotate(b, d, active)
        put(w, i, 0, a)
        put(w, i, 6, b)
        put(w, i, 12, d)
        again = (f1 | f2 | f3) if active else 0
        w[18 * L + i] = 1.0 if again != 0 else 0.0
        large |= again
    return large


@njit(**INLINE)
def _moduli(a):  # type: ignore[no-untyped-def]
    m0, m1, m2 = a[0] * a[0] + a[1] * a[1], a[2] * a[2] + a[3] * a[3], a[4] * a[4] + a[5] * a[5]
    return m0 + m1 + m2, m0, m1, m2


@njit(**INLINE)
def _swap4(g, a, b):  # type: ignore[no-untyped-def]
    a0, b0 = pick(g, a[0], b[0])
    a1, b1 = pick(g, a[1], b[1])
    a2, b2 = pick(g, a[2], b[2])
    a3, b3 = pick(g, a[3], b[3])
    return (a0, a1, a2, a3), (b0, b1, b2, b3)


@njit(**FLAGS)
def _squares(w):  # type: ignore[no-untyped-def]
    """Rows 0-2: m^2, ascending; rows 3-11: abs(U)^2, row-major, columns by ascending mass.

    A lightest mass of exactly 0 leaves its column without direction: it follows by unitarity.
    """
    for i in range(L):
        a, b, d = _moduli(get(w, i, 0)), _moduli(get(w, i, 6)), _moduli(get(w, i, 12))
        a, b = _swap4(b[0] > a[0], a, b)
        a, d = _swap4(d[0] > a[0], a, d)
        b, d = _swap4(d[0] > b[0], b, d)
        w[i] = d[0]
        w[L + i] = b[0]
        w[2 * L + i] = a[0]
        va, vb, vd = 1.0 / a[0], 1.0 / b[0], 1.0 / d[0]
        massless = d[0] == 0.0
        for k in range(3):
            heavy, middle = a[k + 1] * va, b[k + 1] * vb
            light = d[k + 1] * vd
            w[(3 + 3 * k) * L + i] = 1.0 - heavy - middle if massless else light
            w[(4 + 3 * k) * L + i] = middle
            w[(5 + 3 * k) * L + i] = heavy


@njit(**FLAGS)
def solve(w, scale):  # type: ignore[no-untyped-def]
    """From theta in rows 0-22 to orthogonal columns of G in rows 0-17."""
    _prepare(w, scale)
    for _ in range(MAX_SWEEPS):
        if _sweep(w) == 0:
            break


@njit(**FLAGS)
def _observables(w, one, two, three, base):  # type: ignore[no-untyped-def]
    """Rows 12-16 from the squares; arguments: the ranks of masses 1, 2, 3 and of dm2_3l's l."""
    for i in range(L):
        e1, e2 = w[(3 + one) * L + i], w[(3 + two) * L + i]
        mu3, tau3 = w[(6 + three) * L + i], w[(9 + three) * L + i]
        w[12 * L + i] = w[two * L + i] - w[one * L + i]
        w[13 * L + i] = w[three * L + i] - w[base * L + i]
        w[14 * L + i] = e2 / (e1 + e2 + TINY)
        w[15 * L + i] = w[(3 + three) * L + i]
        w[16 * L + i] = mu3 / (mu3 + tau3 + TINY)


@njit(**FLAGS)
def observables_range(theta, inverted, scale, out, start, stop):  # type: ignore[no-untyped-def]
    """Fill rows ``start`` to ``stop`` of ``out`` ``(N, 5)``; ``scale`` is vev * sqrt(1e9)."""
    w = np.empty(23 * L)
    for first in range(start, stop, L):
        n = min(L, stop - first)
        load(theta, first, n, w)
        solve(w, scale)
        _squares(w)
        if inverted:
            _observables(w, 1, 2, 0, 2)
        else:
            _observables(w, 0, 1, 2, 0)
        for i in range(n):
            for k in range(5):
                out[first + i, k] = w[(12 + k) * L + i]


@njit(**FLAGS)
def labels_range(theta, inverted, scale, out, start, stop):  # type: ignore[no-untyped-def]
    """Fill rows ``start`` to ``stop`` of ``out`` ``(N, 11)``: dm2_21, dm2_31, nine abs(U)."""
    w = np.empty(23 * L)
    shift = 1 if inverted else 0  # ascending masses are (3, 1, 2) in inverted ordering
    for first in range(start, stop, L):
        n = min(L, stop - first)
        load(theta, first, n, w)
        solve(w, scale)
        _squares(w)
        for k in range(3 * L, 12 * L):
            w[k] = math.sqrt(w[k])
        for i in range(n):
            one = w[shift * L + i]
            out[first + i, 0] = w[(shift + 1) * L + i] - one
            out[first + i, 1] = w[(2 - 2 * shift) * L + i] - one
            for row in range(3):
                for k in range(3):
                    out[first + i, 2 + 3 * row + k] = w[(3 + 3 * row + (k + shift) % 3) * L + i]
