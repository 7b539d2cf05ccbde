r"""ln Z and mode weights of the S4' model by a method of its own, beside `method: modes`.

    python benchmarks/modular_s4_check.py --ordering no [--run DIR] [--folder KEPT]

DIR is a run of `pontecorvo run` (study: modular-s4-no, scale: ratio) to be compared with.

Nothing of the package's sampler, search or forward map is used: the mass matrices are coded once
more from the formulas of arXiv:2006.03058, and the posterior is taken apart. Charged-lepton masses
know tau, a2, a3; the ratio of splittings knows tau, g2, g3; only the angles know all. So

    Z = int dtau dg2 dg3 L_r(tau, g) int da2 da3 L_e(tau, a) L_mix(U_L(tau, a)^+ U_nu(tau, g)).

1. Roots: at a few hundred tau all (a2, a3) that give the charged masses, from hundreds of starts.
   There are sixteen almost everywhere, which move little with tau: elsewhere the roots of the
   nearest of these tau are the starts.
2. Search: at thousands of tau, evenly over the domain, all roots, and sixteen thousand random
   (g2, g3), of which those near the ratio are paired with all of the first. Pairs whose angles are
   near the data, by errors thrice as large, are kept: no gradient of the whole chi2 and no start
   leads to them.
3. Importance sampling in (tau, g2, g3) from Student t kernels around what was kept, renewed in a
   few rounds; the inner integral by draws around all its solutions, without bias.

Half of the domain, Re tau > 0, stands for both: Re tau -> -Re tau is CP.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from numba import njit
from scipy.spatial import cKDTree
from scipy.stats import qmc

from pontecorvo.base.files import cached_arrays, write_json
from pontecorvo.base.seeds import stream
from pontecorvo.problems.flavour.lepton_data import lepton_measurement
from pontecorvo.problems.flavour.mass_matrix_model import FITTED
from pontecorvo.samplers.student_mixture import StudentMixture
from pontecorvo.study.posterior_file import read_groups

HIGHEST, SIZE = 3.5, 10.0  # Im tau below, couplings in +- this
AREA = HIGHEST - (np.pi / 6 + np.sqrt(3) / 4)
STARTS, ROOTS, INNER = 800, 32, 12
ANCHORS, NEAREST = 600, 4  # tau of which all roots are known, and how many of them start a search
FAR = 4.0  # pulls of the ratio and ...
TEMPERATURE = 9.0


@njit(cache=True)
def bases(tau, em, nm):
    """Matrices (3, 3, 3) whose sums with (1, a2, a3) and (1, g2, g3) are M_e and M_nu."""
    q = np.exp(0.5j * np.pi * tau)
    e, t = 2 * q * (1 + q**8 + q**24), 1 + 2 * (q**4 + q**16)  # eq. (3.3)
    s2, s3, s6 = np.sqrt(2.0), np.sqrt(3.0), np.sqrt(6.0)
    a = s3 * (e * t**5 - e**5 * t)
    h1 = e**5 * t + e * t**5
    h2 = (5 * e**2 * t**4 - e**6) / (2 * s2)
    h3 = (t**6 - 5 * e**4 * t**2) / (2 * s2)
    p1 = -2 * s2 * e**3 * t**3
    p2 = (t**6 + 3 * e**4 * t**2) / 2
    p3 = (-3 * e**2 * t**4 - e**6) / 2
    b = (t**8 + 14 * e**4 * t**4 + e**8) / (2 * s3)
    c1 = (t**8 - 10 * e**4 * t**4 + e**8) / 4
    c2 = s3 * (e**2 * t**6 + e**6 * t**2)
    d1 = 1.5 * (e**2 * t**6 - e**6 * t**2)
    d2 = 3 / (2 * s2) * (e**3 * t**5 - e**7 * t)
    d3 = 3 / (2 * s2) * (-e * t**7 + e**5 * t**3)
    em[:], nm[:] = 0, 0
    em[0, 0, 0] = em[0, 1, 2] = em[0, 2, 1] = a / s3
    em[1, 0, 1] = em[1, 1, 0] = -p2 / s6
    em[1, 0, 2] = em[1, 2, 0] = p3 / s6
    em[1, 1, 1], em[1, 2, 2] = -p1 / s6, p1 / s6
    em[2, 0, 1], em[2, 0, 2] = h3 / s6, -h2 / s6
    em[2, 1, 0], em[2, 1, 2] = -h3 / s6, h1 / s6
    em[2, 2, 0], em[2, 2, 1] = h2 / s6, -h1 / s6
    nm[0, 0, 0] = nm[0, 1, 2] = nm[0, 2, 1] = b / s3
    x = -1 / (2 * s3)
    nm[1, 0, 0], nm[1, 1, 1], nm[1, 2, 2] = 2 * c1 * x, s3 * c2 * x, s3 * c2 * x
    nm[1, 1, 2] = nm[1, 2, 1] = -c1 * x
    nm[2, 0, 1] = nm[2, 1, 0] = -d2 / s6
    nm[2, 0, 2] = nm[2, 2, 0] = d3 / s6
    nm[2, 1, 1], nm[2, 2, 2] = -d1 / s6, d1 / s6


@njit(cache=True)
def combine(base, x, y, m):
    """base[0] + x base[1] + y base[2]."""
    for i in range(3):
        for j in range(3):
            m[i, j] = base[0, i, j] + x * base[1, i, j] + y * base[2, i, j]


@njit(cache=True)
def squares(m):
    """Squared singular values, ascending, by Cardano; the smallest from the determinant."""
    scale = 0.0
    for i in range(3):
        for j in range(3):
            scale += m[i, j].real ** 2 + m[i, j].imag ** 2
    h = np.empty((3, 3), np.complex128)
    for i in range(3):
        for j in range(3):
            z = 0.0j
            for k in range(3):
                z += m[k, i].conjugate() * m[k, j]
            h[i, j] = z / scale
    mean = 1.0 / 3.0
    p = 0.0
    for i in range(3):
        p += (h[i, i].real - mean) ** 2
    off = abs(h[0, 1]) ** 2 + abs(h[0, 2]) ** 2 + abs(h[1, 2]) ** 2
    p = np.sqrt((p + 2 * off) / 6.0)
    det = m[0, 0] * (m[1, 1] * m[2, 2] - m[1, 2] * m[2, 1])
    det -= m[0, 1] * (m[1, 0] * m[2, 2] - m[1, 2] * m[2, 0])
    det += m[0, 2] * (m[1, 0] * m[2, 1] - m[1, 1] * m[2, 0])
    d = abs(det) ** 2 / scale**3
    k00, k11, k22 = h[0, 0].real - mean, h[1, 1].real - mean, h[2, 2].real - mean
    r = k00 * k11 * k22 + 2 * (h[0, 1] * h[1, 2] * h[2, 0]).real
    r -= k00 * abs(h[1, 2]) ** 2 + k11 * abs(h[0, 2]) ** 2 + k22 * abs(h[0, 1]) ** 2
    r = min(1.0, max(-1.0, r / (2 * p**3))) if p > 0 else 1.0
    phi = np.arccos(r) / 3.0
    high = mean + 2 * p * np.cos(phi)
    low = mean + 2 * p * np.cos(phi + 2 * np.pi / 3)
    middle = 1.0 - high - low
    # D = low middle high, low + middle = 1 - high: no cancellation where low is tiny
    if low < 0.1 * middle:
        rest = 1.0 - high
        middle = 0.5 * (rest + np.sqrt(max(rest * rest - 4 * d / high, 0.0)))
        low = d / (high * middle)
    return low * scale, middle * scale, high * scale


@njit(cache=True)
def charged_pulls(em, a2, a3, data, m):
    """Pulls of m_e/m_mu and m_mu/m_tau, and their logs over the central values in errors."""
    combine(em, a2, a3, m)
    low, middle, high = squares(m)
    one, two = np.sqrt(low / middle), np.sqrt(middle / high)
    return (
        (one - data[0, 0]) / data[0, 1],
        (two - data[1, 0]) / data[1, 1],
        np.log(max(one, 1e-300) / data[0, 0]) * data[0, 0] / data[0, 1],
        np.log(max(two, 1e-300) / data[1, 0]) * data[1, 0] / data[1, 1],
    )


@njit(cache=True)
def ratio_of(nm, g2, g3, inverted, m):
    """dm2_21/abs(dm2_3l)."""
    combine(nm, g2, g3, m)
    low, middle, high = squares(m)
    if inverted:
        return (high - middle) / (high - low)
    return (middle - low) / (high - low)


@njit(cache=True)
def settle(em, data, x, y, found, shapes, count, m):
    """Descend from (x, y); a new minimum is added to the known ones; how many there are then."""
    damping = 1e-2
    _, _, r1, r2 = charged_pulls(em, x, y, data, m)
    chi2 = r1 * r1 + r2 * r2
    ok = False
    for _ in range(60):
        h = 1e-7
        _, _, p1, p2 = charged_pulls(em, x + h, y, data, m)
        _, _, q1, q2 = charged_pulls(em, x, y + h, data, m)
        j11, j21, j12, j22 = (p1 - r1) / h, (p2 - r2) / h, (q1 - r1) / h, (q2 - r2) / h
        a = (j11 * j11 + j21 * j21) * (1 + damping) + 1e-9
        c = (j12 * j12 + j22 * j22) * (1 + damping) + 1e-9
        b = j11 * j12 + j21 * j22
        u, v = j11 * r1 + j21 * r2, j12 * r1 + j22 * r2
        det = a * c - b * b
        if not det > 0:
            break
        dx, dy = -(c * u - b * v) / det, -(a * v - b * u) / det
        size = max(abs(dx), abs(dy))
        if size > 1.0:
            dx, dy = dx / size, dy / size
        nx, ny = x + dx, y + dy
        _, _, n1, n2 = charged_pulls(em, nx, ny, data, m)
        new = n1 * n1 + n2 * n2
        if new < chi2:
            x, y, r1, r2 = nx, ny, n1, n2
            ok = chi2 - new < 1e-6 * (1 + chi2)
            chi2 = new
            damping = max(damping * 0.2, 1e-12)
            if ok:
                break
        else:
            damping *= 5.0
            if damping > 1e8:
                break
    if chi2 > 25.0 or abs(x) > 1.3 * SIZE or abs(y) > 1.3 * SIZE:
        return count
    _, _, r1, r2 = charged_pulls(em, x, y, data, m)
    h = 1e-7
    _, _, p1, p2 = charged_pulls(em, x + h, y, data, m)
    _, _, q1, q2 = charged_pulls(em, x, y + h, data, m)
    j11, j21, j12, j22 = (p1 - r1) / h, (p2 - r2) / h, (q1 - r1) / h, (q2 - r2) / h
    a = j11 * j11 + j21 * j21 + 0.05
    c = j12 * j12 + j22 * j22 + 0.05
    b = j11 * j12 + j21 * j22
    known = False
    for k in range(count):
        dx, dy = x - found[k, 0], y - found[k, 1]
        if a * dx * dx + 2 * b * dx * dy + c * dy * dy < 0.01:
            known = True
    if known or count == found.shape[0]:
        return count
    det = a * c - b * b
    found[count, 0], found[count, 1] = x, y
    # covariance (c, -b; -b, a)/det
    l11 = np.sqrt(c / det)
    l21 = -b / det / l11
    shapes[count, 0, 0], shapes[count, 1, 0] = l11, l21
    shapes[count, 1, 1] = np.sqrt(max(a / det - l21 * l21, 1e-300))
    count += 1
    return count


@njit(cache=True)
def charged_solutions(em, data, starts, found, shapes, m):
    """Minima (J, 2) of the charged leptons' chi2 and Cholesky roots (J, 2, 2); returns J.

    Solutions come in pairs on both sides of a vanishing m_e, too near to each other for any start
    to be sure of both. m_e falls linearly, and its log at a rate that says how far away zero is:
    each solution's partner is looked for at twice that distance.
    """
    count = 0
    for s in range(starts.shape[0]):
        count = settle(em, data, starts[s, 0], starts[s, 1], found, shapes, count, m)
    k = 0
    while k < count:
        # the narrow axis of L L^T; one standard error is sigma/central of m_e/m_mu in its log
        p, q, r = shapes[k, 0, 0], shapes[k, 1, 0], shapes[k, 1, 1]
        a, b, c = p * p, p * q, q * q + r * r
        low = 0.5 * (a + c) - np.sqrt(0.25 * (a - c) ** 2 + b * b)
        u, v = b, low - a
        if abs(low - c) > abs(u):
            u, v = low - c, b
        size = np.sqrt(u * u + v * v)
        step = 2 * np.sqrt(max(low, 0.0)) * data[0, 0] / data[0, 1] / max(size, 1e-300)
        for sign in (-1.0, 1.0):
            x, y = found[k, 0] + sign * step * u, found[k, 1] + sign * step * v
            count = settle(em, data, x, y, found, shapes, count, m)
        k += 1
    return count


@njit(cache=True)
def left(m):
    """Eigenvectors of M^+ M, ascending."""
    h = m.conj().T @ m
    return np.linalg.eigh(h)[1]


@njit(cache=True)
def entry(ul, i, un, j):
    """abs(U_ij)^2."""
    z = 0.0j
    for f in range(3):
        z += ul[f, i].conjugate() * un[f, j]
    return z.real**2 + z.imag**2


@njit(cache=True)
def angle_chi2(ul, un, inverted, data):
    """chi2 of the three angles."""
    one, two, three = (1, 2, 0) if inverted else (0, 1, 2)  # columns, by size of the mass
    e1 = entry(ul, 0, un, one)
    e2 = entry(ul, 0, un, two)
    e3 = entry(ul, 0, un, three)
    mu3 = entry(ul, 1, un, three)
    tau3 = entry(ul, 2, un, three)
    p = (e2 / (e1 + e2) - data[2, 0]) / data[2, 1]
    q = (e3 - data[3, 0]) / data[3, 1]
    s = (mu3 / (mu3 + tau3) - data[4, 0]) / data[4, 1]
    return p * p + q * q + s * s


@njit(cache=True)
def known_roots(taus, starts, data, roots, counts):
    """All charged solutions at `taus` (A, 2) into `roots` (A, ROOTS, 2) and `counts` (A,)."""
    shapes, m = np.empty((ROOTS, 2, 2)), np.empty((3, 3), np.complex128)
    em, nm = np.empty((2, 3, 3, 3), np.complex128)
    for n in range(len(taus)):
        bases(complex(taus[n, 0], taus[n, 1]), em, nm)
        counts[n] = charged_solutions(em, data, starts, roots[n], shapes, m)


@njit(cache=True)
def starts_of(near, roots, counts, starts):
    """Roots of the anchors `near` (NEAREST,) one after the other into `starts`; how many."""
    count = 0
    for a in near:
        for k in range(counts[a]):
            starts[count] = roots[a, k]
            count += 1
    return count


@njit(cache=True)
def search(taus, near, roots, counts, couplings, data, inverted, out, seen):
    """Tempered hits into `out` (K, 5): Re tau, Im tau, g2, g3, chi2; how many.

    `seen` (N,) gets the number of charged solutions at each tau.
    """
    starts = np.empty((NEAREST * ROOTS, 2))
    found, shapes = np.empty((ROOTS, 2)), np.empty((ROOTS, 2, 2))
    m = np.empty((3, 3), np.complex128)
    em, nm = np.empty((2, 3, 3, 3), np.complex128)
    lefts = np.empty((ROOTS, 3, 3), np.complex128)
    hits = 0
    for n in range(taus.shape[0]):
        bases(complex(taus[n, 0], taus[n, 1]), em, nm)
        some = starts_of(near[n], roots, counts, starts)
        count = charged_solutions(em, data, starts[:some], found, shapes, m)
        seen[n] = count
        if count == 0:
            continue
        for k in range(count):
            combine(em, found[k, 0], found[k, 1], m)
            lefts[k] = left(m)
        turn = taus[n, 2]
        for i in range(couplings.shape[0]):
            g2 = (couplings[i, 0] + turn) % 1.0 * 2 * SIZE - SIZE
            g3 = (couplings[i, 1] + 7.3 * turn) % 1.0 * 2 * SIZE - SIZE
            pull = (ratio_of(nm, g2, g3, inverted, m) - data[5, 0]) / data[5, 1]
            if not abs(pull) < FAR * 3:
                continue
            un = left_of_neutrinos(m)
            for k in range(count):
                chi2 = angle_chi2(lefts[k], un, inverted, data) + pull * pull
                if chi2 < 12 * TEMPERATURE and hits < out.shape[0]:
                    out[hits, 0], out[hits, 1] = taus[n, 0], taus[n, 1]
                    out[hits, 2], out[hits, 3], out[hits, 4] = g2, g3, chi2
                    hits += 1
    return hits


@njit(cache=True)
def left_of_neutrinos(m):
    """Eigenvectors of M_nu^+ M_nu."""
    return left(m)


@njit(cache=True)
def integrand(points, near, roots, counts, normals, data, inverted, temperature, log_g, chosen):
    """Log of L_r int da L_e L_mix at (tau, g) (N, 4), and one (a2, a3) of the inner draws each.

    `normals` (N, INNER, 5): two normals, one chi-square of 5, two uniforms.
    """
    starts, chance = np.empty((NEAREST * ROOTS, 2)), np.empty(ROOTS)
    found, shapes = np.empty((ROOTS, 2)), np.empty((ROOTS, 2, 2))
    m = np.empty((3, 3), np.complex128)
    em, nm = np.empty((2, 3, 3, 3), np.complex128)
    for n in range(points.shape[0]):
        log_g[n] = -np.inf
        x, y = points[n, 0], points[n, 1]
        inside = 0 <= x <= 0.5 and x * x + y * y >= 1 and y <= HIGHEST
        if not inside or abs(points[n, 2]) > SIZE or abs(points[n, 3]) > SIZE:
            continue
        bases(complex(x, y), em, nm)
        pull = (ratio_of(nm, points[n, 2], points[n, 3], inverted, m) - data[5, 0]) / data[5, 1]
        if abs(pull) > 8 * np.sqrt(temperature):
            continue
        un = left_of_neutrinos(m)
        some = starts_of(near[n], roots, counts, starts)
        count = charged_solutions(em, data, starts[:some], found, shapes, m)
        if count == 0:
            continue
        # solutions in the order of how well their angles fit, and a fifth for all alike
        top = -1.0
        for k in range(count):
            combine(em, found[k, 0], found[k, 1], m)
            fit = angle_chi2(left(m), un, inverted, data) / temperature
            chance[k] = fit
            top = fit if top < 0 else min(top, fit)
        total = 0.0
        for k in range(count):
            chance[k] = np.exp(-(chance[k] - top) / 8)
            total += chance[k]
        for k in range(count):
            chance[k] = 0.8 * chance[k] / total + 0.2 / count
        total = 0.0
        for i in range(INNER):
            k, left_over = 0, normals[n, i, 3]
            while k < count - 1 and left_over > chance[k]:
                left_over -= chance[k]
                k += 1
            stretch = 1.2 / np.sqrt(normals[n, i, 2] / 5.0)
            z1, z2 = normals[n, i, 0] * stretch, normals[n, i, 1] * stretch
            a2 = found[k, 0] + shapes[k, 0, 0] * z1
            a3 = found[k, 1] + shapes[k, 1, 0] * z1 + shapes[k, 1, 1] * z2
            if abs(a2) > SIZE or abs(a3) > SIZE:
                continue
            density = 0.0
            for j in range(count):
                w1 = (a2 - found[j, 0]) / shapes[j, 0, 0]
                w2 = (a3 - found[j, 1] - shapes[j, 1, 0] * w1) / shapes[j, 1, 1]
                r2 = (w1 * w1 + w2 * w2) / 1.44
                jacobian = 1.44 * shapes[j, 0, 0] * shapes[j, 1, 1]
                # Student t of 5 degrees in two dimensions
                density += chance[j] * (1 + r2 / 5) ** -3.5 / (2 * np.pi * jacobian)
            p1, p2, _, _ = charged_pulls(em, a2, a3, data, m)
            chi2 = p1 * p1 + p2 * p2
            if chi2 > 40:
                continue
            chi2 += angle_chi2(left(m), un, inverted, data) / temperature
            term = np.exp(-0.5 * chi2) / density / INNER
            total += term
            if term > 0 and normals[n, i, 4] * total < term:
                chosen[n, 0], chosen[n, 1] = a2, a3
        if total > 0:
            log_g[n] = np.log(total) - 0.5 * pull * pull / temperature


def draws_for(n, rng):
    """Random numbers of the inner integral."""
    out = np.empty((n, INNER, 5))
    out[:, :, :2] = rng.standard_normal((n, INNER, 2))
    out[:, :, 2] = rng.chisquare(5.0, (n, INNER))
    out[:, :, 3:] = rng.random((n, INNER, 2))
    return out


def kernels(points, weight, most, rng):
    """Student t kernels at a weighted choice of points (N, 4), each shaped by its neighbours."""
    weight = weight / weight.sum()
    index = np.unique(rng.choice(len(points), most, p=weight))
    whole = points.std(axis=0) + 1e-6
    means, roots = [], []
    for i in index:
        offset = (points - points[i]) / whole
        near = np.argsort(np.einsum("nd,nd->n", offset, offset))[:60]
        # shape by shape: neighbours by the neighbours' own covariance, once more
        for _ in range(2):
            w = np.minimum(weight[near], 5 * np.median(weight[near])) + 1e-300
            shift = points[near] - points[i]
            cov = np.einsum("n,na,nb->ab", w / w.sum(), shift, shift)
            cov += np.diag((1e-4 * whole) ** 2)
            away = np.linalg.solve(np.linalg.cholesky(cov), (points - points[i]).T)
            near = np.argsort(np.einsum("dn,dn->n", away, away))[:40]
        means.append(points[i])
        roots.append(np.linalg.cholesky(cov) * 0.7)
    heights = np.full(len(means), 1.0 / len(means))
    return StudentMixture(heights, np.array(means), np.array(roots))


def prepared(ordering, seed, taus, part):
    """Data, numbers of a part of the search, and taus whose charged solutions are all known."""
    measurement = lepton_measurement(ordering, FITTED["ratio"])
    data = np.array([[q.central, q.sigma] for q in measurement.quantities])
    rng = stream(seed, "S4 check", ordering, part)
    grid = qmc.Sobol(3, scramble=True, rng=rng).random(1 << int(np.ceil(np.log2(4 * taus))))
    grid[:, 0] *= 0.5
    grid[:, 1] = 0.75**0.5 + (HIGHEST - 0.75**0.5) * grid[:, 1]
    grid = grid[grid[:, 0] ** 2 + grid[:, 1] ** 2 >= 1][:taus]
    starts = (2 * qmc.Sobol(2, scramble=True, rng=rng).random(1024)[:STARTS] - 1) * SIZE
    anchors = grid[:: max(len(grid) // ANCHORS, 1), :2]
    known, counts = np.empty((len(anchors), ROOTS, 2)), np.empty(len(anchors), np.int64)
    known_roots(anchors, starts, data, known, counts)
    return data, rng, grid, cKDTree(anchors), known, counts


def searched(ordering, seed, taus, part, couplings=16_384):
    """Hits (K, 5) of one part of the search: Re tau, Im tau, g2, g3, chi2."""
    data, rng, grid, tree, known, counts = prepared(ordering, seed, taus, part)
    plane = qmc.Sobol(2, scramble=True, rng=rng).random(couplings)
    hits, seen = np.empty((2_000_000, 5)), np.empty(len(grid), np.int64)
    places = tree.query(grid[:, :2], NEAREST)[1]
    count = search(grid, places, known, counts, plane, data, ordering == "io", hits, seen)
    print(f"part {part}: {count} hits; taus by charged solutions {np.bincount(seen).tolist()}")
    return hits[:count]


def independent(ordering, seed, hits, taus, rounds=5, repeats=4, size=4_000, final=24_000):
    """ln Z, its error, weighted draws (theta, weight) and notes."""
    cpu = time.process_time()
    data, _, _, tree, known, counts = prepared(ordering, seed, taus, 0)
    inverted = ordering == "io"
    rng = stream(seed, "S4 check", ordering, "rounds")

    def near(tau):
        return tree.query(tau, NEAREST)[1]

    notes = {"hits": len(hits), "roots_of_anchors": np.bincount(counts).tolist()}
    points, weight = hits[:, :4], np.exp(-0.5 * hits[:, 4] / TEMPERATURE)
    notes["search_ess"] = float(weight.sum() ** 2 / np.sum(weight**2))
    print(notes, flush=True)
    floor = kernels(points, weight, 600, rng)
    mixture = floor
    temperatures = [*np.geomspace(TEMPERATURE, 1.0, rounds), *[1.0] * repeats]
    rounds, kept = len(temperatures), []
    for number in range(rounds + 1):
        last = number == rounds
        n = final if last else size
        temperature = 1.0 if last else temperatures[number]
        x = mixture.draw(n, rng)
        log_g, chosen = np.empty(n), np.empty((n, 2))
        random = draws_for(n, rng)
        integrand(
            x, near(x[:, :2]), known, counts, random, data, inverted, temperature, log_g, chosen
        )
        with np.errstate(divide="ignore"):
            log_w = log_g - mixture.log_density(x)
        w = np.exp(log_w - log_w.max())
        efficiency = w.sum() ** 2 / np.sum(w**2) / n
        print(f"round {number}: T {temperature:.1f}, ESS/N {efficiency:.3f}", flush=True)
        if not last:
            alive = w > 0
            kept = kept if temperature == 1.0 else []  # at T = 1 every round's kernels stay
            kept.append(kernels(x[alive], w[alive], 900, rng))
            joined = kept[0]
            for more in kept[1:]:
                joined = joined.join(more)
            count = len(joined)
            joined = joined.join(floor)
            shares = np.full(len(joined), 0.8 / count)
            shares[count:] = 0.2 / len(floor)
            mixture = joined.weighted(shares)
    # densities: prior of tau in half of the domain (twice), couplings, normalised likelihood
    constant = np.log(2 / AREA) - 4 * np.log(2 * SIZE)
    constant += -np.log(data[:, 1]).sum() - 3 * np.log(2 * np.pi)
    log_z = float(np.log(w.mean()) + log_w.max() + constant)
    error = float(w.std() / np.sqrt(n) / w.mean())
    theta = np.column_stack([x[:, :2], chosen, x[:, 2:]])[w > 0]
    notes |= {"cpu": time.process_time() - cpu, "efficiency": float(efficiency)}
    return log_z, error, theta, w[w > 0] / w.sum(), notes


def final_round(arguments, ordering, parts):
    """`independent`, kept in the folder once it is known."""
    name = f"s4-check-{ordering}-{arguments.seed}-{arguments.taus}-{len(parts)}-draws.npz"

    def compute():
        found = independent(ordering, arguments.seed, np.concatenate(parts), arguments.taus)
        log_z, error, theta, weight, notes = found
        numbers = np.array([log_z, error, notes["hits"], notes["efficiency"], notes["cpu"]])
        return {"theta": theta, "weight": weight, "numbers": numbers}

    kept = cached_arrays(arguments.folder / name if arguments.folder else None, compute)
    log_z, error, *rest = kept["numbers"].tolist()
    notes = dict(zip(("hits", "efficiency", "cpu"), rest, strict=True))
    return log_z, error, kept["theta"], kept["weight"], notes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ordering", choices=["no", "io"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--taus", type=int, default=8_000, help="of each part of the search")
    parser.add_argument("--parts", type=int, default=3)
    parser.add_argument("--only-part", type=int, help="search this one and end, to be kept")
    parser.add_argument("--folder", type=Path, help="where parts are kept and looked for")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--run", type=Path, help="folder of a run by `method: modes`")
    arguments = parser.parse_args()
    results = {}
    for ordering in [arguments.ordering] if arguments.ordering else ["io", "no"]:
        parts = []
        for part in range(arguments.parts):
            if arguments.only_part not in (None, part):
                continue
            name = f"s4-check-{ordering}-{arguments.seed}-{arguments.taus}-{part}.npz"
            kept = arguments.folder / name if arguments.folder else None
            asked = (ordering, arguments.seed, arguments.taus, part)
            parts.append(
                cached_arrays(kept, lambda asked=asked: {"hits": searched(*asked)})["hits"]
            )
        if arguments.only_part is not None:
            continue
        found = final_round(arguments, ordering, parts)
        log_z, error, theta, weight, notes = found
        print(f"{ordering.upper()}: ln Z = {log_z:.4f} +- {error:.4f}, {notes}", flush=True)
        results[ordering] = {"log_evidence": log_z, "error": error, **notes}
        if arguments.run:
            results[ordering] |= beside_run(arguments.run, theta, weight, log_z, error)
    if arguments.out:
        write_json(arguments.out, results)


def beside_run(run, theta, weight, log_z, error):
    """ln Z and draws of a run by `method: modes`, and the weights of both in the same cells.

    A cell holds what is nearest to the mean of one of the run's modes, by the mode's own standard
    deviations; modes that are each other's CP image are one.
    """
    groups = read_groups(run / "posterior.nc")
    names = list(groups["posterior"].data_vars)
    theirs = np.column_stack([groups["posterior"][name].values.ravel() for name in names])
    summary = json.loads((run / "summary.json").read_text())
    centres, widths = [], []
    for row in summary["method_notes"]["modes"]:
        mean, sd = (np.array([row[key][name] for name in names]) for key in ("mean", "sd"))
        mean[0] = abs(mean[0])
        new = all(np.any(np.abs(mean - c) > 0.5 * s) for c, s in zip(centres, widths, strict=True))
        if row["share"] > 1e-3 and new:
            centres.append(mean)
            widths.append(sd + 1e-4)
    centres, widths = np.array(centres), np.array(widths)

    def shares(x, w):
        x = x.copy()
        x[:, 0] = np.abs(x[:, 0])
        away = np.sum(((x[:, None] - centres) / widths) ** 2, axis=2) + 2 * np.log(widths).sum(1)
        cell = away.argmin(axis=1)
        share = np.bincount(cell, w, len(centres))
        inside = cell[:, None] == np.arange(len(centres))
        return share, np.sqrt(np.sum((w[:, None] * (inside - share)) ** 2, axis=0))

    mine, mine_error = shares(theta, weight)
    run_share, run_error = shares(theirs, np.full(len(theirs), 1 / len(theirs)))
    theirs_z, theirs_error = summary["log_evidence"], summary["log_evidence_error"]
    gap, both = log_z - theirs_z, float(np.hypot(error, theirs_error))
    print(
        f"  modes: ln Z = {theirs_z:.4f} +- {theirs_error:.4f}; difference {gap:+.4f} +- {both:.4f}"
    )
    print("   share by modes   independent      mean of the mode")
    pulls, rows = [], []
    for i in np.argsort(-run_share):
        if run_share[i] < 0.005:
            continue
        pulls.append((run_share[i] - mine[i]) / np.hypot(run_error[i], mine_error[i]))
        point = " ".join(f"{value:.4g}" for value in centres[i])
        print(f"  {run_share[i]:.4f}({run_error[i]:.4f})", end="  ")
        print(f"{mine[i]:.4f}({mine_error[i]:.4f})  {point}")
        rows.append([run_share[i], run_error[i], mine[i], mine_error[i], centres[i].tolist()])
    rms = float(np.sqrt(np.mean(np.square(pulls))))
    print(f"  {len(rows)} cells above 0.5 %, root mean square of differences {rms:.2f} errors\n")
    known = {"names": names, "modes": [theirs_z, theirs_error], "weights": rows, "rms_pull": rms}
    return known


if __name__ == "__main__":
    main()
