"""Inverse beta decay: differential cross section, positron energy, and the map between them.

Vogel & Beacom, Phys. Rev. D 60, 053003 (1999), to first order in 1/M. Energies in MeV, cross
sections in cm^2.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import constants as si
from scipy.sparse import csr_array

from .release import FINE_EDGES, Array

HBAR_C = si.hbar * si.c / si.e * 1e-6  # MeV m
HBAR = si.hbar / si.e * 1e-6  # MeV s
# dm2 [eV^2] L [m] / (4 E [MeV]) in units of one: 1.2669
PHASE = 1e-12 / (4 * HBAR_C)


@dataclass(frozen=True)
class InverseBetaDecay:
    """Constants of the reaction.

    Attributes:
        electron: Electron mass, MeV.
        proton: Proton mass, MeV.
        neutron: Neutron mass, MeV.
        lifetime: Neutron lifetime, s.
        phase_space: Phase-space factor of neutron decay, with radiative corrections.
        f: Vector coupling.
        g: Axial coupling.
        f2: Anomalous nucleon isovector magnetic moment.
    """

    electron: float
    proton: float
    neutron: float
    lifetime: float
    phase_space: float
    f: float
    g: float
    f2: float

    @classmethod
    def from_constants(cls, constants: Mapping[str, float]) -> "InverseBetaDecay":
        """Take the constants from the release's tables."""
        return cls(
            electron=constants["ElectronMass"],
            proton=constants["ProtonMass"],
            neutron=constants["NeutronMass"],
            lifetime=constants["NeutronLifeTime"],
            phase_space=constants["PhaseSpaceFactor"],
            f=constants["f"],
            g=constants["g"],
            f2=constants["f2"],
        )

    @property
    def threshold(self) -> float:
        """Lowest antineutrino energy (laboratory frame), MeV."""
        light = self.proton - self.electron
        return (self.neutron**2 - light**2) / (2 * light)

    def positron_energy(self, enu: Array, cosine: Array) -> Array:
        """Total positron energy, exact two-body kinematics; NaN below threshold."""
        shift = (self.neutron**2 - self.proton**2 - self.electron**2) / (2 * self.proton)
        a, b = self.proton + enu, enu * cosine
        d = self.proton * (enu - shift)
        square = a**2 - b**2
        root = d**2 - square * self.electron**2
        with np.errstate(invalid="ignore"):
            energy = (a * d + b * np.sqrt(root)) / square
        return np.where((root >= 0) & (enu >= self.threshold), energy, np.nan)

    def cross_section(self, enu: Array, cosine: Array) -> Array:
        """d(sigma)/d(cos theta) in cm^2, to first order in 1/M; zero below threshold.

        Equations (12) and (13) of the paper, with sigma_0 from the neutron lifetime.
        """
        enu, cosine = np.broadcast_arrays(np.asarray(enu, float), np.asarray(cosine, float))
        mass = 0.5 * (self.neutron + self.proton)
        delta = self.neutron - self.proton
        vector, axial = self.f**2, self.g**2
        norm = 2 * np.pi**2 * HBAR * (HBAR_C * 100) ** 2
        norm /= self.phase_space * (vector + 3 * axial) * self.electron**5 * self.lifetime
        e0 = np.maximum(enu - delta, self.electron * (1 + 1e-12))
        p0 = np.sqrt(e0**2 - self.electron**2)
        v0 = p0 / e0
        recoil = 0.5 * (delta**2 - self.electron**2) / mass
        e1 = e0 * (1 - enu / mass * (1 - v0 * cosine)) - recoil
        good = (enu >= self.threshold) & (e1 > self.electron)
        e1 = np.where(good, e1, self.electron * (1 + 1e-12))
        p1 = np.sqrt(e1**2 - self.electron**2)
        first = (vector + 3 * axial + (vector - axial) * p1 / e1 * cosine) * e1 * p1
        magnetic = 2 * self.g * (self.f + self.f2)
        magnetic *= (2 * e0 + delta) * (1 - v0 * cosine) - self.electron**2 / e0
        charge = (vector + axial) * (delta * (1 + v0 * cosine) + self.electron**2 / e0)
        angle = (e0 + delta) * (1 - cosine / v0) - delta
        weak = (vector + 3 * axial + (vector - axial) * v0 * cosine) * angle
        second = (magnetic + charge + weak) * e0 * p0 / mass
        return np.where(good, 0.5 * norm * (first - second), 0.0)

    def total_cross_section(self, enu: Array, order: int = 16) -> Array:
        """Cross section in cm^2 at energies (n,)."""
        cosine, weight = np.polynomial.legendre.leggauss(order)
        return self.cross_section(np.asarray(enu, float)[:, None], cosine) @ weight


def energy_cells(low: float, high: float, width: float) -> Array:
    """Edges (n + 1,) of equal cells of antineutrino energy."""
    return np.linspace(low, high, round((high - low) / width) + 1)


def deposit_matrix(reaction: InverseBetaDecay, cells: Array, order: int = 9) -> csr_array:
    """Cross section from a cell of antineutrino energy to a 50 keV bin of deposited energy.

    Deposited energy is positron energy plus one electron mass. A cell's image under the kinematics
    is an interval, which is shared among the bins it covers by length.

    Args:
        reaction: Inverse beta decay.
        cells: Cell edges (n + 1,), MeV.
        order: Gauss-Legendre points in the positron angle.

    Returns:
        Matrix (240, n), in cm^2 MeV: multiply by a spectrum per MeV at the cell centres.
    """
    cosine, weight = np.polynomial.legendre.leggauss(order)
    centre, width = 0.5 * (cells[1:] + cells[:-1]), np.diff(cells)
    value = reaction.cross_section(centre[:, None], cosine) * weight * width[:, None]
    edges = reaction.positron_energy(cells[:, None], cosine) + reaction.electron
    edges = np.where(np.isnan(edges), 2 * reaction.electron, edges)
    low, high = edges[:-1], edges[1:]
    step = FINE_EDGES[1] - FINE_EDGES[0]
    first = np.clip((low / step).astype(int), 0, len(FINE_EDGES) - 1)
    rows, columns, entries = [], [], []
    cell = np.broadcast_to(np.arange(len(centre))[:, None], value.shape)
    span = np.maximum(high - low, 1e-300)
    for k in range(int(np.max(np.ceil((high - low) / step))) + 1):
        bin_ = first + k
        part = (np.minimum(high, (bin_ + 1) * step) - np.maximum(low, bin_ * step)) / span
        kept = (part > 0) & (bin_ < 240) & (value > 0)
        rows.append(bin_[kept])
        columns.append(cell[kept])
        entries.append((part * value)[kept])
    index = (np.concatenate(rows), np.concatenate(columns))
    return csr_array((np.concatenate(entries), index), shape=(240, len(centre)))
