"""Plug-in `leptogenesis`: the baryon asymmetry as named quantities, with the measured value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....core.model import Quantity
from . import limits as known_limits
from .conventions import real_masses, to_lbar
from .leptogenesis_cp import Equations, cp_asymmetries, davidson_ibarra
from .limits import Limit
from .plugin import FlavourDraws, Plugin

__all__ = ["Leptogenesis", "LeptogenesisSettings"]


@dataclass(frozen=True)
class LeptogenesisSettings:
    """Which equations, how many neutrinos decay, and what else washes out.

    ``decaying: 0`` means all of them. ``m_star`` in eV; ``delta_l2`` adds an estimate of washout by
    Delta L = 2 scattering, which is not small for M_1 above 1e14 GeV.
    """

    equations: Equations = "auto"
    decaying: int = 1
    delta_l2: bool = False
    thermal: bool = False
    m_star: float = 1e-3


class Leptogenesis(Plugin):
    """The baryon asymmetry by thermal leptogenesis, with what it is made of."""

    name = "leptogenesis"
    title = "Leptogenesis"
    needs = ("yukawas",)
    settings_type = LeptogenesisSettings

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """eta_B and its size, eps_1, its bound, the washout and the regime."""
        return (
            Quantity("eta_B", r"\eta_B", "", "baryon-to-photon ratio"),
            Quantity("abs_eta_B", r"|\eta_B|", "", "its absolute value"),
            Quantity("eps_1", r"\epsilon_1", "", "CP asymmetry of the lightest heavy neutrino"),
            Quantity("eps_1_bound", r"\epsilon_1^{\mathrm{DI}}", "", "Davidson-Ibarra bound"),
            Quantity("K_1", "K_1", "", "decay parameter of the lightest heavy neutrino"),
            Quantity("flavours", "n_F", "", "flavours that the plasma tells apart at T = M_1"),
        )

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The measured value."""
        return known_limits.ETA_B

    def compute(self, draws: FlavourDraws) -> dict[str, np.ndarray]:
        """Values (N,) by name."""
        from .boltzmann import History  # compiled: not for `--help`
        from .leptogenesis import decay_parameters, eta_b, flavour_regime

        s = self.settings
        y, m = draws.yukawas
        eta = eta_b(
            y,
            m,
            draws.vev,
            s.equations,
            s.decaying or m.shape[1],
            History(thermal=s.thermal),
            s.m_star,
            s.delta_l2,
        )
        h, size = to_lbar(y, m)
        _, light = draws.mixing
        eps = np.einsum("naa->n", cp_asymmetries(h, size)[:, 0]).real
        return {
            "eta_B": eta,
            "abs_eta_B": np.abs(eta),
            "eps_1": eps,
            "eps_1_bound": davidson_ibarra(
                size[:, 0], light.min(axis=1), light.max(axis=1), draws.vev
            ),
            "K_1": decay_parameters(h, size, draws.vev, s.m_star)[:, 0],
            "flavours": flavour_regime(real_masses(y, m)[1]).astype(np.float64),
        }
