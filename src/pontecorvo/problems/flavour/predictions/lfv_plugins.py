"""Plug-ins `lfv` and `lfv-susy`: lepton-flavour violation as named quantities with limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....base.errors import InputError
from ....core.model import Quantity
from . import limits as known_limits
from .lfv import (
    CHANNELS,
    NUCLEI,
    active_heavy_mixing,
    conversion_over_photon,
    photon_amplitude,
    photon_branching_ratio,
    three_lepton_over_photon,
)
from .lfv_susy import leading_log, susy_branching_ratio, tau_mu_ratio
from .limits import Limit
from .plugin import FlavourDraws, NoSettings, Plugin

__all__ = ["LeptonFlavourViolation", "SusyFlavourViolation", "SusySettings"]

_TEX = {"e": "e", "mu": r"\mu", "tau": r"\tau"}
_THREE = {("mu", "e"): "mu_eee", ("tau", "mu"): "tau_mumumu", ("tau", "e"): "tau_eee"}


def _photon_name(channel: tuple[str, str]) -> str:
    return f"BR_{channel[0]}_{channel[1]}_gamma"


def _decay_tex(channel: tuple[str, str], final: str) -> str:
    return rf"\mathrm{{BR}}({_TEX[channel[0]]}\to {final})"


class LeptonFlavourViolation(Plugin):
    """Charged-lepton flavour violation by light and heavy neutrinos; l -> 3l by the dipole."""

    name = "lfv"
    title = "Lepton-flavour violation"
    needs = ("mixing",)
    settings_type = NoSettings

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Branching ratios, conversion rates and the mixing that they measure."""
        photon = [
            Quantity(_photon_name(c), _decay_tex(c, rf"{_TEX[c[1]]}\gamma"), "") for c in CHANNELS
        ]
        three = [Quantity(f"BR_{_THREE[c]}", _decay_tex(c, f"3{_TEX[c[1]]}"), "") for c in CHANNELS]
        nuclei = [
            Quantity(f"CR_mu_e_{n}", rf"\mathrm{{CR}}(\mu\to e,\,\mathrm{{{n}}})", "")
            for n in NUCLEI
        ]
        mixing = Quantity(
            "theta_e_mu",
            r"|(\Theta\Theta^\dagger)_{e\mu}|",
            "",
            "mixing of e and mu through heavy neutrinos",
        )
        return (*photon, *three, *nuclei, mixing)

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Limits and reach of experiments."""
        return known_limits.LFV

    def compute(self, draws: FlavourDraws) -> dict[str, np.ndarray]:
        """Values (N,) by name."""
        u, masses = draws.mixing
        theta, heavy = draws.theta, draws.heavy
        result: dict[str, np.ndarray] = {}
        if theta is None and draws.has("yukawas"):
            theta, heavy = active_heavy_mixing(*draws.yukawas, draws.vev)
        for channel in CHANNELS:
            amplitude = photon_amplitude(channel, u, masses, theta, heavy)
            result[_photon_name(channel)] = photon_branching_ratio(channel, amplitude)
        for channel in CHANNELS:
            ratio = three_lepton_over_photon(channel)
            result[f"BR_{_THREE[channel]}"] = ratio * result[_photon_name(channel)]
        for nucleus in NUCLEI:
            ratio = conversion_over_photon(nucleus)
            result[f"CR_mu_e_{nucleus}"] = ratio * result["BR_mu_e_gamma"]
        product = np.zeros(len(u))
        if theta is not None:
            product = np.abs(np.sum(theta[:, 0] * theta[:, 1].conj(), axis=1))
        result["theta_e_mu"] = product
        return result


@dataclass(frozen=True)
class SusySettings:
    """Soft masses in GeV, tan beta, and the scale in GeV at which they are universal."""

    m_0: float = 1000.0
    m_half: float = 1000.0
    tan_beta: float = 10.0
    a_0: float = 0.0
    m_x: float = 2e16

    def __post_init__(self) -> None:
        if not (self.m_0 > 0 and self.m_half > 0 and self.tan_beta > 0 and self.m_x > 0):
            raise InputError("lfv-susy: m_0, m_half, tan_beta and m_x must be positive")


class SusyFlavourViolation(Plugin):
    """l -> l gamma of the supersymmetric seesaw, and the ratio that is free of soft masses."""

    name = "lfv-susy"
    title = "Lepton-flavour violation with supersymmetry"
    needs = ("yukawas",)
    settings_type = SusySettings

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Three branching ratios and the ratio of two."""
        photon = [
            Quantity(f"{_photon_name(c)}_susy", _decay_tex(c, rf"{_TEX[c[1]]}\gamma"), "")
            for c in CHANNELS
        ]
        ratio = Quantity(
            "ratio_tau_mu_gamma",
            r"\mathrm{BR}(\tau\to\mu\gamma)/\mathrm{BR}(\mu\to e\gamma)",
            "",
            "free of supersymmetric masses",
        )
        return (*photon, ratio)

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Those of l -> l gamma."""
        wanted = {_photon_name(c) for c in CHANNELS}
        return tuple(
            Limit(f"{x.quantity}_susy", x.value, x.kind, x.level, x.experiment, x.source)
            for x in known_limits.LFV
            if x.quantity in wanted
        )

    def compute(self, draws: FlavourDraws) -> dict[str, np.ndarray]:
        """Values (N,) by name."""
        s = self.settings
        matrix = leading_log(*draws.yukawas, s.m_x)
        result = {
            f"{_photon_name(c)}_susy": susy_branching_ratio(
                c, matrix, s.m_0, s.m_half, s.tan_beta, s.a_0
            )
            for c in CHANNELS
        }
        result["ratio_tau_mu_gamma"] = tau_mu_ratio(matrix)
        return result
