"""The Daya Bay full release, read and checked: every number the analysis needs, and no more.

The tables are those of the package `dayabay-data-official` (CC BY 4.0; DOI
10.5281/zenodo.17587229), in its ``npz`` form with YAML parameters. One sample is one detector in
one period of data taking; there are 21 of them, ordered by detector and then by period.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .....base.errors import InputError

Array = np.ndarray

PERIODS = ("6AD", "8AD", "7AD")
DETECTORS = ("AD11", "AD12", "AD21", "AD22", "AD31", "AD32", "AD33", "AD34")
REACTORS = ("R1", "R2", "R3", "R4", "R5", "R6")
ISOTOPES = ("U235", "U238", "Pu239", "Pu241")
ISOTOPES_NEQ = ("U235", "Pu239", "Pu241")
BACKGROUNDS = ("accidentals", "lithium_helium", "fast_neutrons", "amc", "alpha_neutron")
_ABSENT = {("AD22", "6AD"), ("AD34", "6AD"), ("AD11", "7AD")}
SAMPLES = tuple((d, p) for d in DETECTORS for p in PERIODS if (d, p) not in _ABSENT)
# which detector, experimental hall (0, 1, 2) and period each sample belongs to
DETECTOR_OF = np.array([DETECTORS.index(d) for d, _ in SAMPLES])
SITE_OF = np.array([int(d[2]) - 1 for d, _ in SAMPLES])
PERIOD_OF = np.array([PERIODS.index(p) for _, p in SAMPLES])
FINE_EDGES = np.linspace(0.0, 12.0, 241)

SOURCE = (
    "Daya Bay Collaboration, Full Data Release v1.0.0, DOI 10.5281/zenodo.17587229 (2025); "
    "analysis: Phys. Rev. Lett. 130, 161802 (2023), arXiv:2211.14988"
)
LICENCE = "CC BY 4.0"
MISSING = (
    "the experiment dayabay needs the package dayabay-data-official, which is not installed; "
    "install it with: pip install 'pontecorvo[dayabay]'"
)


@dataclass(frozen=True)
class Release:
    """Numbers of the release, in MeV, metres, seconds. S = 21 samples, D = 8, R = 6, I = 4.

    Attributes:
        path: Folder they were read from.
        version: Version of the data set.
        observed: IBD candidates (S, 240) in bins `FINE_EDGES`.
        final_edges: Reconstructed-energy edges (27,) of the analysis.
        spectrum_nodes: Neutrino energies (19,) at which the free spectrum has a parameter.
        background_shape: Unit-normalised shapes (5, S, 240), in the order of `BACKGROUNDS`.
        background_rate: Rates (5, S) a day; the accidentals' entry is zero (see `accidentals`).
        background_sigma: Their uncertainties (5, S) a day.
        accidentals: Expected accidental coincidences (S,), from the daily rates.
        effective_livetime: Live time times efficiency (S,), seconds.
        exposure: Sum over days of the reactor's antineutrino rate times the sample's effective
            live time (S, R): antineutrinos emitted while the sample was sensitive.
        baseline: Core to detector (D, R), metres.
        protons: Target protons (D,).
        spectra: Huber-Mueller spectra: isotope -> (energies, antineutrinos per fission and MeV).
        nonequilibrium: isotope -> (energies, relative correction).
        spent_fuel: reactor -> (energies, relative correction).
        spectrum_sigma: ("corr" or "uncorr", isotope) -> (energies, relative uncertainty).
        iav: Acrylic-vessel matrix (240, 240), columns of true energy.
        lsnl: "nominal", "pull0".. "pull3" -> (energies, visible over deposited energy).
        constants: Every scalar and small table of the YAML files: name -> value, or (value, sigma).
    """

    path: Path
    version: str
    observed: Array
    final_edges: Array
    spectrum_nodes: Array
    background_shape: Array
    background_rate: Array
    background_sigma: Array
    accidentals: Array
    effective_livetime: Array
    exposure: Array
    baseline: Array
    protons: Array
    spectra: dict[str, tuple[Array, Array]]
    nonequilibrium: dict[str, tuple[Array, Array]]
    spent_fuel: dict[str, tuple[Array, Array]]
    spectrum_sigma: dict[tuple[str, str], tuple[Array, Array]]
    iav: Array
    lsnl: dict[str, tuple[Array, Array]]
    constants: dict[str, Any]

    def final_counts(self) -> Array:
        """Candidates (S, 26) in the final bins."""
        return self.observed @ rebin_matrix(self.final_edges).T


def rebin_matrix(edges: Array) -> Array:
    """Zeros and ones (n, 240) that sum the 50 keV bins into bins with the given edges (n + 1,)."""
    low = FINE_EDGES[:-1] > edges[:-1, None] - 1e-6
    high = FINE_EDGES[1:] < edges[1:, None] + 1e-6
    return (low & high).astype(float)


def find_release() -> Path:
    """Folder of the installed data set.

    Raises:
        InputError: If `dayabay-data-official` is not installed.
    """
    try:
        from dayabay_data_official import get_path_data
    except ImportError:
        raise InputError(MISSING) from None
    return Path(get_path_data("npz"))


@lru_cache(maxsize=2)
def load_release(path: Path | None = None) -> Release:
    """Read and check the data set, from the installed package or from a folder like its ``npz``.

    Raises:
        InputError: If a file, table or column is missing, or a number is impossible.
    """
    from .reading import Reader

    reader = Reader(path or find_release())
    constants = reader.parameters()
    rebinned = reader.column("parameters/final_erec_bin_edges.tsv", "E_rec_MeV")
    nodes = reader.column("parameters/reactor_antineutrino_spectrum_edges.tsv", "E_neutrino_MeV")
    observed, shapes = _histograms(reader)
    livetime, exposure, accidentals = _exposure(reader)
    rates, sigmas = _background_rates(constants)
    baseline = np.array([[constants["baseline"][d][r] for r in REACTORS] for d in DETECTORS])
    protons = constants["n_protons_nominal_ad"] * np.array(
        [constants["n_protons_correction"][d] for d in DETECTORS]
    )
    iav = reader.array("detector_iav_matrix", "iav_matrix")
    total = iav.sum(axis=0)
    if iav.shape != (240, 240) or (iav < 0).any() or (np.abs(total - 1) > 1e-9)[total > 0].any():
        raise reader.fault("detector_iav_matrix", "columns must be non-negative and sum to one")
    if (baseline <= 0).any() or (protons <= 0).any():
        raise reader.fault("parameters", "baselines and target protons must be positive")
    return Release(
        path=reader.path,
        version=reader.version,
        observed=observed,
        final_edges=rebinned,
        spectrum_nodes=nodes,
        background_shape=shapes,
        background_rate=rates,
        background_sigma=sigmas,
        accidentals=accidentals,
        effective_livetime=livetime,
        exposure=exposure,
        baseline=baseline,
        protons=protons,
        spectra=_graphs(reader, "reactor_antineutrino_spectra_hm", ISOTOPES),
        nonequilibrium=_graphs(reader, "nonequilibrium_correction", ISOTOPES_NEQ),
        spent_fuel=_graphs(reader, "snf_correction", REACTORS),
        spectrum_sigma={
            (kind, isotope): reader.graph(
                "reactor_antineutrino_spectra_hm_uncertainties", f"{kind}_{isotope}"
            )
            for kind in ("corr", "uncorr")
            for isotope in ISOTOPES
        },
        iav=iav,
        lsnl=_graphs(
            reader, "detector_lsnl_curves", ("nominal", "pull0", "pull1", "pull2", "pull3")
        ),
        constants=constants,
    )


def _graphs(reader: Any, name: str, keys: tuple[str, ...]) -> dict[str, tuple[Array, Array]]:
    return {key: reader.graph(name, key) for key in keys}


def _histograms(reader: Any) -> tuple[Array, Array]:
    """Observed counts (S, 240) and background shapes (5, S, 240)."""
    observed = np.empty((len(SAMPLES), 240))
    shapes = np.empty((len(BACKGROUNDS), len(SAMPLES), 240))
    for i, (detector, period) in enumerate(SAMPLES):
        spectra = f"dayabay_dataset/dayabay_ibd_spectra_{period}"
        observed[i] = reader.histogram(spectra, f"ibd_spectrum_{detector}", FINE_EDGES)
        for b, background in enumerate(BACKGROUNDS):
            file = f"dayabay_dataset/dayabay_background_spectra_{period}"
            shape = reader.histogram(file, f"spectrum_shape_{background}_{detector}", FINE_EDGES)
            shapes[b, i] = shape / shape.sum()
    return observed, shapes


def _exposure(reader: Any) -> tuple[Array, Array, Array]:
    """Effective live time (S,), antineutrinos (S, R) and accidentals (S,), summed over days."""
    days = {name: reader.table("dayabay_dataset/dayabay_daily_detector_data", name)
            for name in DETECTORS}  # fmt: skip
    rates = {name: reader.table("neutrino_rate", name) for name in REACTORS}
    last = max(int(table["day"].max()) for table in days.values()) + 8
    livetime = np.empty(len(SAMPLES))
    accidentals = np.empty(len(SAMPLES))
    exposure = np.empty((len(SAMPLES), len(REACTORS)))
    for i, (detector, period) in enumerate(SAMPLES):
        table = days[detector]
        chosen = table["n_det"] == int(period[0])
        day, effective = table["day"][chosen], table["eff_livetime"][chosen]
        livetime[i] = effective.sum()
        accidentals[i] = (effective * table["rate_accidentals"][chosen]).sum() / 86400.0
        for r, reactor in enumerate(REACTORS):
            daily = _daily(rates[reactor], PERIODS.index(period), last)[day]
            if np.isnan(daily).any():
                raise reader.fault(
                    f"neutrino_rate[{reactor}]", f"days of the {period} period have no rate"
                )
            exposure[i, r] = (daily * effective).sum()
    return livetime, exposure, accidentals


def _daily(table: Array, period: int, size: int) -> Array:
    """Weekly rates spread over days (size,), NaN where the period has no entry."""
    daily = np.full(size, np.nan)
    for row in table[(table["n_det_mask"] >> period) & 1 == 1]:
        start = int(row["day"])
        daily[start : start + int(row["n_days"])] = row["neutrino_rate_per_s"]
    return daily


def _background_rates(constants: dict[str, Any]) -> tuple[Array, Array]:
    """Rates and uncertainties (5, S) a day."""
    rates = np.zeros((len(BACKGROUNDS), len(SAMPLES), 2))
    for b, background in enumerate(BACKGROUNDS[1:], 1):
        for i, (detector, period) in enumerate(SAMPLES):
            rates[b, i] = constants[background][period][detector]
    return rates[..., 0], rates[..., 1]
