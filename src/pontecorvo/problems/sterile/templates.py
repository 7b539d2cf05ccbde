"""Templates against dm2: computed once on an axis, kept on disk, interpolated fast.

Expected counts are sum_f factor_f(s22) * template_f(dm2) with F known factors of the mixing angle.
The axis is fine enough that a cubic through four nodes is exact for practical purposes; each
experiment's test measures the error left.

Two further states make three terms of one kind, s_j template(dm2_j), and the counts stay linear in
the amplitudes: the templates of one state are superposed, exactly (`points`).
"""

import os
from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ...base.compiled import njit
from ...base.errors import InputError
from ...base.files import cached_arrays, fingerprint
from ...base.parallel import map_chunks
from .experiment import Array

STEP = 0.0025  # in log10(dm2 / eV^2)
FINE_STEP = 0.001  # where oscillation is fast or a compiled table is rough
FINEST_STEP = 0.00025  # a far detector over a near one, both by rough tables
SLOWEST = -4.0  # of the difference of two: at 2 km its phase is still below 0.15
VERSION = 2  # part of every cache key; raise it when the computation of templates changes


@lru_cache(maxsize=8)
def dm2_axis(low: float = -2.0, high: float = 2.0, step: float = STEP) -> Array:
    """Nodes (M,) in log10(dm2 / eV^2), equidistant, both ends included."""
    return np.linspace(low, high, round((high - low) / step) + 1)


def cache_folder() -> Path:
    """Where tabulated templates are kept: ``PONTECORVO_CACHE``, else the user's cache folder."""
    own = os.environ.get("PONTECORVO_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(own) if own else Path(base) / "pontecorvo"


def tabulate(name: str, key: Any, compute: Callable[[], dict[str, Array]]) -> dict[str, Array]:
    """Return the tables of `compute`, kept on disk under a hash of `key`.

    A cache that cannot be written is done without.

    Args:
        name: What it is, for the file name.
        key: Everything the tables depend on, as plain JSON types (arrays allowed).
        compute: Makes the tables.
    """
    try:
        path = cache_folder() / f"{name}-{fingerprint([VERSION, key])}.npz"
    except RuntimeError:  # no HOME, and no entry in the password file
        return compute()
    try:
        return cached_arrays(path, compute)
    except (OSError, ValueError):
        return compute()


class Templates:
    """Tables on an equidistant axis in log10(dm2), with cubic interpolation.

    Args:
        axis: Nodes (M,), at least four.
        values: Tables (M, F, C): F factors, C columns (bins, or bins of several detectors). The
            last factor is the amplitude of the further state.
        difference: ``difference(axis)`` gives the table (M', C) of an oscillation between two
            further states on any axis: that of the last factor where the known neutrinos play no
            part. It is asked for when two such states are.
    """

    def __init__(
        self,
        axis: Array,
        values: Array,
        difference: Callable[[Array], Array] | None = None,
    ) -> None:
        self.axis = axis
        self._of_difference = difference
        self.values = np.ascontiguousarray(values, dtype=float)
        self._low, self._step = float(axis[0]), float(axis[1] - axis[0])

    def __call__(self, factors: Array, dm2: Array) -> Array:
        """Sum over factors (N, F) of the tables at dm2 (N,), in eV^2: (N, C).

        With dm2_41, dm2_51 and dm2_54 (N, 3) there are two factors more, the amplitudes of the
        second state and of the difference (N, F + 2).
        """
        if dm2.ndim == 2:
            return self._superposed(factors, dm2)
        count = len(dm2)
        out = np.empty((count, self.values.shape[2]))
        place = (np.log10(dm2) - self._low) / self._step
        factors = np.ascontiguousarray(factors, dtype=float)

        def fill(start: int, stop: int) -> None:
            _interpolate(self.values, place[start:stop], factors[start:stop], out[start:stop])

        map_chunks(fill, count, max(1024, -(-count // 8)))
        return out

    def _superposed(self, factors: Array, dm2: Array) -> Array:
        first = self.values.shape[1]
        total = self(factors[:, :first], dm2[:, 0])
        total += self._last(factors[:, first : first + 1], dm2[:, 1])
        between = self._difference
        lowest = 10.0 ** between.axis[0]
        inside = np.maximum(dm2[:, 2], lowest)  # below, sin^2 goes with the square
        weight = factors[:, first + 1 :] * np.minimum(dm2[:, 2:] / lowest, 1.0) ** 2
        total += between(weight, inside)
        return total

    @cached_property
    def _last(self) -> "Templates":
        """The table of the last factor alone."""
        return Templates(self.axis, self.values[:, -1:])

    @cached_property
    def _difference(self) -> "Templates":
        if self._of_difference is None:
            raise InputError("an experiment has no table for two sterile neutrinos; leave it out")
        axis = dm2_axis(SLOWEST, float(self.axis[-1]), self._step)
        return Templates(axis, self._of_difference(axis)[:, None])


@njit(cache=True, nogil=True, fastmath=False)
def _interpolate(
    values: Array, place: Array, factors: Array, out: Array
) -> None:  # pragma: no cover - compiled
    nodes, terms, columns = values.shape
    for n in range(place.shape[0]):
        first = min(max(int(place[n]) - 1, 0), nodes - 4)
        t = place[n] - first  # in [0, 3]
        w0 = -(t - 1) * (t - 2) * (t - 3) / 6
        w1 = t * (t - 2) * (t - 3) / 2
        w2 = -t * (t - 1) * (t - 3) / 2
        w3 = t * (t - 1) * (t - 2) / 6
        for c in range(columns):
            out[n, c] = 0.0
        for f in range(terms):
            a0, a1 = w0 * factors[n, f], w1 * factors[n, f]
            a2, a3 = w2 * factors[n, f], w3 * factors[n, f]
            for c in range(columns):
                out[n, c] += (
                    a0 * values[first, f, c]
                    + a1 * values[first + 1, f, c]
                    + a2 * values[first + 2, f, c]
                    + a3 * values[first + 3, f, c]
                )
