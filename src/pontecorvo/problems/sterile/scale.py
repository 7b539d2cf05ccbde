"""Experiments whose energy scale may be off by a few per cent: pulls that are free within a box.

The compiled reactor analyses let the energy scale move freely within its uncertainty and forbid it
outside (their penalty starts at one standard deviation, where it jumps by one). So the chi2 is the
minimum over a box, and a shifted spectrum is not linear in the shift. Here the prediction is
computed on nodes along a few paths through the box, linear between nodes; on each segment the
minimum and the marginal likelihood (flat prior in the box) are closed forms. With the option
``energy_scale=gaussian`` the same shifts are ordinary unit-Gaussian pulls.
"""

from abc import abstractmethod
from collections.abc import Callable
from functools import cached_property

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import erf, erfcx

from ...base.errors import InputError
from ...base.parallel import map_chunks
from ...physics.reactor import shift_energy_scale
from .declaration import Option
from .experiment import Array, Experiment, rows_of
from .linear import cholesky
from .scale_kernel import Shifts, segments

ENERGY_SCALE = Option(
    ("box", "gaussian"),
    "energy scale free within its uncertainty and nowhere else, or a Gaussian pull",
)
CHUNK = 64
"""Points whose paths are worked out at a time: they stay in the processor's cache."""


class ScaleExperiment(Experiment):
    """An experiment with K energy-scale shifts.

    Attributes:
        scale_names: Names of the shifts.
        scale_sigma: Their uncertainties (K,), relative.
        nodes: Shifts (C, J, K) in units of `scale_sigma` at the J nodes of C paths.
        path_weights: Share (C,) of the box for which each path stands.
        prior: "box" or "gaussian".
    """

    scale_names: tuple[str, ...]
    scale_sigma: Array
    nodes: Array
    path_weights: Array
    prior: str = "box"

    def set_prior(self, prior: str) -> None:
        """Choose the prior of the shifts; Gaussian shifts become ordinary nuisances.

        Raises:
            InputError: If it is neither "box" nor "gaussian".
        """
        if prior not in ("box", "gaussian"):
            raise InputError(f"option energy_scale={prior}: allowed: box, gaussian")
        self.prior = prior
        self.nuisances = self.scale_names if prior == "gaussian" else ()

    @property
    def smooth_in_mixing(self) -> bool:
        """A minimum over a box has corners."""
        return self.prior != "box"

    @abstractmethod
    def shifted(self, s22: Array, dm2: Array, shifts: Array) -> Array:
        """Prediction (N, ..., B) at points (N,) with relative shifts (N, ..., K) or (..., K)."""

    def predict(self, s22: Array, dm2: Array) -> Array:
        """Expected ratios (N, B) at the nominal energy scale."""
        return self.shifted(s22, dm2, np.zeros((len(s22), len(self.scale_sigma))))

    def response(self, s22: Array, dm2: Array) -> Array:
        """Half the difference (N, B, K) between shifts of plus and minus one standard deviation."""
        if self.prior == "box":
            return np.zeros((len(s22), self.size, 0))
        steps = np.diag(self.scale_sigma)[None]
        both = [self.shifted(s22, dm2, sign * steps) for sign in (1, -1)]
        return np.swapaxes(both[0] - both[1], 1, 2) / 2

    def paths(self, s22: Array, dm2: Array) -> Array:
        """Predictions (N, C, J, B) on the nodes."""
        return self.shifted(s22, dm2, (self.nodes * self.scale_sigma)[None])

    @cached_property
    def _whitener(self) -> Array:
        root = cholesky(self.covariance(), self.name)
        return np.ascontiguousarray(solve_triangular(root, np.eye(self.size), lower=True).T)

    def white(self, values: Array) -> Array:
        """Residuals (..., B) in units in which their covariance is one."""
        return values @ self._whitener

    def _segments(self, s22: Array, dm2: Array, data: Array) -> tuple[Array, Array, Array]:
        paths = np.ascontiguousarray(self.paths(s22, dm2))
        count, lines, nodes, _ = paths.shape
        start, slope, curve = np.empty((3, count, lines, nodes - 1))
        measured = np.ascontiguousarray(np.atleast_2d(data), dtype=float)
        segments(paths, measured, self._whitener, start, slope, curve)
        return start, slope, curve

    def chi2(self, s22: Array, dm2: Array, data: Array | None = None) -> Array:
        """Chi2 (N,), minimal over the box (or profiled over Gaussian shifts)."""
        if self.prior == "gaussian":
            return super().chi2(s22, dm2, data)
        measured = self.data if data is None else np.asarray(data, dtype=float)
        return self._by_chunks(s22, dm2, measured, lowest)

    def marginal(self, s22: Array, dm2: Array, data: Array | None = None) -> Array:
        """-2 log likelihood (N,), averaged over the box, up to a constant."""
        if self.prior == "gaussian":
            return super().marginal(s22, dm2, data)
        measured = self.data if data is None else np.asarray(data, dtype=float)

        def rule(start: Array, slope: Array, curve: Array) -> Array:
            return averaged(start, slope, curve, self.path_weights)

        return self._by_chunks(s22, dm2, measured, rule)

    def _by_chunks(
        self, s22: Array, dm2: Array, data: Array, rule: Callable[[Array, Array, Array], Array]
    ) -> Array:
        def part(start: int, stop: int) -> Array:
            own = rows_of(data, slice(start, stop))
            return rule(*self._segments(s22[start:stop], dm2[start:stop], own))

        return np.concatenate(map_chunks(part, len(s22), CHUNK)) if len(s22) else np.zeros(0)

    def fitted(self, s22: float, dm2: float, data: Array | None = None) -> tuple[Array, Array]:
        """Expectation (B,) at the best shifts, and the shifts (K,) in standard deviations."""
        if self.prior == "gaussian":
            return super().fitted(s22, dm2, data)
        measured = self.data if data is None else np.asarray(data, dtype=float)
        points = np.array([s22]), np.array([dm2])
        start, slope, curve = self._segments(*points, measured)
        t = np.clip(slope / np.maximum(curve, 1e-300), 0, 1)
        value = (start - 2 * t * slope + t * t * curve)[0]
        path, segment = np.unravel_index(int(value.argmin()), value.shape)
        share = t[0, path, segment]
        ends = self.nodes[path, segment], self.nodes[path, segment + 1]
        pulls = (1 - share) * ends[0] + share * ends[1]
        return self.shifted(*points, (pulls * self.scale_sigma)[None])[0], pulls

    def simulate(self, s22: Array, dm2: Array, pulls: Array, rng: np.random.Generator) -> Array:
        """Data sets (N, B); shifts are drawn from their prior (a box: uniformly)."""
        if self.prior == "gaussian":
            shifts = pulls * self.scale_sigma
        else:
            shifts = self.draw_shifts(len(pulls), rng)
        mean = self.shifted(s22, dm2, shifts)
        noise = rng.standard_normal((len(pulls), self.size))
        return mean + noise @ cholesky(self.covariance(), self.name).T

    def draw_shifts(self, n: int, rng: np.random.Generator) -> Array:
        """Relative shifts (n, K), uniform in the box."""
        return rng.uniform(-1, 1, (n, len(self.scale_sigma))) * self.scale_sigma


def fixed_shifts(shifts: Array, bins: int, low: float, high: float, used: slice) -> Shifts:
    """`shift_energy_scale` of spectra (N, bins) to (N, M x U): M shifts (M,), U bins kept."""
    moved = shift_energy_scale(shifts[:, None], np.eye(bins)[None], low, high)[:, :, used]
    return Shifts(np.moveaxis(moved, 1, 0).reshape(bins, -1))


def lowest(start: Array, slope: Array, curve: Array) -> Array:
    """Smallest start - 2 t slope + t^2 curve for t in [0, 1], over paths and segments (N, C, J)."""
    t = np.clip(slope / np.maximum(curve, 1e-300), 0, 1)
    return (start - 2 * t * slope + t * t * curve).min(axis=(1, 2))


def averaged(start: Array, slope: Array, curve: Array, weights: Array) -> Array:
    """-2 log of the mean of exp(-chi2 / 2) over the paths (weights (C,)) and their segments.

    int_0^1 exp(-(s - 2 t b + t^2 c) / 2) dt by the error function, scaled so as not to underflow.
    """
    low = lowest(start, slope, curve)
    kept = weights > 0  # an edge of the box has no volume
    start, slope, curve, weights = start[:, kept], slope[:, kept], curve[:, kept], weights[kept]
    root = np.sqrt(np.maximum(curve, 1e-12) / 2)
    centre = slope / np.maximum(curve, 1e-12)
    left, right = -centre * root, (1 - centre) * root
    floor = (start - slope * centre - low[:, None, None]) / 2  # below zero outside the segment
    inside = (left <= 0) & (right >= 0)  # without oscillations shifts change nothing: left is 0
    middle = 0.5 * np.sqrt(np.pi) * (erf(right) - erf(left)) * np.exp(-np.maximum(floor, 0.0))
    # both ends on one side: differences of the scaled complement keep every digit
    near, far = np.where(left > 0, left, -right), np.where(left > 0, right, -left)
    near, far = np.maximum(near, 0), np.maximum(far, 0)
    tail = (
        0.5
        * np.sqrt(np.pi)
        * (
            erfcx(near) * np.exp(-np.clip(floor + near**2, -1, 700))
            - erfcx(far) * np.exp(-np.clip(floor + far**2, -1, 700))
        )
    )
    mass = np.where(inside, middle, tail) / root
    mean = mass.mean(axis=2) @ (weights / weights.sum())
    return low - 2 * np.log(np.maximum(mean, 1e-300))
