r"""Lepton-flavour violation: branching ratios of l_i -> l_j gamma, l_i -> 3 l_j, and conversion.

.. math::

    \mathrm{BR}(\ell_i \to \ell_j \gamma) = \frac{3\alpha}{32\pi}
        \Big|\sum_k U_{ik} U^*_{jk} F(x_k)\Big|^2 \mathrm{BR}(\ell_i \to \ell_j \nu\bar\nu)

over all neutrinos, light and heavy. Unitarity lets 10/3 be taken from every F; a heavy neutrino
enters with its mixing Theta = v Y M^-1, to leading order in Theta: S. T. Petcov, Sov. J. Nucl.
Phys. 25 (1977) 340; T.-P. Cheng and L.-F. Li, Phys. Rev. Lett. 45 (1980) 1908.

l -> 3l and conversion in a nucleus are given for a dipole alone ("dipole dominance"), as fixed
multiples of l -> l gamma: Y. Kuno and Y. Okada, Rev. Mod. Phys. 73 (2001) 151, hep-ph/9909265,
eq. (117); R. Kitano, M. Koike and Y. Okada, Phys. Rev. D 66 (2002) 096002, hep-ph/0203110. In a
low-scale seesaw Z penguins and boxes are not small, and the dipole's part is not the whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ....base.errors import InputError, suggest
from .conventions import real_masses
from .lfv_loops import dipole_loop_minus_massless

__all__ = [
    "CHANNELS",
    "NUCLEI",
    "active_heavy_mixing",
    "conversion_over_photon",
    "mixing_limit",
    "photon_amplitude",
    "photon_branching_ratio",
    "three_lepton_over_photon",
]

ALPHA = 1 / 137.035999  # at zero momentum: the photon is real
ALPHA_1GEV = 1 / 134.234  # at 1 GeV, where flavio 2.7.1 evaluates l -> 3l
M_W = 80.3692  # GeV, PDG 2024
EV = 1e-9  # GeV
MASS = {"e": 0.51099895e-3, "mu": 0.1056583755, "tau": 1.77693}  # GeV, PDG 2024
FLAVOURS = ("e", "mu", "tau")
LEPTONIC = {("mu", "e"): 1.0, ("tau", "mu"): 0.1739, ("tau", "e"): 0.1782}
"""BR(l_i -> l_j nu nubar), PDG 2024."""
CHANNELS = tuple(LEPTONIC)
MUON_WIDTH = 0.99561
"""Muon width over its leading-order G_F^2 m^5/(192 pi^3): phase space and QED, PDG 2024."""
MUON_DECAY = 0.455170e6  # muon decay rate in 1/s: 1 / 2.1969811 us
NUCLEI = {"Al": (0.0362, 0.7054e6), "Ti": (0.0864, 2.59e6), "Au": (0.189, 13.07e6)}
"""Dipole overlap D in m_mu^(5/2) and capture rate in 1/s: hep-ph/0203110, tables I and VIII."""


def active_heavy_mixing(y: ArrayLike, m: ArrayLike, vev: float) -> tuple[np.ndarray, np.ndarray]:
    """Theta = v Y M^-1 (N, 3, n) and abs(M) (N, n) in GeV.

    Args:
        y: Yukawas (N, 3, n).
        m: Heavy masses (N, n) in GeV, complex allowed.
        vev: <H> in GeV.
    """
    turned, size = real_masses(y, m)
    return vev * turned / size[:, None, :], size


def photon_amplitude(
    channel: tuple[str, str],
    u: np.ndarray | None = None,
    masses: np.ndarray | None = None,
    theta: np.ndarray | None = None,
    heavy: np.ndarray | None = None,
    m_w: float = M_W,
) -> np.ndarray:
    """Sum over neutrinos of ``U_ik U_jk^* [F(x_k) - 10/3]``, complex (N,).

    Args:
        channel: (decaying lepton, final lepton), such as ``("mu", "e")``.
        u: Mixing matrices (N, 3, 3) of the light neutrinos; left out, they do not contribute.
        masses: Their masses (N, 3) in eV.
        theta: Mixing Theta (N, 3, n) of the heavy neutrinos; left out, they do not contribute.
        heavy: Their masses (N, n) in GeV.
        m_w: W mass in GeV.
    """
    i, j = _indices(channel)
    total: np.ndarray = np.zeros((), np.complex128)
    for mixing, gev in ((u, None if masses is None else masses * EV), (theta, heavy)):
        if mixing is None or gev is None:
            continue
        loop = dipole_loop_minus_massless((gev / m_w) ** 2)
        total = total + np.sum(mixing[:, i] * mixing[:, j].conj() * loop, axis=1)
    return total


def photon_branching_ratio(channel: tuple[str, str], amplitude: np.ndarray) -> np.ndarray:
    """BR(l_i -> l_j gamma) (N,) of the sum (N,) that `photon_amplitude` returns."""
    return 3 * ALPHA / (32 * np.pi) * np.abs(amplitude) ** 2 * LEPTONIC[channel]


def mixing_limit(branching_ratio: float) -> float:
    """Largest abs((Theta Theta^dag)_{e mu}) that a limit on BR(mu -> e gamma) allows.

    For heavy neutrinos far above the W, where F - 10/3 = -2; light ones neglected.
    """
    return float(np.sqrt(branching_ratio * 32 * np.pi / (3 * ALPHA)) / 2)


def three_lepton_over_photon(
    channel: tuple[str, str], alpha: float = ALPHA_1GEV, width: float = MUON_WIDTH
) -> float:
    """BR(l_i -> 3 l_j) / BR(l_i -> l_j gamma) for a dipole alone.

    ``alpha/(3 pi) [ln(m_i^2/m_j^2) - 11/4]``, hep-ph/9909265, eq. (117). The defaults are those of
    flavio 2.7.1: alpha at 1 GeV, and l -> 3l (but not l -> l gamma) normalised to the leading-order
    width of the muon. With alpha at zero momentum and ``width=1`` the textbook's 1/163 for the
    muon comes out: 1.6 % less, the size of the next order.
    """
    _indices(channel)
    first, last = MASS[channel[0]], MASS[channel[1]]
    return float(width * alpha / (3 * np.pi) * (np.log(first**2 / last**2) - 11 / 4))


def conversion_over_photon(nucleus: str) -> float:
    """CR(mu -> e in a nucleus) / BR(mu -> e gamma) for a dipole alone: pi D^2 Gamma_mu/Gamma_capt.

    From hep-ph/0203110, eq. (14) with the dipole alone, and BR = 384 pi^2 (A_L^2 + A_R^2).
    """
    if nucleus not in NUCLEI:
        raise InputError(f"nucleus {nucleus!r}; {suggest(nucleus, list(NUCLEI))}")
    overlap, capture = NUCLEI[nucleus]
    return float(np.pi * overlap**2 * MUON_DECAY / capture)


def _indices(channel: tuple[str, str]) -> tuple[int, int]:
    if channel not in LEPTONIC:
        names = [f"{a} -> {b}" for a, b in CHANNELS]
        raise InputError(f"channel {channel}; allowed: {', '.join(names)}")
    return FLAVOURS.index(channel[0]), FLAVOURS.index(channel[1])
