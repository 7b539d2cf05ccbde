r"""The whole matrix of derivatives of the seesaw's oscillation observables, delta_CP included.

First-order perturbation theory, as in `gradient`: with ``m = X X^T``, ``U^T m U = diag(m_i)``,
``dU = U Z`` and ``K = U^T dm U``, ``dm_i = Re K_ii`` and for i != j
``Z_ij = Re K_ij / (m_j - m_i) - i Im K_ij / (m_i + m_j)``. Each parameter moves one column of X in
a known way, so that K is of rank two and one pass a parameter suffices.

The Dirac phase is that of the invariant
``z = -(U_e1 U_mu3 U_e3* U_mu1* + abs(U_e1 U_mu3 U_e3)^2 / (1 - abs(U_e3)^2))``, which in the PDG's
parametrisation is a positive number times exp(i delta) [derived here; tested against differences].
The diagonal of Z, which no invariant sees, is left out.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from pontecorvo.base.parallel import map_chunks
from pontecorvo.physics.elementary import FLAGS
from pontecorvo.problems.seesaw.fast_map import check_theta, light_neutrinos_from_theta
from pontecorvo.problems.seesaw.formula import EV_PER_GEV, VEV
from pontecorvo.problems.seesaw.gradient import _factors, _inverse

__all__ = ["ROWS", "dirac_phase", "oscillation_jacobian"]

ROWS = ("dm2_21", "dm2_3l", "sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp")
CHUNK = 512
_HALF_LN_10 = 0.5 * math.log(10.0)

Array = NDArray[np.float64]


@njit(**FLAGS)
def _row(k, a, v, b, m, x, dx_own, top, out, p):  # type: ignore[no-untyped-def]
    """Derivatives of the six along dX_bk = dx_own[b] (all b where a < 0, else b = a only)."""
    w = np.empty(3, np.complex128)  # U^T dX, its only column
    z = np.empty((3, 3), np.complex128)
    dm = np.empty(3)
    for i in range(3):
        if a >= 0:
            w[i] = v[a, i] * dx_own[a]
        else:
            w[i] = v[0, i] * dx_own[0] + v[1, i] * dx_own[1] + v[2, i] * dx_own[2]
    for i in range(3):
        dm[i] = 2.0 * (w[i] * b[i, k]).real
        z[i, i] = 0.0
        for j in range(i + 1, 3):
            q = w[i] * b[j, k] + b[i, k] * w[j]
            d, s = m[j] - m[i], m[i] + m[j]
            plus = 1.0 / s if s != 0.0 else 0.0
            z[i, j] = complex(q.real * _inverse(d, s), -q.imag * plus)
            z[j, i] = -z[i, j].conjugate()
    out[0] = 2.0 * (m[1] * dm[1] - m[0] * dm[0])
    out[1] = 2.0 * (m[2] * dm[2] - m[top] * dm[top])
    de1 = v[0, 1] * z[1, 0] + v[0, 2] * z[2, 0]
    de2 = v[0, 0] * z[0, 1] + v[0, 2] * z[2, 1]
    de3 = v[0, 0] * z[0, 2] + v[0, 1] * z[1, 2]
    dm1 = v[1, 1] * z[1, 0] + v[1, 2] * z[2, 0]
    dm3 = v[1, 0] * z[0, 2] + v[1, 1] * z[1, 2]
    dt3 = v[2, 0] * z[0, 2] + v[2, 1] * z[1, 2]
    pe1 = 2.0 * (v[0, 0].conjugate() * de1).real
    pe2 = 2.0 * (v[0, 1].conjugate() * de2).real
    pe3 = 2.0 * (v[0, 2].conjugate() * de3).real
    pm3 = 2.0 * (v[1, 2].conjugate() * dm3).real
    pt3 = 2.0 * (v[2, 2].conjugate() * dt3).real
    e = p[0] + p[1]
    r = p[3] + p[4]
    out[2] = (p[0] * pe2 - p[1] * pe1) / (e * e) if e != 0.0 else 0.0
    out[3] = pe3
    out[4] = (p[4] * pm3 - p[3] * pt3) / (r * r) if r != 0.0 else 0.0
    rest = 1.0 - p[2]
    if rest <= 0.0:
        out[5] = 0.0
        return
    q = v[0, 0] * v[1, 2] * v[0, 2].conjugate() * v[1, 0].conjugate()
    dq = (de1 * v[1, 2] + v[0, 0] * dm3) * v[0, 2].conjugate() * v[1, 0].conjugate() + v[0, 0] * v[
        1, 2
    ] * (de3.conjugate() * v[1, 0].conjugate() + v[0, 2].conjugate() * dm1.conjugate())
    f = p[0] * p[3] * p[2] / rest
    df = (pe1 * p[3] * p[2] + p[0] * pm3 * p[2] + p[0] * p[3] * pe3) / rest + f * pe3 / rest
    total = q + f
    size = total.real * total.real + total.imag * total.imag
    change = dq + df
    out[5] = (change * total.conjugate()).imag / size if size != 0.0 else 0.0


@njit(**FLAGS)
def _range(theta, masses, u, scale, top, out, start, stop):  # type: ignore[no-untyped-def]
    f = np.empty(3, np.complex128)
    x, b = np.empty((3, 3), np.complex128), np.empty((3, 3), np.complex128)
    dx = np.empty(3, np.complex128)
    p = np.empty(5)
    row = np.empty(6)
    for n in range(start, stop):
        v, m = u[n], masses[n]
        _factors(theta[n], v, scale, f, x, b)
        p[0] = v[0, 0].real ** 2 + v[0, 0].imag ** 2
        p[1] = v[0, 1].real ** 2 + v[0, 1].imag ** 2
        p[2] = v[0, 2].real ** 2 + v[0, 2].imag ** 2
        p[3] = v[1, 2].real ** 2 + v[1, 2].imag ** 2
        p[4] = v[2, 2].real ** 2 + v[2, 2].imag ** 2
        for k in range(3):
            for a in range(3):
                for part in range(2):
                    dx[a] = f[k] if part == 0 else 1j * f[k]
                    _row(k, a, v, b, m, x, dx, top, row, p)
                    for o in range(6):
                        out[n, o, 9 * part + 3 * a + k] = row[o]
            for part in range(2):
                if part == 1 and k == 2:
                    continue
                factor = complex(-_HALF_LN_10, 0.0) if part == 0 else complex(0.0, -0.5)
                for a in range(3):
                    dx[a] = x[a, k] * factor
                _row(k, -1, v, b, m, x, dx, top, row, p)
                for o in range(6):
                    out[n, o, (18 if part == 0 else 21) + k] = row[o]


def oscillation_jacobian(theta: ArrayLike, ordering: str, vev: float = VEV) -> Array:
    """Derivatives ``(N, 6, 23)`` of the quantities `ROWS` at ``theta`` ``(N, 23)``.

    Splittings in eV^2, delta_cp in rad. Not finite where the observables are not.
    """
    array = check_theta(theta)
    masses, u = light_neutrinos_from_theta(array, ordering, vev)
    scale = float(vev) * math.sqrt(EV_PER_GEV)
    top = 1 if ordering == "io" else 0
    out = np.empty((len(array), 6, 23))
    map_chunks(
        lambda start, stop: _range(array, masses, u, scale, top, out, start, stop),
        len(array),
        CHUNK,
    )
    return out


def dirac_phase(u: NDArray[np.complex128]) -> Array:
    """delta_CP in [0, 2 pi) (N,) of mixing matrices (N, 3, 3), by the invariant above."""
    e1, e3, mu1, mu3 = u[:, 0, 0], u[:, 0, 2], u[:, 1, 0], u[:, 1, 2]
    p1, p3, q3 = np.abs(e1) ** 2, np.abs(e3) ** 2, np.abs(mu3) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        z = -(e1 * mu3 * np.conj(e3 * mu1) + p1 * q3 * p3 / (1.0 - p3))
    return np.angle(z) % (2 * np.pi)
