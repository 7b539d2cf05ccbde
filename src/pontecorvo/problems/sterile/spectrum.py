"""A reactor spectrum at one detector, as counts linear in two functions of the mixing angle.

counts(s22, dm2) = T0 - cos^4(th14) TX - s22 TY(dm2); the three-flavour part is left out at short
baselines, where TY is the template of the sterile neutrino alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...base.parallel import map_chunks
from ...physics.inverse_beta_decay import ibd_vogel_beacom
from ...physics.oscillation import (
    PHASE,
    TabulatedSin2,
    ThreeFlavour,
    cos4_theta_14,
    fourth_term,
    three_flavour_term,
)
from ...physics.reactor import gaussian_response, sampling_points
from ...physics.wave_packets import PacketSin2
from .experiment import Array, amplitudes, whole_amplitude
from .reactor_tables import FINER, flux

Sin2 = Callable[[Array], Array]
WIDTH = 3.0
"""Cells that an energy stands for in averages that are resolved (`cell_averaged`)."""


@dataclass(frozen=True)
class Sampling:
    """Where a spectrum is computed and how it is reconstructed.

    Attributes:
        points: Number of true energies.
        low: Lowest true energy [MeV].
        high: Highest true energy [MeV].
        bins: Number of equal reconstructed bins.
        first: Lowest reconstructed edge [MeV], on the scale of neutrino energy.
        last: Highest reconstructed edge [MeV].
        resolution: (a, b, c) of sigma = a E + b sqrt(E) + c with everything in GeV.
        packets: Width sigma_x of the neutrinos' wave packets [nm]; None for plane waves.
    """

    points: int
    low: float
    high: float
    bins: int
    first: float
    last: float
    resolution: tuple[float, float, float]
    packets: float | None = None

    def with_packets(self, sigma_x: float | None) -> "Sampling":
        """This sampling for wave packets of a width [nm]."""
        return replace(self, packets=sigma_x)

    def finer(self, averaging: str) -> "Sampling":
        """This sampling, or with more energies for the option averaging=exact."""
        return self if averaging == "compiled" else replace(self, points=FINER * self.points)

    @property
    def energy(self) -> Array:
        """True energies (S,) [MeV]."""
        return sampling_points(self.low, self.high, self.points)

    @property
    def edges(self) -> Array:
        """Reconstructed edges (B + 1,) [MeV]."""
        return np.linspace(self.first, self.last, self.bins + 1)

    @property
    def response(self) -> Array:
        """Share (S, B) of each true energy in each bin."""
        a, b, c = self.resolution
        energy = self.energy * 1e-3
        return gaussian_response(self.energy, self.edges, (a * energy + b * energy**0.5 + c) * 1e3)


@dataclass(frozen=True)
class Spectrum:
    """Events by bin at one detector, up to a constant.

    Attributes:
        sampling: Energies, bins and resolution.
        sin2: Averaged sin^2(q L) of the detector, q in 1/m.
        model: Flux model.
        fractions: Fission fractions of U235, U238, Pu239, Pu241.
        norm: Factor: exposure over the square of the distance.
        three: Active neutrinos; None where they have not yet oscillated.
        length: Distance [m] for averages over the cells of energy (`cell_averaged`); zero for none.
    """

    sampling: Sampling
    sin2: Sin2
    model: str
    fractions: Sequence[float]
    norm: float = 1.0
    three: ThreeFlavour | None = None
    length: float = 0.0

    @property
    def rate(self) -> Array:
        """Flux times cross section (S,)."""
        energy = self.sampling.energy
        mixture = flux(self.model).mixture(tuple(self.fractions), energy)
        return self.norm * mixture * ibd_vogel_beacom(energy)

    def templates(self, log10_dm2: Array) -> Array:
        """T0, TX and TY (M, 3, B) on an axis (M,); their factors are `factors`."""
        sin2 = cell_averaged(self.sin2, self.sampling, self.length)
        return templates(self.sampling, sin2, self.rate[None], self.three, log10_dm2)[:, :, 0]


def cell_averaged(sin2: Sin2, sampling: Sampling, length: float) -> Sin2:
    """sin^2 of the sampling's packets, averaged over the cells of energy as well.

    The wave numbers q that it is asked for are those at the sampling's energies (S,).

    Where a phase 2 q L turns fast within a cell, sampled energies alias it, and what they sum to
    is noise from one dm2 to the next. Here each energy stands for a Gaussian of the variance of
    `WIDTH` cells, so that cosines are damped by exp(-x^2 / 6), x = `WIDTH` q L dE / E. That is 0.9
    cells wide; any resolution here is wider by nine or more and has washed out what this takes.

    Args:
        sin2: Average over distances.
        sampling: The cells.
        length: L [m], of the farthest reactor; zero: no such average.
    """
    energy = sampling.energy
    if sampling.packets is not None:
        sin2 = PacketSin2(sin2, energy, sampling.packets, isinstance(sin2, TabulatedSin2))
    if length == 0:
        return sin2
    half = WIDTH * (sampling.high - sampling.low) / sampling.points / energy * length

    def averaged(q: Array) -> Array:
        return 0.5 + (sin2(q) - 0.5) * np.exp(-((q * half) ** 2) / 6)

    return averaged


def templates(
    sampling: Sampling,
    sin2: Sin2,
    rates: Array,
    three: ThreeFlavour | None,
    log10_dm2: Array,
) -> Array:
    """Templates (M, 3, K, B) of K spectra that share baselines, sampling and resolution.

    Args:
        sampling: Energies, bins and resolution.
        sin2: Averaged sin^2(q L), q in 1/m.
        rates: Flux times cross section (K, S).
        three: Active neutrinos; None where they have not yet oscillated.
        log10_dm2: Axis (M,).
    """
    energy, response = sampling.energy, sampling.response
    result = np.zeros((len(log10_dm2), 3, len(rates), sampling.bins))
    result[:, 0] = rates @ response
    if three is not None:
        result[:, 1] = -(rates * three_flavour_term(sin2, energy, three)) @ response

    def fill(start: int, stop: int) -> None:
        dm2 = 10.0 ** log10_dm2[start:stop]
        if three is None:
            term = sin2(PHASE * dm2[:, None] / energy)
        else:
            term = fourth_term(sin2, energy, dm2, three)
        for index, rate in enumerate(rates):
            result[start:stop, 2, index] = -(term * rate) @ response

    map_chunks(fill, len(log10_dm2), 128)
    return result


def factors(s22: Array) -> Array:
    """What multiplies T0, TX and TY (N, 3): 1, cos^4(th14), sin^2(2 th14).

    Of two further states (N, 5): 1, the square of what is left of nu_e, and three amplitudes.
    """
    left = cos4_theta_14(whole_amplitude(s22))
    return np.column_stack([np.ones(len(s22)), left, amplitudes(s22)])
