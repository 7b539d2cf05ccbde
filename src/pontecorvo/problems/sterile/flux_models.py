"""Reactor flux models beside those of the compilation, and what measured rates are over each.

``kurchatov``: the beta spectra of U235 over Pu239 measured at the Kurchatov Institute are lower
than those of ILL, on which Huber and Mueller build, by 1.054 +- 0.002; U235 and U238 are rescaled
(Kopeikin, Skorokhvatov & Titov, PRD 104 (2021) L071301, arXiv:2103.01684).
``dayabay``: U235 and Pu239 as unfolded by Daya Bay (arXiv:2501.00746); U238, Pu241 Huber-Mueller.
"""

from functools import lru_cache

import numpy as np

from ...base.tables import Table
from ...physics.inverse_beta_decay import ibd_vogel_beacom
from ...physics.reactor import ISOTOPES
from .reactor_tables import flux

COMPILED = ("hm", "sm", "hkss")
"""Models over which the compilation gives the measured rates."""
FRACTIONS = tuple(f"f_{isotope}" for isotope in ISOTOPES)
ENERGIES = np.linspace(1.807, 9.5, 4001)


@lru_cache(maxsize=8)
def yields(model: str) -> np.ndarray:
    """Inverse beta decays per fission (4,) of the isotopes, 1e-42 cm^2, first-order cross section.

    Absolute values lie 2 % below those with Strumia and Vissani's cross section; only ratios are
    used.
    """
    weight = ibd_vogel_beacom(ENERGIES)
    each = [np.trapezoid(flux(model)(isotope, ENERGIES) * weight, ENERGIES) for isotope in ISOTOPES]
    return np.array(each)


def measured_ratios(table: Table, model: str) -> np.ndarray:
    """Measured rates over those of a model (B,), of a table with columns ``r_*`` and ``f_*``.

    The compilation's own column where there is one; else its Huber-Mueller ratios times the
    expected yield of Huber-Mueller over that of the model, for each fuel.
    """
    if model in COMPILED:
        return np.asarray(table[f"r_{model}"])
    fractions = table.matrix(FRACTIONS)
    return np.asarray(table["r_hm"] * (fractions @ yields("hm")) / (fractions @ yields(model)))
