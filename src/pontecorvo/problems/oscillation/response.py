"""From antineutrino energy to JUNO's prompt energy: recoil, non-linearity, resolution, bins.

The positron of an inverse beta decay at angle theta has, to first order in 1/M (Vogel & Beacom,
Phys. Rev. D 60 (1999) 053003, eq. 11), the energy E_e = E_0 [1 - E/M (1 - v_0 cos theta)] - y^2/M.
Its angles are weighted with 1 + 3 <cos theta> cos theta, <cos theta> from their eq. 16. What is
deposited is E_e + m_e; what is seen is that times the released non-linearity, smeared.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from ...physics.inverse_beta_decay import ELECTRON_MASS, NEUTRON_MASS, PROTON_MASS
from .juno_tables import table

Array = np.ndarray
ANGLES = 5
"""Gauss-Legendre nodes of cos theta: the spread is 0.1 sigma of the resolution at most."""
STEP = 1e-3
"""Relative step of the derivatives by energy scale, resolution and non-linearity."""


def positron_energy(energy: Array, cosine: Array) -> Array:
    """Energy of the positron, mass included [MeV], at E [MeV] and cos theta; first order in 1/M."""
    mass = (NEUTRON_MASS + PROTON_MASS) / 2
    delta = NEUTRON_MASS - PROTON_MASS
    zeroth = np.maximum(energy - delta, ELECTRON_MASS)
    speed = np.sqrt(np.maximum(1 - (ELECTRON_MASS / zeroth) ** 2, 0.0))
    y2 = (delta**2 - ELECTRON_MASS**2) / 2
    first = zeroth * (1 - energy / mass * (1 - speed * cosine)) - y2 / mass
    return np.maximum(first, ELECTRON_MASS)


def mean_cosine(energy: Array) -> Array:
    """Average cos theta of the positron: -0.034 v + 2.4 E/M (Vogel & Beacom, eq. 16)."""
    zeroth = np.maximum(energy - (NEUTRON_MASS - PROTON_MASS), ELECTRON_MASS)
    speed = np.sqrt(np.maximum(1 - (ELECTRON_MASS / zeroth) ** 2, 0.0))
    return -0.034 * speed + 2.4 * energy / PROTON_MASS


@dataclass(frozen=True)
class Resolution:
    """sigma / E = sqrt(a^2 / E + b^2 + c^2 / E^2), E the visible energy in MeV.

    Attributes:
        a: Photon statistics.
        b: Constant term.
        c: Noise.
    """

    a: float
    b: float
    c: float

    def sigma(self, visible: Array) -> Array:
        """Standard deviation [MeV] at the visible energy [MeV]."""
        return np.sqrt(self.a**2 * visible + self.b**2 * visible**2 + self.c**2)


def calibrated_resolution() -> Resolution:
    """Fit the three terms to the released calibration sources.

    The peaks scatter about any such curve by far more than their errors of some 1e-4 of themselves
    (sources of one and of several gammas), so all count alike; the fit is linear in the squares.
    """
    peaks = table("juno/resolution.csv", positive=("energy", "resolution"))
    energy, squared = peaks["energy"], (peaks["resolution"] / 100) ** 2
    columns = np.stack([1 / energy, np.ones_like(energy), energy**-2], axis=1)
    from scipy.optimize import nnls  # squares are not negative

    squares, _ = nnls(columns / squared[:, None], np.ones_like(squared))
    a, b, c = np.sqrt(squares)
    return Resolution(float(a), float(b), float(c))


def non_linearity() -> tuple[Array, Array, Array]:
    """Deposited energy [MeV], visible over deposited energy and its error, each (n,)."""
    curve = table("juno/non_linearity.csv", required=("error_low", "error_high"))
    error = 0.5 * (curve["error_high"] - curve["error_low"])
    return curve["energy"], curve["ratio"], error


@dataclass(frozen=True)
class Response:
    """The matrices from true to prompt energy.

    Attributes:
        matrix: Share (B, S) of each true energy in each bin.
        slopes: Change (3, B, S) of the matrix for a relative change of one of the energy scale,
            of one of the resolution, and for one standard deviation of the non-linearity.
    """

    matrix: Array
    slopes: Array


def build_response(
    energy: Array, edges: Array, resolution: Resolution, recoil: bool = True
) -> Response:
    """Prepare the matrices.

    Args:
        energy: True antineutrino energies (S,) [MeV].
        edges: Edges (B + 1,) of the prompt energy [MeV].
        resolution: Resolution.
        recoil: Whether the positron's energy depends on its angle and on the neutron's recoil.
    """
    cosine, weight = np.polynomial.legendre.leggauss(ANGLES)
    if recoil:
        total = positron_energy(energy, cosine[:, None])
        share = 0.5 * weight[:, None] * (1 + 3 * mean_cosine(energy) * cosine[:, None])
    else:
        total = np.maximum(energy - (NEUTRON_MASS - PROTON_MASS), ELECTRON_MASS)[None]
        share = np.ones_like(total)
    deposited = total + ELECTRON_MASS
    nodes, ratio, error = non_linearity()
    visible = deposited * np.interp(deposited, nodes, ratio)
    bent = deposited * np.interp(deposited, nodes, error)

    def matrix(scale: float, width: float, bend: float) -> Array:
        seen = (visible + bend * bent) * (1 + scale)
        sigma = resolution.sigma(seen) * (1 + width)
        below = ndtr((edges[:, None, None] - seen) / sigma)
        return np.einsum("bas,as->bs", np.diff(below, axis=0), share)

    def slope(index: int, step: float) -> Array:
        up, down = ([0.0] * 3 for _ in range(2))
        up[index], down[index] = step, -step
        return (matrix(*up) - matrix(*down)) / (2 * step)

    slopes = [slope(0, STEP), slope(1, STEP), slope(2, 0.1)]
    return Response(matrix(0, 0, 0), np.stack(slopes))
