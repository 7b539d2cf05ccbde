"""Truncated rounds on the sterile plane: the engine's flows as estimators of `sbi.rounds`.

TSNPSE (arXiv:2411.02728) with the score, and the same with flow matching: each round simulates from
the prior where the last estimator's density at the measured data is not negligible, so nothing has
to be corrected and the target stays the posterior. What goes through the rounds is the data; each
simulation is embedded and charted where a network is trained on it, as in `plane_flows`, in charts
restricted to the round's region (`truncated_chart`). The rounds start from the prior, or from an
amortised network, which then costs no simulation.
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from ....base.files import fingerprint, plain, write_json
from ....flows.batches import ArrayExamples
from ....flows.conditional_flow import ConditionalFlow
from ....flows.flow_settings import TrainSettings
from ....flows.torch_threads import one_thread
from ....sbi.rounds import Rounds, RoundSettings, run_rounds
from ....sbi.truncation import CubeProblem, Estimator, Region
from .embedding import Embedding, Reading
from .plane_chart import NOWHERE
from .plane_flows import LOG_AREA, TRAIN, NeuralPosterior, inner
from .simulated import BLOCK, chart_block, from_cube, simulate, to_cube
from .truncated_chart import tabulated

FIRST = RoundSettings(rounds=3, simulations=10_000, threshold_draws=2000)
"""From the prior,"""
NEXT = RoundSettings(rounds=1, simulations=2000, threshold_draws=1000, block=1024)
"""and after an amortised network."""
FINE = replace(TRAIN, steps=200, batch=256, learning_rate=1e-4, warmup=40, ema=0.98)
"""Training of a round that goes on from an amortised network."""
VERSION = 2
"""Of the rounds' way of training: kept stages of another are not taken up."""


class ChartEstimator:
    """A `NeuralPosterior` that can be trained in rounds: points of the prior's cube, whole data.

    Args:
        posterior: The network to begin with; training leaves it as it is and makes another.
        train: How to train a round; with weights, examples are drawn by weight.
        active: Experiments that are on.
        fresh: Begin from new weights, or go on from the network's.
        nodes: Nodes of the density's quadrature.
    """

    def __init__(
        self,
        posterior: NeuralPosterior,
        train: TrainSettings = TRAIN,
        active: Sequence[str] | None = None,
        fresh: bool = True,
        nodes: int = 8,
    ) -> None:
        embedding = posterior.embedding
        self.posterior, self.train, self.fresh, self.nodes = posterior, train, fresh, nodes
        self.active = embedding.maps.check(embedding.maps.names if active is None else active)
        self._last: tuple[bytes, Reading] | None = None

    def restrict(self, region: Region) -> None:
        """Work in charts restricted to a region from now on."""
        embedding = self.posterior.embedding
        chart = replace(embedding, within=NOWHERE).chart
        maps = embedding.maps(region.observed[None], self.active)
        known = replace(embedding, within=tabulated(region, chart, maps))
        self.posterior = NeuralPosterior(known, self.posterior.flow, self.posterior.kind)
        self._last = None

    def fit(self, theta: np.ndarray, x: np.ndarray, weights: np.ndarray | None, seed: int) -> None:
        """Train on points (n, 2) of the prior's cube and data sets (n, B)."""
        embedding, kind = self.posterior.embedding, self.posterior.kind
        made = NeuralPosterior.untrained(embedding, kind, seed)
        if not self.fresh:
            made.flow = copy.deepcopy(self.posterior.flow)
        blocks = [
            chart_block(embedding, from_cube(theta[own]), x[own], self.active)[1:]
            for own in (slice(start, start + BLOCK) for start in range(0, len(x), BLOCK))
        ]
        unit, rows = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        with one_thread():
            made.flow.fit(
                ArrayExamples(inner(unit), rows, weights, seed=seed),
                replace(self.train, seed=seed),
                condition_range={name: (-1e9, 1e9) for name in embedding.names},
                keep_scales=not self.fresh,
                show=False,
            )
        self.posterior = made

    def read(self, x: np.ndarray) -> Reading:
        """What is known of one data set (B,)."""
        key = np.ascontiguousarray(x).tobytes()
        if self._last is None or self._last[0] != key:
            self._last = key, self.posterior.embedding(x[None], self.active)
        return self._last[1]

    def sample(self, x: np.ndarray, n: int, seed: int) -> np.ndarray:
        """`n` draws (n, 2) of the prior's cube at one data set (B,)."""
        known = self.read(x)
        unit = self.posterior.flow.sample(known.rows[0], n, seed, steps=12).u
        charted = self.posterior.embedding.chart.from_unit(known.maps, unit[None])
        return to_cube(charted.points[0])

    def log_density(self, theta: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Log-density (n,) at points (n, 2) of the prior's cube and one data set (B,)."""
        points = from_cube(np.clip(theta, 0.0, 1.0))[None]
        return self.posterior.density_read(points, self.read(x), self.nodes)[0] + LOG_AREA

    def save(self, path: Path) -> None:
        """Write the flow beside `path`, and `path` itself, which names it."""
        card = self.posterior.flow.save(path.with_name(path.name + "-flow"))
        write_json(path, {"flow": card.name})

    def load(self, path: Path) -> None:
        """Read what `save` wrote."""
        name = json.loads(path.read_text(encoding="utf-8"))["flow"]
        flow = ConditionalFlow.load(path.with_name(name))
        self.posterior = NeuralPosterior(self.posterior.embedding, flow, self.posterior.kind)


def truncated_plane_posterior(
    embedding: Embedding,
    data: np.ndarray,
    kind: str = "npse",
    settings: RoundSettings | None = None,
    train: TrainSettings | None = None,
    active: Sequence[str] | None = None,
    folder: Path | None = None,
    start: NeuralPosterior | None = None,
    show: bool | None = None,
) -> tuple[NeuralPosterior, Rounds]:
    """Train in truncated rounds for one data set.

    Args:
        embedding: What the network reads.
        data: The measured data (B,).
        kind: ``fmpe`` or ``npse``.
        settings: The rounds; by default `FIRST`, or `NEXT` after an amortised network.
        train: Training of each round; by default `TRAIN`, or `FINE` after an amortised network.
        active: Experiments that are on; all by default.
        folder: Where finished stages are kept.
        start: An amortised network of this embedding and kind: it truncates the first round, and
            the rounds' networks go on from its weights.
        show: Progress or not.

    Returns:
        The last round's network, good for this data set only, and the rounds with their books.
    """
    maps = embedding.maps
    train = train or (TRAIN if start is None else FINE)
    settings = settings or (FIRST if start is None else NEXT)

    def simulator(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return simulate(maps, len(u), rng, from_cube(u))[1]

    def make(number: int, previous: Estimator | None) -> Estimator:
        if start is None or not isinstance(previous, ChartEstimator):
            return ChartEstimator(NeuralPosterior.untrained(embedding, kind), train, active)
        return ChartEstimator(previous.posterior, train, active, fresh=False)

    if folder is not None:
        # rounds of another network or training are not taken up
        weights = {} if start is None else start.flow.denoiser.state_dict()
        arrays = {name: value.numpy() for name, value in weights.items()} | embedding.arrays()
        about = [VERSION, kind, plain(asdict(train)), active, embedding.describe(), arrays]
        folder = folder / fingerprint(about)[:12]
    rounds = run_rounds(
        CubeProblem(2, simulator),
        np.asarray(data, dtype=float).reshape(-1),
        make,
        settings,
        folder,
        start=None if start is None else ChartEstimator(start, train, active),
        show=show,
    )
    assert isinstance(rounds.estimator, ChartEstimator)
    return rounds.estimator.posterior, rounds
