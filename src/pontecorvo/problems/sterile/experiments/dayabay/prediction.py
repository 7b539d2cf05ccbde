"""Expected counts in 21 samples and 26 bins for any mixing, spectrum and systematic parameters.

Counts = efficiency * response * sum over cores of (flux * survival * cross section) + background.
The fission spectrum is Huber-Mueller times the exponential of a free broken line with 19 nodes and
a free normalisation, as in the collaboration's analysis: near and far detectors are compared.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np

from .flux import Flux, build_flux
from .kinematics import InverseBetaDecay, deposit_matrix, energy_cells
from .nuisances import Nuisances, Values
from .release import DETECTOR_OF, SAMPLES, Array, Release, load_release, rebin_matrix
from .response import Response, build_response
from .survival import Mixing, survival

CELL = 0.005  # MeV: width of a cell of antineutrino energy
BINS = 26


@dataclass(frozen=True)
class Point:
    """Where the model is evaluated.

    Attributes:
        mixing: Oscillation parameters. Its solar pair is overridden by `pulls`.
        normalisation: Free factor on all inverse beta decays.
        shape: Log of the free spectrum at its nodes (19,).
        pulls: Systematic pulls (K,).
    """

    mixing: Mixing
    normalisation: float = 1.0
    shape: Array = field(default_factory=lambda: np.zeros(19))
    pulls: Array | None = None


class Model:
    """The release turned into a function from parameters to counts.

    Args:
        release: The data set.
        extent: Half width of the core-detector distance in m; zero for points, as in
            `dayabay-model`.
        background: See `Nuisances`.
    """

    def __init__(
        self,
        release: Release,
        extent: float = 0.0,
        background: str = "absolute",
    ) -> None:
        self.release = release
        self.extent = extent
        self.cell = CELL
        self.background = background
        self.reaction = InverseBetaDecay.from_constants(release.constants)
        cells = energy_cells(1.8, 13.2, CELL)
        self.flux: Flux = build_flux(release, cells)
        self.deposit = deposit_matrix(self.reaction, cells)
        self.response: Response = build_response(release)
        self.nuisances = Nuisances(release, background)
        shapes = release.background_shape @ rebin_matrix(release.final_edges).T
        self.background_shape = shapes
        self.data = release.final_counts().ravel()

    def mixing(self, **changes: float) -> Mixing:
        """The release's oscillation parameters, some of them changed."""
        table = self.release.constants
        nominal = Mixing(
            sin2_2theta13=table["SinSq2Theta13"],
            dm2_32=table["DeltaMSq32"],
            sin2_2theta12=table["SinSq2Theta12"][0],
            dm2_21=table["DeltaMSq21"][0],
        )
        return replace(nominal, **changes)

    def state(self, point: Point) -> "State":
        """Everything computed at a point."""
        return State(self, point)

    def counts(self, point: Point) -> Array:
        """Expected counts (546,), inverse beta decays and background."""
        return self.state(point).counts.ravel()


class State:
    """The stages of the prediction at one point, each computed when first asked for."""

    def __init__(self, model: Model, point: Point) -> None:
        self.model, self.point = model, point
        self.values: Values = model.nuisances.values(point.pulls)
        self.mixing = replace(
            point.mixing, dm2_21=self.values.dm2_21, sin2_2theta12=self.values.sin2_2theta12
        )

    @cached_property
    def survival(self) -> Array:
        """Survival probability (8, 6, C)."""
        model = self.model
        return survival(
            self.mixing, model.release.baseline, model.flux.energy, model.cell, model.extent
        )

    @cached_property
    def shape_factor(self) -> Array:
        """Free spectrum (C,) relative to Huber-Mueller."""
        return np.exp(self.point.shape @ self.model.flux.shape)

    @cached_property
    def main(self) -> Array:
        """Spectra (4, C) per fission and MeV with every shape correction."""
        flux, values = self.model.flux, self.values
        nodes = 1 + values.spectrum_uncorrelated * flux.sigma_uncorrelated
        nodes = nodes * (1 + values.spectrum_correlated * flux.sigma_correlated)
        return flux.spectra * (nodes @ flux.node_hat) * self.shape_factor

    @cached_property
    def deposited(self) -> Array:
        """Events (8, 6, 9, 240) per fission: 4 main, 4 non-equilibrium; per second: spent fuel."""
        flux = self.model.flux
        common = np.concatenate([self.main, flux.nonequilibrium])
        spectra = np.concatenate(
            [np.broadcast_to(common, (6, *common.shape)), flux.spent_fuel[:, None]], axis=1
        )
        folded = self.survival[:, :, None] * spectra
        flat = folded.reshape(-1, folded.shape[-1])
        return (self.model.deposit @ flat.T).T.reshape(8, 6, 9, 240)

    @cached_property
    def matrices(self) -> Array:
        """Response (8, 26, 240) of the detectors."""
        values = self.values
        return self.model.response.matrices(
            values.iav, values.lsnl, values.energy_scale, values.eres
        )

    @cached_property
    def weights(self) -> Array:
        """What multiplies `deposited`: (S, 6, 9)."""
        return source_weights(self.model.flux, self.values)

    @cached_property
    def raw(self) -> Array:
        """Inverse beta decays (S, 240) by deposited energy, before the relative efficiency."""
        return contract(self.weights, self.deposited)

    @cached_property
    def ibd(self) -> Array:
        """Inverse beta decays (S, 26) in the final bins."""
        return self.binned(self.raw)

    def binned(
        self, raw: Array, values: Values | None = None, matrices: Array | None = None
    ) -> Array:
        """Inverse beta decays (S, 26) of spectra (S, 240), with the point's own response or others.

        Args:
            raw: By deposited energy.
            values: Whose efficiencies count.
            matrices: Response (8, 26, 240) of the detectors.
        """
        values, matrices = values or self.values, self.matrices if matrices is None else matrices
        signal = np.einsum("sbe,se->sb", matrices[DETECTOR_OF], raw, optimize=True)
        return self.point.normalisation * values.efficiency[DETECTOR_OF][:, None] * signal

    def folded(self, signal: Array) -> Array:
        """Inverse beta decays (S, 26) of signals (S, C) at the detectors."""
        return self.binned((self.model.deposit @ signal.T).T)

    @cached_property
    def background(self) -> Array:
        """Background (S, 26)."""
        return np.einsum("ks,ksb->sb", self.values.background, self.model.background_shape)

    @cached_property
    def counts(self) -> Array:
        """All expected events (S, 26)."""
        return self.ibd + self.background

    @cached_property
    def emitted(self) -> Array:
        """Antineutrinos (S, 6, C) per MeV at the detectors times target protons, no oscillation."""
        w, flux = self.weights, self.model.flux
        common = np.concatenate([self.main, flux.nonequilibrium])
        spectrum = np.einsum("srk,kc->src", w[..., :8], common, optimize=True)
        return spectrum + w[..., 8:] * flux.spent_fuel


def source_weights(flux: Flux, values: Values) -> Array:
    """Fissions (and seconds, for spent fuel) seen by each sample: (S, 6, 9), times protons/area."""
    fractions = values.fission_fractions
    per_heat = fractions / (fractions @ values.energy_per_fission)[:, None]
    fissions = (flux.thermal_energy * flux.per_area)[:, :, None] * (
        per_heat * values.thermal_power[:, None]
    )
    spent = flux.livetime[:, None] * flux.per_area * values.spent_fuel
    return np.concatenate([fissions, fissions * values.nonequilibrium, spent[..., None]], axis=2)


def contract(weights: Array, deposited: Array) -> Array:
    """Sum over cores and sources of weights (S, 6, 9) times spectra (8, 6, 9, n): (S, n)."""
    shape = deposited.shape
    flat = deposited.reshape(shape[0], -1, shape[-1])
    return np.einsum(
        "sk,skn->sn", weights.reshape(len(SAMPLES), -1), flat[DETECTOR_OF], optimize=True
    )


@lru_cache(maxsize=4)
def load_model(extent: float = 0.0, background: str = "absolute") -> Model:
    """The model of the installed release."""
    return Model(load_release(), extent, background)
