"""Inverse beta decay in full, against which the package's approximations are tested."""

import numpy as np

from pontecorvo.physics.inverse_beta_decay import ELECTRON_MASS, NEUTRON_MASS, PROTON_MASS

ALPHA = 1 / 137.035999
HBARC = 197.3269804e-13  # MeV cm


def ibd_strumia_vissani(energy, angles=24):
    """Inverse beta decay in 1e-41 cm^2: the full tree level with radiative correction.

    Strumia & Vissani, PLB 564 (2003) 42, eqs. (3)-(14), with g_A = -1.27601, V_ud = 0.97427
    (Ricciardi, Vignaroli & Vissani, JHEP 08 (2022) 212), integrated over the momentum transfer by
    Gauss-Legendre quadrature.
    """
    fermi, vud, axial, xi = 1.1663787e-11, 0.97427, -1.27601, 3.706  # G_F in MeV^-2
    energy = np.maximum(np.asarray(energy, dtype=float), 1e-6)[..., None]
    mass, delta, m2 = (NEUTRON_MASS + PROTON_MASS) / 2, NEUTRON_MASS - PROTON_MASS, ELECTRON_MASS**2
    s = PROTON_MASS**2 + 2 * PROTON_MASS * energy
    root = np.sqrt(s)
    neutrino = (s - PROTON_MASS**2) / (2 * root)
    positron = (s - NEUTRON_MASS**2 + m2) / (2 * root)
    momentum = np.sqrt(np.maximum(positron**2 - m2, 0.0))
    cosine, weights = np.polynomial.legendre.leggauss(angles)
    t = m2 - 2 * neutrino * (positron - momentum * cosine)
    dipole, x = (1 - t / 0.71e6) ** 2, 1 - t / (4 * mass**2)
    f1 = (1 - (1 + xi) * t / (4 * mass**2)) / x / dipole
    f2 = xi / x / dipole
    g1 = axial / (1 - t / 1.014e3**2) ** 2
    g2 = 2 * mass**2 * g1 / (139.57**2 - t)
    big = 4 * mass**2
    leading = (
        4 * f1**2 * (big + t + m2)
        + 4 * g1**2 * (-big + t + m2)
        + f2**2 * (t**2 / mass**2 + 4 * t + 4 * m2)
        + 4 * m2 * t * g2**2 / mass**2
        + 8 * f1 * f2 * (2 * t + m2)
        + 16 * m2 * g1 * g2
    )
    splitting = (
        (4 * f1**2 + t * f2**2 / mass**2) * (big + t - m2)
        + 4 * g1**2 * (big - t + m2)
        + 4 * m2 * g2**2 * (t - m2) / mass**2
        + 8 * f1 * f2 * (2 * t - m2)
        + 16 * m2 * g1 * g2
    )
    a = (t - m2) * leading - delta**2 * splitting - 32 * m2 * mass * delta * g1 * (f1 + f2)
    b = 16 * t * g1 * (f1 + f2) + 4 * m2 * delta * (f2**2 + f1 * f2 + 2 * g1 * g2) / mass
    c = 4 * (f1**2 + g1**2) - t * f2**2 / mass**2
    s_u = 2 * s + t - (PROTON_MASS**2 + NEUTRON_MASS**2 + m2)
    squared = (a - s_u * b + s_u**2 * c) / 16
    lab = energy + PROTON_MASS - (PROTON_MASS**2 + NEUTRON_MASS**2 - t) / (2 * PROTON_MASS)
    lab = np.maximum(lab, ELECTRON_MASS)
    radiative = 1 + ALPHA / np.pi * (
        6 + 1.5 * np.log(PROTON_MASS / (2 * lab)) + 1.2 * (ELECTRON_MASS / lab) ** 1.5
    )
    rate = (fermi * vud) ** 2 / (2 * np.pi * (s - PROTON_MASS**2) ** 2) * squared * radiative
    total = (rate * weights).sum(axis=-1) * (2 * neutrino * momentum)[..., 0]
    return np.where(positron[..., 0] > ELECTRON_MASS, total * HBARC**2 * 1e41, 0.0)
