"""Weighted samples as the two-sample tests want them: checked, merged, scaled."""

from dataclasses import dataclass

import numpy as np

from ..base.errors import InputError
from ..base.weights import normalised


@dataclass(frozen=True)
class Sample:
    """Distinct points (N, D) and weights (N,) that sum to one."""

    points: np.ndarray
    weights: np.ndarray

    @property
    def ess(self) -> float:
        """Kish's effective sample size."""
        return float(1 / np.sum(self.weights**2))


def make_sample(name: str, points: np.ndarray, log_weights: np.ndarray | None) -> Sample:
    """Check a sample and merge exact duplicates, adding their weights.

    Resampled draws and chains that stand still repeat points; a repeat in both the training and the
    test part of a cross-validation would let a classifier recognise it.

    Raises:
        InputError: On shapes or numbers that cannot be a sample.
    """
    points = np.asarray(points, dtype=np.float64)
    if points.ndim == 1:
        points = points[:, None]
    if points.ndim != 2 or len(points) < 10:
        raise InputError(f"{name}: shape {points.shape}; give at least 10 draws as rows (N, D)")
    if not np.all(np.isfinite(points)):
        bad = int(np.count_nonzero(~np.isfinite(points).all(axis=1)))
        raise InputError(
            f"{name}: {bad} of {len(points)} draws are NaN or infinite; drop them first"
        )
    if log_weights is None:
        weights = np.full(len(points), 1 / len(points))
    else:
        if len(log_weights) != len(points):
            raise InputError(
                f"{name}: {len(points)} draws but {len(log_weights)} log weights; give one a draw"
            )
        weights = normalised(log_weights)
    distinct, inverse = np.unique(points, axis=0, return_inverse=True)
    if len(distinct) < len(points):
        points, weights = distinct, np.bincount(inverse.ravel(), weights, len(distinct))
    kept = weights > 0
    return Sample(points[kept], weights[kept])


def make_pair(
    x: np.ndarray,
    y: np.ndarray,
    log_weights_x: np.ndarray | None,
    log_weights_y: np.ndarray | None,
) -> tuple[Sample, Sample]:
    """Two checked samples of the same dimension."""
    a, b = (
        make_sample("first sample", x, log_weights_x),
        make_sample("second sample", y, log_weights_y),
    )
    if a.points.shape[1] != b.points.shape[1]:
        raise InputError(
            f"two-sample test: {a.points.shape[1]} columns against {b.points.shape[1]}; "
            "both samples need the same columns"
        )
    return a, b


def standard_features(
    points: np.ndarray,
    weights: np.ndarray,
    periodic: np.ndarray | None = None,
    period: float | np.ndarray = 1.0,
) -> np.ndarray:
    """Columns of mean zero and variance one under the weights; a periodic one becomes cos and sin.

    Args:
        points: (N, D).
        weights: (N,), summing to one.
        periodic: Which columns (D,) are periodic; none by default.
        period: Their period, one for all or (D,).

    Returns:
        (N, D + number of periodic columns); a constant column becomes zeros.
    """
    d = points.shape[1]
    periodic = np.zeros(d, bool) if periodic is None else np.asarray(periodic, dtype=bool)
    if periodic.shape != (d,):
        raise InputError(f"periodic: shape {periodic.shape}; give one flag a column, ({d},)")
    angle = 2 * np.pi * points[:, periodic] / np.broadcast_to(period, d)[periodic]
    columns = np.hstack([points[:, ~periodic], np.cos(angle), np.sin(angle)])
    centred = columns - weights @ columns
    spread = np.sqrt(weights @ centred**2)
    return centred / np.where(spread > 1e-12 * (1 + np.abs(columns).max(axis=0)), spread, np.inf)


def distances(features: np.ndarray) -> np.ndarray:
    """Euclidean distances (N, N) of rows (N, F), by one matrix product, in the rows' precision."""
    squares = np.sum(features**2, axis=1)
    result = squares[:, None] + squares - 2 * features @ features.T
    np.sqrt(np.maximum(result, 0.0, out=result), out=result)
    np.fill_diagonal(result, 0.0)
    return np.asarray(result)
