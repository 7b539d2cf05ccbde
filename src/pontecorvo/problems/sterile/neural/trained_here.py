"""Estimators that are trained for the measured data: truncated rounds, and SNPE-C.

They see what the shipped networks read of a data set, the numbers of its closed-form map
(`embedding`), where these know every experiment of the fit, and else the raw data; and nothing of
the chart in which the shipped networks work. Their draws are weighed by the exact likelihood.
"""

import time
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ....base.seeds import stream
from ....flows.flow_settings import TrainSettings
from ....frequentist.scan import descend, local_minima
from ....sbi.rounds import RoundSettings
from ....sbi.simulation import compressed, simulation_of
from ....sbi.snpe_c import SnpeC, SnpeSettings
from ....sbi.truncated_sampling import TruncatedOptions, truncated_posterior
from ..experiment import Experiment
from ..fits import Fit
from ..model import SterileModel, SterileTarget
from .bundle import SHIPPED, known_experiments, load_bundle
from .embedding import Embedding
from .interface import NeuralDraws
from .neural_fits import NeuralFit
from .plane_flows import weigh

ROUNDS = {"fmpe-rounds": "flow-matching", "npse-rounds": "npse"}
"""Estimator -> what `sbi.truncated_sampling` learns."""
VALLEYS = 8
CHUNK = 1024
"""Data sets that are read at a time."""


@dataclass(frozen=True)
class TrainingEffort:
    """How much is simulated.

    Attributes:
        rounds: Number of rounds.
        simulations: Of each.
        draws: Draws of the last.
        train: Effort of each training of a flow; that of `sbi.flow_estimator` by default.
        epochs: Most passes of SNPE-C over its simulations.
    """

    rounds: int = 4
    simulations: int = 10_000
    draws: int = 4000
    train: TrainSettings | None = None
    epochs: int = 30


@dataclass(frozen=True)
class ReadTarget(SterileTarget):
    """The posterior of a fit, whose data are seen through an embedding.

    The likelihood is computed point by point: a table of it would cost more than the draws.

    Attributes:
        reading: What makes numbers of a data set; None: the data as they are.
        highest: Largest log-likelihood of the fit's posterior.
    """

    reading: Embedding | None = None
    highest: float = 0.0

    @cached_property
    def observed(self) -> np.ndarray:  # type: ignore[override]
        """What is known of the measured data (C,)."""
        return self._read(self.model.joint.data[None])[0]

    def simulate(self, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """What is known of one data set (N, C) for each row of parameters (N, 2)."""
        return self._read(self.model.simulate(theta, rng))

    def _read(self, data: np.ndarray) -> np.ndarray:
        if self.reading is None:
            return data
        parts = [
            self.reading(data[k : k + CHUNK], self.reading.maps.names).rows
            for k in range(0, len(data), CHUNK)
        ]
        return np.concatenate(parts).astype(float)

    @cached_property
    def _best_log_likelihood(self) -> float:
        return self.highest


def target_of(fit: Fit) -> ReadTarget:
    """The posterior of a fit as the shipped networks would read its data, if they know them."""
    highest = float(np.max(fit.posterior.log_likelihood))
    model, reading = SterileModel(fit.likelihood), _reading(fit.experiments)
    return ReadTarget(model, "marginal", False, reading, highest)


@lru_cache(maxsize=2)
def _reading(experiments: tuple[Experiment, ...]) -> Embedding | None:
    """The embedding that ships, for these experiments; it knows each by identity."""
    if not {one.name for one in experiments} <= set(known_experiments(SHIPPED)):
        return None
    return load_bundle(SHIPPED, experiments, []).embedding


def train_here(
    kind: str,
    fit: Fit,
    seed: int,
    folder: Path | None = None,
    effort: TrainingEffort | None = None,
) -> NeuralFit:
    """Train one estimator for the data of a fit, draw from it, and weigh the draws.

    Args:
        kind: One of `estimators.ESTIMATORS` that is trained in the run.
        fit: The fit.
        seed: Seed of everything.
        folder: Where finished rounds are kept; SNPE-C keeps none.
        effort: How much is simulated.

    Raises:
        InputError: If SNPE-C is asked for without its package, or learns nothing.
    """
    effort = effort or TrainingEffort()
    target = target_of(fit)
    start = time.perf_counter()
    if kind in ROUNDS:
        settings = RoundSettings(
            rounds=effort.rounds,
            simulations=effort.simulations,
            threshold_draws=min(10_000, 4 * effort.simulations),
        )
        options = TruncatedOptions(ROUNDS[kind], settings, effort.train)
        found = truncated_posterior(target, effort.draws, seed, folder, options=options)
        assert found.log_q is not None
        drawn = NeuralDraws(found.theta, found.log_q)
    else:
        drawn = _snpe_c(target, seed, effort)
    middle = time.perf_counter()
    weights = weigh(drawn, target.log_likelihood(drawn.points))
    seconds = (middle - start, time.perf_counter() - middle)
    return NeuralFit(fit, kind, drawn, weights, seconds, 0, weights.efficiency)


def _snpe_c(target: SterileTarget, seed: int, effort: TrainingEffort) -> NeuralDraws:
    """Draws of SNPE-C in the prior's cube, trained in rounds with the atomic loss."""
    simulation = simulation_of(target)
    prior, observed = simulation.prior, simulation.observed
    scale = simulation.spread(int(stream(seed, "snpe-c-scale").integers(2**63)))

    def simulator(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        inside = np.clip(u, 1e-9, 1 - 1e-9)
        data = simulation.simulate(prior.from_unit_cube(inside), rng)
        return compressed(data, observed, scale)

    density = SnpeC(len(prior), SnpeSettings(epochs=effort.epochs), seed)
    origin = np.zeros(len(observed))
    density.rounds(simulator, origin, effort.simulations, effort.rounds)
    u, log_density = density.sample(origin[None], effort.draws, seed)
    points = prior.from_unit_cube(u[0])
    return NeuralDraws(points, log_density[0] + prior.log_density(points))


def highest_density(fit: Fit) -> dict[str, Any]:
    """MAP of a fit's exact posterior: flat prior in both logarithms, nuisances integrated out.

    The highest points of the posterior's grid are followed up between its points.
    """
    plane = fit.posterior.plane
    table = -np.asarray(fit.posterior.log_likelihood)
    starts = plane.points[local_minima(plane.map(table))[:VALLEYS]]
    cell = np.array([np.diff(plane.x.values).max(), np.diff(plane.y.values).max()])
    ends = plane.points.min(axis=0), plane.points.max(axis=0)
    points, depth = descend(lambda p: -fit.log_likelihood(p), starts, cell, *ends)
    best = int(depth.argmin())
    return {
        "set": fit.name,
        "title": fit.title,
        "map_log10_s22": float(points[best, 0]),
        "map_log10_dm2": float(points[best, 1]),
        "log_likelihood_over_null": float(-depth[best] - fit.posterior.null_log_likelihood),
    }
