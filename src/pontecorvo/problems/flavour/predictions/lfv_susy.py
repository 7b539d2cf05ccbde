r"""Lepton-flavour violation of the supersymmetric seesaw, in the leading logarithm.

.. math::

    \mathrm{BR}(\ell_i \to \ell_j \gamma) = \frac{\alpha^3}{G_F^2 m_S^8}
        \Big|\frac{3 m_0^2 + A_0^2}{8\pi^2} (Y L Y^\dagger)_{ij}\Big|^2 \tan^2\beta\,
        \mathrm{BR}(\ell_i \to \ell_j \nu\bar\nu),
    \quad L_k = \ln(M_X/M_k), \quad m_S^8 = 0.5\, m_0^2 M_{1/2}^2 (m_0^2 + 0.6 M_{1/2}^2)^2

with Y[flavour, heavy]: F. Borzumati and A. Masiero, Phys. Rev. Lett. 57 (1986) 961; S. T. Petcov,
S. Profumo, Y. Takanishi and C. E. Yaguna, Nucl. Phys. B 676 (2004) 453, hep-ph/0306195. The
soft masses are unknown; what the Yukawas alone fix is the ratio of two channels, in which all of
them cancel.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .conventions import real_masses
from .lfv import ALPHA, FLAVOURS, LEPTONIC

__all__ = ["leading_log", "susy_branching_ratio", "tau_mu_ratio"]

G_F = 1.1663788e-5  # GeV^-2, PDG 2024


def leading_log(y: ArrayLike, m: ArrayLike, m_x: float) -> np.ndarray:
    """The hermitian matrix ``Y L Y^dag`` (N, 3, 3), L = ln(m_x/M_k).

    Args:
        y: Yukawas (N, 3, n).
        m: Heavy masses (N, n) in GeV.
        m_x: Scale in GeV at which the soft masses are universal. A neutrino above it gives
            nothing: it is gone before the running starts.
    """
    turned, size = real_masses(y, m)
    logs = np.maximum(np.log(m_x / size), 0.0)
    return (turned * logs[:, None, :]) @ np.swapaxes(turned.conj(), 1, 2)


def susy_branching_ratio(
    channel: tuple[str, str],
    matrix: np.ndarray,
    m_0: float,
    m_half: float,
    tan_beta: float,
    a_0: float,
) -> np.ndarray:
    """BR(l_i -> l_j gamma) (N,) of ``Y L Y^dag`` (N, 3, 3).

    Args:
        channel: (decaying lepton, final lepton).
        matrix: What `leading_log` returns.
        m_0: Common scalar mass in GeV.
        m_half: Common gaugino mass in GeV.
        tan_beta: Ratio of the two vacuum expectation values.
        a_0: Common trilinear coupling in GeV.
    """
    i, j = (FLAVOURS.index(name) for name in channel)
    m_s8 = 0.5 * m_0**2 * m_half**2 * (m_0**2 + 0.6 * m_half**2) ** 2
    slepton = (3 * m_0**2 + a_0**2) / (8 * np.pi**2) * np.abs(matrix[:, i, j])
    return ALPHA**3 / (G_F**2 * m_s8) * slepton**2 * tan_beta**2 * LEPTONIC[channel]


def tau_mu_ratio(matrix: np.ndarray) -> np.ndarray:
    """BR(tau -> mu gamma)/BR(mu -> e gamma) (N,), free of supersymmetric masses."""
    ratio = np.abs(matrix[:, 2, 1]) ** 2 / np.abs(matrix[:, 1, 0]) ** 2
    return ratio * LEPTONIC["tau", "mu"] / LEPTONIC["mu", "e"]
