"""The data behind a figure, as a CSV table that is read from the figure itself.

What a figure shows is what its artists hold: so the table has the same numbers, of every figure
of every problem, and no figure can lack one. Columns: panel, series, kind, part, x, y, value;
coordinates are those of the axes, whose labels stand in the first lines. Of filled regions that
also have lines only the lines are kept.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection, QuadMesh
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, StepPatch
from matplotlib.spines import Spine

MOST_ROWS = 4_000
"""Rows of a table: beyond, curves and clouds are thinned evenly, and the first lines say so."""
HEAD = ("panel", "series", "kind", "part", "x", "y", "value")
Part = tuple[str, str, np.ndarray]
"""Series, kind, and rows (N, 2) or (N, 3) of x, y and value."""


def name_series(artist: Any, *names: str) -> None:
    """Say what an artist shows, for the table: one name, or one for each level of a contour."""
    artist.pontecorvo_series = names


def name_axes(axes: Any, x: str, y: str = "") -> None:
    """Say what the axes of a panel are whose labels stand at another panel."""
    axes.pontecorvo_axes = (x, y)


def hide_series(artist: Any) -> None:
    """Leave an artist out of the table: another one holds the same numbers."""
    artist.pontecorvo_hidden = True


def figure_table(figure: Figure, most: int = MOST_ROWS) -> str:
    """The table of a figure as CSV text; lines that begin with # say what the axes are."""
    panels = [(axes, list(_parts(axes))) for axes in figure.axes]
    panels = [(axes, parts) for axes, parts in panels if parts]
    total = sum(len(rows) for _, parts in panels for _, _, rows in parts)
    step = max(1, -(-total // most))
    text = io.StringIO()
    for number, (axes, _) in enumerate(panels, 1):
        x, y = _axis_labels(axes)
        title = _label(axes.get_title("left") or axes.get_title())  # the house style's place first
        text.write(f"# panel {number}: x = {x or '-'}; y = {y or '-'}")
        text.write(f"; title: {title}\n" if title else "\n")
    if step > 1:
        text.write(f"# {total} points; of long curves and clouds every {step}th is here\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    for number, (_, parts) in enumerate(panels, 1):
        for part, (series, kind, rows) in enumerate(parts, 1):
            for row in _thinned(rows, step, kind):
                cells = [f"{v:.6g}" if np.isfinite(v) else "" for v in row]
                cells += [""] * (3 - len(cells))
                writer.writerow([number, _cell(series), kind, part, *cells])
    return text.getvalue()


def _thinned(rows: np.ndarray, step: int, kind: str) -> np.ndarray:
    """Every so manieth row of what is long; the last one stays, so that outlines close."""
    if step == 1 or len(rows) < 24 or kind in ("cell", "bar"):
        return rows
    kept = rows[::step]
    return kept if kind == "points" else np.concatenate([kept, rows[-1:]])


def _parts(axes: Axes) -> Iterator[Part]:
    """Everything in one panel that stands at places on its axes."""
    children = axes.get_children()
    lines_of_regions = [c for c in children if isinstance(c, QuadContourSet) and not c.filled]
    for child in children:
        if not child.get_visible() or getattr(child, "pontecorvo_hidden", False):
            continue
        if isinstance(child, QuadContourSet):
            if not child.filled or not lines_of_regions:
                yield from _contours(child)
        elif isinstance(child, Line2D):
            yield from _line(child, axes)
        elif isinstance(child, StepPatch):
            heights, ends, _ = child.get_data()
            edges = np.asarray(ends, dtype=float)
            rows = np.stack([edges[:-1], edges[1:], np.asarray(heights, dtype=float)], 1)
            yield _series(child), "bar", rows  # x: lower edge, y: upper edge, value: height
        elif isinstance(child, Patch) and child is not axes.patch and not isinstance(child, Spine):
            yield from _patch(child, axes)
        elif isinstance(child, (QuadMesh, AxesImage)):
            yield from _cells(child)
        elif isinstance(child, Collection):
            yield from _collection(child, axes)


def _contours(child: QuadContourSet) -> Iterator[Part]:
    names = getattr(child, "pontecorvo_series", ())
    levels = np.asarray(child.levels, dtype=float)
    for index, path in enumerate(child.get_paths()):
        name = names[index] if index < len(names) else f"level {levels[index]:.6g}"
        for polygon in path.to_polygons(closed_only=False):
            yield name, "contour", np.asarray(polygon)


def _line(child: Line2D, axes: Axes) -> Iterator[Part]:
    x, y = (np.atleast_1d(np.asarray(v, dtype=float)) for v in child.get_data(orig=False))
    if not len(x):  # an entry of a legend
        return
    in_x, in_y = _on_data(child, axes)
    if not (in_x or in_y):
        return
    kind = "line" if child.get_linestyle() not in ("None", "") else "points"
    rows = np.stack([x if in_x else np.full(len(x), np.nan), y if in_y else x * np.nan], 1)
    if not (in_x and in_y):
        rows, kind = rows[:1], "vertical line" if in_x else "horizontal line"
    yield _series(child), kind, rows


def _patch(child: Patch, axes: Axes) -> Iterator[Part]:
    in_x, in_y = _on_data(child, axes)
    if not (in_x or in_y):
        return
    # a rectangle's own path is the unit square
    inner = child.get_patch_transform().transform_path(child.get_path())
    points = np.asarray(inner.vertices, dtype=float)
    low, high = points.min(0), points.max(0)
    if in_x and not in_y:
        yield _series(child), "vertical band", np.array([[low[0], np.nan], [high[0], np.nan]])
    elif in_y and not in_x:
        yield _series(child), "horizontal band", np.array([[np.nan, low[1]], [np.nan, high[1]]])
    elif hasattr(child, "get_xy") and hasattr(child, "get_width"):
        yield _series(child), "bar", np.array([[low[0], high[0], high[1]]])
    else:
        yield _series(child), "outline", points


def _cells(child: Any) -> Iterator[Part]:
    values: np.ndarray = np.ma.filled(np.ma.asarray(child.get_array(), dtype=float), np.nan)
    if values.ndim > 2 or values.size > MOST_ROWS:  # colours, or a picture
        return
    if isinstance(child, QuadMesh):
        corners = np.asarray(child.get_coordinates())
        centres = (corners[:-1, :-1] + corners[1:, 1:]) / 2
        x, y = centres[..., 0], centres[..., 1]
    else:
        left, right, bottom, top = child.get_extent()
        rows, columns = values.shape
        across = left + (np.arange(columns) + 0.5) * (right - left) / columns
        up = bottom + (np.arange(rows) + 0.5) * (top - bottom) / rows
        x, y = np.meshgrid(across, up if child.origin == "lower" else up[::-1])
    yield _series(child), "cell", np.stack([x.ravel(), y.ravel(), values.ravel()], 1)


def _collection(child: Collection, axes: Axes) -> Iterator[Part]:
    if isinstance(child, PathCollection):
        points: np.ndarray = np.ma.filled(np.ma.asarray(child.get_offsets(), dtype=float), np.nan)
        yield _series(child), "points", points
        return
    in_x, in_y = _on_data(child, axes)
    if not (in_x and in_y):
        return
    kind = "line" if isinstance(child, LineCollection) else "outline"
    for path in child.get_paths():
        vertices = np.asarray(path.vertices, dtype=float)
        if len(vertices):
            yield _series(child), kind, vertices


def _on_data(child: Artist, axes: Axes) -> tuple[bool, bool]:
    """Whether x and y of an artist are coordinates of its axes."""
    on_x, on_y = child.get_transform().contains_branch_seperately(axes.transData)
    return bool(on_x), bool(on_y)


def _series(child: Artist) -> str:
    names = getattr(child, "pontecorvo_series", ())
    if names:
        return str(names[0])
    label = str(child.get_label())
    return "" if label.startswith("_") else label


def _axis_labels(axes: Axes) -> tuple[str, str]:
    """Labels of the axes, or those of a panel that shares them."""
    if hasattr(axes, "pontecorvo_axes"):
        x, y = axes.pontecorvo_axes
        return _label(x), _label(y)
    found = [axes.get_xlabel(), axes.get_ylabel()]
    shared = (axes.get_shared_x_axes(), axes.get_shared_y_axes())
    for index, (group, read) in enumerate(zip(shared, ("get_xlabel", "get_ylabel"), strict=True)):
        others = (getattr(one, read)() for one in group.get_siblings(axes))
        found[index] = found[index] or next((text for text in others if text), "")
    return _label(found[0]), _label(found[1])


def _label(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
