"""Survival of electron (anti)neutrinos in vacuum with three active and one further neutrino.

P_ee = 1 - 4 sum_{i<j} |U_ei|^2 |U_ej|^2 sin^2(1.267 dm2_ij L / E), with L in metres, E in MeV, dm2
in eV^2 (PDG review "Neutrino masses, mixing and oscillations"). Written in powers of the fourth
angle it is

    P_ee = 1 - cos^4(th14) X - sin^2(2 th14) Y(dm2_41),

with X the three-flavour disappearance and Y = sum_i |U_ei|^2 sin^2(phase_4i) at th14 = 0: two
templates, of which only Y depends on dm2_41, times two known functions of the angle.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import sici

Array = np.ndarray
PHASE = 1.267
"""Phase constant [MeV / (eV^2 m)] with the digits of the reactor analyses (exact: 1.26693)."""


@dataclass(frozen=True)
class ThreeFlavour:
    """The angles and splittings that a short baseline does not measure.

    Attributes:
        s22_13: sin^2(2 theta_13).
        dm2_31: Atmospheric splitting [eV^2].
        theta_12: Solar angle [rad].
        dm2_21: Solar splitting [eV^2].
    """

    s22_13: float = 0.084
    dm2_31: float = 2.525e-3
    theta_12: float = 0.590
    dm2_21: float = 7.39e-5

    @property
    def weights(self) -> Array:
        """|U_e1|^2, |U_e2|^2, |U_e3|^2 (3,) at theta_14 = 0."""
        s13 = np.sin(0.5 * np.arcsin(np.sqrt(self.s22_13))) ** 2
        s12 = np.sin(self.theta_12) ** 2
        return np.array([(1 - s13) * (1 - s12), (1 - s13) * s12, s13])

    @property
    def masses(self) -> Array:
        """Squared masses (3,) above the lightest [eV^2]."""
        return np.array([0.0, self.dm2_21, self.dm2_31])


def cos4_theta_14(s22: Array) -> Array:
    """cos^4(theta_14) (N,) from sin^2(2 theta_14) (N,), in the octant theta_14 < 45 degrees."""
    return (0.5 + 0.5 * np.sqrt(np.maximum(1 - np.asarray(s22, dtype=float), 0.0))) ** 2


def sin2_phase(dm2: Array, length: Array, energy: Array) -> Array:
    """sin^2(1.267 dm2 L / E): dm2 [eV^2], L [m], E [MeV], broadcast."""
    return np.sin(PHASE * dm2 * length / energy) ** 2


def three_flavour_term(sin2: Callable[[Array], Array], energy: Array, three: ThreeFlavour) -> Array:
    """X(E): 4 sum over the three active pairs of |U_ei|^2 |U_ej|^2 sin^2, at theta_14 = 0.

    Args:
        sin2: Averaged sin^2(q L) at wave numbers q = 1.267 dm2 / E [1/m].
        energy: E [MeV], (S,).
        three: The active neutrinos.
    """
    weights, masses = three.weights, three.masses
    total = np.zeros(np.shape(energy))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        q = PHASE * abs(masses[j] - masses[i]) / energy
        total = total + 4 * weights[i] * weights[j] * sin2(q)
    return total


def fourth_term(
    sin2: Callable[[Array], Array], energy: Array, dm2: Array, three: ThreeFlavour
) -> Array:
    """Y(dm2_41, E) (M, S): sum_i |U_ei|^2 sin^2(phase_4i) at theta_14 = 0.

    Args:
        sin2: Averaged sin^2(q L) at wave numbers q [1/m].
        energy: E [MeV], (S,).
        dm2: dm2_41 [eV^2], (M,).
        three: The active neutrinos.
    """
    dm2 = np.asarray(dm2, dtype=float)[:, None]
    total = np.zeros((len(dm2), len(energy)))
    for weight, mass in zip(three.weights, three.masses, strict=True):
        total += weight * sin2(PHASE * np.abs(dm2 - mass) / energy)
    return total


def survival(
    s22: float, dm2: float, length: Array, energy: Array, three: ThreeFlavour | None = None
) -> Array:
    """P_ee with all six frequencies at baseline L [m] and energy E [MeV], broadcast.

    Args:
        s22: sin^2(2 theta_ee) = sin^2(2 theta_14).
        dm2: dm2_41 [eV^2].
        length: L [m].
        energy: E [MeV].
        three: The active neutrinos; the values of the reactor analyses by default.
    """
    three = three or ThreeFlavour()
    length, energy = np.broadcast_arrays(
        np.asarray(length, dtype=float), np.asarray(energy, dtype=float)
    )
    flat_length, flat_energy = length.ravel(), energy.ravel()

    def sin2(q: Array) -> Array:
        return np.sin(q * flat_length) ** 2

    active = three_flavour_term(sin2, flat_energy, three)
    fourth = fourth_term(sin2, flat_energy, np.array([dm2]), three)[0]
    result = 1 - cos4_theta_14(np.array(s22)) * active - s22 * fourth
    return result.reshape(length.shape)


def slab_sin2(q: Array, low: float, high: float) -> Array:
    """sin^2(q L) averaged over L in [low, high] with weight 1/L^2.

    Closed form with the sine integral. It is the core and detector of a reactor experiment as
    one-dimensional extents: the flux falls as 1/L^2.

    Args:
        q: Wave numbers [1/m], any shape.
        low: Nearest distance [m], positive.
        high: Farthest distance [m].
    """
    q = np.asarray(q, dtype=float)
    if high - low < 1e-9 * high:
        return np.sin(q * low) ** 2
    integral = sici(2 * high * q)[0] - sici(2 * low * q)[0]
    total = high * np.sin(low * q) ** 2 - low * np.sin(high * q) ** 2 + low * high * q * integral
    return total / (high - low)


@dataclass(frozen=True)
class Baselines:
    """Several reactors seen by one detector, each an extent of 2 h about its distance.

    Attributes:
        lengths: Distances [m].
        weights: Share of each in the rate without oscillation.
        half_width: h [m].
    """

    lengths: tuple[float, ...]
    weights: tuple[float, ...]
    half_width: float = 0.0

    @classmethod
    def of_power(
        cls, lengths: tuple[float, ...], power: tuple[float, ...], half_width: float = 0.0
    ) -> "Baselines":
        """Weights power / L^2."""
        share = np.array(power) / np.array(lengths) ** 2
        return cls(tuple(lengths), tuple((share / share.sum()).tolist()), half_width)

    def sin2(self, q: Array) -> Array:
        """Averaged sin^2(q L) at wave numbers q [1/m]."""
        q = np.asarray(q, dtype=float)
        total = np.zeros(q.shape)
        for length, weight in zip(self.lengths, self.weights, strict=True):
            total += weight * slab_sin2(q, length - self.half_width, length + self.half_width)
        return total


class TabulatedSin2:
    """An averaged sin^2 read from a table in log10(q), as the compilations keep it.

    Between nodes it is linear in log10(q); below the table it falls as q^2, above it is 1/2.

    Args:
        log10_q: Equidistant nodes (T,) of log10(q km), so q in 1/km.
        values: Averaged sin^2 (T,).
    """

    def __init__(self, log10_q: Array, values: Array) -> None:
        self.log10_q, self.values = np.asarray(log10_q), np.asarray(values)

    def __call__(self, q: Array) -> Array:
        """Averaged sin^2 at wave numbers q [1/m]."""
        place = np.log10(np.maximum(q, 1e-300)) + 3
        result = np.interp(place, self.log10_q, self.values)
        below = place < self.log10_q[0]
        if np.any(below):
            small = self.values[0] * 10 ** (2 * np.minimum(place - self.log10_q[0], 0.0))
            result = np.where(below, small, result)
        return np.where(place > self.log10_q[-1], 0.5, result)
