"""The map of `lift_problems.TwoHeavy` and its derivatives, compiled.

The lift's hard draws come a few at a time, where array operations cost their fixed part.
"""

import numba
import numpy as np


@numba.njit(cache=True, error_model="numpy")
def maps(theta: np.ndarray, with_slopes: bool) -> tuple[np.ndarray, np.ndarray]:
    """Observables (N, 5) of parameters (N, 9), and, if asked for, their derivatives (N, 5, 9).

    First-order perturbation theory of H = m m^+, m = X X^T.
    """
    n = len(theta)
    values = np.empty((n, 5))
    rows = np.empty((n if with_slopes else 0, 5, 9))
    for i in range(n):
        x = np.empty((3, 2), np.complex128)
        for f in range(3):
            x[f, 0] = theta[i, f]
            x[f, 1] = theta[i, 3 + f] + 1j * theta[i, 6 + f]
        m = np.zeros((3, 3), np.complex128)
        for f in range(3):
            for g in range(3):
                m[f, g] = x[f, 0] * x[g, 0] + x[f, 1] * x[g, 1]
        h = np.zeros((3, 3), np.complex128)
        for f in range(3):
            for g in range(3):
                for k in range(3):
                    h[f, g] += m[f, k] * np.conj(m[g, k])
        square, u = np.linalg.eigh(h)  # masses squared ascend, as in normal ordering
        p = u.real**2 + u.imag**2
        e, r = p[0, 0] + p[0, 1], p[1, 2] + p[2, 2]
        values[i, 0] = square[1] - square[0]
        values[i, 1] = square[2] - square[0]
        values[i, 2] = p[0, 1] / e
        values[i, 3] = p[0, 2]
        values[i, 4] = p[1, 2] / r
        if not with_slopes:
            continue
        a = np.zeros((3, 3), np.complex128)  # m^+ u
        for g in range(3):
            for k in range(3):
                for f in range(3):
                    a[g, k] += np.conj(m[f, g]) * u[f, k]
        for q in range(9):
            f = q % 3
            # dm = dx x^T + x dx^T has one row and one column: dm[f, g] += d x[g], dm[g, f] += ...
            column = 0 if q < 3 else 1
            d = 1j if q >= 6 else 1.0 + 0j
            # z = u^+ dh u, dh = dm m^+ + h.c.; (dm m^+ u)[g, k] = sum_l dm[g, l] a[l, k]
            z = np.zeros((3, 3), np.complex128)
            for k in range(3):
                inner = 0j
                for g in range(3):
                    inner += x[g, column] * a[g, k]
                for j in range(3):
                    t = np.conj(u[f, j]) * d * inner
                    for g in range(3):
                        t += np.conj(u[g, j]) * d * x[g, column] * a[f, k]
                    z[j, k] += t
                    z[k, j] += np.conj(t)
            dp = np.zeros((3, 3))
            for k in range(3):
                for g in range(3):
                    du = 0j
                    for j in range(3):
                        if j != k:
                            du += u[g, j] * z[j, k] / (square[k] - square[j])
                    dp[g, k] = 2 * (np.conj(u[g, k]) * du).real
            rows[i, 0, q] = (z[1, 1] - z[0, 0]).real
            rows[i, 1, q] = (z[2, 2] - z[0, 0]).real
            rows[i, 2, q] = (p[0, 0] * dp[0, 1] - p[0, 1] * dp[0, 0]) / (e * e)
            rows[i, 3, q] = dp[0, 2]
            rows[i, 4, q] = (p[2, 2] * dp[1, 2] - p[1, 2] * dp[2, 2]) / (r * r)
    return values, rows
