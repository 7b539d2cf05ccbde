"""Where a posterior on the plane has its mode and its mean, and whether it is flat."""

from dataclasses import dataclass

import numpy as np

from ...frequentist.grid_posterior import GridPosterior

NEAR = 0.041
"""Half width in log10 dm2 of "within a tenth of the best fit's dm2"."""
FLAT = 0.5
"""A region ends on the plateau where its threshold is within this of the log-density there."""


@dataclass(frozen=True)
class PosteriorShape:
    """Summaries in log10 sin^2 2theta and log10 dm2.

    Attributes:
        mode: Point of highest density.
        mean: Mean of both coordinates.
        dm2_68: Central 68 % interval of log10 dm2.
        near_best: Probability within a tenth of the best fit's dm2.
    """

    mode: tuple[float, float]
    mean: tuple[float, float]
    dm2_68: tuple[float, float]
    near_best: float


def shape_of(posterior: GridPosterior, best: tuple[float, float]) -> PosteriorShape:
    """Mode, mean and spread of a posterior, and its share near the best fit."""
    plane = posterior.plane
    x, y = plane.x.values, plane.y.values
    top = plane.points[int(posterior.density.argmax())]
    along_x, along_y = posterior.marginal(0), posterior.marginal(1)
    mean_x = np.trapezoid(along_x * x, x) / np.trapezoid(along_x, x)
    mean_y = np.trapezoid(along_y * y, y) / np.trapezoid(along_y, y)
    steps = 0.5 * (along_y[1:] + along_y[:-1]) * np.diff(y)
    ends = np.concatenate([[0.0], np.cumsum(steps)])
    ends /= ends[-1]
    low, high = np.interp([0.16, 0.84], ends, y)
    inside = np.interp([best[1] - NEAR, best[1] + NEAR], y, ends)
    return PosteriorShape(
        (float(top[0]), float(top[1])),
        (float(mean_x), float(mean_y)),
        (float(low), float(high)),
        float(inside[1] - inside[0]),
    )


def is_flat(posterior: GridPosterior, level: float) -> bool:
    """Whether the boundary of a region of highest density runs where the density is flat.

    Without mixing every dm2 has the likelihood of no oscillation: the posterior has a plateau. A
    threshold at the plateau's height draws its ripples, and no boundary that means anything.
    """
    height = posterior.log_likelihood.max() - posterior.null_log_likelihood
    plateau = np.log(posterior.density.max()) - height
    return bool(abs(np.log(posterior.highest_density(level)) - plateau) < FLAT)
