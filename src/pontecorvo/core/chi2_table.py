"""A published chi2 as a likelihood: tables of one or two quantities, read smoothly.

With D(x) the interpolated Delta chi2 above its minimum (of one quantity: the vertex of the parabola
through the lowest entries; of two: the lowest entry),

    log L(x) = -[D(x) + offset] / 2 - log integral exp(-D / 2) dx,

so that without an offset it is a density of x over the table, as `GaussianMeasurement` is one where
D is a parabola. `offset` is what the best fit of this hypothesis lacks behind that of another (for
mass orderings, Delta chi2(IO - NO)): it stays out of the normalisation and so enters the evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from ..base.errors import InputError, suggest
from ..base.files import fingerprint
from .interpolation import MonotoneBicubic, MonotoneCubic, with_vertices
from .measurement import Measured

Outside = Literal["zero", "parabola"]
ONE_SIGMA, THREE_SIGMA = 1.0, 9.0
"""Delta chi2 of the ends of the one- and three-sigma intervals of one quantity (S. S. Wilks)."""
_NODES = 12  # Gauss-Legendre nodes between two knots
_LARGEST = 1e15
_FINE = 8  # points between two knots at which a surface is profiled


@dataclass(frozen=True)
class TableAxis:
    """One axis of a table.

    Attributes:
        name: Of the observable.
        grid: Ascending knots (G,), in the observable's unit.
        period: 2 pi for angles, None for the rest.
    """

    name: str
    grid: np.ndarray
    period: float | None = None


class Chi2Table:
    """Delta chi2 on a grid of one or two observables, as a measurement.

    Args:
        axes: One or two axes.
        delta_chi2: Chi2 up to a constant, (G,) or (G, H).
        source: Where the numbers come from.
        offset: Delta chi2 of the best fit against that of another hypothesis.
        outside: Beyond the table the likelihood is ``"zero"``, or each axis goes on as a
            ``"parabola"`` with value and slope of sqrt(Delta chi2) at the edge (one axis only).

    Raises:
        InputError: If the table is no grid of finite numbers, or never rises above its minimum.
    """

    shape = "table"
    is_gaussian = False

    def __init__(
        self,
        axes: Sequence[TableAxis],
        delta_chi2: np.ndarray,
        source: str = "",
        offset: float = 0.0,
        outside: Outside = "zero",
    ) -> None:
        self.axes = tuple(axes)
        self.names = tuple(axis.name for axis in self.axes)
        self.source, self.offset, self.outside = source, float(offset), outside
        where = f"chi2 table of {' and '.join(self.names) or 'nothing'}"
        if len(self.axes) not in (1, 2) or len(set(self.names)) != len(self.axes):
            raise InputError(f"{where}: give one or two different quantities")
        if outside not in ("zero", "parabola"):
            raise InputError(
                f"{where}: outside {outside!r}; {suggest(outside, ['zero', 'parabola'])}"
            )
        if outside == "parabola" and len(self.axes) == 2:
            raise InputError(f"{where}: a parabola outside is for tables of one quantity")
        values = np.asarray(delta_chi2, dtype=float)
        shape = tuple(len(axis.grid) for axis in self.axes)
        if values.shape != shape:
            raise InputError(f"{where}: {values.shape} values on a grid of {shape}")
        if not np.isfinite(values).all() or not np.isfinite(self.offset):
            raise InputError(f"{where}: every chi2 must be a finite number")
        largest = max(np.abs(values).max(), *(np.abs(axis.grid).max() for axis in self.axes))
        if largest > _LARGEST:
            raise InputError(f"{where}: holds {largest:g}; no number may pass {_LARGEST:g}")
        if np.ptp(values) == 0:
            raise InputError(f"{where}: is the same everywhere, and so measures nothing")
        periods = [axis.period for axis in self.axes]
        self._curve: MonotoneCubic | None = None
        self._surface: MonotoneBicubic | None = None
        self.delta_chi2 = values - values.min()
        try:
            if len(self.axes) == 1:
                knots, heights = with_vertices(self.axes[0].grid, values, periods[0])
                self.delta_chi2 = values - heights.min()
                self._curve = MonotoneCubic(knots, heights - heights.min(), periods[0])
            else:
                grids = (self.axes[0].grid, self.axes[1].grid)
                self._surface = MonotoneBicubic(grids, self.delta_chi2, (periods[0], periods[1]))
        except ValueError as error:
            raise InputError(f"{where}: {error}") from None

    def chi2(self, observables: np.ndarray) -> np.ndarray:
        """Interpolated Delta chi2 (N,) at observables (N, K), offset left out; inf outside."""
        columns = np.asarray(observables, dtype=float).T
        if self._curve is not None:
            x = columns[0]
            value = np.maximum(self._curve(x), 0.0)
            beyond = self._beyond(x, 0)
            if self.outside == "parabola" and beyond.any():
                value[beyond] = self._continued(x[beyond])
                beyond[:] = False
        else:
            assert self._surface is not None
            value = np.maximum(self._surface(columns[0], columns[1]), 0.0)
            beyond = self._beyond(columns[0], 0) | self._beyond(columns[1], 1)
        value[beyond | np.isnan(columns).any(axis=0)] = np.inf
        return value

    def _beyond(self, x: np.ndarray, axis: int) -> np.ndarray:
        """Which values (N,) lie beyond the grid; a periodic grid with a gap ends there too."""
        table = self.axes[axis]
        if table.period is None:
            return (x < table.grid[0]) | (x > table.grid[-1])
        return np.zeros(np.shape(x), dtype=bool)

    def _continued(self, x: np.ndarray) -> np.ndarray:
        assert self._curve is not None
        slope = self._curve.polynomial.derivative()
        result = np.empty(len(x))
        for end, side, sign in (
            (self._curve.low, x < self._curve.low, -1),
            (self._curve.high, x > self._curve.high, 1),
        ):
            height = max(float(self._curve(np.array([end]))[0]), 1e-12)
            steep = max(sign * float(slope(end)) / (2 * np.sqrt(height)), 0.0)
            result[side] = (np.sqrt(height) + steep * np.abs(x[side] - end)) ** 2
        return result

    @cached_property
    def log_norm(self) -> float:
        """Log of the integral of exp(-Delta chi2 / 2) over the table, in the observables' units.

        Gauss-Legendre between the knots. It sums over the table only, also where it goes on as a
        parabola outside.
        """
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        points, factors = [], []
        for axis in self.axes:
            ends = axis.grid
            if axis.period is not None and not np.isclose(ends[-1] - ends[0], axis.period):
                ends = np.append(ends, ends[0] + axis.period)
            half = 0.5 * np.diff(ends)[:, None]
            points.append((0.5 * (ends[1:] + ends[:-1])[:, None] + half * nodes).ravel())
            factors.append((half * weights).ravel())
        if len(self.axes) == 1:
            return float(np.log(np.exp(-0.5 * self.chi2(points[0][:, None])) @ factors[0]))
        total = 0.0
        for x, factor in zip(points[0], factors[0], strict=True):
            row = np.stack([np.full(len(points[1]), x), points[1]], axis=1)
            total += factor * float(np.exp(-0.5 * self.chi2(row)) @ factors[1])
        return float(np.log(total))

    def log_likelihood(self, observables: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) of observables (N, K); -inf outside and for rows with NaN."""
        return -0.5 * (self.chi2(observables) + self.offset) - self.log_norm

    def within_three_sigma(self, observables: np.ndarray) -> np.ndarray:
        """Which rows (N,) have Delta chi2 <= 9 in each quantity's own profile."""
        observables = np.asarray(observables, dtype=float)
        inside = np.ones(len(observables), dtype=bool)
        for column, name in enumerate(self.names):
            profile = self.profile(name)
            inside &= profile.chi2(observables[:, column : column + 1]) <= THREE_SIGMA
        return inside

    def profile(self, name: str) -> "Chi2Table":
        """The table of one quantity, the other one at its best for each value."""
        if name not in self.names:
            raise InputError(
                f"chi2 table: {name!r} is not in it; {suggest(name, list(self.names))}"
            )
        return self if len(self.names) == 1 else self._profiles[name]

    @cached_property
    def _profiles(self) -> dict[str, "Chi2Table"]:
        result = {}
        for kept, axis in enumerate(self.axes):
            other = self.axes[1 - kept]
            fine = np.interp(
                np.linspace(0, len(other.grid) - 1, _FINE * (len(other.grid) - 1) + 1),
                np.arange(len(other.grid)),
                other.grid,
            )
            lowest = np.empty(len(axis.grid))
            for index, value in enumerate(axis.grid):
                pair = [np.full(len(fine), value), fine]
                lowest[index] = self.chi2(np.stack(pair if kept == 0 else pair[::-1], axis=1)).min()
            result[axis.name] = Chi2Table([axis], lowest, self.source)
        return result

    def intervals(self, name: str, level: float = ONE_SIGMA) -> list[tuple[float, float]]:
        """Where a quantity's profile lies below `level`: every interval, ascending.

        An angle's interval that crosses the end of the table has its upper end above it. Where the
        table itself ends below the level, the interval ends with the table.
        """
        table = self.profile(name)
        curve = table._curve
        assert curve is not None
        marks = curve.crossings(level)
        end = curve.low + curve.period if curve.period is not None else curve.high
        edges = np.concatenate([[curve.low], marks[(marks > curve.low) & (marks < end)], [end]])
        found: list[tuple[float, float]] = []
        for start, stop in pairwise(edges.tolist()):
            if curve(np.array([0.5 * (start + stop)]))[0] <= level:
                if found and found[-1][1] == start:
                    start = found.pop()[0]
                found.append((float(start), float(stop)))
        if curve.period is not None and len(found) > 1:  # one interval, cut by the table's end
            first, last = found[0], found[-1]
            if first[0] == curve.low and last[1] == end:
                found = [*found[1:-1], (last[0], first[1] + curve.period)]
        return found

    @cached_property
    def quantities(self) -> tuple[Measured, ...]:
        """What was measured, one sigma around the best value and the outermost three-sigma ends."""
        return tuple(self._measured(axis) for axis in self.axes)

    def _measured(self, axis: TableAxis) -> Measured:
        curve = self.profile(axis.name)._curve
        assert curve is not None
        best = curve.minimum()
        low1, high1 = self._around(best, axis, ONE_SIGMA)
        wide = self.intervals(axis.name, THREE_SIGMA)
        low, high = wide[0][0], wide[-1][1]
        if axis.period is not None:
            best = low + (best - low) % axis.period
            high = min(high, low + axis.period)
        tiny = 1e-9 * max(abs(best), axis.grid[1] - axis.grid[0])
        plus, minus = max(high1 - best, tiny), max(best - low1, tiny)
        if axis.period is not None:
            plus, minus = (max((d) % axis.period, tiny) for d in (high1 - best, best - low1))
        return Measured(axis.name, best, plus, minus, min(low, best), max(high, best), axis.period)

    def _around(self, best: float, axis: TableAxis, level: float) -> tuple[float, float]:
        """The interval below `level` that holds the best value."""
        for low, high in self.intervals(axis.name, level):
            if axis.period is None:
                if low <= best <= high:
                    return low, high
            elif (best - low) % axis.period <= high - low:
                return low, high
        raise AssertionError("the lowest entry lies below every level")

    def edge_delta_chi2(self) -> float:
        """Lowest Delta chi2 on the edge of the table, where it says nothing beyond; inf if none."""
        edges = [
            np.take(self.delta_chi2, index, axis=number).min()
            for number, axis in enumerate(self.axes)
            if axis.period is None
            for index in (0, -1)
        ]
        return float(min(edges, default=np.inf))

    def describe(self) -> dict[str, Any]:
        """Everything that defines it, as plain JSON types."""
        return {
            "shape": self.shape,
            "source": self.source,
            "quantities": {q.name: q.describe() for q in self.quantities},
            "table": {
                "knots": [len(axis.grid) for axis in self.axes],
                "from": [float(axis.grid[0]) for axis in self.axes],
                "to": [float(axis.grid[-1]) for axis in self.axes],
                "interpolation": "monotone cubic" if self._curve else "monotone bicubic",
                "outside": self.outside,
                "edge_delta_chi2": self.edge_delta_chi2(),
                "offset": self.offset,
                "content": fingerprint(
                    [[a.grid.tolist() for a in self.axes], self.delta_chi2.tolist()]
                ),
            },
        }
