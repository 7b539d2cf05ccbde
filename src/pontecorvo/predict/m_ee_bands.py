"""Allowed regions of m_ee over the 3 sigma ranges of the oscillation parameters.

At fixed masses and angles the extremes over the Majorana phases are closed form
(`physics.masses.m_ee_band`); here the angles and splittings run over their ranges too. The upper
edge is multilinear in the angles and monotone in the splittings, so it lies on a corner; the lower
one need not, which is why the angles run over a grid that includes the corners.
"""

from itertools import product

import numpy as np

from ..data.nufit import Ordering, Variant, nufit
from ..physics.masses import m_ee_band, masses_from_splittings

_NAMES = ("sin2_theta12", "sin2_theta13", "dm2_21", "dm2_3l")
_POINTS = (7, 3, 2, 2)


def _grid(ordering: Ordering, variant: Variant) -> np.ndarray:
    """Points (G, 4) of the 3 sigma box of `_NAMES`."""
    ranges = nufit(ordering, variant, _NAMES).quantities
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

    The sum fixes the lightest mass at given splittings; it is found by interpolation on a fine
    logarithmic grid, to about 1e-5 relative.
    """
    low = np.full(len(sum_m), np.inf)
    high = np.full(len(sum_m), -np.inf)
    lightest = np.concatenate([[0.0], np.geomspace(1e-6, max(sum_m.max(), 1e-3), 2000)])
    for s12sq, s13sq, dm2_21, dm2_3l in _grid(ordering, variant):
        total = masses_from_splittings(lightest, dm2_21, dm2_3l, ordering).sum(axis=-1)
        possible = sum_m >= total[0]
        mass = np.interp(sum_m[possible], total, lightest)
        below, above = m_ee_band(mass, s12sq, s13sq, dm2_21, dm2_3l, ordering)
        low[possible] = np.minimum(low[possible], below)
        high[possible] = np.maximum(high[possible], above)
    empty = ~np.isfinite(low)
    low[empty] = high[empty] = np.nan
    return low, high
