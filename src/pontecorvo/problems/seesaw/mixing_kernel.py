r"""Masses and the whole mixing matrix, phases included, on the tiles of `seesaw_kernel`.

After the Jacobi sweeps the columns of ``G`` are ``w_i = U_i^*`` up to a phase and a length
``m_i``. The phase that makes ``U_i^T m U_i`` real is half that of
``t_i = (w_i^+ X)(w_i^+ X)^T = w_i^+ m w_i^*``, with ``m = X X^T`` never formed. Points for which
this loses accuracy (masses degenerate, or very small beside ``X X^T``) are marked for the slower
`pontecorvo.physics.takagi.takagi_of_factor`.
"""

from __future__ import annotations

import math

import numpy as np

from ...base.compiled import njit
from ...physics.elementary import FLAGS, INLINE, cos_sin_up_to_sign, exp10
from .seesaw_kernel import (
    L,
    add,
    dot,
    get,
    load,
    norm2,
    pick,
    put,
    scaled_column,
    solve,
    swap,
    times,
)

__all__ = ["mixing_range"]

CLOSE = 1e-4  # relative gap of squared masses below which they count as degenerate
SMALL2 = 1e-20  # (m_1/abs(x)^2)^2 below which the phase of column 1 would lose 1e-10


@njit(**INLINE)
def _half_phase(x, y):  # type: ignore[no-untyped-def]
    """Square root of ``(x + iy)/abs(x + iy)``; 1 at zero."""
    size = math.sqrt(x * x + y * y)
    zero = size == 0.0
    v = 1.0 / (size if not zero else 1.0)
    x, y = (1.0 if zero else x * v), y * v
    big = math.sqrt(0.5 * (1.0 + abs(x)))
    small = 0.5 * y / big
    negative = x < 0.0
    return (abs(small) if negative else big), (math.copysign(big, y) if negative else small)


@njit(**INLINE)
def _column(g, n, x0, x1, x2):  # type: ignore[no-untyped-def]
    """Column of U from a column of G with squared length n."""
    c = times(g, 1.0 / math.sqrt(n))
    r0, i0 = dot(c, x0)
    r1, i1 = dot(c, x1)
    r2, i2 = dot(c, x2)
    tr = (r0 * r0 - i0 * i0) + (r1 * r1 - i1 * i1) + (r2 * r2 - i2 * i2)
    ti = 2.0 * (r0 * i0 + r1 * i1 + r2 * i2)
    hr, hi = _half_phase(tr, ti)
    u = add((0.0, 0.0, 0.0, 0.0, 0.0, 0.0), c, hr, hi)
    return u[0], -u[1], u[2], -u[3], u[4], -u[5]


@njit(**FLAGS)
def _mixing(w, theta_rows, scale):  # type: ignore[no-untyped-def]
    """Rows 0-17: columns of U by ascending mass; rows 18-20: masses; row 21: 1 where in doubt."""
    for i in range(L):
        f0 = scale * exp10(-0.5 * theta_rows[18 * L + i])
        f1 = scale * exp10(-0.5 * theta_rows[19 * L + i])
        f2 = scale * exp10(-0.5 * theta_rows[20 * L + i])
        c0, s0 = cos_sin_up_to_sign(0.5 * theta_rows[21 * L + i])
        c1, s1 = cos_sin_up_to_sign(0.5 * theta_rows[22 * L + i])
        x0 = scaled_column(theta_rows, i, 0, f0 * c0, -f0 * s0)
        x1 = scaled_column(theta_rows, i, 1, f1 * c1, -f1 * s1)
        x2 = scaled_column(theta_rows, i, 2, f2, 0.0)
        a, b, d = get(w, i, 0), get(w, i, 6), get(w, i, 12)
        na, nb, nd = norm2(a), norm2(b), norm2(d)
        g = nb > na
        a, b = swap(g, a, b)
        na, nb = pick(g, na, nb)
        g = nd > na
        a, d = swap(g, a, d)
        na, nd = pick(g, na, nd)
        g = nd > nb
        b, d = swap(g, b, d)
        nb, nd = pick(g, nb, nd)
        size = norm2(x0) + norm2(x1) + norm2(x2)
        sure = (na - nb > CLOSE * na) & (nb - nd > CLOSE * nb) & (nd > SMALL2 * (size * size))
        put(w, i, 0, _column(d, nd, x0, x1, x2))
        put(w, i, 6, _column(b, nb, x0, x1, x2))
        put(w, i, 12, _column(a, na, x0, x1, x2))
        w[18 * L + i] = math.sqrt(nd)
        w[19 * L + i] = math.sqrt(nb)
        w[20 * L + i] = math.sqrt(na)
        w[21 * L + i] = 0.0 if sure else 1.0


@njit(**FLAGS)
def mixing_range(  # type: ignore[no-untyped-def]
    theta, inverted, scale, masses, u, doubtful, start, stop
):
    """Fill rows ``start`` to ``stop`` of masses, u ``(N, 3, 3)`` and doubtful ``(N,)``."""
    w = np.empty(23 * L)
    theta_rows = np.empty(23 * L)
    shift = 1 if inverted else 0  # ascending masses are (3, 1, 2) in inverted ordering
    for first in range(start, stop, L):
        n = min(L, stop - first)
        load(theta, first, n, w)
        theta_rows[:] = w
        solve(w, scale)
        _mixing(w, theta_rows, scale)
        for i in range(n):
            doubtful[first + i] = w[21 * L + i] != 0.0
            for k in range(3):
                rank = (k + shift) % 3
                masses[first + i, k] = w[(18 + rank) * L + i]
                for row in range(3):
                    re = (6 * rank + 2 * row) * L + i
                    u[first + i, row, k] = complex(w[re], w[re + L])
