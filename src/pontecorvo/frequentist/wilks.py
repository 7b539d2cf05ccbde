"""Contours of constant Delta chi2, by Wilks' theorem - and always called so.

Its conditions often fail: an amplitude is bounded at zero, where the other coordinate means
nothing.
These contours are for comparison with papers that draw them; belts by trials are beside them.
"""

import numpy as np
from scipy.stats import chi2 as chi2_distribution

from .plane import GridProblem
from .toys import sigma_of


def wilks_critical(level: float) -> float:
    """Critical Delta chi2 of a level for two parameters: 2.30, 4.61, 5.99 at 68, 90, 95 %."""
    return float(chi2_distribution.ppf(level, 2))


def wilks_margin(problem: GridProblem, level: float) -> np.ndarray:
    """Delta chi2 - critical value (G,) at the plane's points: zero on the contour."""
    chi2 = problem.observed_chi2
    return chi2[: problem.plane.size] - chi2.min() - wilks_critical(level)


def wilks_significance(delta_chi2: float) -> tuple[float, float]:
    """Naive p-value and two-sided sigma, as Wilks' theorem would have them for two parameters."""
    p = float(chi2_distribution.sf(delta_chi2, 2))
    return p, sigma_of(p)
