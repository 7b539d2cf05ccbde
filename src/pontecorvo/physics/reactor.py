"""Reactor antineutrinos: flux polynomials, sampling of energies, detector response.

Energies are in MeV throughout.
"""

import numpy as np
from scipy.special import erf

Array = np.ndarray
ISOTOPES = ("u235", "u238", "pu239", "pu241")

# log flux = sum_k a_k E^k per fission and MeV; U235, Pu239, Pu241: Huber, PRC 84 (2011) 024617;
# U238: Mueller et al., PRC 83 (2011) 054615. U235's fifth coefficient is 6.186e-2: some copies
# print 6.185e-2.
FLUX_POLYNOMIALS = {
    "u235": (4.367, -4.577, 2.100, -5.294e-1, 6.186e-2, -2.777e-3),
    "u238": (4.833e-1, 1.927e-1, -1.283e-1, -6.762e-3, 2.233e-3, -1.536e-4),
    "pu239": (4.757, -5.392, 2.563, -6.596e-1, 7.820e-2, -3.536e-3),
    "pu241": (2.990, -2.882, 1.278, -3.343e-1, 3.905e-2, -1.754e-3),
}


def polynomial_flux(isotope: str, energy: Array) -> Array:
    """Huber-Mueller flux per fission and MeV at E [MeV], meant for 2 to 8 MeV."""
    return np.exp(np.polynomial.polynomial.polyval(energy, FLUX_POLYNOMIALS[isotope]))


def sampling_points(low: float, high: float, count: int) -> Array:
    """Midpoints (S,) of `count` equal steps between two energies."""
    step = (high - low) / count
    return low + step * (np.arange(count) + 0.5)


def gaussian_response(energy: Array, edges: Array, sigma: Array) -> Array:
    """Share (S, B) of events of true energy (S,) reconstructed in the bins of edges (B + 1,).

    Gaussian with standard deviation sigma (S,): exp(-(E - E')^2 / (2 sigma^2)), the 1/2 included.
    """
    z = (edges[None] - energy[:, None]) / (np.sqrt(2) * sigma[:, None])
    cumulative = 0.5 * (1 + erf(z))
    return np.diff(cumulative, axis=1)


def shift_energy_scale(shift: float | Array, counts: Array, low: float, high: float) -> Array:
    """Counts (..., B) in equal bins between `low` and `high` when the energy scale is off.

    The event density is interpolated linearly between bins; bins outside are taken as empty. This
    is the recipe of GLoBES (Huber, Lindner & Winter 2005), which the reactor compilations use.

    Args:
        shift: Relative shift b, one or broadcast against the leading axes of `counts`.
        counts: Counts (..., B).
        low: Lowest edge.
        high: Highest edge.
    """
    from .shift_kernel import shift_counts

    shift, counts = np.asarray(shift, dtype=float), np.asarray(counts, dtype=float)
    shape, bins = np.broadcast_shapes(shift.shape, counts.shape[:-1]), counts.shape[-1]
    every = np.ascontiguousarray(np.broadcast_to(shift, shape)).ravel()
    spectra = np.ascontiguousarray(np.broadcast_to(counts, (*shape, bins))).reshape(-1, bins)
    out = np.empty((*shape, bins))
    shift_counts(every, spectra, float(low), float(high), out.reshape(-1, bins))
    return out
