"""A flow as the estimator of truncated rounds: flow matching, diffusion, score matching.

`rounds` trains any conditional density; this one is a `ConditionalFlow`. With the path
``flow-matching`` the rounds are TSNPE's with flow matching, with ``ve`` or ``vp`` and the
prediction ``score`` they are TSNPSE (arXiv:2210.04872), with ``vp`` and ``velocity`` diffusion.

The flow lives on the box that holds its training points, not on the whole cube: a truncated prior
has sharp edges there, which the coordinates then carry instead of the network.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..base.errors import InputError
from ..base.files import load_arrays, save_arrays
from ..base.seeds import stream
from ..flows.batches import ArrayExamples
from ..flows.conditional_flow import ConditionalFlow
from ..flows.flow_settings import FlowSettings, TrainSettings
from ..flows.networks import NetworkSettings
from ..flows.torch_threads import one_thread

_MARGIN = 3.0  # how far beyond its training data, in their widths, a data set may lie

_MEASURED = 64  # draws on which the density's error is measured
MOST_NODES = 100
"""Nodes beyond which `FlowEstimator.refine_density` does not go."""

SMALL = NetworkSettings(width=64, blocks=3, embedding=32)
"""Enough for a few parameters and some thousand simulations."""


class FlowEstimator:
    """`truncation.Estimator` by a flow.

    Args:
        dim: Number of coordinates D of the unit cube.
        settings: Path, prediction, network; a small network by default.
        train: Effort of each fit; its seed is replaced by the round's.
        periodic: Which coordinates (D,) are periodic; these are never cut to a box.
        nodes: Nodes of the density's quadrature.
    """

    def __init__(
        self,
        dim: int,
        settings: FlowSettings | None = None,
        train: TrainSettings | None = None,
        periodic: np.ndarray | None = None,
        nodes: int = 12,
    ) -> None:
        self.dim = dim
        self.settings = settings or FlowSettings(network=SMALL)
        self.train = train or TrainSettings(
            steps=2000, batch=256, learning_rate=2e-3, ema=0.99, dropout=0.0
        )
        self.periodic = np.zeros(dim, bool) if periodic is None else np.asarray(periodic, bool)
        self.nodes = nodes
        self.low, self.high = np.zeros(dim), np.ones(dim)
        self.flow: ConditionalFlow | None = None

    def fit(self, theta: np.ndarray, x: np.ndarray, weights: np.ndarray | None, seed: int) -> None:
        """Train on pairs (n, D), (n, K); pairs are drawn in proportion to `weights` (n,)."""
        low, high = theta.min(axis=0), theta.max(axis=0)
        pad = (high - low) / len(theta)  # the edge lies about a spacing beyond the last point
        self.low = np.where(self.periodic, 0.0, np.maximum(low - pad, 0.0))
        self.high = np.where(self.periodic, 1.0, np.minimum(high + pad, 1.0))
        names = [f"x{index}" for index in range(x.shape[1])]
        flow = ConditionalFlow(self.dim, names, self.periodic, self.settings, seed)
        span = np.maximum(np.ptp(x, axis=0), 1e-300) * _MARGIN
        ends = zip(x.min(axis=0) - span, x.max(axis=0) + span, strict=True)
        ranges = {name: (float(a), float(b)) for name, (a, b) in zip(names, ends, strict=True)}
        own = int(stream(seed, "flow-estimator").integers(2**31))
        with one_thread():
            flow.fit(
                ArrayExamples(self._inner(theta), x, weights, seed=own),
                replace(self.train, seed=own),
                condition_range=ranges,
                show=False,
            )
        self.flow = flow

    def _inner(self, theta: np.ndarray) -> np.ndarray:
        return (theta - self.low) / (self.high - self.low)

    @property
    def _trained(self) -> ConditionalFlow:
        if self.flow is None:
            raise InputError("flow estimator: is not trained yet; call fit or load")
        return self.flow

    def sample(self, x: np.ndarray, n: int, seed: int) -> np.ndarray:
        """`n` draws (n, D) at one data set (K,)."""
        drawn = self._trained.sample(np.asarray(x, float), n, seed, steps=self.nodes)
        return self.low + (self.high - self.low) * drawn.u

    def log_density(self, theta: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Normalised log density (n,) of theta (n, D) at one data set (K,); -inf off the box."""
        inner = self._inner(np.asarray(theta, float))
        result = np.full(len(inner), -np.inf)
        inside = ((inner > 0) & (inner < 1) | self.periodic).all(axis=1)
        if inside.any():
            values = self._trained.log_density(
                inner[inside], np.asarray(x, float), nodes=self.nodes
            )
            result[inside] = values - np.log(self.high - self.low).sum()
        return result

    def refine_density(self, x: np.ndarray, largest: float, seed: int = 0) -> float:
        """Double the nodes until the density's error at one data set is small enough.

        Args:
            x: The data set (K,).
            largest: Median error of the log density that is accepted.
            seed: Of the draws it is measured on.

        Returns:
            The median error that is left, measured against twice as fine a solution; above
            `largest` only where `MOST_NODES` do not suffice.
        """
        while True:
            drawn = self._trained.sample(
                np.asarray(x, float), _MEASURED, seed, with_density=True, nodes=self.nodes
            )
            assert drawn.report is not None
            error = drawn.report.log_density_median
            if error <= largest or 2 * self.nodes > MOST_NODES:
                return error
            self.nodes *= 2

    def save(self, path: Path) -> None:
        """Write a folder with card, weights and box."""
        save_arrays(path / "box.npz", low=self.low, high=self.high)
        self._trained.save(path / "flow.json")

    def load(self, path: Path) -> None:
        """Read what `save` wrote."""
        self.flow = ConditionalFlow.load(path / "flow.json")
        box = load_arrays(path / "box.npz")
        self.low, self.high = box["low"], box["high"]


def make_settings(kind: str, network: NetworkSettings = SMALL) -> FlowSettings:
    """Settings by a short name: ``flow-matching``, ``diffusion`` (vp, velocity) or ``npse``.

    Raises:
        InputError: For another name.
    """
    known = {
        "flow-matching": ({"name": "flow-matching"}, "velocity"),
        "diffusion": ({"name": "vp"}, "velocity"),
        "npse": ({"name": "ve"}, "score"),
    }
    if kind not in known:
        raise InputError(f"flow estimator {kind!r}; allowed: {', '.join(known)}")
    path, prediction = known[kind]
    return FlowSettings(path=path, prediction=prediction, network=network)
