r"""Annealed steps after a network: what its weights have in common is learned, and walked away.

Draws x ~ q with exact weights w = p(x) / q(x) are carried to p by annealed importance sampling
(R. Neal, Stat. Comput. 11 (2001) 125). Its path usually starts at q, whose density costs a solution
of the flow's equation at every move. Here it starts at

    f_1 = p exp(-s),      s(x) a quick guess of log w,

which is as near to q as the guess is good, and costs what p costs: f_b = p exp(-b s), b from 1 down
to 0 in equal levels, with Markov moves at each that leave f_b as it is. With x_0 the draw and x_k
where it stands after level k,

    log w' = [log w(x_0) - s(x_0)] + sum_k s(x_k) / K

is an exact weight whatever s is and however little the walk mixes: its mean is the evidence. Where
it mixes, the guess's part of the weights' scatter is gone.

The guess is a regression of log w on functions of the point, by boosted trees (scikit-learn). Each
half of the draws is weighed by the guess that the other half taught, so that no draw has a part in
its own; a guess that explains little of draws it has not seen is not used.

Coordinates that are not moved may be drawn anew at every move by a conditional density
(`log_target` does it, and divides by that density): then the walk is pseudo-marginal (C. Andrieu &
G. Roberts, Ann. Stat. 37 (2009) 697), and exact all the same.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base import weights as iw
from ..base.progress import progress
from ..base.seeds import stream
from ..core.chart import ConditionedChart
from ..core.target import LikelihoodTarget
from ..samplers.mcmc import evaluate, jump

LEVELS = 8
"""Of the path of a network's draws."""
LEAST = 200
"""Draws of a half below which no guess is taught."""
_WORTH = 0.1  # share of the scatter of unseen log weights that a guess must explain
_LOW = 4.0  # log weights this far below the median teach nothing more
_FEW = 1e-300


@dataclass(frozen=True)
class Space:
    """Where the walk goes.

    Attributes:
        moved: Coordinates that are moved.
        periodic: Which of all D coordinates are (D,).
        log_target: Log of p (N,) at points (N, D), given random numbers; it may draw the
            coordinates that are not moved anew, in place, and divides by their density.
        features: What the guess may know of points (N, D) of log target (N,): (N, F).
    """

    moved: slice
    periodic: np.ndarray
    log_target: Callable[[np.ndarray, np.random.Generator], np.ndarray]
    features: Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Annealed:
    """Where the draws went.

    Attributes:
        u: Points (N, D).
        log_weight: Exact log weights (N,), on the scale of those given.
        notes: What was done, as plain JSON types.
    """

    u: np.ndarray
    log_weight: np.ndarray
    notes: dict[str, Any]


def anneal(
    space: Space,
    u: np.ndarray,
    log_weight: np.ndarray,
    log_target: np.ndarray,
    seed: int,
    levels: int,
    moves: int,
) -> Annealed:
    """Carry weighted draws towards the target.

    Args:
        space: Where the walk goes.
        u: Points (N, D) of positive weight.
        log_weight: Their exact log weights (N,).
        log_target: Log of p (N,) at them, as `Space.log_target` gives it.
        seed: Seed.
        levels: Levels K of the path.
        moves: Moves at each level but the last.
    """
    n = len(u)
    half = stream(seed, "anneal", "halves").permutation(n) % 2
    points, result, taught, accepted = u.copy(), log_weight.copy(), [], []
    with progress("annealed steps", 2 * (levels - 1) * moves) as advance:
        for own in (0, 1):
            rows, others = np.flatnonzero(half == own), np.flatnonzero(half != own)
            rng = stream(seed, "anneal", own)
            features = space.features(u[others], log_target[others])
            guess, explained = _taught(features, log_weight[others], rng)
            taught.append(explained)
            if guess is None:
                continue
            walk = _Walk(space, guess, u[others], u[rows].copy(), log_target[rows].copy())
            weight = log_weight[rows] - walk.guess
            for level in range(1, levels + 1):
                weight += walk.guess / levels
                for _ in range(moves if level < levels else 0):
                    accepted.append(walk.step(1 - level / levels, rng))
                    advance(1)
            points[rows], result[rows] = walk.u, weight
    notes = {
        "levels": levels,
        "moves": moves,
        "explained": taught,
        "moved": float(np.mean(accepted)) if accepted else 0.0,
        "efficiency_before": iw.kish_ess(log_weight) / n,
    }
    return Annealed(points, result, notes)


def annealed_proposals(
    target: LikelihoodTarget,
    chart: ConditionedChart,
    every: Mapping[str, np.ndarray],
    seed: int,
    moves: int,
    feature_map: str = "",
) -> dict[str, np.ndarray]:
    """Proposals of a network in a chart, carried towards the posterior.

    Observables and learned coordinates walk; what the chart completes is drawn anew at each move.

    Args:
        target: Model and measurement.
        chart: The network's.
        every: Of each proposal ``u`` (N, D), ``theta`` (N, P), and (N,) ``log_volume``, ``log_q``,
            ``log_q_learned`` and ``log_likelihood``; see `amortised.weighted_draws`.
        seed: Seed.
        moves: Moves of each point, in all.
        feature_map: Name of what the model tells of a point; empty for nothing.

    Returns:
        The same with the points of positive weight moved; ``log_q`` is what makes the weights of
        `amortised.weighted_draws` those of the annealed steps. And ``notes``, JSON.
    """
    known = None
    if feature_map:
        from ..flows.feature_maps import feature_map as registered

        known = registered(feature_map)
    moved = slice(0, chart.learned.stop)

    def log_target(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        rest = chart.complete(points, rng)
        value = evaluate(target, chart, points).log_density
        return value - np.where(np.isfinite(rest), rest, np.inf)

    def features(points: np.ndarray, log_density: np.ndarray) -> np.ndarray:
        learned = points[:, chart.learned]
        parts = [coordinate_features(learned, chart.periodic[chart.learned])]
        parts.append(log_density[:, None])
        condition = chart.condition(points)
        parts.append(condition if known is None else known.values(learned, condition))
        return np.concatenate(parts, axis=1)

    result = {name: values.copy() for name, values in every.items()}
    log_weight = every["log_volume"] + every["log_likelihood"] - every["log_q"]
    alive = np.isfinite(log_weight)
    rest = (every["log_q"] - every["log_q_learned"])[alive]
    value = (every["log_volume"] + every["log_likelihood"])[alive] - rest
    space = Space(moved, chart.periodic, log_target, features)
    each = max(moves // LEVELS, 1)
    done = anneal(space, every["u"][alive], log_weight[alive], value, seed, LEVELS, each)
    state = evaluate(target, chart, done.u)
    result["u"][alive] = done.u
    result["theta"][alive] = chart.any_copy(done.u, stream(seed, "anneal", "copies"))
    result["log_volume"][alive] = state.log_volume
    result["log_likelihood"][alive] = state.log_likelihood
    result["log_q"][alive] = state.log_density - done.log_weight
    return result | {"notes": np.array(json.dumps(done.notes))}


class _Walk:
    """Points that walk under p exp(-b guess)."""

    def __init__(
        self,
        space: Space,
        guess: Callable[[np.ndarray], np.ndarray],
        pool: np.ndarray,
        u: np.ndarray,
        log_target: np.ndarray,
    ) -> None:
        self.space, self._guess, self._pool = space, guess, pool[:, space.moved]
        self.u, self.log_target = u, log_target
        self.guess = guess(space.features(u, log_target))

    def step(self, share: float, rng: np.random.Generator) -> float:
        """One move of every point under p exp(-share guess); the fraction that moved."""
        space, own = self.space, self.space.moved
        proposal, inside = jump(self.u[:, own], self._pool, space.periodic[own], rng)
        new = self.u.copy()
        new[inside, own] = proposal[inside]
        value = np.full(len(new), -np.inf)
        if inside.any():
            part = new[inside]
            value[inside] = space.log_target(part, rng)
            new[inside] = part
        alive = np.isfinite(value)
        guess = np.zeros(len(new))
        if alive.any():
            guess[alive] = self._guess(space.features(new[alive], value[alive]))
        ratio = value - self.log_target - share * (guess - self.guess)
        taken = alive & (np.log(np.maximum(rng.random(len(new)), _FEW)) < ratio)
        self.u[taken], self.log_target[taken] = new[taken], value[taken]
        self.guess[taken] = guess[taken]
        return float(taken.mean())


def _taught(
    features: np.ndarray, log_weight: np.ndarray, rng: np.random.Generator
) -> tuple[Callable[[np.ndarray], np.ndarray] | None, float]:
    """A guess of log weights from features, or None; and what it explains of unseen ones."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    n = len(log_weight)
    if n < LEAST:
        return None, 0.0
    middle = np.median(log_weight)
    wanted = np.maximum(log_weight - middle, -_LOW)

    def fit(rows: np.ndarray) -> Any:
        trees = HistGradientBoostingRegressor(
            max_iter=200,
            learning_rate=0.06,
            max_leaf_nodes=16,
            min_samples_leaf=30,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=int(rng.integers(2**31)),
        )
        return trees.fit(features[rows], wanted[rows])

    order = rng.permutation(n)
    seen, unseen = order[n // 4 :], order[: n // 4]
    gap = wanted[unseen] - fit(seen).predict(features[unseen])
    explained = float(1 - gap.var() / max(wanted[unseen].var(), _FEW))
    if not explained > _WORTH:
        return None, explained
    return fit(order).predict, explained


def coordinate_features(u: np.ndarray, periodic: np.ndarray) -> np.ndarray:
    """Coordinates (N, D), periodic ones also by cosine and sine."""
    turn = 2 * np.pi * u[:, periodic]
    return np.concatenate([u, np.cos(turn), np.sin(turn)], axis=1)
