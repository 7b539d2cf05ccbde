r"""The fast forward map of the seesaw: from 23 real parameters to oscillation observables.

``theta`` ``(N, 23)``, float64: ``Re Y`` (9, row-major [flavour, heavy]), ``Im Y`` (9),
``log10 abs(M/GeV)`` (3), phases of M_1 and M_2 (radians); M_3 is real and positive.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...base.errors import InputError
from ...base.parallel import map_chunks
from ...physics.masses import check_ordering
from .formula import EV_PER_GEV, VEV, light_neutrinos
from .mixing_kernel import mixing_range
from .seesaw_kernel import labels_range, observables_range

__all__ = [
    "LABELS",
    "OBSERVABLES",
    "labels_from_theta",
    "light_neutrinos_from_theta",
    "observables_from_theta",
    "unpack",
]

Array = NDArray[np.float64]
MAX_LOG10_M = 500.0  # what exp10 of half of it takes
CHUNK = 4096  # points a thread takes at a time: under a millisecond of work
OBSERVABLES = ("dm2_21", "dm2_3l", "sin2_theta12", "sin2_theta13", "sin2_theta23")
LABELS = (
    "dm2_21",
    "dm2_31",
    *(f"abs_U_{flavour}{i}" for flavour in ("e", "mu", "tau") for i in (1, 2, 3)),
)


def check_theta(theta: ArrayLike) -> Array:
    """``theta`` as a contiguous float64 array ``(N, 23)``; InputError if it has another shape."""
    array = np.ascontiguousarray(theta, np.float64)
    if array.ndim != 2 or array.shape[1] != 23:
        raise InputError(f"theta must have shape (N, 23), not {array.shape}")
    return array


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
    """Masses ``(N, 3)`` in eV, labelled by ``ordering``, and ``U`` ``(N, 3, 3)`` of ``(N, 23)``.

    As `formula.light_neutrinos` of `unpack`, which it calls itself for the few
    points with degenerate or vanishing masses; some ten times as fast for the others. NaN and
    errors as in `observables_from_theta`.
    """
    inverted = check_ordering(ordering)
    array = check_theta(theta)
    n = len(array)
    masses, u = np.empty((n, 3)), np.empty((n, 3, 3), np.complex128)
    doubtful = np.empty(n, np.bool_)
    scale = float(vev) * math.sqrt(EV_PER_GEV)
    map_chunks(partial(mixing_range, array, inverted, scale, masses, u, doubtful), n, CHUNK)
    rows = np.flatnonzero(doubtful)
    if rows.size:
        usable = np.isfinite(array[rows]).all(axis=1)
        usable &= (np.abs(array[rows, 18:21]) < MAX_LOG10_M).all(axis=1)
        masses[rows[~usable]], u[rows[~usable]] = np.nan, np.nan
        rows = rows[usable]
        masses[rows], u[rows] = light_neutrinos(*unpack(array[rows]), ordering, vev)
    return masses, u


def _run(
    function: Callable[..., None],
    theta: ArrayLike,
    ordering: str,
    vev: float,
    out: Array | None,
    columns: int,
) -> Array:
    inverted = check_ordering(ordering)
    array = check_theta(theta)
    if out is None:
        out = np.empty((len(array), columns))
    elif out.shape != (len(array), columns) or out.dtype != np.float64:
        raise InputError(f"out must be float64 of shape ({len(array)}, {columns})")
    scale = float(vev) * math.sqrt(EV_PER_GEV)
    map_chunks(partial(function, array, inverted, scale, out), len(array), CHUNK)
    return out


def observables_from_theta(
    theta: ArrayLike, ordering: str, vev: float = VEV, out: Array | None = None
) -> Array:
    """The five oscillation observables ``(N, 5)`` of ``theta`` ``(N, 23)``, in OBSERVABLES' order.

    Splittings in eV^2; ``dm2_3l`` is dm2_31 in NO and dm2_32 in IO. ``out`` is filled and
    returned if given. A row of ``theta`` that is not finite, or whose log10 M is beyond +-500,
    gives NaN, and so do the angles where two light masses vanish exactly. An angle without
    meaning (theta12 where abs(U_e3) = 1) is 0, as in `pmns_parameters`. Raises
    InputError for a wrong shape or an unknown ordering.
    """
    return _run(observables_range, theta, ordering, vev, out, 5)


def labels_from_theta(
    theta: ArrayLike, ordering: str, vev: float = VEV, out: Array | None = None
) -> Array:
    """The eleven labels ``(N, 11)``: dm2_21, dm2_31 (eV^2) and the nine abs(U), row-major.

    As `observables_from_theta` otherwise; dm2_31 is negative in IO.
    """
    return _run(labels_range, theta, ordering, vev, out, 11)
