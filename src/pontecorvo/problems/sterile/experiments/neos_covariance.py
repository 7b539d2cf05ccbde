"""A stand-in for the released NEOS covariance, for use without a data folder.

The 60 shipped uncertainties are split into statistics (from the expected spectrum), the energy
scale, and the rest, which is the flux measured by Daya Bay: smooth, so correlated over
`CORRELATION` MeV. The length is the one number here that is not in the paper; it was chosen against
the released matrix, from which the chi2 then differs as the test of the reactor experiments says.
"""

import numpy as np

from ..experiment import Array

EVENTS = 300_000.0
"""Signal events behind the statistical part (180 days at 1,976 a day, less dead time and cuts)."""
BACKGROUND = 1 / 22
"""Background over signal."""
ENERGY_SCALE = 0.005
CORRELATION = 0.8  # MeV


def approximate_covariance(sigma: Array, spectrum: Array, energy: Array) -> Array:
    """Covariance (60, 60) with the given uncertainties (60,).

    Args:
        sigma: Total uncertainties.
        spectrum: Expected events (70,) in bins of 0.1 MeV, arbitrary scale.
        energy: Middle of the 60 bins [MeV], prompt.
    """
    size = len(sigma)
    events = (spectrum / spectrum.sum() * EVENTS)[:size]
    statistics = np.minimum(np.sqrt((1 + 2 * BACKGROUND) / events), 0.95 * sigma)
    slope = np.gradient(np.log(spectrum), energy[1] - energy[0])[:size]
    scale = ENERGY_SCALE * energy * slope
    rest = np.sqrt(np.maximum(sigma**2 - statistics**2 - scale**2, 1e-8))
    distance = (energy[:, None] - energy) / CORRELATION
    smooth = np.exp(-0.5 * distance**2) * np.outer(rest, rest)
    total = np.diag(statistics**2) + np.outer(scale, scale) + smooth
    ratio = sigma / np.sqrt(np.diagonal(total))
    return total * np.outer(ratio, ratio)
