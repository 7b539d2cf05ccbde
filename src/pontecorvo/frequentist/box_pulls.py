"""Experiments with a nuisance that moves freely within a box, on a plane of hypotheses.

An energy scale known to half a per cent, say, anything inside being as good. Their chi2 is the
smallest distance of the data from broken lines of predictions, which is no matrix product. The
product gives the chi2 with the shift as a Gaussian pull of the box's own variance; `correction`
puts the exact distance in its place.
"""

from functools import cached_property
from typing import Protocol

import numpy as np

from .chi2_features import FeatureProblem
from .gaussian_plane import GaussianPulls
from .plane import Plane

TOGETHER = 4
"""Hypotheses under which data sets are shifted at a time."""


class ShiftedExperiment(Protocol):
    """Gaussian data of B bins whose prediction depends on two parameters and on K shifts in a box.

    Attributes:
        name: What it is called.
        data: What was measured (B,).
        scale_sigma: Half the width (K,) of the box, shift by shift.
    """

    name: str
    data: np.ndarray
    scale_sigma: np.ndarray

    def paths(self, x: np.ndarray, y: np.ndarray, /) -> np.ndarray:
        """Predictions (N, C, J, B) on the J nodes of C lines through the box, at points (N,).

        The middle line is the box's diagonal.
        """

    def shifted(self, x: np.ndarray, y: np.ndarray, shifts: np.ndarray, /) -> np.ndarray:
        """Predictions (N, ..., B) at points (N,) with shifts (N, ..., K) or (..., K)."""

    def predict(self, x: np.ndarray, y: np.ndarray, /) -> np.ndarray:
        """Predictions (N, B) without shift."""

    def draw_shifts(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Shifts (n, K), uniform in the box."""

    def covariance(self) -> np.ndarray:
        """Covariance (B, B) of the data."""

    def white(self, values: np.ndarray) -> np.ndarray:
        """Residuals (..., B) in units in which their covariance is one."""


class BoxPaths(FeatureProblem):
    """One experiment with shifts in a box.

    Args:
        experiment: The experiment.
        plane: The G points.
        x: The experiment's first parameter (H,) under every hypothesis.
        y: Its second.
    """

    def __init__(
        self, experiment: ShiftedExperiment, plane: Plane, x: np.ndarray, y: np.ndarray
    ) -> None:
        self.name, self.plane = experiment.name, plane
        self.observed = experiment.data
        self._experiment, self._points = experiment, (x, y)
        paths = experiment.paths(x, y)  # (H, C, N, B)
        self._centre = paths[-1].mean(axis=(0, 1))
        nodes = np.ascontiguousarray(experiment.white(paths - self._centre))
        self._norms = np.einsum("hcnb,hcnb->hcn", nodes, nodes)
        self._products = np.zeros_like(self._norms)
        self._products[:, :, 1:] = np.einsum("hcnb,hcnb->hcn", nodes[:, :, 1:], nodes[:, :, :-1])
        every = nodes.reshape(len(nodes), -1, nodes.shape[-1])
        self._bins_first = every.shape[1] > every.shape[2]
        self._nodes = every if not self._bins_first else np.ascontiguousarray(every.swapaxes(1, 2))
        longest = paths.shape[1] // 2  # the middle path is the box's diagonal, or all of it
        self._path = paths[:, longest].copy()

    @cached_property
    def _gaussian(self) -> GaussianPulls:
        """The shift as a Gaussian pull: made when asked for, a lattice needs it not."""
        half = (self._path[:, -1] - self._path[:, 0]) / 2
        return GaussianPulls(
            self.name,
            self.plane,
            self._path[:, self._path.shape[1] // 2],
            self._experiment.covariance(),
            self.observed,
            (half / np.sqrt(3.0))[:, :, None],
        )

    @cached_property
    def coefficients(self) -> np.ndarray:  # type: ignore[override]
        """Those of the Gaussian pull."""
        return self._gaussian.coefficients

    @cached_property
    def squares(self) -> np.ndarray | None:  # type: ignore[override]
        """Those of the Gaussian pull."""
        return self._gaussian.squares

    @property
    def screened(self) -> bool:
        """Always."""
        return True

    def features(self, data: np.ndarray) -> np.ndarray:
        """Those of the Gaussian pull."""
        return self._gaussian.features(data)

    def correction(self, data: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """Distance from the lines - chi2 with the Gaussian pull, (T, J)."""
        features = self.features(data)
        return self.exact(data, features, hypotheses) - self.chi2_at(features, hypotheses)

    def exact(
        self, data: np.ndarray, features: np.ndarray | None, hypotheses: np.ndarray
    ) -> np.ndarray:
        """Distance from the lines (T, J)."""
        from .box_pulls_kernel import lowest_on_paths

        white = np.ascontiguousarray(self._experiment.white(data - self._centre))
        result = np.empty(hypotheses.shape)
        every = np.ascontiguousarray(hypotheses)
        order = np.argsort(every, axis=None, kind="stable")
        lowest_on_paths(
            *(white, every, order, self._nodes, self._bins_first),
            *(self._norms, self._products, result),
        )
        return result

    @property
    def latent_size(self) -> int:
        """Number of shifts."""
        return len(self._experiment.scale_sigma)

    def draw(self, hypothesis: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Data sets (n, B), shifts drawn uniformly in the box."""
        return self.draw_latent(hypothesis, n, rng)[0]

    def draw_latent(
        self, hypothesis: int, n: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Data sets (n, B) and their shifts (n, K)."""
        shifts = self._experiment.draw_shifts(n, rng)
        x, y = (axis[[hypothesis]] for axis in self._points)
        mean = self._experiment.shifted(x, y, shifts)
        return mean + self._gaussian.noise(n, rng), shifts

    def expected(self, hypothesis: int) -> np.ndarray:
        """The prediction without shift."""
        x, y = (axis[[hypothesis]] for axis in self._points)
        return self._experiment.predict(x, y)[0]

    def deviance(self, data: np.ndarray, latent: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """Gaussian about the shifted predictions, given the shifts (T, J)."""
        result = np.empty((len(data), len(hypotheses)))
        for start in range(0, len(hypotheses), TOGETHER):
            part = slice(start, start + TOGETHER)
            x, y = (axis[hypotheses[part]] for axis in self._points)
            mean = self._experiment.shifted(x, y, latent[None])
            white = self._experiment.white((data - mean).reshape(-1, data.shape[1]))
            squares = np.einsum("tb,tb->t", white, white)
            result[:, part] = squares.reshape(len(x), len(data)).T
        return result
