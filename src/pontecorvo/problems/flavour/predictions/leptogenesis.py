r"""From Yukawas and heavy masses to the baryon asymmetry eta_B.

Which equations apply is a matter of temperature, that is of M_1: above about 1e12 GeV lepton states
are coherent ("unflavoured"), below the tau's Yukawa interaction singles out the tau
("two-flavoured"), below about 1e9 GeV the muon's too ("three-flavoured"). The density matrix holds
all of them, and what decays of several heavy neutrinos into different lepton states do to each
other; it is the most complete choice, and the slowest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ....base.errors import InputError, suggest
from .boltzmann import ETA_PER_ASYMMETRY, History, flavour_asymmetries, matrix_asymmetries
from .conventions import to_lbar
from .leptogenesis_cp import EQUATIONS, Equations, cp_asymmetries, resonant_asymmetries

__all__ = ["decay_parameters", "eta_b", "flavour_regime"]

M_STAR = 1e-3  # eV: equilibrium neutrino mass, 1.08e-3 by its formula, 1e-3 in ULYSSES 3.0.1
ONE_FLAVOUR, THREE_FLAVOURS = 1e12, 1e9  # GeV


def flavour_regime(m: ArrayLike) -> np.ndarray:
    """Number of flavours (N,) that the plasma tells apart at T = M_1: 1, 2 or 3.

    E. Nardi, Y. Nir, E. Roulet and J. Racker, JHEP 01 (2006) 164, hep-ph/0601084. The borders, 1e12
    and 1e9 GeV, are orders of magnitude: near them only the density matrix is meant.
    """
    m_1 = np.abs(np.asarray(m)).min(axis=1)
    return np.where(m_1 >= ONE_FLAVOUR, 1, np.where(m_1 >= THREE_FLAVOURS, 2, 3))


def decay_parameters(h: np.ndarray, m: np.ndarray, vev: float, m_star: float) -> np.ndarray:
    """k_i = v^2 (h^dag h)_ii/(M_i m_*) (N, n); m in GeV, m_star in eV."""
    lengths = np.sum(np.abs(h) ** 2, axis=1)
    return lengths * vev**2 / m / (m_star * 1e-9)


def eta_b(
    y: ArrayLike,
    m: ArrayLike,
    vev: float,
    equations: Equations = "auto",
    decaying: int = 1,
    history: History | None = None,
    m_star: float = M_STAR,
    delta_l2: bool = False,
) -> np.ndarray:
    """Baryon-to-photon ratio eta_B (N,) by thermal leptogenesis, with its sign.

    Args:
        y: Yukawas (N, 3, n) of ``l_alpha H N_i`` (see `conventions`).
        m: Heavy masses (N, n) in GeV, complex allowed.
        vev: <H> in GeV.
        equations: Which ones; "auto" takes those of each draw's M_1.
        decaying: How many heavy neutrinos decay, from the lightest on.
        history: Range of z and steps.
        m_star: Equilibrium neutrino mass in eV.
        delta_l2: Washout by Delta L = 2 scattering, an estimate (see `boltzmann`).

    Raises:
        InputError: For unknown equations, or more decaying neutrinos than there are.
    """
    if equations not in EQUATIONS:
        raise InputError(f"equations {equations!r}; {suggest(str(equations), list(EQUATIONS))}")
    h, size = to_lbar(y, m)
    if not 1 <= decaying <= size.shape[1]:
        raise InputError(f"decaying: {decaying}; there are {size.shape[1]} heavy neutrinos")
    history = history or History()
    k = decay_parameters(h, size, vev, m_star)
    m_nu = (vev**2 * 1e9) * (h / size[:, None, :]) @ np.swapaxes(h, 1, 2) if delta_l2 else None
    states = h / np.sqrt(np.sum(np.abs(h) ** 2, axis=1))[:, None, :]
    few = slice(0, decaying)
    if equations == "density-matrix":
        eps = cp_asymmetries(h, size)
        full = matrix_asymmetries(
            k[:, few], size[:, few], states[:, :, few], eps[:, few], history, m_nu
        )
        return ETA_PER_ASYMMETRY * np.einsum("naa->n", full).real
    if equations == "resonant":
        if decaying < 2:
            raise InputError("equations resonant: needs decaying: 2, the two that are degenerate")
        few = slice(0, 2)
        flavoured = resonant_asymmetries(h, size)
    else:
        flavoured = np.einsum("niaa->nia", cp_asymmetries(h, size)).real[:, few]
    share = np.swapaxes(np.abs(states) ** 2, 1, 2)[:, few]
    light = None if m_nu is None else np.sum(np.abs(m_nu) ** 2, axis=(1, 2))
    count = {"unflavoured": 1, "two-flavoured": 2, "three-flavoured": 3, "resonant": 3}
    regime = (
        flavour_regime(size)
        if equations == "auto"
        else np.full(len(size), count[equations], dtype=int)
    )
    result = np.empty(len(size))
    for flavours in np.unique(regime):
        rows = regime == flavours
        which = tuple(
            _merged(a[rows], int(flavours), whole)
            for a, whole in ((share, True), (flavoured, False))
        )
        asymmetry = flavour_asymmetries(
            k[rows][:, few],
            size[rows][:, few],
            which[0],
            which[1],
            history,
            None if light is None else light[rows],
        )
        result[rows] = ETA_PER_ASYMMETRY * asymmetry.sum(axis=1)
    return result


def _merged(values: np.ndarray, flavours: int, whole: bool) -> np.ndarray:
    """(N, n, 3) of e, mu, tau to (N, n, flavours): all, tau and the rest, or each."""
    if flavours == 3:
        return values
    if flavours == 2:
        return np.stack([values[..., 2], values[..., 0] + values[..., 1]], axis=-1)
    total = values.sum(axis=-1, keepdims=True)
    return np.ones_like(total) if whole else total
