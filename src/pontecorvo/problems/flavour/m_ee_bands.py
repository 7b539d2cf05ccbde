"""Allowed regions of m_ee over the 3 sigma ranges of the oscillation parameters.

At fixed masses and angles the extremes over the Majorana phases are closed form
(`physics.masses.m_ee_band`); here the angles and splittings run over their ranges too. The upper
edge is multilinear in the angles and monotone in the splittings, so it lies on a corner; the lower
one need not, which is why the angles run over a grid that includes the corners.
"""

from itertools import product

import numpy as np

from ...physics.masses import m_ee_band, masses_from_splittings
from .measurements.named import named
from .nufit import Ordering, Variant

_NAMES = ("sin2_theta12", "sin2_theta13", "dm2_21", "dm2_3l")
_POINTS = (7, 3, 2, 2)


def _grid(ordering: Ordering, variant: Variant) -> np.ndarray:
    """Points (G, 4) of the 3 sigma box of `_NAMES`."""
    ranges = named("nufit-6.1", ordering, variant, _NAMES).quantities
    axes = [np.linspace(q.low, q.high, n) for q, n in zip(ranges, _POINTS, strict=True)]
    return np.array(list(product(*axes)))


def band_against_lightest(
    lightest: np.ndarray, ordering: Ordering, variant: Variant = "with-sk"
) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest m_ee (L,) in eV at lightest masses (L,) in eV."""
    s12sq, s13sq, dm2_21, dm2_3l = _grid(ordering, variant).T[:, :, None]
    low, high = m_ee_band(lightest[None, :], s12sq, s13sq, dm2_21, dm2_3l, ordering)
    return low.min(axis=0), high.max(axis=0)


def band_against_sum(
    sum_m: np.ndarray, ordering: Ordering, variant: Variant = "with-sk"
) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest m_ee (L,) in eV at sums of masses (L,) in eV; NaN where there is none.

    The sum fixes the lightest mass at given splittings (by interpolation, to about 1e-5 relative).
    Close to the smallest sum only part of the range of dm2_3l is possible; its end is where the
    lightest mass vanishes, and is looked at too.
    """
    low = np.full(len(sum_m), np.inf)
    high = np.full(len(sum_m), -np.inf)

    def widen(at: np.ndarray, mass: np.ndarray | float, *point: np.ndarray | float) -> None:
        below, above = m_ee_band(mass, *point, ordering)  # type: ignore[call-arg, arg-type]
        low[at] = np.minimum(low[at], below)
        high[at] = np.maximum(high[at], above)

    masses = np.concatenate([[0.0], np.geomspace(1e-6, max(sum_m.max(), 1e-3), 2000)])
    grid = _grid(ordering, variant)
    ends = np.linspace(grid[:, 3].min(), grid[:, 3].max(), 500)
    for s12sq, s13sq, dm2_21, dm2_3l in grid:
        total = masses_from_splittings(masses, dm2_21, dm2_3l, ordering).sum(axis=-1)
        at = sum_m >= total[0]
        widen(at, np.interp(sum_m[at], total, masses), s12sq, s13sq, dm2_21, dm2_3l)
    for s12sq, s13sq, dm2_21 in np.unique(grid[:, :3], axis=0):
        least = masses_from_splittings(0.0, dm2_21, ends, ordering).sum(axis=-1)
        order = np.argsort(least)
        at = (sum_m >= least.min()) & (sum_m <= least.max())
        widen(at, 0.0, s12sq, s13sq, dm2_21, np.interp(sum_m[at], least[order], ends[order]))
    empty = ~np.isfinite(low)
    low[empty] = high[empty] = np.nan
    return low, high
