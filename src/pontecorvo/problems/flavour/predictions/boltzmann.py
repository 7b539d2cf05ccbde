r"""Kinetic equations of thermal leptogenesis: heavy neutrinos decay, their asymmetry is washed out.

.. math::

    \frac{dN_i}{dz} = -D_i (N_i - N_i^{eq}), \qquad
    \frac{dN_{\alpha\beta}}{dz} = \sum_i \epsilon^{(i)}_{\alpha\beta} D_i (N_i - N_i^{eq})
        - \tfrac12 \sum_i W_i \{P^{(i)}, N\}_{\alpha\beta} - \Lambda_{\alpha\beta} N_{\alpha\beta}

with z = M_1/T, r = M_i/M_1, D_i = k_i r^2 z K_1(rz)/K_2(rz), W_i = k_i r (rz)^3 K_1(rz)/4,
N_i^eq = (3/8) (rz)^2 K_2(rz), k_i = v^2 (h^dag h)_ii/(M_i m_*), P^(i) = the lepton state that N_i
decays to, and Lambda the damping of coherences by the tau's and the muon's Yukawa interactions:
S. Blanchet, P. Di Bari, D. A. Jones and L. Marzola, arXiv:1112.4528. N counts in the comoving
volume that holds one ultra-relativistic heavy neutrino; eta_B = 0.013 tr N.

Decays and inverse decays only, but for an optional washout by Delta L = 2 scattering, the estimate
of W. Buchmueller, P. Di Bari and M. Pluemacher, Annals Phys. 315 (2005) 305, hep-ph/0401240, eq.
(80): W = 0.186/z^2 (M_1/1e10 GeV) tr(m m^dag)/eV^2, here with the flavour structure of m. It is a
rate of T < M_1; above, it is kept at its value at z = 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import k0e, k1e

from ....base.errors import InputError
from . import boltzmann_kernel as kernel

__all__ = ["ETA_PER_ASYMMETRY", "History", "flavour_asymmetries", "matrix_asymmetries"]

ETA_PER_ASYMMETRY = 0.013
"""eta_B over N_(B-L): sphalerons (28/79 is not in it: 12/37), photons, hep-ph/0401240."""
TAU_WIDTH, MU_WIDTH = 485e-10, 1.7e-10  # damping of coherences over M_Planck/M_1, arXiv:1112.4528
M_PLANCK = 1.22e19  # GeV
DELTA_L2 = 0.186
_BEFORE = 0.01
_CHUNK = 128  # draws whose tables are in memory together


@dataclass(frozen=True)
class History:
    """From when to when the equations are followed, and how finely.

    Attributes:
        z_min: First z = M_1/T; by default 0.01 M_1/M_n, before the heaviest one, M_n, decays. A
            later start silently leaves out the heavier neutrinos.
        z_max: Last z.
        steps_per_decade: Steps of order 5 in each decade of z; 25 give eta_B to 2e-5 in 99 % of
            the draws of the anarchic prior.
        thermal: Whether the heavy neutrinos start in equilibrium; else there are none.
    """

    z_min: float | None = None
    z_max: float = 300.0
    steps_per_decade: int = 25
    thermal: bool = False

    def __post_init__(self) -> None:
        first = _BEFORE if self.z_min is None else self.z_min
        if not 0 < first < self.z_max < np.inf:
            raise InputError(
                f"leptogenesis: z from {first} to {self.z_max}; give 0 < z_min < z_max"
            )
        if self.steps_per_decade < 5:
            raise InputError(
                f"leptogenesis steps_per_decade: {self.steps_per_decade}; give at least 5"
            )

    def start(self, ratio: float) -> float:
        """First z where the heaviest mass is ``ratio`` times the lightest."""
        return _BEFORE / ratio if self.z_min is None else self.z_min

    def grid(self, z_min: float) -> tuple[float, np.ndarray]:
        """Step in ln z, and z (steps, 3) of the stages."""
        decades = np.log10(self.z_max / z_min)
        steps = max(int(np.ceil(self.steps_per_decade * decades)), 1)
        step = np.log(self.z_max / z_min) / steps
        start = np.log(z_min) + step * np.arange(steps)
        return step, np.exp(start[:, None] + step * kernel.NODES)


@dataclass(frozen=True)
class _Rates:
    """Tables (draws, heavy, steps, 3) at the stages: z D (N - N^eq) and z W."""

    source: np.ndarray
    washout: np.ndarray
    step: float
    z: np.ndarray


def _rates(k: np.ndarray, m: np.ndarray, history: History) -> _Rates:
    ratio = m / m.min(axis=1, keepdims=True)
    z_min = history.start(float(ratio.max()))
    step, z = history.grid(z_min)
    x = ratio[:, :, None, None] * z
    scaled0, scaled1, fall = k0e(x), k1e(x), np.exp(-x)
    scaled2 = scaled0 + 2 / x * scaled1  # K_2 = K_0 + (2/x) K_1
    strength = k[:, :, None, None]
    decay = strength * x**2 * scaled1 / scaled2
    slope = 3 / 8 * x**3 * scaled1 * fall
    washout = strength / 4 * x**4 * scaled1 * fall
    x0 = ratio * z_min
    first = -3 / 8 * x0**2 * (k0e(x0) + 2 / x0 * k1e(x0)) * np.exp(-x0)
    excess = np.empty_like(decay)
    start = np.zeros_like(first) if history.thermal else first
    kernel.abundances(decay, slope, start, step, kernel.STAGES, excess)
    return _Rates(decay * excess, washout, step, z)


def _chunks(m: np.ndarray) -> Iterator[np.ndarray]:
    """Rows in chunks of similar hierarchy, which share a grid."""
    order = np.argsort(m.max(axis=1) / m.min(axis=1), kind="stable")
    return (order[low : low + _CHUNK] for low in range(0, len(order), _CHUNK))


def _delta_l2(m: np.ndarray, z: np.ndarray, light: np.ndarray) -> np.ndarray:
    """z W of Delta L = 2 (draws, steps, 3) for a tr(m m^dag) (draws,) in eV^2."""
    strength = DELTA_L2 * m.min(axis=1) / 1e10 * light
    return strength[:, None, None] * z / np.maximum(z, 1.0) ** 2


def flavour_asymmetries(
    k: np.ndarray,
    m: np.ndarray,
    share: np.ndarray,
    eps: np.ndarray,
    history: History,
    light: np.ndarray | None = None,
) -> np.ndarray:
    """N_(B-L) in each of F flavours that do not mix, (N, F), after the decays.

    Args:
        k: Decay parameters (N, n) of the neutrinos that decay.
        m: Their masses (N, n) in GeV; z is over the smallest.
        share: Projections P (N, n, F) of their decays on the flavours.
        eps: CP asymmetries (N, n, F).
        history: Range and steps.
        light: tr(m_nu m_nu^dag) (N,) in eV^2 for washout by Delta L = 2; None leaves it out.
    """
    k, m, share, eps = (np.ascontiguousarray(a, np.float64) for a in (k, m, share, eps))
    result = np.empty((len(k), eps.shape[2]))
    for part in _chunks(m):
        rates, out = _rates(k[part], m[part], history), np.empty((len(part), result.shape[1]))
        extra = np.zeros((len(rates.source), *rates.z.shape))
        if light is not None:
            extra = _delta_l2(m[part], rates.z, light[part])
        kernel.diagonal(
            rates.source,
            rates.washout,
            share[part],
            eps[part],
            extra,
            rates.step,
            kernel.STAGES,
            out,
        )
        result[part] = out
    return result


def matrix_asymmetries(
    k: np.ndarray,
    m: np.ndarray,
    states: np.ndarray,
    eps: np.ndarray,
    history: History,
    m_nu: np.ndarray | None = None,
) -> np.ndarray:
    """The density matrix N_(B-L) (N, 3, 3) of the flavours after the decays.

    Args:
        k: Decay parameters (N, n).
        m: Masses (N, n) in GeV.
        states: Normalised lepton states (N, 3, n), the columns of h over their lengths.
        eps: Asymmetry matrices (N, n, 3, 3).
        history: Range and steps.
        m_nu: v^2 h M^-1 h^T (N, 3, 3) in eV for washout by Delta L = 2; None leaves it out.
    """
    k, m = np.ascontiguousarray(k, np.float64), np.ascontiguousarray(m, np.float64)
    projector = np.einsum("nai,nbi->niab", states, states.conj())
    lose = _as_operator(lambda b: 0.5 * (projector @ b + b @ projector), projector.shape[:2])
    damp = np.zeros((len(k), 9))
    widths = M_PLANCK / m.min(axis=1)[:, None] * np.array([MU_WIDTH, TAU_WIDTH, TAU_WIDTH])
    widths[:, 2] += MU_WIDTH * M_PLANCK / m.min(axis=1)  # mu-tau loses by both
    damp[:, 3:] = np.repeat(widths, 2, axis=1)
    other = np.zeros((len(k), 9, 9))
    if m_nu is not None:
        # N proportional to 1 then loses at the rate of the flavour-blind formula
        square = m_nu @ np.swapaxes(m_nu.conj(), 1, 2)
        back = np.swapaxes(m_nu.conj(), 1, 2)
        other = _as_operator(
            lambda b: 1.5 * (0.5 * (square @ b + b @ square) + m_nu @ b.T @ back), (len(k),)
        )
    result = np.empty((len(k), 9))
    vectors = _components(eps)
    for part in _chunks(m):
        rates, out = _rates(k[part], m[part], history), np.empty((len(part), result.shape[1]))
        extra = np.zeros((len(rates.source), *rates.z.shape))
        if m_nu is not None:
            extra = _delta_l2(m[part], rates.z, np.ones(len(extra)))
        kernel.matrix(
            rates.source,
            rates.washout,
            np.ascontiguousarray(lose[part]),
            np.ascontiguousarray(vectors[part]),
            damp[part],
            rates.z,
            np.ascontiguousarray(other[part]),
            extra,
            rates.step,
            kernel.STAGES,
            out,
        )
        result[part] = out
    return np.einsum("np,pab->nab", result, _BASIS)


def _basis() -> np.ndarray:
    """Hermitian matrices (9, 3, 3): ee, mm, tt; Re and Im of em, et, mt."""
    basis = np.zeros((9, 3, 3), np.complex128)
    for a in range(3):
        basis[a, a, a] = 1
    for p, (a, b) in zip((3, 5, 7), ((0, 1), (0, 2), (1, 2)), strict=True):
        basis[p, a, b] = basis[p, b, a] = 1
        basis[p + 1, a, b], basis[p + 1, b, a] = 1j, -1j
    return basis


_BASIS = _basis()


def _components(matrix: np.ndarray) -> np.ndarray:
    """Reals (..., 9) of hermitian matrices (..., 3, 3)."""
    parts = [matrix[..., a, a].real for a in range(3)]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        parts += [matrix[..., a, b].real, matrix[..., a, b].imag]
    return np.stack(parts, axis=-1)


def _as_operator(act, lead: tuple[int, ...]) -> np.ndarray:  # type: ignore[no-untyped-def]
    """A linear map of hermitian matrices as real (..., 9, 9)."""
    columns = [_components(np.broadcast_to(act(b), (*lead, 3, 3))) for b in _BASIS]
    return np.stack(columns, axis=-1)
