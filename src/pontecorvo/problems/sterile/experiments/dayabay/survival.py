"""Electron-antineutrino survival in vacuum between cores and detectors, with or without a sterile.

Distances are those of the release, core centre to detector centre. For the fast oscillations of an
eV-scale state the finite core and detector matter: every cosine is averaged over a uniform spread
of the distance and over the cell of energy, both in closed form.
"""

from dataclasses import dataclass, replace

import numpy as np

from .kinematics import PHASE
from .release import Array

# Uniform half width, in metres, with the variance of a core (cylinder, 3.0 m wide) and of a
# detector's target (3.1 m wide) along the line of sight: sqrt(3 (1.5^2 + 1.55^2) / 4)
EXTENT = 1.87


@dataclass(frozen=True)
class Mixing:
    """Mixing and masses; angles as sin^2(2 theta), masses in eV^2, normal ordering.

    With |U_e4|^2 = sin^2 theta14 the first three |U_ei|^2 are those of three flavours times
    cos^2 theta14. No sterile state: sin2_2theta14 = 0.
    """

    sin2_2theta13: float
    dm2_32: float
    sin2_2theta12: float
    dm2_21: float
    sin2_2theta14: float = 0.0
    dm2_41: float = 1.0

    def weights(self) -> Array:
        """|U_ei|^2 (4,)."""
        s12, s13, s14 = (
            0.5 * (1 - np.sqrt(1 - value))
            for value in (self.sin2_2theta12, self.sin2_2theta13, self.sin2_2theta14)
        )
        active = (1 - s14) * np.array([(1 - s13) * (1 - s12), (1 - s13) * s12, s13])
        return np.append(active, s14)

    def masses(self) -> Array:
        """Squared masses (4,) above the lightest, eV^2."""
        return np.array([0.0, self.dm2_21, self.dm2_21 + self.dm2_32, self.dm2_41])

    def without_sterile(self) -> "Mixing":
        """The same with sin2_2theta14 = 0."""
        return replace(self, sin2_2theta14=0.0)


def averaged_cosine(
    dm2: float, baseline: Array, energy: Array, width: float, extent: float
) -> Array:
    """Mean of cos(dm2 L / 2 E) over L +- extent and a cell of energy.

    Args:
        dm2: eV^2.
        baseline: Distances (...,), m.
        energy: Cell centres (C,), MeV.
        width: Cell width, MeV.
        extent: Half width of the distance, m.

    Returns:
        (..., C).
    """
    phase = 2 * PHASE * dm2 * baseline[..., None] / energy
    return np.cos(phase) * damping(dm2, phase, energy, width, extent)


def damping(dm2: float, phase: Array, energy: Array, width: float, extent: float) -> Array:
    """Factor (..., C) that the average puts on a cosine or sine of `phase` (..., C)."""
    # the phase changes by this much from the centre of a cell to its edge
    factor = np.sinc(phase * (0.5 * width / energy) / np.pi)
    if extent:
        factor *= np.sinc(2 * PHASE * dm2 * extent / energy / np.pi)
    return factor


def survival(
    mixing: Mixing, baseline: Array, energy: Array, width: float, extent: float = 0.0
) -> Array:
    """P(nu_e -> nu_e) = 1 - 2 sum_{i<j} |U_ei|^2 |U_ej|^2 (1 - <cos(dm2_ij L / 2 E)>).

    Arguments and result as in `averaged_cosine`.
    """
    weight, mass = mixing.weights(), mixing.masses()
    result = np.ones((*baseline.shape, len(energy)))
    for i in range(4):
        for j in range(i):
            amplitude = 2 * weight[i] * weight[j]
            if amplitude:
                dm2 = mass[i] - mass[j]
                result -= amplitude * (1 - averaged_cosine(dm2, baseline, energy, width, extent))
    return result
