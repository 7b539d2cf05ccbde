"""Coordinates in which a posterior on the plane is nearly uniform: the data's own map as a chart.

What the closed-form map of a data set (`ratio_maps`) says about the plane need not be learned. Its
density - normalised, bilinear on a lattice laid where the mass is, heavier-tailed, with a floor -
turns points of the plane into two uniform numbers and back. A network that works on these learns
only how the true posterior differs: boxes of energy scales, Poisson counts, interpolation. A peak
of any width becomes a matter of order one. The density of a draw is the network's times the
chart's, both in closed form.
"""

from dataclasses import dataclass

import numpy as np

from ....base.parallel import map_chunks
from ....frequentist.plane import Axis, Plane
from .plane_chart_kernel import transform
from .plane_chart_lattice import curved, layout, values_at

SCAN = np.round(np.concatenate([np.linspace(-4.0, -2.5, 4), np.linspace(-2.3, 0.0, 36)]), 6)
INNER = np.array([40, 640])
"""Nodes of the lattice along log10 s22 and log10 dm2 where the mass is,"""
OUTER = 6
"""and beyond it on either side, ever farther apart."""
TEMPERED, FLOOR, HEIGHT = 0.05, 0.002, 1500.0
"""Share of the heavier tail, share of the floor, and top of a map at which it counts for half."""
NUMBERS = ("mean_x", "mean_y", "log_sd_x", "log_sd_y", "correlation", "height", "log_mean")
CHUNK = 16


@dataclass(frozen=True)
class Charted:
    """Points through the charts of T data sets.

    Attributes:
        points: (T, N, 2), on the other side of the chart.
        log_density: Of the points of the plane under the chart's density (T, N), with respect to
            d log10 s22 d log10 dm2.
        numbers: `NUMBERS` of each data set (T, 7).
    """

    points: np.ndarray
    log_density: np.ndarray
    numbers: np.ndarray


class PlaneChart:
    """The charts of maps on a plane.

    Args:
        plane: The maps' points, six or more along each axis.
    """

    def __init__(self, plane: Plane) -> None:
        self._w = np.array([curved(float(value)) for value in plane.x.values])
        self._y = np.ascontiguousarray(plane.y.values, dtype=float)

    def to_unit(self, maps: np.ndarray, points: np.ndarray) -> Charted:
        """Points (T, N, 2) of the plane to the unit square, each under its own map (T, G)."""
        return self._through(maps, points, False)

    def from_unit(self, maps: np.ndarray, unit: np.ndarray) -> Charted:
        """Points (T, N, 2) of the unit square to the plane."""
        return self._through(maps, np.clip(unit, 0.0, 1.0), True)

    def numbers(self, maps: np.ndarray) -> np.ndarray:
        """`NUMBERS` (T, 7) of maps (T, G)."""
        return self._through(maps, np.empty((len(maps), 0, 2)), False).numbers

    def values(self, maps: np.ndarray, points: np.ndarray) -> np.ndarray:
        """The maps between their nodes: (T, N) at points (T, N, 2), or (N, 2) for all."""
        values, points = self._shaped(maps), np.asarray(points, dtype=float)
        if points.ndim == 2:
            points = np.broadcast_to(points, (len(values), *points.shape))
        return values_at(values, self._w, self._y, np.ascontiguousarray(points))

    def lattice(self, one: np.ndarray, inner: tuple[int, int], outer: int = OUTER) -> Plane:
        """A plane laid where one map (G,) has its mass: `inner` nodes there, a few outside."""
        values = self._shaped(one[None])[0]
        x, y, _ = layout(values, self._w, self._y, SCAN, np.array(inner), outer)
        return Plane(Axis("log10_s22", x), Axis("log10_dm2", y))

    def _shaped(self, maps: np.ndarray) -> np.ndarray:
        values = np.ascontiguousarray(maps, dtype=np.float32)
        return values.reshape(-1, len(self._w), len(self._y))

    def _through(self, maps: np.ndarray, given: np.ndarray, inverse: bool) -> Charted:
        values = self._shaped(maps)
        given = np.ascontiguousarray(given, dtype=float)
        out, log_density = np.empty_like(given), np.empty(given.shape[:2])
        numbers = np.empty((len(given), len(NUMBERS)))

        def part(start: int, stop: int) -> None:
            own = slice(start, stop)
            transform(
                values[own], self._w, self._y, SCAN, INNER, OUTER, TEMPERED, FLOOR, HEIGHT,
                given[own], inverse, out[own], log_density[own], numbers[own],
            )  # fmt: skip

        map_chunks(part, len(given), CHUNK)
        return Charted(out, log_density, numbers)
