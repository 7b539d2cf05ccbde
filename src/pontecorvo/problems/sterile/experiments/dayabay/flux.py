"""Antineutrinos from the six cores: fission spectra, their corrections and uncertainties.

Everything is given on the cells of antineutrino energy on which the prediction is computed.
"""

from dataclasses import dataclass

import numpy as np
from scipy import constants as si

from .release import DETECTOR_OF, ISOTOPES, ISOTOPES_NEQ, REACTORS, Array, Release


@dataclass(frozen=True)
class Flux:
    """Reactor flux on C cells of antineutrino energy. I = 4 isotopes, R = 6 cores, S = 21 samples.

    Attributes:
        energy: Cell centres (C,), MeV.
        spectra: Huber-Mueller spectra (I, C) per fission and MeV, no correction.
        nonequilibrium: Additional spectra (I, C) from long-lived fission products; zero for U238.
        spent_fuel: Spectra (R, C) per second and MeV from spent fuel at each core.
        shape: How the free spectrum's log is interpolated: (19, C), linear in energy between the
            nodes and extrapolated beyond the outer ones.
        sigma_correlated: Relative uncertainty (I, 226) at the release's energies, one common pull.
        sigma_uncorrelated: Relative uncertainty (I, 226), one pull for each entry.
        node_hat: Linear interpolation between these energies: (226, C).
        thermal_energy: Heat (S, R) in MeV released while the sample was sensitive.
        per_area: Target protons, efficiency and 1/(4 pi L^2): (S, R), per cm^2.
        livetime: Effective live time (S,), s.
    """

    energy: Array
    spectra: Array
    nonequilibrium: Array
    spent_fuel: Array
    shape: Array
    sigma_correlated: Array
    sigma_uncorrelated: Array
    node_hat: Array
    thermal_energy: Array
    per_area: Array
    livetime: Array


def build_flux(release: Release, cells: Array) -> Flux:
    """Interpolate the release's spectra onto cells (C + 1,) and sum up the exposure.

    Spectra are interpolated exponentially between the tabulated energies, corrections linearly and
    are zero outside their tables, as their authors prescribe.
    """
    constants = release.constants
    energy = 0.5 * (cells[1:] + cells[:-1])
    spectra = np.array([_exponential(energy, *release.spectra[name]) for name in ISOTOPES])
    fractions = _vector(constants["fission_fractions"])
    per_fission = np.array([constants["energy_per_fission"][name][0] for name in ISOTOPES])
    mean_energy = fractions @ per_fission
    # rates were computed by the collaboration from the heat with these numbers per fission
    mean_number = fractions @ _vector(constants["antineutrinos_per_fission"])
    heat = constants["nominal_thermal_power"] * 1e9 / (si.e * 1e6)  # MeV per second
    fuel_rate = heat / mean_energy * (fractions @ spectra)
    spent = np.array(
        [fuel_rate * np.interp(energy, *release.spent_fuel[name], 0, 0) for name in REACTORS]
    )
    extra = np.zeros_like(spectra)
    for i, name in enumerate(ISOTOPES):
        if name in ISOTOPES_NEQ:
            extra[i] = spectra[i] * np.interp(energy, *release.nonequilibrium[name], 0, 0)
    nodes = release.spectrum_sigma["uncorr", ISOTOPES[0]][0]
    sigma = {
        kind: np.array([release.spectrum_sigma[kind, name][1] for name in ISOTOPES])
        for kind in ("corr", "uncorr")
    }
    area = 4 * np.pi * (release.baseline[DETECTOR_OF] * 100) ** 2
    return Flux(
        energy=energy,
        spectra=spectra,
        nonequilibrium=extra,
        spent_fuel=spent,
        shape=hat_functions(release.spectrum_nodes, energy),
        sigma_correlated=sigma["corr"],
        sigma_uncorrelated=sigma["uncorr"],
        node_hat=hat_functions(nodes, energy),
        thermal_energy=release.exposure * mean_energy / mean_number,
        per_area=constants["efficiency"] * release.protons[DETECTOR_OF][:, None] / area,
        livetime=release.effective_livetime,
    )


def hat_functions(nodes: Array, energy: Array) -> Array:
    """Weights (n, C) of linear interpolation between nodes (n,), extrapolating at both ends."""
    place = np.clip(np.searchsorted(nodes, energy, side="right") - 1, 0, len(nodes) - 2)
    right = (energy - nodes[place]) / (nodes[place + 1] - nodes[place])
    hats = np.zeros((len(nodes), len(energy)))
    column = np.arange(len(energy))
    hats[place, column] = 1 - right
    hats[place + 1, column] = right
    return hats


def _exponential(energy: Array, nodes: Array, values: Array) -> Array:
    return np.exp(np.log(values) @ hat_functions(nodes, energy))


def _vector(table: dict[str, float]) -> Array:
    return np.array([table[name] for name in ISOTOPES])
