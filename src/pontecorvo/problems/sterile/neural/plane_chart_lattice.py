"""Compiled loops of `plane_chart`: a map between its nodes; a lattice laid where its mass is."""

import math

import numpy as np

from ....base.compiled import njit

ORDER = 6
"""Nodes that an interpolating polynomial runs through, in each direction."""
DEPTH = 30.0
"""How far below its top a map is followed when the lattice is laid out."""


@njit(cache=True, nogil=True)
def weights_at(nodes, value, out):  # type: ignore[no-untyped-def]
    """First node and weights (ORDER,) of the polynomial through the nodes about a value."""
    first = np.searchsorted(nodes, value) - ORDER // 2
    first = min(max(first, 0), len(nodes) - ORDER)
    for a in range(ORDER):
        product = 1.0
        for b in range(ORDER):
            if b != a:
                product *= (value - nodes[first + b]) / (nodes[first + a] - nodes[first + b])
        out[a] = product
    return first


@njit(cache=True, nogil=True)
def curved(x):  # type: ignore[no-untyped-def]
    """1 - sqrt(1 - s22), in which predictions are polynomials, of log10 s22."""
    return 1.0 - math.sqrt(max(0.0, 1.0 - 10.0**x))


@njit(cache=True, nogil=True)
def interpolate(values, w_nodes, y_nodes, x, y, between, out):  # type: ignore[no-untyped-def]
    """A map (K, M) at the points of a lattice: out (A, B); `between` (A, M) is scratch."""
    own = np.empty(ORDER)
    low = max(np.searchsorted(y_nodes, y[0]) - ORDER, 0)
    high = min(np.searchsorted(y_nodes, y[-1]) + ORDER, len(y_nodes))
    for a in range(len(x)):
        first = weights_at(w_nodes, curved(x[a]), own)
        for m in range(low, high):
            total = 0.0
            for k in range(ORDER):
                total += own[k] * values[first + k, m]
            between[a, m] = total
    for b in range(len(y)):
        first = weights_at(y_nodes, y[b], own)
        for a in range(len(x)):
            total = 0.0
            for k in range(ORDER):
                total += own[k] * between[a, first + k]
            out[a, b] = total


@njit(cache=True, nogil=True)
def values_at(maps, w_nodes, y_nodes, points):  # type: ignore[no-untyped-def]
    """Maps (T, K, M) at points (T, N, 2): (T, N)."""
    out = np.empty(points.shape[:2])
    in_w, in_y = np.empty(ORDER), np.empty(ORDER)
    for t in range(points.shape[0]):
        for n in range(points.shape[1]):
            i = weights_at(w_nodes, curved(points[t, n, 0]), in_w)
            j = weights_at(y_nodes, points[t, n, 1], in_y)
            total = 0.0
            for a in range(ORDER):
                for b in range(ORDER):
                    total += in_w[a] * in_y[b] * maps[t, i + a, j + b]
            out[t, n] = total
    return out


@njit(cache=True, nogil=True)
def ridge(values, x, top, centre, reach):  # type: ignore[no-untyped-def]
    """Top, its place, and half-width at DEPTH of each column of values (A, B), by parabolas."""
    for b in range(values.shape[1]):
        best = 0
        for a in range(values.shape[0]):
            if values[a, b] > values[best, b]:
                best = a
        top[b], centre[b], reach[b] = values[best, b], x[best], 0.0
        if 0 < best < values.shape[0] - 1:
            left, right = x[best] - x[best - 1], x[best + 1] - x[best]
            if max(left, right) > 3 * min(left, right):  # no parabola across so wide a gap
                continue
            down, up = values[best, b] - values[best - 1, b], values[best + 1, b] - values[best, b]
            curve = (down / left - up / right) / (left + right)
            slope = (down / left * right + up / right * left) / (left + right)
            if curve > 0.0:
                move = min(max(slope / (2 * curve), -left), right)
                top[b] = values[best, b] + slope * move - curve * move * move
                centre[b] = x[best] + move
                reach[b] = math.sqrt(DEPTH / curve)


@njit(cache=True, nogil=True)
def frame(values, x, y, box, top, centre, reach):  # type: ignore[no-untyped-def]
    """Shrink `box` (x low, x high, y low, y high) to where values (A, B) are not negligible."""
    count, size = len(x), len(y)
    ridge(values, x, top, centre, reach)
    highest = top[:size].max()
    x_low, x_high, first, last = np.inf, -np.inf, size, -1
    for b in range(size):
        if top[b] < highest - DEPTH:
            continue
        first, last = min(first, b), b
        for a in range(count):
            if values[a, b] > highest - DEPTH:
                x_low = min(x_low, x[max(a - 1, 0)])
                x_high = max(x_high, x[min(a + 1, count - 1)])
        if reach[b] > 0.0:
            x_low, x_high = min(x_low, centre[b] - reach[b]), max(x_high, centre[b] + reach[b])
    box[0], box[1] = max(x_low, box[0]), min(x_high, box[1])
    box[2], box[3] = y[max(first - 1, 0)], y[min(last + 1, size - 1)]


@njit(cache=True, nogil=True)
def lattice(low, high, first, last, inner, outer):  # type: ignore[no-untyped-def]
    """Nodes from `low` to `high`: `inner` of them equally spaced in [first, last]."""
    nodes = np.empty(inner + 2 * outer)
    count = 0
    step = (last - first) / (inner - 1)
    for k in range(outer):  # outside, ever closer
        place = low + (first - low) * (1.0 - 0.5 ** (2 * k)) if k else low
        if first - place > step:
            nodes[count] = place
            count += 1
    for k in range(inner):
        nodes[count] = first + k * step
        count += 1
    for k in range(outer - 1, -1, -1):
        place = high - (high - last) * (1.0 - 0.5 ** (2 * k)) if k else high
        if place - last > step:
            nodes[count] = place
            count += 1
    nodes[0], nodes[count - 1] = low, high
    return nodes[:count]


@njit(cache=True, nogil=True)
def layout(values, w_nodes, y_nodes, x_scan, inner, outer):  # type: ignore[no-untyped-def]
    """Lattice x (A,), y (B,) laid where a map (K, M) has its mass, and the map on it (A, B).

    `inner` nodes along each axis lie where the map is within DEPTH of its top, found on the scan's
    nodes and then, up to three times, on the last lattice; a few lie outside.
    """
    rows = max(len(x_scan), inner[0] + 2 * outer)
    columns = max(len(y_nodes), inner[1] + 2 * outer)
    between = np.empty((rows, len(y_nodes)))
    top, centre, reach = np.empty(columns), np.empty(columns), np.empty(columns)
    box = np.array([x_scan[0], x_scan[-1], y_nodes[0], y_nodes[-1]])
    x, y = x_scan, y_nodes
    table = np.empty((len(x), len(y)))
    interpolate(values, w_nodes, y_nodes, x, y, between, table)
    frame(table, x, y, box, top, centre, reach)
    for _ in range(3):
        x = lattice(x_scan[0], x_scan[-1], box[0], box[1], inner[0], outer)
        y = lattice(y_nodes[0], y_nodes[-1], box[2], box[3], inner[1], outer)
        table = np.empty((len(x), len(y)))
        interpolate(values, w_nodes, y_nodes, x, y, between, table)
        size = (box[1] - box[0]) * (box[3] - box[2])
        frame(table, x, y, box, top, centre, reach)
        if (box[1] - box[0]) * (box[3] - box[2]) > 0.6 * size:
            break
    return x, y, table
