"""The cross section of inverse beta decay, anti-nu_e + p -> e+ + n, in two approximations.

Energies are in MeV. Ratios of rates hardly feel the choice; absolute rates do.
"""

import numpy as np

Array = np.ndarray
ELECTRON_MASS = 0.51099895
NEUTRON_MASS = 939.5654205
PROTON_MASS = 938.2720882
THRESHOLD = 1.8062
"""Where the first-order cross section starts [MeV], as in the reactor compilations."""


def ibd_zeroth_order(energy: Array) -> Array:
    """Inverse beta decay at zeroth order in 1/M: 0.0952e-42 cm^2 E_e p_e, in 1e-42 cm^2.

    E_e = E - (M_n - M_p); zero below threshold.
    """
    positron = np.asarray(energy, dtype=float) - (NEUTRON_MASS - PROTON_MASS)
    momentum = np.sqrt(np.maximum(positron**2 - ELECTRON_MASS**2, 0.0))
    return np.where(positron > ELECTRON_MASS, 0.0952 * positron * momentum, 0.0)


def ibd_vogel_beacom(energy: Array, angles: int = 16) -> Array:
    """Inverse beta decay at first order in 1/M, relative normalisation of `ibd_zeroth_order`.

    Vogel & Beacom, PRD 60 (1999) 053003, eq. (12), integrated over the positron's angle by Gauss-
    Legendre quadrature; in 1e-42 cm^2.
    """
    energy = np.asarray(energy, dtype=float)[..., None]
    f, g, f2 = 1.0, 1.267, 3.706
    delta, mass = NEUTRON_MASS - PROTON_MASS, (NEUTRON_MASS + PROTON_MASS) / 2
    y2 = (delta**2 - ELECTRON_MASS**2) / 2
    e0 = np.maximum(energy - delta, ELECTRON_MASS * (1 + 1e-12))
    p0 = np.sqrt(e0**2 - ELECTRON_MASS**2)
    v0 = p0 / e0
    cosine, weights = np.polynomial.legendre.leggauss(angles)
    e1 = e0 * (1 - energy / mass * (1 - v0 * cosine)) - y2 / mass
    p1 = np.sqrt(np.maximum(e1**2 - ELECTRON_MASS**2, 0.0))
    v1 = p1 / np.maximum(e1, ELECTRON_MASS)
    sum2, difference = f * f + 3 * g * g, f * f - g * g
    gamma = (
        2 * (f + f2) * g * ((2 * e0 + delta) * (1 - v0 * cosine) - ELECTRON_MASS**2 / e0)
        + (f * f + g * g) * (delta * (1 + v0 * cosine) + ELECTRON_MASS**2 / e0)
        + sum2 * ((e0 + delta) * (1 - cosine / v0) - delta)
        + difference * ((e0 + delta) * (1 - cosine / v0) - delta) * v0 * cosine
    )
    kernel = (sum2 + difference * v1 * cosine) * e1 * p1 - gamma / mass * e0 * p0
    total = 0.0952 / (2 * sum2) * (kernel * weights).sum(axis=-1)
    return np.where(energy[..., 0] >= THRESHOLD, np.maximum(total, 0.0), 0.0)
