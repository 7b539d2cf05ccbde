r"""Derivatives of the fast forward map, by first-order perturbation theory.

With ``K = U^T dm U`` (symmetric) and ``dU = U Z`` (``Z`` anti-Hermitian), the derivative of
``U^T m U = diag(m_i)`` reads

.. math::

    dm_i = \mathrm{Re} K_{ii}, \qquad
    \mathrm{Re} Z_{ij} = \frac{\mathrm{Re} K_{ij}}{m_j - m_i}, \qquad
    \mathrm{Im} Z_{ij} = -\frac{\mathrm{Im} K_{ij}}{m_i + m_j}

and ``d abs(U_ai)^2 = 2 Re(U_ai^* sum_j U_aj Z_ji)``, to which the diagonal of ``Z`` adds nothing.
With ``m = X X^T``, ``K = A B^T + B A^T`` where ``A = U^T dX`` and ``B = U^T X``: no difference
quotient and no second matrix decomposition. [derived here; tested by ``gradcheck``]

Near degeneracy ``1/(m_j - m_i)`` becomes ``d/(d^2 + (GUARD s)^2)`` with ``d`` the difference and
``s`` the sum of the masses, at most ``1/(2 GUARD s)``: finite always, and right to
``(GUARD s/d)^2``. At exact degeneracy, where the mixing of the pair is not a function of the
parameters at all, its derivative is given as 0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...base.compiled import njit
from ...base.errors import InputError
from ...base.parallel import map_chunks
from ...physics.elementary import FLAGS
from .fast_map import check_theta, light_neutrinos_from_theta
from .formula import EV_PER_GEV, VEV

__all__ = ["GUARD", "pullback", "pushforward"]

GUARD = 1e-10
CHUNK = 1024
_HALF_LN_10 = 0.5 * math.log(10.0)

Array = NDArray[np.float64]


@njit(**FLAGS)
def _factors(t, u, scale, f, x, b):  # type: ignore[no-untyped-def]
    """``f_k = vev M_k^-1/2``, ``X = Y f`` and ``B = U^T X`` of one point."""
    for k in range(3):
        angle = -0.5 * t[21 + k] if k < 2 else 0.0
        size = scale * 10.0 ** (-0.5 * t[18 + k])
        f[k] = complex(size * math.cos(angle), size * math.sin(angle))
        for a in range(3):
            x[a, k] = complex(t[3 * a + k], t[9 + 3 * a + k]) * f[k]
    for i in range(3):
        for k in range(3):
            b[i, k] = u[0, i] * x[0, k] + u[1, i] * x[1, k] + u[2, i] * x[2, k]


@njit(**FLAGS)
def _inverse(d, s):  # type: ignore[no-untyped-def]
    scale = d * d + (GUARD * s) * (GUARD * s)
    return d / scale if scale != 0.0 else 0.0


@njit(**FLAGS)
def _partials(masses, p, labels, base, g, gm, gp):  # type: ignore[no-untyped-def]
    """Cotangents of the masses and of abs(U)^2 from those ``g`` of the outputs."""
    gm[:] = 0.0
    gp[:] = 0.0
    top = 0 if labels else base
    gm[1] += 2.0 * masses[1] * g[0]
    gm[0] -= 2.0 * masses[0] * g[0]
    gm[2] += 2.0 * masses[2] * g[1]
    gm[top] -= 2.0 * masses[top] * g[1]
    if labels:
        for a in range(3):
            for i in range(3):
                q = p[a, i]
                gp[a, i] = 0.5 * g[2 + 3 * a + i] / math.sqrt(q) if q != 0.0 else 0.0
        return
    e = p[0, 0] + p[0, 1]
    if e != 0.0:
        gp[0, 0] -= g[2] * p[0, 1] / (e * e)
        gp[0, 1] += g[2] * p[0, 0] / (e * e)
    gp[0, 2] += g[3]
    e = p[1, 2] + p[2, 2]
    if e != 0.0:
        gp[1, 2] += g[4] * p[2, 2] / (e * e)
        gp[2, 2] -= g[4] * p[1, 2] / (e * e)


@njit(**FLAGS)
def _moduli(u, p):  # type: ignore[no-untyped-def]
    for a in range(3):
        for i in range(3):
            p[a, i] = u[a, i].real ** 2 + u[a, i].imag ** 2


@njit(**FLAGS)
def _pullback_range(  # type: ignore[no-untyped-def]
    theta, masses, u, scale, labels, base, g, out, start, stop
):
    f = np.empty(3, np.complex128)
    x, b, c, h = (
        np.empty((3, 3), np.complex128),
        np.empty((3, 3), np.complex128),
        np.empty((3, 3), np.complex128),
        np.empty((3, 3), np.complex128),
    )
    p, gp, gm = np.empty((3, 3)), np.empty((3, 3)), np.empty(3)
    for n in range(start, stop):
        v = u[n]
        _factors(theta[n], v, scale, f, x, b)
        _moduli(v, p)
        _partials(masses[n], p, labels, base, g[n], gm, gp)
        # c: conjugate of the cotangent of K, symmetric
        for i in range(3):
            c[i, i] = gm[i]
            for j in range(i + 1, 3):
                w = 0.0j
                for a in range(3):
                    w += 2.0 * (gp[a, i] - gp[a, j]) * (v[a, i].conjugate() * v[a, j])
                d, s = masses[n, i] - masses[n, j], masses[n, i] + masses[n, j]
                plus = 1.0 / s if s != 0.0 else 0.0
                c[i, j] = complex(0.5 * w.real * _inverse(d, s), -0.5 * w.imag * plus)
                c[j, i] = c[i, j]
        for i in range(3):
            for k in range(3):
                h[i, k] = 2.0 * (c[i, 0] * b[0, k] + c[i, 1] * b[1, k] + c[i, 2] * b[2, k])
        for k in range(3):
            total = 0.0j
            for a in range(3):
                gx = v[a, 0] * h[0, k] + v[a, 1] * h[1, k] + v[a, 2] * h[2, k]
                gy = gx * f[k]
                out[n, 3 * a + k] = gy.real
                out[n, 9 + 3 * a + k] = -gy.imag
                total += gx * x[a, k]
            out[n, 18 + k] = -_HALF_LN_10 * total.real
            if k < 2:
                out[n, 21 + k] = 0.5 * total.imag


@njit(**FLAGS)
def _pushforward_range(  # type: ignore[no-untyped-def]
    theta, masses, u, scale, labels, base, t, out, start, stop
):
    f = np.empty(3, np.complex128)
    x, b, a_, z = (
        np.empty((3, 3), np.complex128),
        np.empty((3, 3), np.complex128),
        np.empty((3, 3), np.complex128),
        np.empty((3, 3), np.complex128),
    )
    p, dp, dm = np.empty((3, 3)), np.empty((3, 3)), np.empty(3)
    for n in range(start, stop):
        v = u[n]
        m = masses[n]
        _factors(theta[n], v, scale, f, x, b)
        _moduli(v, p)
        for k in range(3):
            dlog = complex(-_HALF_LN_10 * t[n, 18 + k], -0.5 * t[n, 21 + k] if k < 2 else 0.0)
            for i in range(3):
                a_[i, k] = 0.0
            for a in range(3):
                dx = complex(t[n, 3 * a + k], t[n, 9 + 3 * a + k]) * f[k] + x[a, k] * dlog
                for i in range(3):
                    a_[i, k] += v[a, i] * dx
        for i in range(3):
            dm[i] = 0.0
            for k in range(3):
                dm[i] += 2.0 * (a_[i, k] * b[i, k]).real
            z[i, i] = 0.0
            for j in range(i + 1, 3):
                q = 0.0j
                for k in range(3):
                    q += a_[i, k] * b[j, k] + b[i, k] * a_[j, k]
                d, s = m[j] - m[i], m[i] + m[j]
                plus = 1.0 / s if s != 0.0 else 0.0
                z[i, j] = complex(q.real * _inverse(d, s), -q.imag * plus)
                z[j, i] = -z[i, j].conjugate()
        for a in range(3):
            for i in range(3):
                w = v[a, 0] * z[0, i] + v[a, 1] * z[1, i] + v[a, 2] * z[2, i]
                dp[a, i] = 2.0 * (v[a, i].conjugate() * w).real
        top = 0 if labels else base
        out[n, 0] = 2.0 * (m[1] * dm[1] - m[0] * dm[0])
        out[n, 1] = 2.0 * (m[2] * dm[2] - m[top] * dm[top])
        if labels:
            for a in range(3):
                for i in range(3):
                    q0 = p[a, i]
                    out[n, 2 + 3 * a + i] = 0.5 * dp[a, i] / math.sqrt(q0) if q0 != 0.0 else 0.0
        else:
            e = p[0, 0] + p[0, 1]
            r = p[1, 2] + p[2, 2]
            up = p[0, 0] * dp[0, 1] - p[0, 1] * dp[0, 0]
            out[n, 2] = up / (e * e) if e != 0.0 else 0.0
            out[n, 3] = dp[0, 2]
            up = p[2, 2] * dp[1, 2] - p[1, 2] * dp[2, 2]
            out[n, 4] = up / (r * r) if r != 0.0 else 0.0


def _prepare(
    theta: ArrayLike, vector: ArrayLike, columns: int, ordering: str, vev: float, labels: bool
) -> tuple[Array, Array, NDArray[np.complex128], float, bool, int, Array]:
    array = check_theta(theta)
    given = np.ascontiguousarray(vector, np.float64)
    if given.shape != (len(array), columns):
        raise InputError(f"expected an array of shape ({len(array)}, {columns}), not {given.shape}")
    masses, u = light_neutrinos_from_theta(array, ordering, vev)
    scale = float(vev) * math.sqrt(EV_PER_GEV)
    return array, masses, u, scale, labels, (1 if ordering == "io" else 0), given


def pullback(
    theta: ArrayLike, cotangent: ArrayLike, ordering: str, vev: float = VEV, labels: bool = False
) -> Array:
    """Vector-Jacobian product: gradient ``(N, 23)`` of ``sum(cotangent * outputs)``.

    The outputs are the five observables, ``cotangent`` ``(N, 5)``, or with ``labels`` the eleven
    labels, ``(N, 11)``. A point whose outputs are not finite has a gradient that is not finite.
    """
    args = _prepare(theta, cotangent, 11 if labels else 5, ordering, vev, labels)
    out = np.empty((len(args[0]), 23))
    map_chunks(lambda start, stop: _pullback_range(*args, out, start, stop), len(out), CHUNK)
    return out


def pushforward(
    theta: ArrayLike, tangent: ArrayLike, ordering: str, vev: float = VEV, labels: bool = False
) -> Array:
    """Jacobian-vector product: derivative of the outputs along ``tangent`` ``(N, 23)``.

    Shape ``(N, 5)``, or ``(N, 11)`` with ``labels``.
    """
    args = _prepare(theta, tangent, 23, ordering, vev, labels)
    out = np.empty((len(args[0]), 11 if labels else 5))
    map_chunks(lambda start, stop: _pushforward_range(*args, out, start, stop), len(out), CHUNK)
    return out
