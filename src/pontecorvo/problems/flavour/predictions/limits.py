"""Limits, sensitivities and measured values that are drawn as lines beside predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["ETA_B", "LFV", "Limit"]


@dataclass(frozen=True)
class Limit:
    """One line in a figure.

    Attributes:
        quantity: Name of the predicted quantity.
        value: Where the line is, in the quantity's unit.
        kind: ``"limit"`` (what is above is excluded), ``"reach"`` (expected) or ``"measured"``.
        level: Confidence level of a limit or reach; None for a measured value.
        experiment: Who.
        source: Where it is published.
    """

    quantity: str
    value: float
    kind: Literal["limit", "reach", "measured"]
    level: float | None
    experiment: str
    source: str


LFV = (
    Limit("BR_mu_e_gamma", 1.5e-13, "limit", 0.90, "MEG II 2025", "arXiv:2504.15711"),
    Limit("BR_mu_e_gamma", 6e-14, "reach", 0.90, "MEG II, final", "arXiv:1801.04688"),
    Limit("BR_tau_mu_gamma", 4.2e-8, "limit", 0.90, "Belle 2021", "arXiv:2103.12994"),
    Limit("BR_tau_e_gamma", 3.3e-8, "limit", 0.90, "BaBar 2010", "arXiv:0908.2381"),
    Limit("BR_mu_eee", 1e-12, "limit", 0.90, "SINDRUM 1988", "Nucl. Phys. B 299 (1988) 1"),
    Limit("BR_mu_eee", 2e-15, "reach", 0.90, "Mu3e phase I", "arXiv:2009.11690"),
    Limit("BR_tau_mumumu", 1.9e-8, "limit", 0.90, "Belle II 2024", "arXiv:2405.07386"),
    Limit("BR_tau_eee", 2.7e-8, "limit", 0.90, "Belle 2010", "arXiv:1001.3221"),
    Limit("CR_mu_e_Au", 7e-13, "limit", 0.90, "SINDRUM II 2006", "Eur. Phys. J. C 47 (2006) 337"),
    Limit("CR_mu_e_Al", 7e-15, "reach", 0.90, "COMET phase I", "arXiv:1812.09018"),
    Limit("CR_mu_e_Al", 8e-17, "reach", 0.90, "Mu2e", "arXiv:1501.05241"),
)
ETA_B = (
    Limit("eta_B", 6.1e-10, "measured", None, "Planck 2018", "arXiv:1807.06209"),
    Limit("abs_eta_B", 6.1e-10, "measured", None, "Planck 2018", "arXiv:1807.06209"),
)
