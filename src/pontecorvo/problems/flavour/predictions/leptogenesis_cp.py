r"""CP asymmetries of the decays of heavy neutrinos, and the Davidson-Ibarra bound.

With ``h = Y*`` (`conventions`), K = h^dag h and x_j = M_j^2/M_i^2,

.. math::

    \epsilon^{(i)}_{\alpha\beta} = \frac{3}{32\pi K_{ii}} \sum_{j \ne i} \Big\{
      i\,[h_{\alpha i} h^*_{\beta j} K_{ji} - h_{\alpha j} h^*_{\beta i} K_{ij}]
        \frac{\xi(x_j)}{\sqrt{x_j}}
    + i\,[h_{\alpha i} h^*_{\beta j} K_{ij} - h_{\alpha j} h^*_{\beta i} K_{ji}]
        \frac{2}{3 (x_j - 1)} \Big\}

with xi(x) = (2/3) x [(1+x) ln((1+x)/x) - (2-x)/(1-x)]: S. Blanchet, P. Di Bari, D. A. Jones and
L. Marzola, JCAP 01 (2013) 041, arXiv:1112.4528, eq. (12); L. Covi, E. Roulet and F. Vissani, Phys.
Lett. B 384 (1996) 169. The trace is the asymmetry summed over flavours, with
g(x) = -(3/2) xi(x)/sqrt(x) of the usual single formula. Resonant asymmetries: A. De Simone and
A. Riotto, JCAP 08 (2007) 013, arXiv:0705.2183.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "EQUATIONS",
    "Equations",
    "cp_asymmetries",
    "davidson_ibarra",
    "loop_xi",
    "resonant_asymmetries",
]

Equations = Literal[
    "auto", "unflavoured", "two-flavoured", "three-flavoured", "density-matrix", "resonant"
]
EQUATIONS = (
    "auto",
    "unflavoured",
    "two-flavoured",
    "three-flavoured",
    "density-matrix",
    "resonant",
)
"""Names of the kinetic equations; here, where nothing is compiled, for settings and `--help`."""
_LARGE = 1e3  # beyond, the logarithm is expanded in 1/x


def loop_xi(x: ArrayLike) -> np.ndarray:
    """The loop function xi(x) of any shape, x > 0; it tends to 1 for large x, with a pole at 1."""
    x = np.asarray(x, np.float64)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        exact = x * ((1 + x) * np.log1p(1 / x) - 1)
        # (1 + x) ln(1 + 1/x) - 1 = sum_n (-1)^(n+1) / (n (n+1) x^n)
        series = sum((-1.0) ** (n + 1) / (n * (n + 1)) * x ** (1.0 - n) for n in range(1, 7))
        vertex = np.where(x > _LARGE, series, exact)
        return np.asarray(2 / 3 * (vertex + 1 / (1 - 1 / x)))


def cp_asymmetries(h: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Asymmetry matrices (N, n, 3, 3), hermitian, of the decays of each heavy neutrino.

    Args:
        h: Couplings (N, 3, n) of ``lbar_alpha Hc N_i`` (that is Y*, see `conventions`).
        m: Real, positive heavy masses (N, n) in GeV. Two equal ones give infinities: the formula is
            that of masses further apart than the decay widths.

    Returns:
        eps[:, i, a, b]; its diagonal are the flavoured asymmetries, its trace the total one.
    """
    k = np.swapaxes(h.conj(), 1, 2) @ h
    n = m.shape[1]
    result = np.zeros((len(m), n, 3, 3), np.complex128)
    for i in range(n):
        for j in range(n):
            if i == j:
                continue
            x = (m[:, j] / m[:, i]) ** 2
            with np.errstate(divide="ignore"):
                vertex = loop_xi(x) / np.sqrt(x)
                wave = 2 / (3 * (x - 1))
            direct = h[:, :, None, i] * h.conj()[:, None, :, j]  # h_ai h*_bj
            crossed = h[:, :, None, j] * h.conj()[:, None, :, i]  # h_aj h*_bi
            k_ij, k_ji = k[:, i, j, None, None], k[:, j, i, None, None]
            with np.errstate(invalid="ignore"):
                result[:, i] += 1j * (direct * k_ji - crossed * k_ij) * vertex[:, None, None]
                result[:, i] += 1j * (direct * k_ij - crossed * k_ji) * wave[:, None, None]
        result[:, i] *= 3 / (32 * np.pi) / k[:, i, i].real[:, None, None]
    return result


def davidson_ibarra(
    m_1: ArrayLike, m_light: ArrayLike, m_heavy: ArrayLike, vev: float
) -> np.ndarray:
    """Largest abs(eps_1) for hierarchical heavy masses: (3/16 pi) M_1 (m_heavy - m_light)/v^2.

    S. Davidson and A. Ibarra, Phys. Lett. B 535 (2002) 25, hep-ph/0202239.

    Args:
        m_1: Lightest heavy mass (...) in GeV.
        m_light: Lightest neutrino mass (...) in eV.
        m_heavy: Heaviest neutrino mass (...) in eV.
        vev: <H> in GeV.
    """
    spread = (np.asarray(m_heavy) - np.asarray(m_light)) * 1e-9
    return np.asarray(3 / (16 * np.pi) * np.asarray(m_1) * spread / vev**2)


def resonant_asymmetries(h: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Flavoured asymmetries (N, 2, 3) of the two lightest neutrinos, regulated by their widths.

    Mixing and oscillation terms of arXiv:0705.2183 and arXiv:1404.1003 (B. Dev et al.) for two
    neutrinos; every other one is neglected. Arguments as in `cp_asymmetries`.
    """
    h, m = h[:, :, :2], m[:, :2]
    k = np.swapaxes(h.conj(), 1, 2) @ h
    width = np.einsum("nii->ni", k).real * m / (8 * np.pi)
    # det Re K / (K_11 K_22): the angle between the two decay directions
    product = k[:, 0, 0].real * k[:, 1, 1].real
    angle = np.linalg.det(k.real) / product
    result = np.empty((len(m), 2, 3))
    for i, j in ((0, 1), (1, 0)):
        coupled = h[:, :, i].conj() * h[:, :, j]
        cp = (coupled * k[:, i, j, None]).imag
        cp = cp + (m[:, i] / m[:, j])[:, None] * (coupled * k[:, j, i, None]).imag
        # (M_i - M_j)(M_i + M_j): the squares of masses equal to 13 digits would lose the rest
        split = (m[:, i] - m[:, j]) * (m[:, i] + m[:, j])
        top = split * m[:, i] * width[:, j]
        mixing = top / (split**2 + (m[:, i] * width[:, j]) ** 2)
        both = m[:, i] * width[:, i] + m[:, j] * width[:, j]
        oscillation = top / (split**2 + angle * both**2)
        result[:, i] = -(cp / product[:, None]) * (mixing + oscillation)[:, None]
    return result
