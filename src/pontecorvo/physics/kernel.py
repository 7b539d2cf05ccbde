r"""The fast forward map of the seesaw: from 23 real parameters to oscillation observables.

``theta`` ``(N, 23)``, float64: ``Re Y`` (9, row-major [flavour, heavy]), ``Im Y`` (9),
``log10 abs(M/GeV)`` (3), phases of M_1 and M_2 (radians); M_3 is real and positive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pontecorvo.physics.masses import splittings_from_masses
from pontecorvo.physics.seesaw import VEV, light_neutrinos

__all__ = [
    "LABELS",
    "OBSERVABLES",
    "labels_from_theta",
    "light_neutrinos_from_theta",
    "observables_from_theta",
    "oscillation_observables",
    "unpack",
]

Array = NDArray[np.float64]
OBSERVABLES = ("dm2_21", "dm2_3l", "sin2_theta12", "sin2_theta13", "sin2_theta23")
LABELS = (
    "dm2_21",
    "dm2_31",
    *(f"abs_U_{flavour}{i}" for flavour in ("e", "mu", "tau") for i in (1, 2, 3)),
)


def unpack(theta: ArrayLike) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """``Y`` ``(..., 3, 3)`` and complex ``M`` ``(..., 3)`` in GeV of theta ``(..., 23)``."""
    theta = np.asarray(theta, np.float64)
    shape = (*theta.shape[:-1], 3, 3)
    y = theta[..., :9].reshape(shape) + 1j * theta[..., 9:18].reshape(shape)
    m = np.power(10.0, theta[..., 18:21]).astype(np.complex128)
    m[..., :2] *= np.exp(1j * theta[..., 21:23])
    return y, m


def light_neutrinos_from_theta(
    theta: ArrayLike, ordering: str, vev: float = VEV
) -> tuple[Array, NDArray[np.complex128]]:
    """Masses ``(N, 3)`` in eV and ``U`` ``(N, 3, 3)``; see `light_neutrinos`."""
    return light_neutrinos(*unpack(theta), ordering, vev)


def observables_from_theta(
    theta: ArrayLike, ordering: str, vev: float = VEV, out: Array | None = None
) -> Array:
    """The five oscillation observables ``(N, 5)`` of ``theta`` ``(N, 23)``, in OBSERVABLES' order.

    Splittings in eV^2. Rows of ``theta`` that are not finite give NaN.
    """
    masses, u = light_neutrinos_from_theta(theta, ordering, vev)
    p = np.abs(u) ** 2
    _, dm2_21, dm2_3l = splittings_from_masses(masses, ordering)
    if out is None:
        out = np.empty((len(masses), 5))
    out[:, 0], out[:, 1] = dm2_21, dm2_3l
    out[:, 2] = p[:, 0, 1] / (p[:, 0, 0] + p[:, 0, 1])
    out[:, 3] = p[:, 0, 2]
    out[:, 4] = p[:, 1, 2] / (p[:, 1, 2] + p[:, 2, 2])
    return out


def labels_from_theta(
    theta: ArrayLike, ordering: str, vev: float = VEV, out: Array | None = None
) -> Array:
    """The eleven labels ``(N, 11)``: dm2_21, dm2_31 (eV^2) and the nine abs(U), row-major."""
    masses, u = light_neutrinos_from_theta(theta, ordering, vev)
    if out is None:
        out = np.empty((len(masses), 11))
    m1, m2, m3 = masses.T
    out[:, 0] = (m2 - m1) * (m2 + m1)
    out[:, 1] = (m3 - m1) * (m3 + m1)
    out[:, 2:] = np.abs(u).reshape(-1, 9)
    return out


def oscillation_observables(
    y_re: ArrayLike,
    y_im: ArrayLike,
    log10_m: ArrayLike,
    phase_m: ArrayLike,
    ordering: str,
    vev: float = VEV,
) -> Array:
    """`observables_from_theta` of separate arrays: Y ``(..., 3, 3)``, log10 M ``(..., 3)``,
    phases ``(..., 2)``.
    """
    y_re = np.asarray(y_re, np.float64)
    batch = y_re.shape[:-2]
    theta = np.concatenate(
        [
            y_re.reshape(*batch, 9),
            np.asarray(y_im, np.float64).reshape(*batch, 9),
            np.asarray(log10_m, np.float64),
            np.asarray(phase_m, np.float64),
        ],
        axis=-1,
    )
    return observables_from_theta(theta.reshape(-1, 23), ordering, vev).reshape(*batch, 5)
