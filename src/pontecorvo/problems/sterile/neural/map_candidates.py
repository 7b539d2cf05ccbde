"""Where the top of a likelihood on the plane may lie: candidates of each data set's own map.

Two kinds, since the highest peak need not hold the mass: points spread evenly in the chart (narrow
peaks of strong signals, wherever they lie between the map's nodes), and the map's own local maxima
along the splitting (fluctuations of data that see nothing). The highest by the map are kept.
"""

import numpy as np

from .embedding import Embedding
from .plane_flows import spread

SPREAD, PEAKS = 192, 24


def candidates(
    embedding: Embedding, maps: np.ndarray, keep: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Points (T, K, 2) and the map at each (T, K), highest first.

    Args:
        embedding: Its chart and plane are used.
        maps: Maps (T, G).
        keep: How many of the 217 are kept; all by default.
    """
    unit = np.broadcast_to(spread(SPREAD), (len(maps), SPREAD, 2))
    charted = embedding.chart.from_unit(maps, unit).points
    points = np.concatenate([charted, _peaks(embedding, maps)], axis=1)
    level = embedding.chart.values(maps, points)
    order = np.argsort(-level, axis=1, kind="stable")[:, :keep]
    return np.take_along_axis(points, order[:, :, None], 1), np.take_along_axis(level, order, 1)


def _peaks(embedding: Embedding, maps: np.ndarray) -> np.ndarray:
    """The highest nodes (T, PEAKS + 1, 2) among local maxima along y, and the lowest corner."""
    plane = embedding.maps.plane
    table = maps.reshape(len(maps), *plane.shape)
    best_x, ridge = table.argmax(axis=1), table.max(axis=1)
    padded = np.pad(ridge, ((0, 0), (1, 1)), constant_values=-np.inf)
    local = (ridge >= padded[:, :-2]) & (ridge >= padded[:, 2:])
    ranked = np.where(local, ridge, -np.inf)
    ranked = np.argsort(-ranked, axis=1, kind="stable")[:, : min(PEAKS, ridge.shape[1])]
    x = plane.x.values[np.take_along_axis(best_x, ranked, 1)]
    peaks = np.stack([x, plane.y.values[ranked]], axis=2)
    corner = np.array([plane.x.values[0], plane.y.values[0]])  # no oscillation
    return np.concatenate([peaks, np.broadcast_to(corner, (len(maps), 1, 2))], axis=1)
