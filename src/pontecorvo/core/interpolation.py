"""Smooth interpolation that does not overshoot: monotone cubics of one and of two variables.

One variable: the monotone piecewise cubic of F. N. Fritsch and J. Butland, SIAM J. Sci. Stat.
Comput. 5 (1984) 300 (scipy's PCHIP). Two variables: bicubic Hermite patches whose slopes are those
of the monotone cubic along each axis. The patches are written here because scipy's bicubic spline
overshoots beside the steep walls that chi2 surfaces have, and its PCHIP on grids loops over points.
"""

import numpy as np

_WRAP = 3  # knots repeated on either side of a periodic grid: the slopes look no further


def _checked_grid(grid: np.ndarray, period: float | None) -> np.ndarray:
    grid = np.asarray(grid, dtype=float)
    if grid.ndim != 1 or len(grid) < 4 or not np.isfinite(grid).all():
        raise ValueError("give at least four finite knots")
    if not (np.diff(grid) > 0).all():
        raise ValueError("the knots must ascend, none twice")
    if period is not None and grid[-1] - grid[0] > period * (1 + 1e-9):
        raise ValueError(f"the knots span {grid[-1] - grid[0]:g}, more than the period {period:g}")
    return grid


def wrapped(
    grid: np.ndarray, values: np.ndarray, period: float, axis: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """A periodic table with its first and last knots repeated a period away.

    Args:
        grid: Ascending knots (G,) within one period; both ends of it may be given.
        values: Values, G along `axis`.
        period: The period.
        axis: Of `values`.

    Returns:
        Knots and values that cover more than one period.
    """
    if np.isclose(grid[-1] - grid[0], period, rtol=1e-9):  # the same point twice
        grid, values = grid[:-1], np.take(values, np.arange(len(grid) - 1), axis)
    size = len(grid)
    many = min(_WRAP, size)
    before, after = np.arange(size - many, size), np.arange(many)
    order = np.concatenate([before, np.arange(size), after])
    shift = np.concatenate([-np.ones(many), np.zeros(size), np.ones(many)]) * period
    return grid[order] + shift, np.take(values, order, axis)


class MonotoneCubic:
    """Monotone cubic through (knots, values); periodic where a period is given.

    Args:
        grid: Ascending knots (G,), four at least.
        values: Values (G,).
        period: Of the variable, or None.
    """

    def __init__(self, grid: np.ndarray, values: np.ndarray, period: float | None = None) -> None:
        from scipy.interpolate import PchipInterpolator

        self.grid = _checked_grid(grid, period)
        self.period = period
        self.low, self.high = float(self.grid[0]), float(self.grid[-1])
        if period is not None:
            knots, inner = wrapped(self.grid, np.asarray(values, float), period)
        else:
            knots, inner = self.grid, np.asarray(values, float)
        with np.errstate(over="ignore"):  # of slopes below the smallest normal number
            self.polynomial = PchipInterpolator(knots, inner, extrapolate=True)

    def folded(self, x: np.ndarray) -> np.ndarray:
        """The argument brought into the period that starts at the first knot."""
        if self.period is None:
            return np.asarray(x, float)
        return self.low + (np.asarray(x, float) - self.low) % self.period

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Values (N,) at x (N,); beyond the ends of a grid without period, the last cubic."""
        return np.asarray(self.polynomial(self.folded(x)))

    def crossings(self, level: float) -> np.ndarray:
        """Every x of the table where the interpolant is `level`, ascending (within one period)."""
        roots = np.asarray(self.polynomial.solve(level, extrapolate=False))
        roots = roots[np.isfinite(roots)]  # a constant piece at the level gives nan
        end = self.low + self.period if self.period is not None else self.high
        return np.unique(roots[(roots >= self.low) & (roots <= end)])

    def minimum(self) -> float:
        """The lowest knot."""
        knots = self.polynomial.x
        inside = (knots >= self.low) & (knots <= self.high)
        return float(knots[inside][np.argmin(self.polynomial(knots[inside]))])


def with_vertices(
    grid: np.ndarray, values: np.ndarray, period: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """A table with a knot more at each of its minima: the vertex of the parabola there.

    A monotone cubic is lowest at a knot; the function that was tabulated is lowest between knots.
    The parabola goes through the lowest knot and its neighbours, across the seam of a period.

    Returns:
        Knots and values, the old ones among them.
    """
    table, given = np.asarray(grid, float), np.asarray(values, float)
    grid, values = table, given
    low, high = float(table[0]), float(table[-1])
    if period is not None:
        grid, values = wrapped(table, given, period)
        high = low + period
    inner = np.arange(1, len(grid) - 1)
    # of two equal neighbours the first: their parabolas have one vertex
    lowest = (values[inner] < values[inner - 1]) & (values[inner] <= values[inner + 1])
    more_x, more_y = [], []
    for index in inner[lowest]:
        x, y = grid[index - 1 : index + 2], values[index - 1 : index + 2]
        left, right = (y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1])
        curvature = (right - left) / (x[2] - x[0])
        if curvature <= 0:
            continue
        vertex = 0.5 * (x[0] + x[1] - left / curvature)
        new = min(abs(vertex - x)) > 1e-6 * (x[2] - x[0]) and x[0] < vertex < x[2]
        if new and low < vertex < high:
            more_x.append(vertex)
            more_y.append(y[0] + (vertex - x[0]) * (left + curvature * (vertex - x[1])))
    knots, heights = np.append(table, more_x), np.append(given, more_y)
    order = np.argsort(knots)
    return knots[order], heights[order]


class MonotoneBicubic:
    """Bicubic Hermite patches through a rectangular table of two variables.

    Along each line of the grid it is the monotone cubic of that line.

    Args:
        grids: Ascending knots (G,) and (H,), four at least each.
        values: Values (G, H).
        periods: Of the two variables, or None.
    """

    def __init__(
        self,
        grids: tuple[np.ndarray, np.ndarray],
        values: np.ndarray,
        periods: tuple[float | None, float | None] = (None, None),
    ) -> None:
        self.periods = periods
        knots, values = [], np.asarray(values, float)
        self.low, self.high = [], []
        for axis, (grid, period) in enumerate(zip(grids, periods, strict=True)):
            grid = _checked_grid(grid, period)
            self.low.append(float(grid[0]))
            self.high.append(float(grid[-1]))
            if period is not None:
                grid, values = wrapped(grid, values, period, axis)
            knots.append(grid)
        self._x, self._y = knots
        slope_x, slope_y = _slopes(self._x, values, 0), _slopes(self._y, values, 1)
        twist = 0.5 * (_slopes(self._y, slope_x, 1) + _slopes(self._x, slope_y, 0))
        self._nodes = np.stack([values, slope_x, slope_y, twist])

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Values (N,) at points x (N,), y (N,); beyond the ends, the last patch."""
        i, bx = self._basis(self._x, x, 0)
        j, by = self._basis(self._y, y, 1)
        total = np.zeros(len(i))
        for right in (0, 1):
            for upper in (0, 1):
                f, fx, fy, fxy = self._nodes[:, i + right, j + upper]
                value, slope = bx[right], bx[2 + right]
                value_y, slope_y = by[upper], by[2 + upper]
                total += value * (f * value_y + fy * slope_y)
                total += slope * (fx * value_y + fxy * slope_y)
        return total

    def _basis(
        self, knots: np.ndarray, x: np.ndarray, axis: int
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        x, period = np.asarray(x, float), self.periods[axis]
        if period is not None:
            x = self.low[axis] + (x - self.low[axis]) % period
        index = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
        width = knots[index + 1] - knots[index]
        t = (x - knots[index]) / width
        s = 1 - t
        return index, (
            s * s * (1 + 2 * t),
            t * t * (1 + 2 * s),
            width * t * s * s,
            -width * t * t * s,
        )


def _slopes(knots: np.ndarray, values: np.ndarray, axis: int) -> np.ndarray:
    """Slopes of the monotone cubics along an axis, at the knots."""
    from scipy.interpolate import PchipInterpolator

    return np.asarray(PchipInterpolator(knots, values, axis=axis).derivative()(knots))
