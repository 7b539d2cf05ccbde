"""The test statistic by each estimator, t(d, theta) = 2 [max ln r(d) - ln r(d, theta)], in bulk.

With a flat prior the posterior density is the likelihood ratio up to a constant, so the statistic
of a posterior estimator is twice the drop of its log-density from its MAP.
"""

import numpy as np

from ..grid import Plane
from .embedding import Reading
from .maps import RatioMaps
from .posterior import NeuralPosterior
from .ratio import RatioEstimator

CHUNK = 512
MAP_CANDIDATES = 64


def of_maps(maps: RatioMaps, data: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Statistic (T,) of data sets (T, B) at (T, 2) by the closed-form maps, linear between nodes.

    No oscillation, at zero, is one of the hypotheses that are fitted.
    """
    result = np.empty(len(data))
    for start in range(0, len(data), CHUNK):
        part = slice(start, start + CHUNK)
        values = maps(data[part], maps.names)
        own = interpolate(maps.plane, values, theta[part])
        result[part] = 2 * (np.maximum(values.max(axis=1), 0.0) - own)
    return np.maximum(result, 0.0)


def interpolate(plane: Plane, values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Row n of values (T, G) at point n of (T, 2), bilinear."""
    x, y = plane.x.values, plane.y.values
    ix = np.clip(np.searchsorted(x, points[:, 0], side="right") - 1, 0, len(x) - 2)
    iy = np.clip(np.searchsorted(y, points[:, 1], side="right") - 1, 0, len(y) - 2)
    u = (points[:, 0] - x[ix]) / (x[ix + 1] - x[ix])
    v = (points[:, 1] - y[iy]) / (y[iy + 1] - y[iy])
    rows = np.arange(len(points))

    def corner(i: np.ndarray, j: np.ndarray) -> np.ndarray:
        return values[rows, i * len(y) + j].astype(float)

    low = corner(ix, iy) * (1 - v) + corner(ix, iy + 1) * v
    high = corner(ix + 1, iy) * (1 - v) + corner(ix + 1, iy + 1) * v
    return low * (1 - u) + high * u


def of_ratio(
    estimator: RatioEstimator, rows: np.ndarray, theta: np.ndarray, plane: Plane
) -> np.ndarray:
    """Statistic (T,) by a ratio network; its MAP is that of the plane's points."""
    result = np.empty(len(rows))
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        top = estimator.log_ratio(rows[part], plane.points).max(axis=1)
        result[part] = 2 * (top - estimator.at(rows[part], theta[part]))
    return np.maximum(result, 0.0)


def of_posterior(
    posterior: NeuralPosterior,
    known: Reading,
    theta: np.ndarray,
    candidates: int = MAP_CANDIDATES,
    nodes: int = 6,
) -> np.ndarray:
    """Statistic (T,) by a flow; its MAP is the best of a few points spread in the chart."""
    top = posterior.best(known, candidates, nodes).log_density
    own = posterior.density_read(theta[:, None], known, nodes)[:, 0]
    return np.maximum(2 * (top - own), 0.0)
