"""Moduli of the entries U* sqrt(m) R and their derivatives by the ten learned coordinates.

The same numbers as `seesaw_features.entry_moduli`, with the Jacobian that an exact density needs,
many times faster than automatic differentiation of so many small operations.
"""

from math import cos, cosh, pi, sin, sinh, sqrt

import numpy as np

from ...base.compiled import njit

TWO_PI = 2 * pi
_EDGE = 1e-6
_ROUND = 1e-9


@njit(cache=True, nogil=True)
def _boost(nx: float, ny: float, nz: float, odd: complex, even: float, out: np.ndarray) -> None:
    """Write odd * N + even * (1 - n n^T), with N_ij = eps_ijk n_k."""
    out[0, 0] = even * (1 - nx * nx)
    out[1, 1] = even * (1 - ny * ny)
    out[2, 2] = even * (1 - nz * nz)
    out[0, 1] = odd * nz - even * nx * ny
    out[1, 0] = -odd * nz - even * nx * ny
    out[0, 2] = -odd * ny - even * nx * nz
    out[2, 0] = odd * ny - even * nx * nz
    out[1, 2] = odd * nx - even * ny * nz
    out[2, 1] = -odd * nx - even * ny * nz


@njit(cache=True, nogil=True)
def _boost_slope(
    n: np.ndarray, d: np.ndarray, odd: complex, even: float, scale: float, out: np.ndarray
) -> None:
    """Derivative of `_boost` when n moves along d, times scale."""
    for i in range(3):
        for j in range(3):
            out[i, j] = -scale * even * (d[i] * n[j] + n[i] * d[j])
    odd = odd * scale
    out[0, 1] += odd * d[2]
    out[1, 0] -= odd * d[2]
    out[0, 2] -= odd * d[1]
    out[2, 0] += odd * d[1]
    out[1, 2] += odd * d[0]
    out[2, 1] -= odd * d[0]


@njit(cache=True, nogil=True)
def _product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    for i in range(3):
        for j in range(3):
            out[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j] + a[i, 2] * b[2, j]


@njit(cache=True, nogil=True)
def moduli_block(
    u: np.ndarray,
    condition: np.ndarray,
    inverted: bool,
    mass_scale: float,
    boost_scale: float,
    largest_boost: float,
    with_slopes: bool,
    moduli: np.ndarray,
    slopes: np.ndarray,
) -> None:
    """Fill moduli (N, 9) in eV and, if asked, their slopes (N, 10, 9).

    Args:
        u: Learned coordinates (N, 10).
        condition: Observables (N, 5).
        inverted: Ordering.
        mass_scale: Scale of the lightest mass, eV.
        boost_scale: Scale of the boost.
        largest_boost: Boosts beyond are taken for this.
        with_slopes: Whether `slopes` are wanted.
        moduli: Output.
        slopes: Output.
    """
    mix = np.empty((3, 3), np.complex128)  # conj(U)
    mix_delta = np.zeros((3, 3), np.complex128)
    s = np.empty((3, 3), np.complex128)  # conj(U) sqrt(m)
    rotation = np.empty((3, 3), np.complex128)
    other = np.empty((3, 3), np.complex128)
    boost = np.empty((3, 3), np.complex128)
    slope = np.empty((3, 3), np.complex128)
    r = np.empty((3, 3), np.complex128)
    y = np.empty((3, 3), np.complex128)
    dy = np.empty((10, 3, 3), np.complex128)
    root, root_slope = np.empty(3), np.empty(3)
    axis, move = np.empty(3), np.empty(3)
    for n in range(u.shape[0]):
        w = u[n]
        d21, d3l = condition[n, 0], condition[n, 1]
        rest = max(1.0 - w[6], _EDGE)
        light = mass_scale * w[6] / rest
        light2 = light * light
        if inverted:
            m0, m1, m2 = sqrt(light2 - d3l - d21), sqrt(light2 - d3l), light
        else:
            m0, m1, m2 = light, sqrt(light2 + d21), sqrt(light2 + d3l)
        dlight = mass_scale / (rest * rest)
        for k in range(3):
            m = max(m0 if k == 0 else (m1 if k == 1 else m2), 1e-12)
            root[k] = sqrt(m)
            root_slope[k] = 0.5 * light / (m * root[k]) * dlight
        s12, s13, s23 = condition[n, 2], condition[n, 3], condition[n, 4]
        n12, c12, n13, c13 = sqrt(s12), sqrt(1 - s12), sqrt(s13), sqrt(1 - s13)
        n23, c23 = sqrt(s23), sqrt(1 - s23)
        e = complex(cos(TWO_PI * w[0]), -sin(TWO_PI * w[0]))  # conj(exp(i delta))
        turn = w[1] - 0.25
        p2 = complex(cos(TWO_PI * turn), -sin(TWO_PI * turn))
        half = 0.5 * (w[2] + w[3])
        p3 = complex(cos(TWO_PI * half), -sin(TWO_PI * half))
        mix[0, 0] = c12 * c13
        mix[0, 1] = n12 * c13 * p2
        mix[0, 2] = n13 * e.conjugate() * p3
        mix[1, 0] = -n12 * c23 - c12 * n23 * n13 * e
        mix[1, 1] = (c12 * c23 - n12 * n23 * n13 * e) * p2
        mix[1, 2] = n23 * c13 * p3
        mix[2, 0] = n12 * n23 - c12 * c23 * n13 * e
        mix[2, 1] = (-c12 * n23 - n12 * c23 * n13 * e) * p2
        mix[2, 2] = c23 * c13 * p3
        a, g, z = 0.5 * (w[2] - w[3]), 0.5 * (w[4] + w[5]), 0.5 * (w[4] - w[5])
        ca, sa = cos(TWO_PI * a), sin(TWO_PI * a)
        cg, sg = cos(TWO_PI * g), sin(TWO_PI * g)
        cz, sz = cos(TWO_PI * z), sin(TWO_PI * z)
        cb, ct = w[7], w[8]
        sb, st = sqrt(max(1 - cb * cb, _ROUND)), sqrt(max(1 - ct * ct, _ROUND))
        rotation[0, 0], rotation[0, 1] = ca * cb * cg - sa * sg, -ca * cb * sg - sa * cg
        rotation[1, 0], rotation[1, 1] = sa * cb * cg + ca * sg, -sa * cb * sg + ca * cg
        rotation[2, 0], rotation[2, 1] = -sb * cg, sb * sg
        rotation[0, 2], rotation[1, 2], rotation[2, 2] = ca * sb, sa * sb, cb
        axis[0], axis[1], axis[2] = st * cz, st * sz, ct
        ratio = max(w[9], _ROUND) / max(1.0 - w[9], _EDGE)
        eta = boost_scale * ratio ** (1.0 / 3.0)
        eta_slope = eta / (3.0 * max(w[9], _ROUND) * max(1.0 - w[9], _EDGE))
        if eta > largest_boost:
            eta, eta_slope = largest_boost, 0.0
        sh, ch1 = sinh(eta), cosh(eta) - 1.0
        _boost(axis[0], axis[1], axis[2], 1j * sh, ch1, boost)
        for i in range(3):
            boost[i, i] += 1.0
        _product(rotation, boost, r)
        for i in range(3):
            for k in range(3):
                s[i, k] = mix[i, k] * root[k]
        _product(s, r, y)
        for i in range(3):
            for j in range(3):
                moduli[n, 3 * i + j] = y[i, j].real ** 2 + y[i, j].imag ** 2
        if not with_slopes:
            continue
        i2pi = -1j * TWO_PI
        mix_delta[0, 2] = -i2pi * mix[0, 2] * root[2]
        mix_delta[1, 0] = -c12 * n23 * n13 * e * i2pi * root[0]
        mix_delta[1, 1] = -n12 * n23 * n13 * e * p2 * i2pi * root[1]
        mix_delta[2, 0] = -c12 * c23 * n13 * e * i2pi * root[0]
        mix_delta[2, 1] = -n12 * c23 * n13 * e * p2 * i2pi * root[1]
        _product(mix_delta, r, dy[0])
        for i in range(3):
            for j in range(3):
                dy[1, i, j] = i2pi * s[i, 1] * r[1, j]
                turned = i2pi * s[i, 2] * r[2, j]
                rolled = TWO_PI * (s[i, 1] * r[0, j] - s[i, 0] * r[1, j])
                dy[2, i, j] = 0.5 * (turned + rolled)
                dy[3, i, j] = 0.5 * (turned - rolled)
                dy[6, i, j] = (
                    mix[i, 0] * root_slope[0] * r[0, j]
                    + mix[i, 1] * root_slope[1] * r[1, j]
                    + mix[i, 2] * root_slope[2] * r[2, j]
                )
        _product(s, rotation, slope)  # s O, of which the columns turn with g
        for i in range(3):
            other[i, 0], other[i, 1], other[i, 2] = (
                TWO_PI * slope[i, 1],
                -TWO_PI * slope[i, 0],
                0.0,
            )
        _product(other, boost, dy[4])  # by g, for now
        so = slope.copy()
        move[0], move[1], move[2] = -axis[1], axis[0], 0.0
        _boost_slope(axis, move, 1j * sh, ch1, TWO_PI, slope)
        _product(so, slope, dy[5])  # by the azimuth, for now
        for i in range(3):
            for j in range(3):
                by_g, by_z = dy[4, i, j], dy[5, i, j]
                dy[4, i, j] = 0.5 * (by_g + by_z)
                dy[5, i, j] = 0.5 * (by_g - by_z)
        move[0], move[1], move[2] = -ct / st * cz, -ct / st * sz, 1.0
        _boost_slope(axis, move, 1j * sh, ch1, 1.0, slope)
        _product(so, slope, dy[8])
        _boost(axis[0], axis[1], axis[2], 1j * cosh(eta) * eta_slope, sh * eta_slope, slope)
        _product(so, slope, dy[9])
        t = -cb / sb
        slope[0, 0], slope[0, 1], slope[0, 2] = ca * cg, -ca * sg, ca * t
        slope[1, 0], slope[1, 1], slope[1, 2] = sa * cg, -sa * sg, sa * t
        slope[2, 0], slope[2, 1], slope[2, 2] = -t * cg, t * sg, 1.0
        _product(slope, boost, other)
        _product(s, other, dy[7])
        for c in range(10):
            for i in range(3):
                for j in range(3):
                    slopes[n, c, 3 * i + j] = 2.0 * (
                        y[i, j].real * dy[c, i, j].real + y[i, j].imag * dy[c, i, j].imag
                    )
