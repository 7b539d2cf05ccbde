"""Densities of weighted draws on one and two axes, and the regions that hold 68 and 95 %.

Histograms smoothed by a Gaussian no wider than the draws allow. Angles are smoothed round the
circle; other axes reflect at their ends, which keeps the hard edges of a prior in place.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from scipy.ndimage import gaussian_filter

from ..base.quantiles import effective_size, weighted_quantiles
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
    """A density on a grid of two axes: centres (Nx,), (Ny,) and values (Nx, Ny)."""

    x: np.ndarray
    y: np.ndarray
    values: np.ndarray

    def levels(self, regions: tuple[float, ...] = REGIONS) -> np.ndarray:
        """Heights above which each fraction of the probability lies, ascending."""
        heights = np.sort(self.values.ravel())[::-1]
        share = np.cumsum(heights) / heights.sum()
        places = np.minimum(np.searchsorted(share, regions), len(heights) - 1)
        return np.unique(heights[places])


def density2d(
    x: Column,
    y: Column,
    weight: np.ndarray,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    bins: int = 64,
    smooth: tuple[float, float] = _SMOOTH,
) -> Density:
    """Smoothed density of two columns on a grid that reaches past the ends by one cell.

    The Gaussian's width is `smooth` (on x, on y) * (width of one mode) / ESS^(1/6).
    """
    values, x_edges, y_edges = np.histogram2d(
        x.values, y.values, bins, (x_range, y_range), weights=weight
    )
    scale = effective_size(weight) ** (-1 / 6)
    widths, modes = [], []
    for column, edges, factor in ((x, x_edges, smooth[0]), (y, y_edges, smooth[1])):
        spread = _spread(column.values, weight)
        widths.append(float(np.clip(factor * scale * spread / (edges[1] - edges[0]), 0.8, 8)))
        modes.append("reflect" if column.period is None else "wrap")
    values = gaussian_filter(values, widths, mode=modes)
    # one more cell on each side, so that contours run to the frame
    padded = np.pad(values, ((1, 1), (0, 0)), "edge" if x.period is None else "wrap")
    padded = np.pad(padded, ((0, 0), (1, 1)), "edge" if y.period is None else "wrap")
    return Density(_centres(x_edges), _centres(y_edges), padded)


def _spread(values: np.ndarray, weight: np.ndarray) -> float:
    """Shortest interval with half of the weight, as the sigma of a normal: one mode's width."""
    points = weighted_quantiles(values, weight, np.linspace(0, 1, 101))
    return float(np.min(points[50:] - points[:-50])) / 1.349


def _centres(edges: np.ndarray) -> np.ndarray:
    step = edges[1] - edges[0]
    return np.concatenate([[edges[0] - step / 2], edges + step / 2])


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
    """
    density = density2d(x, y, weight, *ranges, bins, smooth)
    levels = density.levels()
    horizontal = 10**density.x if log[0] else density.x
    vertical = 10**density.y if log[1] else density.y
    if filled:
        fills = [to_rgba(colour, alpha) for alpha in np.linspace(0.20, 0.48, len(levels))]
        top = max(density.values.max(), levels[-1]) * 1.01
        axes.contourf(horizontal, vertical, density.values.T, [*levels, top], colors=fills)
    axes.contour(
        horizontal,
        vertical,
        density.values.T,
        levels,
        colors=[colour],
        linewidths=1.1,
        linestyles="-" if filled else "--",
    )
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
) -> None:
    """Draw a histogram normalised to one: light fill and a firm line, or the line only."""
    edges = np.linspace(*x_range, (bins or bins_for(weight)) + 1)
    height, _ = np.histogram(column.values, edges, weights=weight)
    height = height / (weight.sum() * (edges[1] - edges[0]))
    if filled:
        axes.stairs(height, edges, fill=True, color=colour, alpha=0.22, lw=0)
    axes.stairs(height, edges, color=colour, lw=1.5, label=label, linestyle=style)
    axes.set_xlim(*x_range)


def draw_points(axes: Axes, x: Column, y: Column, chosen: np.ndarray, colour: str) -> None:
    """Draw some draws (indices) as faint dots, as one bitmap in vector files."""
    axes.plot(
        x.values[chosen], y.values[chosen], ".", ms=1.6, mew=0, color=colour, alpha=0.35,
        rasterized=True, zorder=1.9,
    )  # fmt: skip
