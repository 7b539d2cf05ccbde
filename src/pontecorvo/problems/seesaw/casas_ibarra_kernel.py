"""The inner loops of the Casas-Ibarra chart: one point of the cube to one seesaw, and its volume.

Coordinates of the cube, 23 in all (the first five are turned into observables before):

====== ==========================================================================================
0-4    dm2_21, dm2_3l, sin^2 theta12, sin^2 theta13, sin^2 theta23, each through its own window
5-7    delta, alpha21, alpha31, over 2 pi
8-10   phases of the rows of U (e, mu, tau), over 2 pi
11     lightest mass = scale * u / (1 - u)
12-14  rotation O by Euler angles: a / 2 pi, (1 + cos b) / 2, g / 2 pi
15-17  boost: (1 + cos theta) / 2, azimuth / 2 pi, eta^3 = scale^3 * u / (1 - u)
18-19  phases of M_1 and M_2, over 2 pi
20-22  the heavy masses, by their exact conditional distribution
====== ==========================================================================================
"""

from math import cos, log, pi, sin, sinh, sqrt

import numpy as np

from ...base.compiled import njit

TWO_PI = 2 * pi


@njit(cache=True, nogil=True, inline="always")
def ordered_volume(lowest: float, c1: float, c2: float) -> float:
    """Volume of lowest < t1 < t2 < t3 < 1 with t1 < c1 and t2 < c2, for c1 <= c2 <= 1.

    It is F(c1) - F(lowest), with dF/dt1 the area left to (t2, t3).
    """
    p = c2 - 0.5 * c2 * c2
    return (c1 - lowest) * (
        p - 0.5 * (c1 + lowest) + (c1 * c1 + c1 * lowest + lowest * lowest) / 6.0
    )


@njit(cache=True, nogil=True)
def draw_ordered(
    u1: float, u2: float, u3: float, lowest: float, c1: float, c2: float
) -> tuple[float, float, float]:
    """Point of the region of `ordered_volume`, uniform when (u1, u2, u3) is uniform."""
    p = c2 - 0.5 * c2 * c2
    wanted = u1 * ordered_volume(lowest, c1, c2)
    low, high = lowest, c1
    t1 = low + u1 * (high - low)
    for _ in range(80):  # Newton's steps, kept inside a shrinking bracket
        error = ordered_volume(lowest, t1, c2) - wanted
        if error > 0:
            high = t1
        else:
            low = t1
        slope = p - t1 + 0.5 * t1 * t1
        step = t1 - error / slope if slope > 0 else low
        if not (low < step < high):
            step = 0.5 * (low + high)
        if abs(step - t1) <= 1e-16 * t1:
            t1 = step
            break
        t1 = step
    area = (c2 - t1) * (1.0 - 0.5 * (c2 + t1))
    rest = sqrt(max((1.0 - t1) ** 2 - 2.0 * u2 * area, 0.0))
    t2 = t1 + 2.0 * u2 * area / (1.0 - t1 + rest) if area > 0 else t1
    return t1, t2, t2 + u3 * (1.0 - t2)


@njit(cache=True, nogil=True)
def rotation_times_boost(u: np.ndarray, out: np.ndarray) -> float:
    """Write R = O exp(iA) (3, 3) for cube coordinates u; return sinh^2(eta), eta's scale being one.

    `u` is one row, already with eta itself in place 17.
    """
    ca, sa = cos(TWO_PI * u[12]), sin(TWO_PI * u[12])
    cg, sg = cos(TWO_PI * u[14]), sin(TWO_PI * u[14])
    cb = 2.0 * u[13] - 1.0
    sb = 2.0 * sqrt(u[13] * (1.0 - u[13]))
    o00, o01, o02 = ca * cb * cg - sa * sg, -ca * cb * sg - sa * cg, ca * sb
    o10, o11, o12 = sa * cb * cg + ca * sg, -sa * cb * sg + ca * cg, sa * sb
    o20, o21, o22 = -sb * cg, sb * sg, cb
    ct = 2.0 * u[15] - 1.0
    st = 2.0 * sqrt(u[15] * (1.0 - u[15]))
    nx, ny, nz = st * cos(TWO_PI * u[16]), st * sin(TWO_PI * u[16]), ct
    eta = u[17]
    sh = sinh(eta)
    half = sinh(0.5 * eta)
    ch1 = 2.0 * half * half  # cosh(eta) - 1 without cancellation
    # exp(iA) = 1 + i sinh(eta) N - (cosh(eta) - 1) N^2 with N_ij = eps_ijk n_k, N^2 = n n^T - 1
    for i in range(3):
        if i == 0:
            a, b, c = o00, o01, o02
        elif i == 1:
            a, b, c = o10, o11, o12
        else:
            a, b, c = o20, o21, o22
        along = a * nx + b * ny + c * nz
        # (row of O) N, a cross product with n
        x, y, z = c * ny - b * nz, a * nz - c * nx, b * nx - a * ny
        out[i, 0] = complex(a + ch1 * (a - along * nx), sh * x)
        out[i, 1] = complex(b + ch1 * (b - along * ny), sh * y)
        out[i, 2] = complex(c + ch1 * (c - along * nz), sh * z)
    return sh * sh


@njit(cache=True, nogil=True)
def fill_pmns(s12: float, s13: float, s23: float, u: np.ndarray, out: np.ndarray) -> None:
    """Write U (3, 3) with its six phases, from sin^2 of the angles and one row of the cube."""
    s_12, c_12 = sqrt(s12), sqrt(1.0 - s12)
    s_13, c_13 = sqrt(s13), sqrt(1.0 - s13)
    s_23, c_23 = sqrt(s23), sqrt(1.0 - s23)
    e = complex(cos(TWO_PI * u[5]), sin(TWO_PI * u[5]))
    p2 = complex(cos(pi * u[6]), sin(pi * u[6]))
    p3 = complex(cos(pi * u[7]), sin(pi * u[7]))
    out[0, 0] = c_12 * c_13
    out[0, 1] = s_12 * c_13 * p2
    out[0, 2] = s_13 * e.conjugate() * p3
    out[1, 0] = -s_12 * c_23 - c_12 * s_23 * s_13 * e
    out[1, 1] = (c_12 * c_23 - s_12 * s_23 * s_13 * e) * p2
    out[1, 2] = s_23 * c_13 * p3
    out[2, 0] = s_12 * s_23 - c_12 * c_23 * s_13 * e
    out[2, 1] = (-c_12 * s_23 - s_12 * c_23 * s_13 * e) * p2
    out[2, 2] = c_23 * c_13 * p3
    for row in range(3):
        phase = complex(cos(TWO_PI * u[8 + row]), sin(TWO_PI * u[8 + row]))
        for column in range(3):
            out[row, column] *= phase


@njit(cache=True, nogil=True)
def light_masses(lightest: float, d21: float, d3l: float, inverted: bool) -> tuple[float, float]:
    """Squares (eV^2) of the two heavier masses, in the order of their indices; NaN if impossible.

    They are (m1, m2) for inverted ordering, where m3 is the lightest, and (m2, m3) for normal.
    """
    light2 = lightest * lightest
    if inverted:
        first, second = light2 - d3l - d21, light2 - d3l
        return (first, second) if first > light2 else (np.nan, np.nan)
    first, second = light2 + d21, light2 + d3l
    return (first, second) if second > first else (np.nan, np.nan)


@njit(cache=True, nogil=True)
def boost_length(u17: float, scale: float) -> float:
    """The boost's length eta at its cube coordinate."""
    return scale * (u17 / (1.0 - u17)) ** (1.0 / 3.0)


@njit(cache=True, nogil=True)
def fill_entries(
    u: np.ndarray,
    mixing: tuple[float, float, float],
    lightest: float,
    first2: float,
    second2: float,
    inverted: bool,
    work: np.ndarray,
    y: np.ndarray,
) -> float:
    """Write conj(U) sqrt(m) R (3, 3), in eV^1/2: Y but for v, the heavy masses and their phases.

    Args:
        u: One row of the cube, with eta itself in place 17.
        mixing: The three sin^2.
        lightest: Lightest mass, eV.
        first2: With `second2`, what `light_masses` gives.
        second2: See `first2`.
        inverted: Ordering.
        work: Room for U and R, (2, 3, 3).
        y: Output.

    Returns:
        sinh^2(eta).
    """
    sinh2 = rotation_times_boost(u, work[1])
    fill_pmns(mixing[0], mixing[1], mixing[2], u, work[0])
    if inverted:
        r0, r1, r2 = sqrt(sqrt(first2)), sqrt(sqrt(second2)), sqrt(lightest)
    else:
        r0, r1, r2 = sqrt(lightest), sqrt(sqrt(first2)), sqrt(sqrt(second2))
    for a in range(3):
        v0 = work[0, a, 0].conjugate() * r0
        v1 = work[0, a, 1].conjugate() * r1
        v2 = work[0, a, 2].conjugate() * r2
        for i in range(3):
            y[a, i] = v0 * work[1, 0, i] + v1 * work[1, 1, i] + v2 * work[1, 2, i]
    return sinh2


@njit(cache=True, nogil=True)
def chart_block(
    u_in: np.ndarray,
    obs: np.ndarray,
    inverted: bool,
    low: float,
    high: float,
    y_max: float,
    vev_ev: float,
    mass_scale: float,
    boost_scale: float,
    theta: np.ndarray,
    logv: np.ndarray,
) -> None:
    """Fill theta (N, 23) and log abs(d theta / d u) (N,), constants and windows left out.

    Args:
        u_in: Points (N, 23) of the cube.
        obs: dm2_21, dm2_3l (eV^2) and the three sin^2 (N, 5) that the windows gave.
        inverted: Ordering.
        low: Smallest heavy mass, GeV.
        high: Largest heavy mass, GeV.
        y_max: Largest abs(Re Y) and abs(Im Y).
        vev_ev: v * sqrt(1e9), so that (vev Y)^2 / M is in eV for M in GeV.
        mass_scale: Scale of the lightest mass, eV.
        boost_scale: Scale of the boost.
        theta: Output, parameters; NaN where the point has no preimage inside the prior.
        logv: Output; -inf there.
    """
    work = np.empty((2, 3, 3), np.complex128)
    y = np.empty((3, 3), np.complex128)
    u = np.empty(23)
    cap = np.empty(3)
    for n in range(u_in.shape[0]):
        logv[n] = -np.inf
        theta[n, :] = np.nan
        u[:] = u_in[n]
        d21, d3l, s12, s13, s23 = obs[n, 0], obs[n, 1], obs[n, 2], obs[n, 3], obs[n, 4]
        if not (0.0 < s12 < 1.0 and 0.0 < s13 < 1.0 and 0.0 < s23 < 1.0 and d21 > 0.0):
            continue
        lightest = mass_scale * u[11] / (1.0 - u[11])
        light2 = lightest * lightest
        a2, b2 = light_masses(lightest, d21, d3l, inverted)
        eta = boost_length(u[17], boost_scale)
        if not (eta > 0.0 and eta < 300.0 and lightest > 0.0 and a2 > 0.0):
            continue
        heavier = sqrt(a2) * sqrt(b2)
        u[17] = eta
        sinh2 = fill_entries(u, (s12, s13, s23), lightest, a2, b2, inverted, work, y)
        for i in range(3):
            h1 = pi * u[18 + i] if i < 2 else 0.0
            turn = complex(cos(h1), sin(h1)) / vev_ev
            largest = 0.0
            for a in range(3):
                value = y[a, i] * turn
                y[a, i] = value
                largest = max(largest, abs(value.real), abs(value.imag))
            cap[i] = min(y_max * y_max / (largest * largest) * (1.0 - 1e-14), high)
        c2 = min(cap[1], cap[2])
        c1 = min(cap[0], c2)
        if not c1 > low:
            continue
        bottom, top1, top2 = (low / cap[2]) ** 3, (c1 / cap[2]) ** 3, (c2 / cap[2]) ** 3
        t1, t2, t3 = draw_ordered(u[20], u[21], u[22], bottom, top1, top2)
        volume = ordered_volume(bottom, top1, top2)
        logv[n] = (
            log(volume)
            + 9.0 * log(cap[2])
            # prod abs(m_i^2 - m_j^2) prod dm_i, the masses through the splittings
            + log(abs((a2 - light2) * (b2 - light2) * (b2 - a2)) / (4.0 * heavier))
            + log(mass_scale / (1.0 - u_in[n, 11]) ** 2)
            + log(1.0 - s13)
            # sinh^2(eta) d eta, eta^3 = scale^3 u / (1 - u)
            + log(sinh2 * boost_scale**3 / (3.0 * eta * eta * (1.0 - u_in[n, 17]) ** 2))
        )
        heavy0 = cap[2] * t1 ** (1.0 / 3.0)
        heavy1 = cap[2] * t2 ** (1.0 / 3.0)
        heavy2 = cap[2] * t3 ** (1.0 / 3.0)
        for i in range(3):
            heavy = heavy0 if i == 0 else (heavy1 if i == 1 else heavy2)
            for a in range(3):
                theta[n, 3 * a + i] = y[a, i].real * sqrt(heavy)
                theta[n, 9 + 3 * a + i] = y[a, i].imag * sqrt(heavy)
            theta[n, 18 + i] = log(heavy) / log(10.0)
        theta[n, 21] = TWO_PI * u[18]
        theta[n, 22] = TWO_PI * u[19]


@njit(cache=True, nogil=True)
def mass_coordinates(mass: np.ndarray, caps: np.ndarray, low: float) -> np.ndarray:
    """Inverse of `draw_ordered`: heavy masses (N, 3) and their caps, GeV, to coordinates (N, 3)."""
    u = np.empty(mass.shape)
    for n in range(mass.shape[0]):
        c2 = min(caps[n, 1], caps[n, 2])
        c1 = min(caps[n, 0], c2)
        bottom, top1, top2 = (low / caps[n, 2]) ** 3, (c1 / caps[n, 2]) ** 3, (c2 / caps[n, 2]) ** 3
        t1, t2, t3 = (
            (mass[n, 0] / caps[n, 2]) ** 3,
            (mass[n, 1] / caps[n, 2]) ** 3,
            (mass[n, 2] / caps[n, 2]) ** 3,
        )
        u[n, 0] = ordered_volume(bottom, t1, top2) / ordered_volume(bottom, top1, top2)
        area = (top2 - t1) * (1.0 - 0.5 * (top2 + t1))
        u[n, 1] = (t2 - t1) * (1.0 - 0.5 * (t2 + t1)) / area
        u[n, 2] = (t3 - t2) / (1.0 - t2)
    return u
