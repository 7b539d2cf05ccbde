"""Lines of a map at a level, as polylines and as CSV."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base import files
from .plane import Plane


@dataclass(frozen=True)
class Contour:
    """One closed or open line of the boundary of a region.

    Attributes:
        method: "wilks", "feldman-cousins" or "bayes".
        level: Confidence or credible level.
        points: Vertices (n, 2) in the plane's coordinates.
    """

    method: str
    level: float
    points: np.ndarray


def contour_lines(plane: Plane, margin: np.ndarray, method: str, level: float) -> list[Contour]:
    """Where a map (G,) crosses zero, interpolated linearly between the points.

    Args:
        plane: The points.
        margin: Negative inside the region.
        method: Name of the method.
        level: Its level.
    """
    from contourpy import contour_generator

    lines = contour_generator(plane.x.values, plane.y.values, plane.map(margin).T).lines(0.0)
    return [Contour(method, level, np.asarray(line)) for line in lines if len(line) > 1]


def write_contours(
    path: Path | str, contours: list[Contour], logs: tuple[str, str], values: tuple[str, str]
) -> None:
    """Write a CSV with one vertex a row: method, level, piece, coordinates and their logarithms.

    Args:
        path: The file.
        contours: Lines on a plane whose coordinates are decimal logarithms.
        logs: Column names of the coordinates.
        values: Column names of ten to the power of these.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["method", "level", "piece", *values, *logs])
    for piece, contour in enumerate(contours):
        for x, y in contour.points:
            row = [f"{10**x:.6g}", f"{10**y:.6g}", f"{x:.5f}", f"{y:.5f}"]
            writer.writerow([contour.method, contour.level, piece, *row])
    files.write_text(path, text.getvalue())
