"""The posterior on the plane by a conditional flow: matching (FMPE) or score (NPSE), one interface.

Both are the same engine (`flows`) on different paths with different targets: FMPE
learns the velocity of straight paths (arXiv:2305.17161), NPSE the score of a diffusion
(arXiv:2209.14249). Both work in the chart of the data (`plane_chart`), where the posterior is
nearly uniform, and both give draws with their exact log-density, the flow's times the chart's, so
that the exact likelihood can weigh every draw.
"""

from pathlib import Path

import numpy as np

from ....base.errors import InputError, suggest
from ....flows.batches import ArrayExamples
from ....flows.conditional_flow import ConditionalFlow
from ....flows.flow_settings import FlowSettings, History, TrainSettings
from ....flows.networks import NetworkSettings
from ....samplers.correction import Correction, correct
from .embedding import Embedding, Reading
from .interface import NeuralDraws, PlaneEstimator
from .simulated import HIGH, LOW, Bank

LOG_AREA = float(np.log(np.prod(HIGH - LOW)))
"""Log area of the prior's rectangle: densities in the logarithms are those on the cube less it."""
NETWORK = NetworkSettings(width=96, blocks=3, embedding=96)
ATTENTION = 4.0
"""How many times more often data with a signal are shown in training; see `attention`."""
RECIPES: dict[str, FlowSettings] = {
    "fmpe": FlowSettings(path={"name": "flow-matching"}, prediction="velocity", network=NETWORK),
    "npse": FlowSettings(path={"name": "vp"}, prediction="score", network=NETWORK),
}
TITLES = {"fmpe": "FMPE (flow matching)", "npse": "NPSE (score)"}
TRAIN = TrainSettings(
    steps=6_000,
    batch=512,
    learning_rate=1e-3,
    dropout=0.0,
    ema=0.999,
    validate_every=1000,
    checkpoint_every=500,
    precision="float32",
)


class NeuralPosterior(PlaneEstimator):
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
        often = self.attention(bank.rows)
        return fit_flow(
            self.flow,
            bank,
            often,
            settings,
            validation,
            "pontecorvo train sterile",
            checkpoint,
            show,
        )

    def attention(self, rows: np.ndarray) -> np.ndarray:
        """How often each simulation (N,) is shown: data that see something, more often.

        Half of the prior's data sets see nothing, and their posteriors are alike. A weight that
        depends on the data alone leaves every posterior, p(theta | data), as it is.
        """
        height = np.sinh(rows[:, self.embedding.names.index("height")].astype(float))
        return np.where(height < 4, 1.0, np.where(height < 100, ATTENTION, 0.5 * ATTENTION))

    def draw_read(
        self,
        known: Reading,
        n: int,
        seed: int = 0,
        nodes: int = 12,
    ) -> NeuralDraws:
        """n draws (T, n, 2) at each of T data sets that were read before."""
        count = len(known)
        rows = known.rows[0] if count == 1 else np.repeat(known.rows, n, axis=0)
        drawn = self.flow.sample(rows, count * n, seed, with_density=True, nodes=nodes, check=0)
        assert drawn.log_density is not None
        charted = self.embedding.chart.from_unit(known.maps, drawn.u.reshape(count, n, 2))
        own = drawn.log_density.reshape(count, n)
        return NeuralDraws(charted.points, own + charted.log_density)

    def density_read(self, points: np.ndarray, known: Reading, nodes: int = 12) -> np.ndarray:
        """Log-density (T, N) of points (T, N, 2) at T data sets; -inf outside the prior."""
        inside = np.all((points >= LOW) & (points <= HIGH), axis=2)
        charted = self.embedding.chart.to_unit(known.maps, np.clip(points, LOW, HIGH))
        rows = np.repeat(known.rows, points.shape[1], axis=0)
        own = self.flow.log_density(inner(charted.points.reshape(-1, 2)), rows, nodes=nodes)
        return np.where(inside, own.reshape(inside.shape) + charted.log_density, -np.inf)

    def best(self, known: Reading, candidates: int = 256, nodes: int = 6) -> NeuralDraws:
        """MAP (T, 2) of T data sets with its log-density (T,): the best of a few in the chart.

        In a chart the posterior is nearly uniform, so points spread evenly there find its top to
        within one part in `candidates` of the mass.
        """
        unit = np.broadcast_to(spread(candidates), (len(known), candidates, 2))
        charted = self.embedding.chart.from_unit(known.maps, unit)
        rows = np.repeat(known.rows, candidates, axis=0)
        own = self.flow.log_density(unit.reshape(-1, 2).copy(), rows, nodes=nodes)
        density = own.reshape(len(known), candidates) + charted.log_density
        top, every = density.argmax(axis=1), np.arange(len(known))
        return NeuralDraws(charted.points[every, top], density[every, top])

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


def fit_flow(
    flow: ConditionalFlow,
    bank: Bank,
    often: np.ndarray,
    settings: TrainSettings,
    validation: Bank | None,
    retrain: str,
    checkpoint: Path | None,
    show: bool | None,
) -> History:
    """Train a flow on charted simulations, each shown as `often` as it says (N,)."""
    return flow.fit(
        ArrayExamples(inner(bank.unit), bank.rows, often, seed=settings.seed),
        settings,
        validation=None if validation is None else (inner(validation.unit), validation.rows),
        # odd data sets are not refused here: `misspecification` says how odd they are
        condition_range={name: (-1e9, 1e9) for name in flow.conditions.names},
        retrain=retrain,
        checkpoint=checkpoint,
        show=show,
    )


def weigh(draws: NeuralDraws, log_likelihood: np.ndarray) -> Correction:
    """Importance weights of draws against the exact likelihood (N,) and the flat prior."""
    return correct(log_likelihood - LOG_AREA, draws.log_density)


def best_point(draws: NeuralDraws) -> np.ndarray:
    """MAP (2,): the draw of highest density. In two dimensions draws find it as well as a climb."""
    return draws.points[int(np.argmax(draws.log_density))]


def inner(u: np.ndarray) -> np.ndarray:
    """Points of the cube, off its faces, where the flows' own coordinates have no end."""
    return np.clip(u, 1e-7, 1 - 1e-7)


def spread(n: int) -> np.ndarray:
    """n points (n, 2) evenly over the unit square: an R2 lattice, centred in its cells."""
    steps = np.array([0.7548776662466927, 0.5698402909980532])
    return (0.5 + np.arange(1, n + 1)[:, None] * steps) % 1.0
