"""Rates of the four fissile isotopes: survival of each, their shares, averages over distance."""

import numpy as np

from ...physics.inverse_beta_decay import ibd_vogel_beacom
from ...physics.oscillation import Baselines, ThreeFlavour, slab_sin2
from ...physics.reactor import ISOTOPES
from .experiment import Array
from .reactor_tables import Flux, flux, resolved_sin2
from .spectrum import Sampling, Sin2, cell_averaged, templates


def isotope_survival(
    model: str,
    sampling: Sampling,
    sin2: Sin2,
    axis: Array,
    three: ThreeFlavour | None,
    reference: str = "no-oscillation",
    difference: bool = False,
) -> Array:
    """Templates (M, 3, 4) of the rate of each isotope alone over its own reference.

    That is the rate without oscillation, or with ``reference="three-flavour"`` the rate with the
    oscillation of the three known neutrinos. Of a `difference` between two further states the last
    template knows nothing of these.
    """
    energy = sampling.energy
    rates = np.array([flux(model)(isotope, energy) for isotope in ISOTOPES])
    counts = templates(sampling, sin2, rates * ibd_vogel_beacom(energy), three, axis)[..., 0]
    base = counts[:1, :1]
    if reference == "three-flavour" and three is not None:
        base = base + counts[:1, 1:2]
    if difference:
        counts = templates(sampling, sin2, rates * ibd_vogel_beacom(energy), None, axis)[..., 0]
    return counts / base


def resolved(
    sin2: Sin2, sampling: Sampling, length: float, averaging: str
) -> tuple[Sin2, Sampling]:
    """An average over distances and its energies as they are, or resolved (averaging=exact).

    Args:
        sin2: The average over distances.
        sampling: Energies.
        length: Farthest distance [m].
        averaging: The option.
    """
    if averaging == "compiled":
        return cell_averaged(sin2, sampling, 0.0), sampling
    finer = sampling.finer(averaging)
    return cell_averaged(resolved_sin2(sin2), finer, length), finer


def averaged_sin2(baselines: Baselines, phase: str) -> Sin2:
    """sin^2 averaged over slabs; ``phase="compiled"`` multiplies the phase by L / km.

    The code of the compilation (GLoBESfit) multiplies the wave number by the distance before it
    averages sin^2 of their product over the distance: its phases go with L^2.
    """
    if phase == "true":
        return baselines.sin2

    def squared(q: Array) -> Array:
        total = np.zeros(np.shape(q))
        for length, weight in zip(baselines.lengths, baselines.weights, strict=True):
            half = baselines.half_width
            total += weight * slab_sin2(q * length * 1e-3, length - half, length + half)
        return total

    return squared


def isotope_rates(fluxes: Flux, sampling: Sampling) -> Array:
    """Rate (4,) of each isotope without oscillation, arbitrary common scale."""
    weight = ibd_vogel_beacom(sampling.energy) * sampling.response[:, 0]
    return np.array([(fluxes(isotope, sampling.energy) * weight).sum() for isotope in ISOTOPES])


def fuel_shares(fractions: Array, rates: Array) -> Array:
    """Share (B, 4) of each isotope in the rate: f_i N_i / sum."""
    product = fractions * rates
    return product / product.sum(axis=1, keepdims=True)
