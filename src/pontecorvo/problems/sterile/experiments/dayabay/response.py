"""From deposited to reconstructed energy: acrylic vessel, scintillator, resolution, final bins.

All matrices act on 240 bins of 50 keV and have the true energy in columns.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from .release import FINE_EDGES, Array, Release, rebin_matrix

_CENTRES = 0.5 * (FINE_EDGES[1:] + FINE_EDGES[:-1])


@dataclass(frozen=True)
class Response:
    """The detectors' response as a function of its parameters.

    Attributes:
        iav: Nominal acrylic-vessel matrix (240, 240).
        energy: Energies (n,) of the non-linearity curves, MeV.
        nominal: Visible energy (n,) at these.
        pulls: Difference (4, n) of visible energy for one standard deviation of each pull.
        rebin: Sum of 50 keV bins into the final ones (26, 240).
    """

    iav: Array
    energy: Array
    nominal: Array
    pulls: Array
    rebin: Array

    def matrices(self, iav: Array, lsnl: Array, energy_scale: Array, eres: Array) -> Array:
        """Deposited energy to final bins (n, 26, 240) of n detectors.

        Args:
            iav: Factors (n,) on the off-diagonal elements of the vessel's matrix.
            lsnl: Weights (4,) of the non-linearity pulls.
            energy_scale: Factors (n,) on the visible energy.
            eres: Resolution a, b, c: sigma/E = sqrt(a^2 + b^2/E + c^2/E^2).
        """
        smear = self.rebin @ resolution_matrix(eres)
        visible = self.nominal + lsnl @ self.pulls
        # most calls change few detectors: what several share is computed once
        bent = {
            s: smear @ axis_matrix(self.energy, s * visible) for s in set(energy_scale.tolist())
        }
        vessel = {s: scaled_vessel(self.iav, s) for s in set(iav.tolist())}
        pairs = list(zip(energy_scale.tolist(), iav.tolist(), strict=True))
        done = {pair: bent[pair[0]] @ vessel[pair[1]] for pair in set(pairs)}
        return np.array([done[pair] for pair in pairs])


def build_response(release: Release) -> Response:
    """Prepare the curves: relative to absolute, a cubic spline, straight lines beyond the ends."""
    x = release.lsnl["nominal"][0]
    curves = np.array([release.lsnl[name][1] for name in ("nominal", *_PULLS)]) * x
    step = (x[-1] - x[0]) / (4 * (len(x) - 1))
    fine = np.linspace(x[0], x[-1], 4 * (len(x) - 1) + 1)
    values = CubicSpline(x, curves, axis=1)(fine)
    below = np.arange(0.5, fine[0], step)
    above = fine[-1] + step * np.arange(1, int((12.1 - fine[-1]) / step + 1e-6) + 1)
    left = values[:, :1] + (values[:, 1:2] - values[:, :1]) / step * (below - fine[0])
    right = values[:, -1:] + (values[:, -1:] - values[:, -2:-1]) / step * (above - fine[-1])
    values = np.concatenate([left, values, right], axis=1)
    return Response(
        iav=release.iav,
        energy=np.concatenate([below, fine, above]),
        nominal=values[0],
        pulls=values[1:] - values[0],
        rebin=rebin_matrix(release.final_edges),
    )


_PULLS = ("pull0", "pull1", "pull2", "pull3")


def scaled_vessel(matrix: Array, scale: float) -> Array:
    """Scale the off-diagonal elements and make the columns sum to one again."""
    scaled = scale * matrix
    np.fill_diagonal(scaled, np.diagonal(matrix))
    total = scaled.sum(axis=0)
    return scaled / np.where(total > 0, total, 1.0)


def axis_matrix(x: Array, y: Array) -> Array:
    """Share (240, 240) of each bin of x that the increasing curve y(x) carries to each bin of y."""
    cuts = np.interp(FINE_EDGES, y, x, left=-np.inf, right=np.inf)
    # a target edge beyond the curve lies beyond every event
    cuts = np.clip(cuts[:, None], FINE_EDGES[:-1], FINE_EDGES[1:])
    matrix = np.diff(cuts, axis=0) / np.diff(FINE_EDGES)
    known = (FINE_EDGES[:-1] >= x[0]) & (FINE_EDGES[1:] <= x[-1])
    return matrix * known


def resolution_matrix(eres: Array) -> Array:
    """Gaussian smearing (240, 240) between bin centres; a, b, c as in `Response.matrix`."""
    a, b, c = eres
    sigma = np.sqrt(a**2 * _CENTRES**2 + b**2 * _CENTRES + c**2)
    pull = (_CENTRES[:, None] - _CENTRES) / sigma
    width = FINE_EDGES[1] - FINE_EDGES[0]
    return np.exp(-0.5 * pull**2) * width / (np.sqrt(2 * np.pi) * sigma)
