"""Compiled loops of `plane_chart`: a density from a map, its quantiles, both directions of a chart.

A table here is the bilinear density on a lattice of its own for every data set. Its marginal along
y is linear between nodes and so is its density along x at any y, so that both quantile functions
are roots of quadratics: the Rosenblatt map (Rosenblatt, Ann. Math. Stat. 23 (1952) 470), exact in
both directions.
"""

import math

import numpy as np

from ....base.compiled import njit
from .plane_chart_lattice import layout


@njit(cache=True, nogil=True)
def densities(table, x, y, tempered, floor, height):  # type: ignore[no-untyped-def]
    """Turn log-likelihoods (A, B) into a density, in place; returns their top and log mean.

    (1 - tempered - floor) exp(l / T) + tempered exp(l / 2 T) + floor, each normalised over the
    plane, so that nothing that the map underrates is out of reach. Where the data speak loudest, a
    map's error grows with its height: T = 1 + top / height.
    """
    top = table.max()
    cold = 0.5 / (1.0 + max(top, 0.0) / height)
    area = (x[-1] - x[0]) * (y[-1] - y[0])
    once, half = 0.0, 0.0
    for a in range(len(x)):
        dx = 0.5 * (x[min(a + 1, len(x) - 1)] - x[max(a - 1, 0)])
        for b in range(len(y)):
            dy = 0.5 * (y[min(b + 1, len(y) - 1)] - y[max(b - 1, 0)])
            root = math.exp(cold * (table[a, b] - top))
            table[a, b] = root
            half += root * dx * dy
            once += root * root * dx * dy
    first, second = (1.0 - tempered - floor) / once, tempered / half
    for a in range(len(x)):
        for b in range(len(y)):
            root = table[a, b]
            table[a, b] = first * root * root + second * root + floor / area
    return top, top + math.log(once / area)


@njit(cache=True, nogil=True)
def marginal(table, x, y, line, below):  # type: ignore[no-untyped-def]
    """Marginal density (B,) along y at the nodes, and its integral (B,) up to each."""
    for b in range(len(y)):
        total = 0.0
        for a in range(len(x) - 1):
            total += 0.5 * (table[a, b] + table[a + 1, b]) * (x[a + 1] - x[a])
        line[b] = total
    below[0] = 0.0
    for b in range(len(y) - 1):
        below[b + 1] = below[b] + 0.5 * (line[b] + line[b + 1]) * (y[b + 1] - y[b])


@njit(cache=True, nogil=True)
def fraction(left, right, width, mass):  # type: ignore[no-untyped-def]
    """Where in a cell, 0 to 1, the integral of a linear density reaches `mass`."""
    slope = right - left
    c = mass / width
    root = math.sqrt(max(left * left + 2.0 * slope * c, 0.0))
    return min(max(2.0 * c / max(left + root, 1e-300), 0.0), 1.0)


@njit(cache=True, nogil=True)
def row_at(table, j, v, row):  # type: ignore[no-untyped-def]
    """Density (A,) along x at a fraction v of cell j."""
    for a in range(table.shape[0]):
        row[a] = (1.0 - v) * table[a, j] + v * table[a, j + 1]


@njit(cache=True, nogil=True)
def to_unit(table, x, y, line, below, point, row, out):  # type: ignore[no-untyped-def]
    """Uniform numbers of a point: out = (conditional quantile of x, quantile of y); log-density."""
    j = min(max(np.searchsorted(y, point[1], side="right") - 1, 0), len(y) - 2)
    v = (point[1] - y[j]) / (y[j + 1] - y[j])
    part = (line[j] * v + 0.5 * (line[j + 1] - line[j]) * v * v) * (y[j + 1] - y[j])
    out[1] = (below[j] + part) / below[-1]
    row_at(table, j, v, row)
    i = min(max(np.searchsorted(x, point[0], side="right") - 1, 0), len(x) - 2)
    u = (point[0] - x[i]) / (x[i + 1] - x[i])
    total, own = 0.0, 0.0
    for a in range(len(x) - 1):
        if a == i:
            own = total + (row[a] * u + 0.5 * (row[a + 1] - row[a]) * u * u) * (x[a + 1] - x[a])
        total += 0.5 * (row[a] + row[a + 1]) * (x[a + 1] - x[a])
    out[0] = own / total
    return math.log((row[i] * (1.0 - u) + row[i + 1] * u) / below[-1])


@njit(cache=True, nogil=True)
def from_unit(table, x, y, line, below, unit, row, out):  # type: ignore[no-untyped-def]
    """The inverse of `to_unit`: out = point; log-density."""
    mass = unit[1] * below[-1]
    j = min(max(np.searchsorted(below, mass, side="right") - 1, 0), len(y) - 2)
    v = fraction(line[j], line[j + 1], y[j + 1] - y[j], mass - below[j])
    out[1] = y[j] + v * (y[j + 1] - y[j])
    row_at(table, j, v, row)
    total = 0.0
    for a in range(len(x) - 1):
        total += 0.5 * (row[a] + row[a + 1]) * (x[a + 1] - x[a])
    mass, i = unit[0] * total, 0
    while i < len(x) - 2:
        cell = 0.5 * (row[i] + row[i + 1]) * (x[i + 1] - x[i])
        if mass <= cell:
            break
        mass -= cell
        i += 1
    u = fraction(row[i], row[i + 1], x[i + 1] - x[i], mass)
    out[0] = x[i] + u * (x[i + 1] - x[i])
    return math.log((row[i] * (1.0 - u) + row[i + 1] * u) / below[-1])


@njit(cache=True, nogil=True)
def moments(table, x, y, out):  # type: ignore[no-untyped-def]
    """Mean and log spread of x and of y, and their correlation, under a table: out (5,)."""
    total, sx, sy, sxx, syy, sxy = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    x0, y0 = 0.5 * (x[0] + x[-1]), 0.5 * (y[0] + y[-1])
    for a in range(len(x)):
        dx = 0.5 * (x[min(a + 1, len(x) - 1)] - x[max(a - 1, 0)])
        for b in range(len(y)):
            dy = 0.5 * (y[min(b + 1, len(y) - 1)] - y[max(b - 1, 0)])
            mass = table[a, b] * dx * dy
            p, q = x[a] - x0, y[b] - y0
            total += mass
            sx += mass * p
            sy += mass * q
            sxx += mass * p * p
            syy += mass * q * q
            sxy += mass * p * q
    sx, sy = sx / total, sy / total
    vx, vy = max(sxx / total - sx * sx, 1e-12), max(syy / total - sy * sy, 1e-12)
    out[0], out[1] = sx + x0, sy + y0
    out[2], out[3] = 0.5 * math.log(vx), 0.5 * math.log(vy)
    out[4] = (sxy / total - sx * sy) / math.sqrt(vx * vy)


@njit(cache=True, nogil=True)
def transform(  # type: ignore[no-untyped-def]
    maps, w_nodes, y_nodes, x_scan, inner, outer, tempered, floor, height, given, inverse, out,
    log_density, numbers,
):  # fmt: skip
    """Points (T, N, 2) through the chart of each of T maps (T, K, M), in either direction.

    Fills `out` (T, N, 2), `log_density` (T, N) of the points under the chart's own density, and
    `numbers` (T, 7): `moments`, top of the map, log mean over the plane of what it was made of.
    """
    count_x, count_y = inner[0] + 2 * outer, inner[1] + 2 * outer
    line, below, row = np.empty(count_y), np.empty(count_y), np.empty(count_x)
    for t in range(len(maps)):
        x, y, table = layout(maps[t], w_nodes, y_nodes, x_scan, inner, outer)
        numbers[t, 5], numbers[t, 6] = densities(table, x, y, tempered, floor, height)
        own_line, own_below = line[: len(y)], below[: len(y)]
        moments(table, x, y, numbers[t])
        marginal(table, x, y, own_line, own_below)
        for n in range(given.shape[1]):
            point, result = given[t, n], out[t, n]
            if inverse:
                log_density[t, n] = from_unit(table, x, y, own_line, own_below, point, row, result)
            else:
                log_density[t, n] = to_unit(table, x, y, own_line, own_below, point, row, result)
