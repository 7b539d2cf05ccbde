"""Densities of weighted draws on one and two axes, and the regions that hold 68 and 95 %.

Histograms smoothed by a Gaussian no wider than the draws allow. Angles are smoothed round the
circle. Other axes end at the outermost draws: there the Gaussian is reflected, and beyond there is
nothing, so that the hard edges of a prior stay in place.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from scipy.ndimage import gaussian_filter

from ..base.quantiles import effective_size, weighted_quantiles
from .figure_data import hide_series, name_series
from .posterior_sample import Column, Sample

REGIONS = (0.68, 0.95)
_SMOOTH = (0.85, 0.85)


def plot_range(name: str, *samples: Sample | None, tail: float = 0.001) -> tuple[float, float]:
    """Range of an axis: the whole circle for angles, else all draws but the tails, and a margin."""
    lows, highs = [], []
    for sample in samples:
        if sample is None or name not in sample:
            continue
        if sample[name].period is not None:
            return 0.0, float(sample[name].period or 0)
        low, high = sample.quantiles(name, [tail, 1 - tail])
        lows.append(low)
        highs.append(high)
    low, high = min(lows), max(highs)
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return float(low - margin), float(high + margin)


def bins_for(weight: np.ndarray) -> int:
    """Bins of a histogram that these weights can fill."""
    return int(np.clip(2.5 * effective_size(weight) ** (1 / 3), 12, 48))


@dataclass(frozen=True)
class Density:
    """A density on a grid of two axes: points (Nx,), (Ny,) and values (Nx, Ny).

    Attributes:
        x: Points; the outermost one or two on each side are there for contours only.
        y: Points.
        values: Density at the points.
        heights: Density (N,) at each draw as the others make it, zero off the grid.
        weight: Weights (N,) of the draws.
    """

    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    heights: np.ndarray
    weight: np.ndarray

    def levels(self, regions: tuple[float, ...] = REGIONS) -> np.ndarray:
        """Heights above which each fraction of the draws' weight lies, ascending.

        Not of the smoothed density's own: that is wider than the draws' and would hold too much.
        """
        order = np.argsort(-self.heights, kind="stable")
        share = np.cumsum(self.weight[order]) / self.weight.sum()
        places = np.minimum(np.searchsorted(share, regions), len(order) - 1)
        return np.unique(np.maximum(self.heights[order][places], 1e-12 * self.values.max()))


@dataclass(frozen=True)
class _Axis:
    """Where one axis of the grid begins and ends, and whether a draw lies at the very end."""

    low: float
    high: float
    ends_low: bool
    ends_high: bool
    circle: bool

    @classmethod
    def of(cls, column: Column, ends: tuple[float, float]) -> "_Axis":
        if column.period is not None:
            return cls(*ends, False, False, True)
        low, high = float(column.values.min()), float(column.values.max())
        inside = low < high and low < ends[1] and high > ends[0]
        ends_low, ends_high = inside and low > ends[0], inside and high < ends[1]
        return cls(
            low if ends_low else ends[0], high if ends_high else ends[1], ends_low, ends_high, False
        )

    def padded(self, values: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points and values (first axis) that reach past the cells, for contours.

        One cell more on each side, so that contours run to the frame; where the draws end, their
        density up to the end and nothing from there.
        """
        step = edges[1] - edges[0]
        centres = edges[:-1] + step / 2
        before, after = (values[-1:], values[:1]) if self.circle else (values[:1], values[-1:])
        points = [centres[0] - step], centres, [centres[-1] + step]
        parts = [before], values, [after]
        if self.ends_low:
            points = [edges[0] - 1e-6 * step, edges[0]], *points[1:]
            parts = [0 * before, before], *parts[1:]
        if self.ends_high:
            points = *points[:2], [edges[-1], edges[-1] + 1e-6 * step]
            parts = *parts[:2], [after, 0 * after]
        first, middle, last = parts
        return np.concatenate(points), np.concatenate([*first, middle, *last])


def density2d(
    x: Column,
    y: Column,
    weight: np.ndarray,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    bins: int = 64,
    smooth: tuple[float, float] = _SMOOTH,
) -> Density:
    """Smoothed density of two columns on a grid that ends where the draws end.

    The Gaussian's width is `smooth` (on x, on y) * (width of one mode) / ESS^(1/6).
    """
    axes = _Axis.of(x, x_range), _Axis.of(y, y_range)
    values, x_edges, y_edges = np.histogram2d(
        x.values, y.values, bins, [(a.low, a.high) for a in axes], weights=weight
    )
    scale = effective_size(weight) ** (-1 / 6)
    widths, modes = [], []
    for column, edges, factor in ((x, x_edges, smooth[0]), (y, y_edges, smooth[1])):
        spread = _spread(column.values, weight)
        widths.append(float(np.clip(factor * scale * spread / (edges[1] - edges[0]), 0.8, 8)))
        modes.append("reflect" if column.period is None else "wrap")
    cells = gaussian_filter(values, widths, mode=modes)
    x_points, once = axes[0].padded(cells, x_edges)
    y_points, twice = axes[1].padded(once.T, y_edges)
    # each draw's own share of the density at its place says nothing of where others lie
    own = weight / (2 * np.pi * widths[0] * widths[1])
    rows, columns = (
        np.floor((c.values - e[0]) / (e[1] - e[0])).astype(int)
        for c, e in ((x, x_edges), (y, y_edges))
    )
    on = (rows >= 0) & (rows <= bins) & (columns >= 0) & (columns <= bins)
    rows, columns = np.clip(rows, 0, bins - 1), np.clip(columns, 0, bins - 1)
    heights = np.where(on, np.maximum(cells[rows, columns] - own, 0.0), 0.0)
    return Density(x_points, y_points, twice.T, heights, weight)


def _spread(values: np.ndarray, weight: np.ndarray) -> float:
    """Shortest interval with half of the weight, as the sigma of a normal: one mode's width."""
    points = weighted_quantiles(values, weight, np.linspace(0, 1, 101))
    return float(np.min(points[50:] - points[:-50])) / 1.349


def draw_regions(
    axes: Axes,
    x: Column,
    y: Column,
    weight: np.ndarray,
    ranges: tuple[tuple[float, float], tuple[float, float]],
    colour: str,
    filled: bool = True,
    label: str | None = None,
    log: tuple[bool, bool] = (False, False),
    bins: int = 64,
    smooth: tuple[float, float] = _SMOOTH,
    name: str = "",
) -> None:
    """Draw the 68 and 95 % regions of highest density.

    Args:
        axes: Where.
        x: Values on the horizontal axis; their log10 where ``log[0]`` is set.
        y: Values on the vertical axis.
        weight: Normalised weights (N,).
        ranges: Ranges of x and y, in the columns' own values.
        colour: Colour of lines and fills.
        filled: Fill the regions, or draw their lines only.
        label: Entry of the legend.
        log: Which columns hold log10 of what the axis shows.
        bins: Cells on each axis.
        smooth: See `density2d`.
        name: Whose regions they are, for the table behind the figure.
    """
    density = density2d(x, y, weight, *ranges, bins, smooth)
    levels = density.levels()
    horizontal = 10**density.x if log[0] else density.x
    vertical = 10**density.y if log[1] else density.y
    if filled:
        fills = [to_rgba(colour, alpha) for alpha in np.linspace(0.20, 0.48, len(levels))]
        top = max(density.values.max(), levels[-1]) * 1.01
        axes.contourf(horizontal, vertical, density.values.T, [*levels, top], colors=fills)
    lines = axes.contour(
        horizontal,
        vertical,
        density.values.T,
        levels,
        colors=[colour],
        linewidths=1.1,
        linestyles="-" if filled else "--",
    )
    of = f" of {label.partition(',')[0]}" if label else f" of {name}" if name else ""
    shares = sorted(REGIONS, reverse=True)[-len(levels) :]  # the lowest level holds the most
    name_series(lines, *(f"{100 * share:.0f} % region{of}" for share in shares))
    if label:
        look: Any = {"lw": 5, "alpha": 0.6} if filled else {"lw": 1.1, "ls": "--"}
        axes.plot([], [], color=colour, label=label, **look)
    axes.set_xlim(*(10 ** np.array(ranges[0]) if log[0] else ranges[0]))
    axes.set_ylim(*(10 ** np.array(ranges[1]) if log[1] else ranges[1]))


def draw_histogram(
    axes: Axes,
    column: Column,
    weight: np.ndarray,
    x_range: tuple[float, float],
    colour: str,
    filled: bool = True,
    label: str | None = None,
    bins: int | None = None,
    style: str = "-",
    name: str = "",
) -> None:
    """Draw a histogram normalised to one: light fill and a firm line, or the line only."""
    edges = np.linspace(*x_range, (bins or bins_for(weight)) + 1)
    height, _ = np.histogram(column.values, edges, weights=weight)
    height = height / (weight.sum() * (edges[1] - edges[0]))
    if filled:
        under = axes.stairs(height, edges, fill=True, color=colour, alpha=0.22, lw=0)
        hide_series(under)
    steps = axes.stairs(height, edges, color=colour, lw=1.5, label=label, linestyle=style)
    if name and not label:
        name_series(steps, name)
    axes.set_xlim(*x_range)


def draw_points(axes: Axes, x: Column, y: Column, chosen: np.ndarray, colour: str) -> None:
    """Draw some draws (indices) as faint dots, as one bitmap in vector files."""
    axes.plot(
        x.values[chosen], y.values[chosen], ".", ms=1.6, mew=0, color=colour, alpha=0.35,
        rasterized=True, zorder=1.9,
    )  # fmt: skip
