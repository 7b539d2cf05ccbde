"""Radau IIA (three stages, order 5) for the linear kinetic equations of one draw after the other.

The equations are linear and stiff: washout is up to 1e5 times the expansion. An implicit method
that damps stiff modes (E. Hairer and G. Wanner, Solving Ordinary Differential Equations II, IV.8)
takes fixed steps in ln z, and needs one small linear solve in each. Hand-written because the
equations of thousands of draws are solved together, which no library's stiff solver does.
"""

import numpy as np
from numba import njit

S6 = np.sqrt(6.0)
NODES = np.array([(4 - S6) / 10, (4 + S6) / 10, 1.0])
STAGES = np.array(
    [
        [(88 - 7 * S6) / 360, (296 - 169 * S6) / 1800, (-2 + 3 * S6) / 225],
        [(296 + 169 * S6) / 1800, (88 + 7 * S6) / 360, (-2 - 3 * S6) / 225],
        [(16 - S6) / 36, (16 + S6) / 36, 1 / 9],
    ]
)


@njit(cache=True, nogil=True, error_model="numpy")
def solve(a, b, n):  # type: ignore[no-untyped-def]
    """Gauss elimination with partial pivoting of the (n, n) system in place, b the answer."""
    for c in range(n):
        p = c
        for r in range(c + 1, n):
            if abs(a[r, c]) > abs(a[p, c]):
                p = r
        if p != c:
            for k in range(c, n):
                t = a[c, k]
                a[c, k] = a[p, k]
                a[p, k] = t
            t = b[c]
            b[c] = b[p]
            b[p] = t
        inverse = 1.0 / a[c, c]
        for r in range(c + 1, n):
            f = a[r, c] * inverse
            if f != 0.0:
                for k in range(c + 1, n):
                    a[r, k] -= f * a[c, k]
                b[r] -= f * b[c]
    for r in range(n - 1, -1, -1):
        t = b[r]
        for k in range(r + 1, n):
            t -= a[r, k] * b[k]
        b[r] = t / a[r, r]


@njit(cache=True, nogil=True, error_model="numpy")
def scalar(decay, source, start, step, stages, out):  # type: ignore[no-untyped-def]
    """y' = -decay y + source in ln z; stage values (steps, 3) into `out`."""
    a = np.empty((3, 3))
    b = np.empty(3)
    y = start
    for s in range(decay.shape[0]):
        for i in range(3):
            b[i] = y
            for j in range(3):
                w = step * stages[i, j]
                a[i, j] = w * decay[s, j]
                b[i] += w * source[s, j]
            a[i, i] += 1.0
        solve(a, b, 3)
        for i in range(3):
            out[s, i] = b[i]
        y = b[2]
    return y


@njit(cache=True, nogil=True, error_model="numpy")
def abundances(decay, slope, first, step, stages, out):  # type: ignore[no-untyped-def]
    """N_i - N_i^eq of every draw and heavy neutrino at every stage.

    decay, slope: z D_i and -z dN_i^eq/dz (draws, heavy, steps, 3); first (draws, heavy).
    """
    for d in range(decay.shape[0]):
        for i in range(decay.shape[1]):
            scalar(decay[d, i], slope[d, i], first[d, i], step, stages, out[d, i])


@njit(cache=True, nogil=True, error_model="numpy")
def diagonal(source, washout, share, eps, extra, step, stages, result):  # type: ignore[no-untyped-def]
    """Asymmetries in flavours that do not mix, at the end.

    source: z D_i (N_i - N_i^eq) (draws, heavy, steps, 3); washout: z W_i, same shape;
    share, eps (draws, heavy, flavours): projection of the decays, CP asymmetry; extra (draws,
    steps, 3): further washout, equal in all flavours.
    """
    draws, heavy, steps, _ = source.shape
    decay = np.empty((steps, 3))
    gain = np.empty((steps, 3))
    out = np.empty((steps, 3))
    for d in range(draws):
        for f in range(eps.shape[2]):
            for s in range(steps):
                for j in range(3):
                    decay[s, j] = extra[d, s, j]
                    gain[s, j] = 0.0
                    for i in range(heavy):
                        decay[s, j] += washout[d, i, s, j] * share[d, i, f]
                        gain[s, j] += source[d, i, s, j] * eps[d, i, f]
            result[d, f] = scalar(decay, gain, 0.0, step, stages, out)


@njit(cache=True, nogil=True, error_model="numpy")
def matrix(source, washout, lose, eps, damp, z, other, extra, step, stages, result):  # type: ignore[no-untyped-def]
    """The density matrix of the flavours as nine reals, at the end.

    lose (draws, heavy, 9, 9): minus the effect of washout by each heavy neutrino; eps (draws,
    heavy, 9); damp (draws, 9): loss per z of each component; z (steps, 3); other (draws, 9, 9):
    a further washout, with its strength extra (draws, steps, 3); result (draws, 9).
    """
    draws, heavy, steps, _ = source.shape
    big = np.empty((27, 27))
    rhs = np.empty(27)
    rate = np.empty((3, 9, 9))
    gain = np.empty((3, 9))
    y = np.empty(9)
    for d in range(draws):
        y[:] = 0.0
        for s in range(steps):
            for j in range(3):
                for p in range(9):
                    gain[j, p] = 0.0
                    for i in range(heavy):
                        gain[j, p] += source[d, i, s, j] * eps[d, i, p]
                    for q in range(9):
                        t = extra[d, s, j] * other[d, p, q]
                        for i in range(heavy):
                            t += washout[d, i, s, j] * lose[d, i, p, q]
                        rate[j, p, q] = t
                    rate[j, p, p] += damp[d, p] * z[s, j]
            for i in range(3):
                for p in range(9):
                    r = 9 * i + p
                    rhs[r] = y[p]
                    for j in range(3):
                        w = step * stages[i, j]
                        rhs[r] += w * gain[j, p]
                        for q in range(9):
                            big[r, 9 * j + q] = w * rate[j, p, q]
                    big[r, r] += 1.0
            solve(big, rhs, 27)
            for p in range(9):
                y[p] = rhs[18 + p]
        for p in range(9):
            result[d, p] = y[p]
