"""Every systematic uncertainty of the analysis as independent unit Gaussians, by group.

The list, the sizes and the correlations are the release's: 1057 pulls in 13 groups.
"""

from dataclasses import dataclass

import numpy as np

from .release import (
    BACKGROUNDS,
    DETECTORS,
    ISOTOPES,
    ISOTOPES_NEQ,
    PERIOD_OF,
    PERIODS,
    REACTORS,
    SAMPLES,
    SITE_OF,
    Array,
    Release,
)

SITES = ("EH1", "EH2", "EH3")


@dataclass(frozen=True)
class Values:
    """Systematic parameters. D = 8, R = 6, I = 4, S = 21.

    Attributes:
        dm2_21: eV^2.
        sin2_2theta12: Solar mixing.
        eres: Resolution a, b, c (3,).
        lsnl: Non-linearity pulls (4,).
        iav: Off-diagonal vessel scale (D,).
        efficiency: Relative efficiency (D,).
        energy_scale: Relative energy scale (D,).
        energy_per_fission: MeV (I,).
        thermal_power: Relative power (R,).
        spent_fuel: Scale (R,).
        nonequilibrium: Scale (R, I), irrelevant for U238.
        fission_fractions: Fractions (R, I).
        background: Counts (5, S).
        spectrum_correlated: Pull of the common Huber-Mueller uncertainty.
        spectrum_uncorrelated: Pulls (I, 226) of the rest.
    """

    dm2_21: float
    sin2_2theta12: float
    eres: Array
    lsnl: Array
    iav: Array
    efficiency: Array
    energy_scale: Array
    energy_per_fission: Array
    thermal_power: Array
    spent_fuel: Array
    nonequilibrium: Array
    fission_fractions: Array
    background: Array
    spectrum_correlated: float
    spectrum_uncorrelated: Array


class Nuisances:
    """The pulls: their names, their groups, and the parameters that belong to them.

    Args:
        release: The data set.
        background: "absolute" takes the uncertainties of the 9Li/8He, fast-neutron and AmC rates as
            the events a day that the release's table says they are; "as-dayabay-model" multiplies
            the rate by 1 + that number, which is what `dayabay-model` 1.7.1 does.
    """

    def __init__(self, release: Release, background: str = "absolute") -> None:
        self._constants = constants = release.constants
        self._release = release
        self._days = release.effective_livetime / 86400.0
        self._background = background
        self._detector_root = _root(constants["correlation.detector_relative"])
        self._fraction_root = _root(constants["correlation.fission_fractions_scale"])
        points = len(release.spectrum_sigma["uncorr", ISOTOPES[0]][0])
        names: dict[str, list[str]] = {
            "survival_probability": ["dm2_21", "sin2_2theta12"],
            "eres": ["a", "b", "c"],
            "lsnl": [f"pull{i}" for i in range(4)],
            "iav": list(DETECTORS),
            "detector_relative": _join(DETECTORS, ("efficiency", "energy_scale")),
            "energy_per_fission": list(ISOTOPES),
            "thermal_power": list(REACTORS),
            "snf": list(REACTORS),
            "neq": _join(REACTORS, ISOTOPES_NEQ),
            "fission_fractions": _join(REACTORS, ISOTOPES),
            "background_rate": [
                *(f"accidentals.{d}.{p}" for d, p in SAMPLES),
                *(f"alpha_neutron.{d}.{p}" for d, p in SAMPLES),
                *(f"lithium_helium.{s}.{p}" for s in SITES for p in PERIODS),
                *(f"fast_neutrons.{s}.{p}" for s in SITES for p in PERIODS),
                "amc",
            ],
            "hm_corr": ["all"],
            "hm_uncorr": _join(ISOTOPES, [f"{i:03d}" for i in range(points)]),
        }
        self.names = tuple(f"{group}.{name}" for group in names for name in names[group])
        self.groups: dict[str, slice] = {}
        start = 0
        for group, members in names.items():
            self.groups[group] = slice(start, start + len(members))
            start += len(members)

    def __len__(self) -> int:
        return len(self.names)

    def values(self, pulls: Array | None = None) -> Values:
        """Parameters at pulls (K,); the central ones by default."""
        x = np.zeros(len(self)) if pulls is None else pulls
        part = {group: x[where] for group, where in self.groups.items()}
        table = self._constants
        detector = part["detector_relative"].reshape(8, 2) @ self._detector_root.T
        relative = {
            name: table["detector_relative"][name] for name in ("efficiency_factor",
                                                                "energy_scale_factor")
        }  # fmt: skip
        fractions = part["fission_fractions"].reshape(6, 4) @ self._fraction_root.T
        scale = np.array([table["fission_fractions_scale"][name] for name in ISOTOPES])
        central = np.array([table["fission_fractions"][name] for name in ISOTOPES])
        nonequilibrium = np.ones((6, 4))
        nonequilibrium[:, [ISOTOPES.index(name) for name in ISOTOPES_NEQ]] = _shift(
            table["nonequilibrium_scale"], part["neq"].reshape(6, 3)
        )
        resolution = np.array([table["eres"][k] for k in ("a_nonuniform", "b_stat", "c_noise")])
        heat = np.array([table["energy_per_fission"][name] for name in ISOTOPES])
        return Values(
            dm2_21=float(_shift(table["DeltaMSq21"], part["survival_probability"][0])),
            sin2_2theta12=float(_shift(table["SinSq2Theta12"], part["survival_probability"][1])),
            eres=resolution[:, 0] + resolution[:, 1] * part["eres"],
            lsnl=_shift(table["lsnl_scale_a"], part["lsnl"]),
            iav=_shift(table["iav_offdiag_scale_factor"], part["iav"]),
            efficiency=_shift(relative["efficiency_factor"], detector[:, 0]),
            energy_scale=_shift(relative["energy_scale_factor"], detector[:, 1]),
            energy_per_fission=heat[:, 0] + heat[:, 1] * part["energy_per_fission"],
            thermal_power=_shift(table["thermal_power_scale"], part["thermal_power"]),
            spent_fuel=_shift(table["snf_scale"], part["snf"]),
            nonequilibrium=nonequilibrium,
            fission_fractions=np.abs(central * (scale[:, 0] + scale[:, 1] * fractions)),
            background=self._counts(part["background_rate"]),
            spectrum_correlated=float(part["hm_corr"][0]),
            spectrum_uncorrelated=part["hm_uncorr"].reshape(len(ISOTOPES), -1),
        )

    def _counts(self, pulls: Array) -> Array:
        """Background counts (5, S)."""
        samples = len(SAMPLES)
        rate, sigma = self._release.background_rate, self._release.background_sigma
        if self._background == "as-dayabay-model":
            correlated = [BACKGROUNDS.index(n) for n in ("lithium_helium", "fast_neutrons", "amc")]
            sigma = sigma.copy()
            sigma[correlated] *= rate[correlated]
        site = 3 * SITE_OF + PERIOD_OF
        pull = np.zeros((len(BACKGROUNDS), samples))
        pull[BACKGROUNDS.index("alpha_neutron")] = pulls[samples : 2 * samples]
        rest = pulls[2 * samples :]
        pull[BACKGROUNDS.index("lithium_helium")] = rest[site]
        pull[BACKGROUNDS.index("fast_neutrons")] = rest[9 + site]
        pull[BACKGROUNDS.index("amc")] = rest[18]
        counts = (rate + sigma * pull) * self._days
        scale = _shift(self._constants["accidentals"], pulls[:samples])
        counts[BACKGROUNDS.index("accidentals")] = scale * self._release.accidentals
        return counts


def _shift(entry: list[float], pull: Array) -> Array:
    return entry[0] + entry[1] * np.asarray(pull)


def _root(correlation: Array) -> Array:
    return np.linalg.cholesky(correlation)


def _join(first: tuple[str, ...], second: tuple[str, ...] | list[str]) -> list[str]:
    return [f"{a}.{b}" for a in first for b in second]
