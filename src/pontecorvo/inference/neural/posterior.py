"""The posterior on the plane by a conditional flow: matching (FMPE) or score (NPSE), one interface.

Both are the same engine (`inference.generative`) on different paths with different targets: FMPE
learns the velocity of straight paths (arXiv:2305.17161), NPSE the score of a diffusion
(arXiv:2209.14249). Both give draws with their exact log-density, so that the exact likelihood can
weigh every draw.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...base.errors import InputError, suggest
from ..correct import Correction, correct
from ..generative.batches import ArrayExamples
from ..generative.estimator import ConditionalFlow
from ..generative.networks import NetworkSettings
from ..generative.recipe import FlowSettings, History, TrainSettings
from .embedding import Embedding
from .simulated import HIGH, LOW, Bank, from_cube, to_cube

LOG_AREA = float(np.log(np.prod(HIGH - LOW)))
"""Log area of the prior's rectangle: densities in the logarithms are those on the cube less it."""
NETWORK = NetworkSettings(width=112, blocks=4, embedding=128)
ATTENTION = 4.0
"""How many times more often data with a signal are shown in training; see `attention`."""
RECIPES: dict[str, FlowSettings] = {
    "fmpe": FlowSettings(path={"name": "flow-matching"}, prediction="velocity", network=NETWORK),
    "npse": FlowSettings(path={"name": "vp"}, prediction="score", network=NETWORK),
}
TITLES = {"fmpe": "FMPE (flow matching)", "npse": "NPSE (score)"}
TRAIN = TrainSettings(
    steps=8_000,
    batch=256,
    learning_rate=2e-3,
    dropout=0.0,
    ema=0.998,
    validate_every=1000,
    checkpoint_every=500,
    precision="float32",
)


@dataclass(frozen=True)
class NeuralDraws:
    """Draws at one data set, or at T of them.

    Attributes:
        points: (N, 2) or (T, N, 2) in log10 s22 and log10 dm2, as the network gave them.
        log_density: Their log-density (N,) or (T, N) in these coordinates.
    """

    points: np.ndarray
    log_density: np.ndarray


class NeuralPosterior:
    """A trained posterior for any data of the experiments, with any subset switched on.

    Args:
        embedding: What it reads of the data.
        flow: The network.
        kind: ``fmpe`` or ``npse``.
    """

    def __init__(self, embedding: Embedding, flow: ConditionalFlow, kind: str) -> None:
        self.embedding, self.flow, self.kind = embedding, flow, kind

    @classmethod
    def untrained(cls, embedding: Embedding, kind: str, seed: int = 0) -> "NeuralPosterior":
        """Fresh weights.

        Raises:
            InputError: If the kind is unknown.
        """
        if kind not in RECIPES:
            raise InputError(f"estimator {kind!r} is unknown; {suggest(kind, list(RECIPES))}")
        flow = ConditionalFlow(2, embedding.names, settings=RECIPES[kind], seed=seed)
        return cls(embedding, flow, kind)

    def fit(
        self,
        bank: Bank,
        settings: TrainSettings = TRAIN,
        validation: Bank | None = None,
        checkpoint: Path | None = None,
        show: bool | None = None,
    ) -> History:
        """Train on simulations; see `ConditionalFlow.fit`."""
        names = self.embedding.names
        return self.flow.fit(
            ArrayExamples(bank.u, bank.rows, self.attention(bank.rows), seed=settings.seed),
            settings,
            validation=None if validation is None else (validation.u, validation.rows),
            # odd data sets are not refused here: `misfit` says how odd they are
            condition_range={name: (-1e9, 1e9) for name in names},
            retrain="pontecorvo train sterile",
            checkpoint=checkpoint,
            show=show,
        )

    def attention(self, rows: np.ndarray) -> np.ndarray:
        """How often each simulation (N,) is shown: data that see something, more often.

        Half of the prior's data sets see nothing, and their posteriors are alike. A weight that
        depends on the data alone leaves every posterior, p(theta | data), as it is.
        """
        height = np.sinh(rows[:, self.embedding.names.index("height")].astype(float))
        return np.where(height < 4, 1.0, np.where(height < 100, ATTENTION, 0.5 * ATTENTION))

    def rows(self, data: np.ndarray, active: Sequence[str] | None = None) -> np.ndarray:
        """Condition rows (T, C) of data sets (T, B); all experiments are on by default."""
        return self.embedding(data, self.embedding.maps.names if active is None else active)

    def draw(
        self,
        data: np.ndarray,
        n: int,
        seed: int = 0,
        active: Sequence[str] | None = None,
        nodes: int = 16,
    ) -> NeuralDraws:
        """n draws at one data set (B,), with their density."""
        draws = self.flow.sample(
            self.rows(data, active)[0], n, seed, with_density=True, nodes=nodes, check=0
        )
        assert draws.log_density is not None
        return NeuralDraws(from_cube(draws.u), draws.log_density - LOG_AREA)

    def draw_many(self, rows: np.ndarray, n: int, seed: int = 0, steps: int = 12) -> np.ndarray:
        """n draws (T, n, 2) at each of many condition rows (T, C), without densities."""
        every = np.repeat(rows, n, axis=0)
        draws = self.flow.sample(every, len(every), seed, steps=steps)
        return from_cube(draws.u).reshape(len(rows), n, 2)

    def log_density(self, points: np.ndarray, rows: np.ndarray, nodes: int = 16) -> np.ndarray:
        """Log-density (N,) at points (N, 2), at one condition row (C,) or one a point (N, C)."""
        inside = np.all((points > LOW) & (points < HIGH), axis=1)
        result = np.full(len(points), -np.inf)
        if inside.any():
            own = rows if rows.ndim == 1 else rows[inside]
            u = to_cube(points[inside])
            result[inside] = self.flow.log_density(u, own, nodes=nodes) - LOG_AREA
        return result

    def draw_sets(
        self,
        data: np.ndarray,
        n: int,
        seed: int,
        active: Sequence[str] | None = None,
        nodes: int = 12,
        advance: Callable[[float], None] | None = None,
    ) -> NeuralDraws:
        """n draws (T, n, 2) at each of many data sets (T, B), with log-densities (T, n)."""
        count = len(data)
        every = np.repeat(self.rows(data, active), n, axis=0)
        draws = self.flow.sample(
            every, len(every), seed, with_density=True, nodes=nodes, check=0, advance=advance
        )
        assert draws.log_density is not None
        log_density = draws.log_density.reshape(count, n) - LOG_AREA
        return NeuralDraws(from_cube(draws.u).reshape(count, n, 2), log_density)

    def density_of(
        self,
        points: np.ndarray,
        data: np.ndarray,
        active: Sequence[str] | None = None,
        nodes: int = 12,
    ) -> np.ndarray:
        """Log-density (T,) of one point (T, 2) at its own data set (T, B) each."""
        return self.log_density(points, self.rows(data, active), nodes)

    def save(self, folder: Path) -> None:
        """Write the network's card and weights to the folder."""
        self.flow.save(folder / self.kind)

    @classmethod
    def load(cls, folder: Path, kind: str, embedding: Embedding) -> "NeuralPosterior":
        """Read what `save` wrote.

        Raises:
            InputError: If it is not there, damaged, or made for another embedding.
        """
        flow = ConditionalFlow.load(folder / kind)
        if flow.conditions.names != embedding.names:
            raise InputError(
                f"network {folder / kind}: was trained for other experiments than its embedding; "
                "train it again with: pontecorvo train sterile"
            )
        return cls(embedding, flow, kind)


def weigh(draws: NeuralDraws, log_likelihood: np.ndarray) -> Correction:
    """Importance weights of draws against the exact likelihood (N,) and the flat prior."""
    return correct(log_likelihood - LOG_AREA, draws.log_density)


def best_point(draws: NeuralDraws) -> np.ndarray:
    """MAP (2,): the draw of highest density. In two dimensions draws find it as well as a climb."""
    return draws.points[int(np.argmax(draws.log_density))]


def describe(posterior: NeuralPosterior) -> dict[str, Any]:
    """What it is, as plain JSON types."""
    return {
        "kind": posterior.kind,
        "weights": posterior.flow.parameter_count,
        "training": posterior.flow.card["training"],
        **posterior.embedding.describe(),
    }
