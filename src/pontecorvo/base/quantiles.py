"""Statistics of weighted draws: quantiles, circular means, correlations, effective size."""

import numpy as np


def weighted_quantiles(values: np.ndarray, weight: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Quantiles (L,) of values (N,) with normalised weights (N,)."""
    order = np.argsort(values)
    edges = np.cumsum(weight[order])
    middle = edges - 0.5 * weight[order]
    return np.interp(levels, middle / edges[-1], values[order])


def circular_mean(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Mean direction in [0, 2 pi) and mean resultant length (0 flat, 1 sharp) of angles (N,)."""
    resultant = np.sum(weight * np.exp(1j * values))
    return float(np.angle(resultant) % (2 * np.pi)), float(abs(resultant))


def around_mean(angles: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Angles (N,) within pi of their mean direction, so that no interval is cut at zero."""
    centre, _ = circular_mean(angles, weight)
    return centre + (angles - centre + np.pi) % (2 * np.pi) - np.pi


def weighted_correlation(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """Pearson's correlation coefficient of x (N,) and y (N,) with normalised weights (N,)."""
    dx, dy = x - np.sum(weight * x), y - np.sum(weight * y)
    spread = np.sqrt(np.sum(weight * dx * dx) * np.sum(weight * dy * dy))
    return float(np.sum(weight * dx * dy) / spread)


def effective_size(weight: np.ndarray) -> float:
    """Kish's effective sample size (sum w)^2 / sum w^2 of weights (N,).

    L. Kish, Survey Sampling (1965). It knows of unequal weights only, not of correlated draws.
    """
    return float(weight.sum() ** 2 / np.sum(weight**2))
