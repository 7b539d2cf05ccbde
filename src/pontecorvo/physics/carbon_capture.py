"""Electron neutrinos from muon decay at rest, and their capture on carbon, 12C(nu_e, e-)12N_gs."""

from typing import Literal

import numpy as np
from scipy.special import loggamma

Array = np.ndarray
Shape = Literal["phase-space", "fukugita"]

ENDPOINT = 52.83  # MeV, m_mu / 2 for a massless electron
THRESHOLD = 17.338  # MeV, atomic mass difference 12N - 12C (AME)
M_E = 0.510999  # MeV
ALPHA = 7.2973525693e-3
HBAR_C = 197.327  # MeV fm


def decay_at_rest(energy: Array) -> Array:
    """Spectrum of nu_e from mu+ decay at rest, per MeV, normalised to one: 12 x^2 (1 - x) / E_max.

    Args:
        energy: Neutrino energy [MeV].
    """
    x = np.asarray(energy) / ENDPOINT
    return np.where((x > 0) & (x < 1), 12 * x**2 * (1 - x) / ENDPOINT, 0.0)


def fermi_function(momentum: Array, energy: Array, charge: int, mass_number: int) -> Array:
    """Coulomb correction F(Z, E) of an outgoing electron at the nuclear surface.

    Args:
        momentum: Electron momentum [MeV].
        energy: Electron total energy [MeV].
        charge: Charge Z of the daughter nucleus.
        mass_number: Its mass number.
    """
    gamma = np.sqrt(1 - (ALPHA * charge) ** 2)
    eta = ALPHA * charge * energy / momentum
    radius = 1.2 * mass_number ** (1 / 3) / HBAR_C
    logs = 2 * np.real(loggamma(gamma + 1j * eta)) - 2 * loggamma(2 * gamma + 1)
    return 2 * (1 + gamma) * (2 * momentum * radius) ** (2 * gamma - 2) * np.exp(np.pi * eta + logs)


def carbon_cross_section(energy: Array, shape: Shape = "fukugita") -> Array:
    """Energy dependence of 12C(nu_e, e-)12N_gs, in arbitrary units.

    ``phase-space`` is p_e E_e F(7, E_e), which the KARMEN spectrum follows. ``fukugita`` adds weak
    magnetism, 1 + (4/3) (mu_V - 1/2) / (M g_A) (E_nu + E_e), and the axial form factor
    (1 - q^2 R^2 / 6)^2 with R = 3.13 fm; it follows the calculation of Fukugita, Kohyama and
    Kubodera, Phys. Lett. B 212 (1988) 139, to 4 % from 25 to 55 MeV.

    Args:
        energy: Neutrino energy [MeV].
        shape: Which one.

    Returns:
        Zero below threshold.
    """
    nu = np.asarray(energy, dtype=float)
    electron = np.maximum(nu - THRESHOLD + M_E, M_E * (1 + 1e-12))
    momentum = np.sqrt(electron**2 - M_E**2)
    value = momentum * electron * fermi_function(momentum, electron, charge=7, mass_number=12)
    if shape == "fukugita":
        magnetism = 4 / 3 * (4.706 - 0.5) / (938.919 * 1.2764)
        # mean of 2 E_nu E_e (1 - cos theta) for an angular distribution 1 - cos(theta) / 3
        q2 = 2 * nu * electron * (1 + 1 / 9)
        value = value * (1 + magnetism * (nu + electron))
        value = value * (1 - q2 * (3.13 / HBAR_C) ** 2 / 6) ** 2
    return np.where(nu > THRESHOLD, value, 0.0)
