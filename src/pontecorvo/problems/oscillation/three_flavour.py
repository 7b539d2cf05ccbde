"""Survival of electron antineutrinos with three flavours, in vacuum or in matter of one density.

P_ee depends on neither theta_23 nor delta_CP, also in matter of constant density, because both are
rotations of the flavours mu and tau. With both at zero the Hamiltonian is real and

    P_ee = 1 - 4 sum_{i<j} w_i w_j sin^2[(lambda_i - lambda_j) L / 4E],

lambda the eigenvalues of 2E H in eV^2 and w_i = abs(U_ei)^2 in matter. The eigenvalues are the
closed solution of the cubic (Zaglauer & Schwarzer, Z. Phys. C 40 (1988) 273), the weights follow
from them alone (Denton, Parke & Zhang, arXiv:1907.02534):

    w_i = (lambda_i - xi)(lambda_i - chi) / [(lambda_i - lambda_j)(lambda_i - lambda_k)],

xi and chi the eigenvalues of the mu-tau block, which matter does not touch.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import constants as si

from ...base.errors import InputError, suggest

Array = np.ndarray
Ordering = Literal["NO", "IO"]
ORDERINGS = ("NO", "IO")

_HBAR_C = si.hbar * si.c / si.e * 1e-6
PHASE = 1e-12 / (4 * _HBAR_C)
"""dm2 [eV^2] L [m] / (4 E [MeV]) in units of one: 1.26693."""
_FERMI = si.physical_constants["Fermi coupling constant"][0] * 1e-6  # MeV^-2
POTENTIAL = 2 * np.sqrt(2) * _FERMI * (si.N_A * 1e6 * _HBAR_C**3) * 1e12
"""2 sqrt(2) G_F N_e E in eV^2 for one mol of electrons a cm^3 and E = 1 MeV: 1.526e-7."""


@dataclass(frozen=True)
class Matter:
    """Matter along the path.

    Attributes:
        density: g/cm^3; zero is vacuum.
        electrons: Electrons a nucleon.
    """

    density: float = 0.0
    electrons: float = 0.5

    def __post_init__(self) -> None:
        if not (np.isfinite(self.density) and self.density >= 0):
            raise InputError(f"matter density {self.density}; it must be finite and not negative")
        if not 0 <= self.electrons <= 1:
            raise InputError(f"electrons a nucleon: {self.electrons}; it must lie in [0, 1]")


def check_ordering(ordering: str) -> None:
    """Raise InputError unless the mass ordering is NO or IO."""
    if ordering not in ORDERINGS:
        raise InputError(
            f"mass ordering {ordering!r} is unknown; {suggest(ordering, ['NO', 'IO'])}"
        )


def dm2_31_of(dm2_21: Array, dm2_3l: Array) -> Array:
    """dm2_31 from dm2_3l, which is dm2_31 where positive (NO) and dm2_32 where negative (IO)."""
    return np.where(np.asarray(dm2_3l) > 0, dm2_3l, np.asarray(dm2_3l) + dm2_21)


def modes(
    sin2_12: Array, dm2_21: Array, sin2_13: Array, dm2_31: Array, energy: Array, matter: Matter
) -> tuple[Array, Array]:
    """Eigenvalues (..., 3) [eV^2] of 2E H and weights abs(U_ei)^2 (..., 3) of antineutrinos.

    Args:
        sin2_12: sin^2 theta_12.
        dm2_21: Splitting [eV^2], positive.
        sin2_13: sin^2 theta_13.
        dm2_31: Signed splitting [eV^2].
        energy: E [MeV]; all arguments broadcast.
        matter: What lies along the path.
    """
    s12, d21, s13, d31, energy = np.broadcast_arrays(sin2_12, dm2_21, sin2_13, dm2_31, energy)
    if matter.density == 0:
        zero = np.zeros_like(d21)
        weights = ((1 - s12) * (1 - s13), s12 * (1 - s13), s13)
        return np.stack([zero, d21, d31], axis=-1), np.stack(weights, axis=-1)
    potential = POTENTIAL * matter.density * matter.electrons * energy
    # mu-tau block at theta_23 = delta = 0: entries, trace and determinant
    mu, tau = d21 * (1 - s12), d21 * s12 * s13 + d31 * (1 - s13)
    trace, off2 = mu + tau, d21**2 * s12 * (1 - s12) * s13
    block = mu * tau - off2
    # the cubic of the whole matrix, antineutrinos: the potential enters with a minus
    total = d21 + d31 - potential
    minors = d21 * d31 - potential * trace
    mean = total / 3
    radius = np.sqrt(np.maximum(mean**2 - minors / 3, 0.0))
    depressed = mean**3 - 0.5 * mean * minors - 0.5 * potential * block
    angle = np.arccos(np.clip(depressed / radius**3, -1, 1)) / 3
    turns = angle[..., None] - 2 * np.pi / 3 * np.arange(3)
    values = mean[..., None] + 2 * radius[..., None] * np.cos(turns)
    a, b, c = np.moveaxis(values, -1, 0)
    return values, np.stack(
        [_weight(x, y, z, trace, block) for x, y, z in ((a, b, c), (b, c, a), (c, a, b))], axis=-1
    )


def _weight(own: Array, one: Array, other: Array, trace: Array, block: Array) -> Array:
    return (own * (own - trace) + block) / ((own - one) * (own - other))


def survival(
    sin2_12: Array,
    dm2_21: Array,
    sin2_13: Array,
    dm2_31: Array,
    length: Array,
    energy: Array,
    matter: Matter | None = None,
) -> Array:
    """P_ee of electron antineutrinos, all arguments broadcast.

    Args:
        sin2_12: sin^2 theta_12.
        dm2_21: Splitting [eV^2].
        sin2_13: sin^2 theta_13.
        dm2_31: Signed splitting [eV^2].
        length: L [m].
        energy: E [MeV].
        matter: What lies along the path; vacuum by default.
    """
    values, weights = modes(sin2_12, dm2_21, sin2_13, dm2_31, energy, matter or Matter())
    inverse = PHASE * np.asarray(length) / energy
    result = np.ones(np.broadcast_shapes(values.shape[:-1], np.shape(inverse)))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        depth = 4 * weights[..., i] * weights[..., j]
        result -= depth * np.sin((values[..., i] - values[..., j]) * inverse) ** 2
    return result


def averaged_survival(
    points: tuple[Array, Array, Array, Array],
    lengths: Array,
    shares: Array,
    energy: Array,
    matter: Matter,
) -> Array:
    """P_ee (N, S) averaged over cores at several distances.

    Args:
        points: sin^2 theta_12, dm2_21, sin^2 theta_13 and signed dm2_31, each (N,).
        lengths: Distances (R,) [m].
        shares: Share (R,) of each core in the flux without oscillation.
        energy: E (S,) [MeV].
        matter: What lies along the paths.
    """
    s12, dm2_21, s13, dm2_31 = (np.asarray(each, dtype=float)[:, None] for each in points)
    values, weights = modes(s12, dm2_21, s13, dm2_31, energy[None], matter)
    result = np.ones(values.shape[:-1])
    for i, j in ((0, 1), (0, 2), (1, 2)):
        rate = (values[..., i] - values[..., j]) * (PHASE / energy)
        mean = np.zeros_like(rate)
        for length, share in zip(lengths, shares, strict=True):
            mean += share * np.sin(rate * length) ** 2
        result -= 4 * weights[..., i] * weights[..., j] * mean
    return result
