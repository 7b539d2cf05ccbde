"""The reactor spectrum as Daya Bay measured it: a smooth curve and its modes of uncertainty.

The release gives flux times cross section, averaged in 25 bins of energy. As a curve it is the
Huber-Mueller spectrum times the cross section times a cubic spline through 25 nodes, whose heights
reproduce the 25 averages (the construction of NuFIT, arXiv:2601.09791, appendix A). The smearing
that the unfolding leaves in is not undone.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from ...physics.inverse_beta_decay import ibd_vogel_beacom
from ...physics.reactor import polynomial_flux
from .juno_tables import covariance, table

Array = np.ndarray
# average of the data that was unfolded, see the head of flux.csv
DAYABAY_FRACTIONS = {"u235": 0.564, "u238": 0.076, "pu239": 0.304, "pu241": 0.056}
FINE = 400
"""Points a bin for its average."""


def huber_mueller_yield(energy: Array) -> Array:
    """Flux times cross section (S,) per fission and MeV [1e-42 cm^2], the polynomials of HM."""
    total = sum(share * polynomial_flux(name, energy) for name, share in DAYABAY_FRACTIONS.items())
    return total * ibd_vogel_beacom(energy)


@dataclass(frozen=True)
class ReactorYield:
    """Flux times cross section at given energies.

    Attributes:
        value: Per fission and MeV (S,).
        modes: Relative change (K, S) for one standard deviation of each independent mode.
    """

    value: Array
    modes: Array


def dayabay_yield(energy: Array) -> ReactorYield:
    """Daya Bay's spectrum and its 25 modes at energies (S,) [MeV]."""
    measured = table("juno/flux.csv", required=("low", "high", "value"))
    low, high, value = measured["low"], measured["high"], measured["value"]
    size = len(value)
    spline = CubicSpline((low + high) / 2, np.eye(size), axis=0)
    inside = (np.arange(FINE) + 0.5) / FINE
    points = low[:, None] + (high - low)[:, None] * inside
    averages = np.einsum("bf,bfn->bn", huber_mueller_yield(points), spline(points)) / FINE
    values, vectors = np.linalg.eigh(covariance("juno/flux_covariance.csv", size))
    columns = np.concatenate([value[:, None], vectors * np.sqrt(np.maximum(values, 0))], axis=1)
    heights = np.linalg.solve(averages, columns)
    shape = spline(np.clip(energy, low[0], high[-1])) @ heights
    return ReactorYield(huber_mueller_yield(energy) * shape[:, 0], (shape[:, 1:] / shape[:, :1]).T)
