r"""One-loop running of the Weinberg operator in the Standard Model, from the top mass upwards.

.. math::

    16\pi^2 \frac{d\kappa}{dt} = -\tfrac32 (Y_e^\dagger Y_e)^T \kappa
        - \tfrac32\, \kappa\, Y_e^\dagger Y_e + \alpha \kappa, \qquad
    \alpha = -3 g_2^2 + 2\,\mathrm{tr}(Y_e^\dagger Y_e) + 6 y_t^2 + \lambda

with V = (lambda/4) (H^dag H)^2: S. Antusch, M. Drees, J. Kersten, M. Lindner and M. Ratz, Phys.
Lett. B 519 (2001) 238, hep-ph/0108005, eq. (14). Couplings at the top mass from D. Buttazzo et al.,
JHEP 12 (2013) 089, arXiv:1307.3536, eqs. (57-61), whose lambda (V = lambda abs(H)^4) is a quarter
of the one above; their own one-loop running is that paper's appendix. Lighter quarks and
thresholds between the M_k are neglected.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from ....base.errors import InputError

__all__ = ["SMAtTop", "kappa_ratio", "run_light_matrix"]

MAX_SCALE = 1.3e19  # GeV; beyond the Planck mass nothing here means anything


@dataclass(frozen=True)
class SMAtTop:
    """MS-bar couplings at ``mu`` = the top mass (arXiv:1307.3536), no unit but masses in GeV.

    ``lam`` is that of V = (lam/4) (H^dag H)^2; ``lepton`` are the charged-lepton Yukawas for
    L = y l H e with <H> = 174.1 GeV (masses of PDG 2024; their own running is neglected).
    """

    mu: float = 173.34
    g_y: float = 0.35830
    g_2: float = 0.64779
    g_3: float = 1.1666
    y_t: float = 0.93690
    lam: float = 4 * 0.12604
    lepton: tuple[float, float, float] = (0.510999e-3 / 174.1, 0.105658 / 174.1, 1.77693 / 174.1)


def _beta(t: float, c: np.ndarray) -> np.ndarray:
    """Derivatives by ln mu of (g_Y, g_2, g_3, y_t, lambda as V = lambda abs(H)^4, ...).

    The last two are the logarithm of kappa's universal factor (without the charged leptons) and
    the integral of 1/(16 pi^2), which multiplies the constant charged-lepton terms.
    """
    g1, g2, g3, yt, lam = c[:5]
    return np.array(
        [
            41 / 6 * g1**3,
            -19 / 6 * g2**3,
            -7 * g3**3,
            yt * (4.5 * yt**2 - 17 / 12 * g1**2 - 9 / 4 * g2**2 - 8 * g3**2),
            24 * lam**2
            + 12 * lam * yt**2
            - 6 * yt**4
            - 3 * lam * (3 * g2**2 + g1**2)
            + 3 / 8 * (2 * g2**4 + (g1**2 + g2**2) ** 2),
            -3 * g2**2 + 6 * yt**2 + 4 * lam,
        ]
    ) / (16 * np.pi**2)


@lru_cache(maxsize=8)
def _solution(start: SMAtTop):  # type: ignore[no-untyped-def]
    from scipy.integrate import solve_ivp

    first = [start.g_y, start.g_2, start.g_3, start.y_t, start.lam / 4, 0.0]
    span = (0.0, np.log(MAX_SCALE / start.mu))
    return solve_ivp(_beta, span, first, dense_output=True, rtol=1e-10, atol=1e-12).sol


def _logarithm(scale: ArrayLike, start: SMAtTop) -> np.ndarray:
    scale = np.asarray(scale, np.float64)
    if not (np.isfinite(scale).all() and (scale >= start.mu).all() and (scale <= MAX_SCALE).all()):
        raise InputError(
            f"running: scales must lie between the top mass, {start.mu} GeV, and {MAX_SCALE:.1e} "
            "GeV"
        )
    return np.asarray(np.log(scale / start.mu))


def kappa_ratio(scale: ArrayLike, start: SMAtTop | None = None) -> np.ndarray:
    """kappa(scale)/kappa(m_t), the factor by which light masses grow with the scale.

    A seesaw at ``scale`` that must give the masses m at low energy is one that gives
    ``kappa_ratio(scale) * m`` at tree level; the same Y then belongs to an M smaller by this
    factor.

    Args:
        scale: Scale (...) in GeV, where the heavy neutrinos are integrated out.
        start: Couplings at the top mass.

    Returns:
        The factor (...), charged leptons' flavour-blind part included.

    Raises:
        InputError: For scales below the top mass or above the Planck mass.
    """
    start = start or SMAtTop()
    t = _logarithm(scale, start)
    trace = 2 * np.sum(np.square(start.lepton)) / (16 * np.pi**2)
    return np.exp(_solution(start)(t.ravel())[5].reshape(t.shape) + trace * t)


def run_light_matrix(
    m_nu: ArrayLike, scale: ArrayLike, start: SMAtTop | None = None, down: bool = True
) -> np.ndarray:
    """Light mass matrix between a high scale and the top mass, flavour by flavour.

    With diagonal charged-lepton Yukawas (neglecting their running) the equation is solved in
    closed form: ``kappa_ab(scale) = ratio * I_a I_b kappa_ab(m_t)``.

    Args:
        m_nu: Symmetric matrices (..., 3, 3), any unit, rows e, mu, tau.
        scale: High scale (...) in GeV.
        start: Couplings at the top mass.
        down: From the high scale to the top mass; False for the way up.

    Returns:
        Matrices (..., 3, 3) in the unit of ``m_nu``.
    """
    start = start or SMAtTop()
    t = _logarithm(scale, start)
    ratio = kappa_ratio(scale, start)
    each = np.exp(-1.5 * np.square(start.lepton) / (16 * np.pi**2) * t[..., None])
    factor = ratio[..., None, None] * each[..., :, None] * each[..., None, :]
    return np.asarray(np.asarray(m_nu) * factor ** (-1.0 if down else 1.0))
