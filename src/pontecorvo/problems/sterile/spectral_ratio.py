"""The ratio of one spectrum at two distances, each with an energy scale that may be off.

Recipe of Berryman & Huber, arXiv:2005.01756: both spectra by the same flux and fuel, the bins
compared in neutrino energy, and the scales of numerator and denominator free within a box
(`scale`), together or each on its own. Subclasses say which, in class attributes.
"""

from typing import ClassVar

import numpy as np

from ...physics.reactor import shift_energy_scale
from .declaration import Declaration
from .experiment import Array, Block, check_points
from .experiment_registry import Setting
from .reactor_tables import reactor_covariance, shipped_sin2
from .scale import ENERGY_SCALE, ScaleExperiment, fixed_shifts
from .shipped_tables import shipped_table
from .spectrum import Sampling, Spectrum, factors
from .templates import FINE_STEP, Templates, dm2_axis, tabulate
from .wave_packet_option import WAVE_PACKET, packet_width

SPECTRAL_FLUX = "sm"
"""The spectral ratios were compiled with the summation fluxes; a ratio hardly feels it."""


class SpectralRatio(ScaleExperiment):
    """Far over near, or lower over upper position, in the compared bins.

    Attributes:
        sampling: Energies, and all bins.
        used: The compared ones.
        fractions: Fission fractions.
        distances: Column of averaged sin^2 and distance [m], of numerator and denominator.
        scale_of: Which of the K scales shifts numerator and denominator.
        prompt: Lowest and highest positron energy [MeV] of the compared bins.
        ratio: Title of the panel.
    """

    sampling: Sampling
    used: ClassVar[slice]
    fractions: ClassVar[tuple[float, ...]]
    distances: ClassVar[tuple[tuple[str, float], tuple[str, float]]]
    scale_of: ClassVar[tuple[int, int]]
    prompt: ClassVar[tuple[float, float]]
    ratio: ClassVar[str]

    def __init__(self, setting: Setting) -> None:
        self.set_prior(setting.choice("energy_scale", self.name))
        self.data = shipped_table(f"{self.name}.csv", positive=("ratio",))["ratio"]
        self._covariance = reactor_covariance(f"{self.name}_covariance.csv", len(self.data))
        self.sampling = self.sampling.with_packets(packet_width(setting, self.name))
        count, sampling = len(self.data), self.sampling
        edges = np.linspace(*self.prompt, count + 1)
        self.blocks = (
            Block(self.ratio, slice(0, count), edges, x="positron energy [MeV]", y="ratio"),
        )
        axis = dm2_axis(step=FINE_STEP)

        def kept(axis: Array) -> Array:
            key = [repr(sampling), self.fractions, axis]
            return tabulate(self.name, key, lambda: self._compute(axis))["counts"]

        self._templates = Templates(axis, kept(axis), lambda axis: kept(axis)[:, 2])
        self._shift = [
            fixed_shifts(
                (self.nodes[..., k] * self.scale_sigma[k]).ravel(),
                sampling.bins,
                sampling.first,
                sampling.last,
                self.used,
            )
            for k in self.scale_of
        ]

    def _compute(self, axis: Array) -> dict[str, Array]:
        both = [
            Spectrum(
                self.sampling,
                shipped_sin2(self.name, column),
                SPECTRAL_FLUX,
                self.fractions,
                distance**-2,
            ).templates(axis)
            for column, distance in self.distances
        ]
        return {"counts": np.concatenate(both, axis=2)}

    def _spectra(self, s22: Array, dm2: Array) -> list[Array]:
        """Numerator and denominator (N, all bins)."""
        s22, dm2 = check_points(s22, dm2)
        return np.split(self._templates(factors(s22), dm2), 2, axis=1)

    def shifted(self, s22: Array, dm2: Array, shifts: Array) -> Array:
        """Ratios (N, ..., B), each spectrum shifted by its scale; see `ScaleExperiment`."""
        extra = (1,) * (np.ndim(shifts) - 2)
        low, high = self.sampling.first, self.sampling.last
        above, below = (
            shift_energy_scale(shifts[..., k], part.reshape(len(part), *extra, -1), low, high)
            for k, part in zip(self.scale_of, self._spectra(s22, dm2), strict=True)
        )
        return above[..., self.used] / below[..., self.used]

    def paths(self, s22: Array, dm2: Array) -> Array:
        """Ratios (N, C, J, B) on the nodes, by one product for each spectrum."""
        above, below = (
            shift(part) for part, shift in zip(self._spectra(s22, dm2), self._shift, strict=True)
        )
        ratio = np.divide(above, below, out=above)
        return ratio.reshape(len(ratio), *self.nodes.shape[:2], self.size)


def declaration_of(kind: type[SpectralRatio], order: int) -> Declaration:
    """The declaration of such a ratio: a reactor spectrum, with the option of its energy scale."""
    return Declaration(
        kind.name,
        kind.title,
        kind,
        order=order,
        groups=("reactor-spectra", "reactors"),
        options={"energy_scale": ENERGY_SCALE, "wave_packet": WAVE_PACKET},
    )
