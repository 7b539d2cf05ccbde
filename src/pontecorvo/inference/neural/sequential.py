"""Truncated rounds on the sterile plane: the engine's flows as estimators of `inference.rounds`.

TSNPSE (arXiv:2411.02728) with the score, and the same with flow matching: each round simulates from
the prior where the last estimator's density at the measured data is not negligible, so nothing has
to be corrected and the target stays the posterior.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...base.files import write_json
from ..generative.batches import ArrayExamples
from ..generative.estimator import ConditionalFlow
from ..generative.recipe import TrainSettings
from ..generative.threads import one_thread
from ..rounds import Rounds, RoundSettings, run_rounds
from ..truncation import CubeProblem, Estimator
from .embedding import Embedding
from .posterior import RECIPES, TRAIN, NeuralPosterior
from .simulated import from_cube, simulate


class FlowEstimator:
    """A `ConditionalFlow` that can be trained in rounds, on points of the unit cube.

    Args:
        names: Names of the conditions.
        kind: ``fmpe`` or ``npse``.
        train: How to train a round; with weights, examples are drawn by weight.
        dim: Number of coordinates D.
        nodes: Nodes of the density's quadrature.
    """

    def __init__(
        self,
        names: Sequence[str],
        kind: str = "npse",
        train: TrainSettings = TRAIN,
        dim: int = 2,
        nodes: int = 12,
    ) -> None:
        self.names, self.kind, self.train, self.dim, self.nodes = (
            tuple(names),
            kind,
            train,
            dim,
            nodes,
        )
        self.flow = ConditionalFlow(dim, self.names, settings=RECIPES[kind])

    def fit(self, theta: np.ndarray, x: np.ndarray, weights: np.ndarray | None, seed: int) -> None:
        """Train on points (n, D) and condition rows (n, C)."""
        self.flow = ConditionalFlow(self.dim, self.names, settings=RECIPES[self.kind], seed=seed)
        examples = ArrayExamples(theta, x, weights, seed=seed)
        wide = {name: (-1e9, 1e9) for name in self.names}
        with one_thread():
            self.flow.fit(
                examples, replace(self.train, seed=seed), condition_range=wide, show=False
            )

    def sample(self, x: np.ndarray, n: int, seed: int) -> np.ndarray:
        """`n` draws (n, D) at one row (C,)."""
        return self.flow.sample(x, n, seed).u

    def log_density(self, theta: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Log-density (n,) at points (n, D) of the open cube and one row (C,)."""
        inner = np.clip(theta, 1e-7, 1 - 1e-7)
        return self.flow.log_density(inner, x, nodes=self.nodes)

    def save(self, path: Path) -> None:
        """Write the flow beside `path`, and `path` itself, which names it."""
        card = self.flow.save(path.with_name(path.name + "-flow"))
        write_json(path, {"flow": card.name})

    def load(self, path: Path) -> None:
        """Read what `save` wrote."""
        name = json.loads(path.read_text(encoding="utf-8"))["flow"]
        self.flow = ConditionalFlow.load(path.with_name(name))


def truncated_posterior(
    embedding: Embedding,
    data: np.ndarray,
    kind: str = "npse",
    settings: RoundSettings | None = None,
    train: TrainSettings = TRAIN,
    active: Sequence[str] | None = None,
    folder: Path | None = None,
    show: bool | None = None,
) -> tuple[NeuralPosterior, Rounds]:
    """Train in truncated rounds for one data set.

    Args:
        embedding: What the network reads.
        data: The measured data (B,).
        kind: ``fmpe`` or ``npse``.
        settings: The rounds.
        train: Training of each round.
        active: Experiments that are on; all by default.
        folder: Where finished stages are kept.
        show: Progress or not.

    Returns:
        The last round's network, good for this data set only, and the rounds with their books.
    """
    maps = embedding.maps
    active = maps.check(maps.names if active is None else active)

    def simulator(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        pieces = [
            embedding(simulate(maps, len(part), rng, from_cube(part))[1], active).astype(float)
            for part in np.array_split(u, max(1, len(u) // 512))
        ]
        return np.concatenate(pieces)

    def make(number: int, previous: Estimator | None) -> Estimator:
        return FlowEstimator(embedding.names, kind, train)

    settings = settings or RoundSettings(rounds=3, simulations=20_000)
    observed = embedding(data, active)[0].astype(float)
    rounds = run_rounds(CubeProblem(2, simulator), observed, make, settings, folder, show=show)
    assert isinstance(rounds.estimator, FlowEstimator)
    return NeuralPosterior(embedding, rounds.estimator.flow, kind), rounds
