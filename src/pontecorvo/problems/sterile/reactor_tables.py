"""The tables of the reactor experiments: fluxes, their uncertainties, baselines, averaged sin^2."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from ...base.errors import InputError
from ...base.tables import check_covariance, read_covariance, shipped
from ...physics.inverse_beta_decay import ibd_vogel_beacom
from ...physics.oscillation import Baselines, TabulatedSin2
from ...physics.reactor import ISOTOPES
from .declaration import Option
from .shipped_tables import FOLDER, shipped_table

# options that several reactor experiments share
AVERAGING = Option(
    ("exact", "compiled"),
    "averages of sin^2 and spectra resolved, or on the compilation's coarse nodes and energies",
)
REFERENCE = Option(
    ("published", "no-oscillation", "three-flavour"),
    "what measured rates are ratios to: what each publication compares with, or for all of them "
    "the prediction without any oscillation (as the compilation has it), or with that of the three "
    "known neutrinos",
)
PHASE = Option(
    ("true", "compiled"),
    "phase from the distance, or from its square in km, as the compilation's public code has it "
    "where it averages over a slab; compiled: its averages and references too, unless given",
    implies={"compiled": {"averaging": "compiled", "reference": "no-oscillation"}},
)


def reactor_covariance(name: str, size: int) -> np.ndarray:
    """Read a shipped covariance (size, size) by its file name."""
    return read_covariance(shipped(FOLDER, name), size)


class Flux:
    """Antineutrinos per fission and MeV of the four isotopes, by model.

    Args:
        model: hm (Huber-Mueller), sm (summation) or hkss.
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self._table = shipped_table(f"flux_{model}.csv", not_negative=("e_mev", *ISOTOPES))
        self._logarithmic = model == "hm"

    def __call__(self, isotope: str, energy: np.ndarray) -> np.ndarray:
        """Flux (S,) of an isotope at E [MeV], (S,); zero outside the table."""
        nodes, values = self._table["e_mev"], self._table[isotope]
        if self._logarithmic:
            inside = (energy >= nodes[0]) & (energy <= nodes[-1])
            return np.where(inside, np.exp(np.interp(energy, nodes, np.log(values))), 0.0)
        return np.interp(energy, nodes, values, left=0.0, right=0.0)

    def mixture(self, fractions: tuple[float, ...], energy: np.ndarray) -> np.ndarray:
        """Flux (S,) of fuel with fission fractions of U235, U238, Pu239, Pu241."""
        pairs = zip(fractions, ISOTOPES, strict=True)
        return np.sum([share * self(isotope, energy) for share, isotope in pairs], axis=0)


KURCHATOV = 1.054
"""ILL over Kurchatov, the ratio of beta spectra U235 / Pu239 (arXiv:2103.01684)."""


class KurchatovFlux(Flux):
    """Huber-Mueller with U235 and U238 rescaled; see `flux_models`."""

    def __init__(self) -> None:
        super().__init__("hm")
        self.model = "kurchatov"

    def __call__(self, isotope: str, energy: np.ndarray) -> np.ndarray:
        """As `Flux`."""
        found = super().__call__(isotope, energy)
        return found / KURCHATOV if isotope in ("u235", "u238") else found


# cross section of Strumia and Vissani, PLB 564 (2003) 42, 1e-41 cm^2, at 2 to 8 MeV
_STRUMIA_VISSANI = np.array([0.003317, 0.026518, 0.068033, 0.127583, 0.204738, 0.299076, 0.410180])


class DayaBayFlux(Flux):
    """U235 and Pu239 as Daya Bay unfolded them, over the cross section; see `flux_models`.

    Between the middles of the bins the spectra are linear, to zero at the threshold and at the last
    edge, and scaled so that their integrals are the sums over the bins.
    """

    def __init__(self) -> None:
        super().__init__("hm")
        self.model = "dayabay"
        columns = ("e_low_mev", "e_high_mev", "u235", "pu239")
        table = shipped_table("flux_dayabay.csv", positive=columns)
        low, high = table["e_low_mev"], table["e_high_mev"]
        self._middles = np.concatenate([[1.806], (low + high) / 2, high[-1:]])
        self._spectra = {}
        for isotope in ("u235", "pu239"):
            values = np.concatenate([[0.0], table[isotope], [0.0]])
            whole = float((table[isotope] * (high - low)).sum())
            self._spectra[isotope] = values * whole / np.trapezoid(values, self._middles)
        energy = np.arange(2.0, 9.0)
        self._scale = energy, 10 * _STRUMIA_VISSANI / ibd_vogel_beacom(energy)

    def __call__(self, isotope: str, energy: np.ndarray) -> np.ndarray:
        """As `Flux`, on the scale of the first-order cross section times Strumia and Vissani's."""
        if isotope not in self._spectra:
            return super().__call__(isotope, energy)
        seen = np.interp(energy, self._middles, self._spectra[isotope], left=0.0, right=0.0)
        section = 10 * ibd_vogel_beacom(energy) * np.interp(energy, *self._scale)
        return np.divide(seen, section, out=np.zeros_like(seen), where=section > 1e-6)


@lru_cache(maxsize=8)
def flux(model: str) -> Flux:
    """The flux of a model, read once."""
    own = {"kurchatov": KurchatovFlux, "dayabay": DayaBayFlux}
    return own[model]() if model in own else Flux(model)


def reference_of(chosen: str, published: str) -> str:
    """The reference in force: the chosen one, or that of the publication."""
    return published if chosen == "published" else chosen


def flux_pull_names(model: str) -> tuple[str, ...]:
    """Names (4,) of the shared pulls on the isotopes' normalisations."""
    return tuple(f"reactor flux {model} {number}" for number in (1, 2, 3, 4))


@lru_cache(maxsize=8)
def flux_pull_effect(model: str) -> np.ndarray:
    """Relative change (4, 4) of each isotope's flux for one standard deviation of each pull.

    A root of the covariance s_i s_j V_ij of the normalisations, V given by its inverse.
    """
    table = shipped_table(f"flux_pulls_{model}.csv", positive=("uncertainty",), required=ISOTOPES)
    spread = table["uncertainty"]
    correlation = np.linalg.inv(table.matrix(ISOTOPES))
    name = f"flux_pulls_{model}.csv"
    return np.linalg.cholesky(check_covariance(correlation * np.outer(spread, spread), name))


COMPILED_HALF_WIDTH = 1.5
"""Half of the core and detector extent [m] behind the compiled far/near and Daya Bay averages."""

# where the compiled tables of sin^2 start and end in log10(q km); their step is 0.002
_COMPILED_END = {"dayabay": 3.0, "double-chooz-near": 3.0}


def detector_baselines(detector: str) -> Baselines:
    """Reactor distances and shares of a detector that sees several reactors."""
    table = shipped_table("baselines.csv", positive=("length_m", "share"))
    rows = table["detector"] == detector
    shares = table["share"][rows]
    return Baselines(
        tuple(table["length_m"][rows].tolist()),
        tuple((shares / shares.sum()).tolist()),
        COMPILED_HALF_WIDTH,
    )


@lru_cache(maxsize=16)
def compiled_sin2(detector: str) -> TabulatedSin2:
    """Averaged sin^2 of a detector as the compilation has it: on nodes 0.002 apart in log10(q).

    At dm2 above about 0.3 eV^2 and a kilometre the nodes are farther apart than the oscillation is
    long. The compiled chi2 maps carry that, so the recipe does too; `detector_baselines` averages
    exactly.
    """
    end = next((end for key, end in _COMPILED_END.items() if detector.startswith(key)), 2.5)
    nodes = np.linspace(-1.0, end, round((end + 1) / 0.002) + 1)
    return TabulatedSin2(nodes, detector_baselines(detector).sin2(10**nodes * 1e-3))


FINER = 2
"""How much finer than the compilation the option averaging=exact samples energy."""
_RESOLVED = np.linspace(-1.0, 5.5, 65_001)
"""Nodes in log10(q km) of an average that is resolved: phases 0.8 degrees apart at q L = 30."""


def resolved_sin2(average: Callable[[np.ndarray], np.ndarray]) -> TabulatedSin2:
    """Any average of sin^2 over distances, q in 1/m, from a table that resolves it."""
    return TabulatedSin2(_RESOLVED, average(10**_RESOLVED * 1e-3))


@lru_cache(maxsize=16)
def detector_sin2(detector: str, averaging: str) -> TabulatedSin2:
    """Averaged sin^2 of a detector: "compiled" (as in the published maps) or "exact".

    Raises:
        InputError: If `averaging` is neither.
    """
    if averaging not in AVERAGING.values:
        raise InputError(f"option averaging={averaging}: allowed: {', '.join(AVERAGING.values)}")
    if averaging == "compiled":
        return compiled_sin2(detector)
    return resolved_sin2(detector_baselines(detector).sin2)


def cell_length(detector: str, averaging: str) -> float:
    """Farthest reactor of a detector [m], for `spectrum.cell_averaged`; zero where not resolved."""
    return 0.0 if averaging == "compiled" else max(detector_baselines(detector).lengths)


@lru_cache(maxsize=8)
def shipped_sin2(name: str, column: str) -> TabulatedSin2:
    """Averaged sin^2 of a short-baseline detector, from ``sin2_<name>.csv``."""
    table = shipped_table(f"sin2_{name}.csv", required=("log10_q",), not_negative=(column,))
    return TabulatedSin2(table["log10_q"], table[column])
