r"""From the broad posterior to the sharp one in as few lifts as keep their draws.

One lift all the way loses draws where the observables have structure finer than its moves (a nearly
degenerate pair of masses). So the population is carried in stages: the observables that take long
moves are contracted first, down to what a move of `reach` does, and those with fine structure last,
when nothing else has to move any more. A stage takes the longest way whose pilot draws come back
and keep their effective size; where plain reweighting keeps as much, nothing is carried. The last
stage is reweighted only where a lift would lose more: its draws are handed out, and reweighted ones
would be as broad as before. After each stage but the last the draws are resampled and walk on,
until they have forgotten where they stood.

Each stage is one step of sequential Monte Carlo whose move between two temperatures is a map with
an exact volume factor (C. Jarzynski, Phys. Rev. E 65 (2002) 046122; S. Vaikuntanathan &
C. Jarzynski, Phys. Rev. Lett. 100 (2008) 190601): the means of its weights are ratios of evidences.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...base import weights as iw
from ...base.files import cached_arrays, kept_arrays, save_arrays
from ...base.parallel import map_threads
from ...base.progress import progress
from ...base.seeds import stream
from ...core.draws import systematic_resample, weights_from_logs
from ...core.target import Target
from ...samplers.mcmc import Walk, evaluate, memory
from ...samplers.smc import SMCSettings
from .lift import Lift

_BLOCK = 512
_PILOT = 512
_SHARES = (0.0, 0.125, 0.25, 0.5, 0.7, 0.84)  # of the reach, that a stage may leave
_LOST = 0.005  # of the pilot draws, that a stage may lose
_KEPT = 0.4  # of the effective size, that a stage should keep
_HEAVY = 0.7  # k-hat of the pilot's weights from which their size means little
_SMALL = 1.3  # a factor so small that nothing is gained by another stage
_SWEEP = 50


@dataclass
class Population:
    """Draws of a posterior that is k times as broad as the target's.

    Attributes:
        theta: Parameters (N, P).
        chain: Independent run of each (N,).
        log_z: Log-evidence of each run.
        k: Factors (m,).
        ancestor: Which draw of the broad posterior each comes from (N,).
        stages: What was done so far, as plain JSON types.
    """

    theta: np.ndarray
    chain: np.ndarray
    log_z: np.ndarray
    k: np.ndarray
    ancestor: np.ndarray
    stages: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Stage:
    """A population carried, and its weights.

    Attributes:
        theta: Parameters (N, P); NaN where lost.
        log_weight: Of the target of the stage, over the population's (N,); -inf where lost.
        arrived: Draws that were not lost (N,).
        distance: How far each went (N,).
        steps: Steps each took (N,).
        carried: False where the draws were reweighted and did not move.
    """

    theta: np.ndarray
    log_weight: np.ndarray
    arrived: np.ndarray
    distance: np.ndarray
    steps: np.ndarray
    carried: bool

    @property
    def kept(self) -> float:
        """Effective size over number."""
        return efficiency(self.log_weight)


def efficiency(log_weight: np.ndarray) -> float:
    """Kish's effective size of weights (N,), over N; 0 where all are zero."""
    if not np.isfinite(log_weight).any():
        return 0.0
    return float(1.0 / (len(log_weight) * np.sum(weights_from_logs(log_weight) ** 2)))


def cascade(
    lift: Lift, start: Population, effort: SMCSettings, seed: int, folder: Path | None = None
) -> tuple[Population, Stage]:
    """Bring a broad population to the measurement.

    Args:
        lift: The lift of the target; its own factors do not matter.
        start: Draws of the broad posterior.
        effort: Of the walks between the stages.
        seed: Seed of everything.
        folder: Where finished stages are kept.

    Returns:
        The population before the last stage, and that stage, towards the target itself.
    """
    here, count = start, len(start.stages)
    while True:
        path = folder / f"stage-{count}.npz" if folder else None
        goal, carried = _choose(lift, here, seed, count)
        stage = advance(lift, here, goal, carried, folder, count)
        note = {
            "k": dict(zip(lift.names, goal.tolist(), strict=True)),
            "way": "lift" if carried else "reweighting",
            "kept": stage.kept,
            "lost": float(1 - stage.arrived.mean()),
            "moved_median": float(np.nanmedian(stage.distance)) if carried else 0.0,
        }
        here.stages.append(note)
        if (goal <= 1.0).all():
            return here, stage
        kept = kept_arrays(path) if path is not None else None
        if kept is None:
            kept = _refreshed(lift, here, stage, goal, effort, stream(seed, "cascade", count))
            if path is not None:
                save_arrays(path, **kept)
        note["memory"] = float(kept["memory"])
        here = Population(
            kept["theta"], kept["chain"], kept["log_z"], goal, kept["ancestor"], here.stages
        )
        count += 1


def _choose(lift: Lift, here: Population, seed: int, count: int) -> tuple[np.ndarray, bool]:
    """The factors (m,) that the next stage ends with, and whether it goes there by a lift."""
    none = np.ones_like(here.k)
    if (here.k <= 1.0).all():
        return none, False
    rows = stream(seed, "cascade", "pilot", count).permutation(len(here.theta))[:_PILOT]
    pilot = Population(here.theta[rows], here.chain[rows], here.log_z, here.k, here.ancestor[rows])
    best: tuple[float, np.ndarray, bool] = (-1.0, none, False)
    for share in _SHARES[:1] if here.k.max() < _SMALL else _SHARES:
        goal = shortened(lift, here.k, share)
        last = bool((goal <= 1.0).all())
        plain = advance(lift, pilot, goal, False)
        reweighs = _heavy(plain) < _HEAVY and plain.kept >= _KEPT
        if reweighs and not last:
            return goal, False
        lifted = advance(lift, pilot, goal, True)
        kept, lost = lifted.kept, 1 - lifted.arrived.mean()
        enough = kept >= (plain.kept if reweighs else _KEPT)
        if lost <= _LOST and enough and _heavy(lifted) < _HEAVY:
            return goal, True
        if reweighs:
            return goal, False
        best = max(best, (plain.kept, goal, False), (kept * (1 - lost), goal, True), key=_first)
    return best[1], best[2]


def shortened(lift: Lift, k: np.ndarray, share: float) -> np.ndarray:
    """Factors (m,) of the cloud k (m,), where no contraction moves more than a share of the most.

    The most is the longest move that any observable's own contraction takes.
    """
    moves = k * lift.sigma / lift.free
    most = moves[k > 1.0].max()
    return np.asarray(np.clip(share * most * lift.free / lift.sigma, 1.0, k))


def _first(entry: tuple[float, np.ndarray, bool]) -> float:
    return entry[0]


def _heavy(stage: Stage) -> float:
    """k-hat of the weights that are not zero."""
    few = stage.log_weight[np.isfinite(stage.log_weight)]
    return iw.pareto_k(few) if len(few) > 50 else np.inf


def advance(
    lift: Lift,
    here: Population,
    goal: np.ndarray,
    carried: bool,
    folder: Path | None = None,
    count: int = 0,
) -> Stage:
    """Weights of a population for a measurement `goal` (m,) times as broad, carried there or not.

    Blocks that were carried are kept in the folder.
    """
    model, n = lift.target.model, len(here.theta)
    sharp = lift.target if (goal <= 1.0).all() else Target(model, lift.broad(goal))
    broad = Target(model, lift.broad(here.k))
    between = lift.between(here.k, goal)

    def compute(first: int) -> dict[str, np.ndarray]:
        theta = here.theta[first : first + _BLOCK]
        log_weight = -broad.log_likelihood(theta)
        if not carried:
            return {"log_weight": log_weight + sharp.log_likelihood(theta)}
        part = between.carry(theta)
        good = part.arrived
        gain = part.log_prior_y[1] - part.log_prior_y[0] + part.log_volume_y
        log_weight[~good] = -np.inf
        log_weight[good] += gain[good] + sharp.log_likelihood(part.theta[good])
        return {
            "theta": part.theta,
            "log_weight": log_weight,
            "arrived": good,
            "distance": part.distance,
            "steps": part.steps,
        }

    def block(first: int) -> dict[str, np.ndarray]:
        path = folder / f"lifted-{count}-{first // _BLOCK:05d}.npz" if folder else None
        return cached_arrays(path, lambda: compute(first))

    parts = []
    with progress("lift draws", n) as tell:
        for part in map_threads(block, range(0, n, _BLOCK)):
            parts.append(part)
            tell(len(part["log_weight"]))
    every = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    every["log_weight"][np.isnan(every["log_weight"])] = -np.inf
    if carried:
        return Stage(**every, carried=True)
    still = np.zeros(n)
    return Stage(here.theta, every["log_weight"], still == 0, still, still.astype(int), False)


def _refreshed(
    lift: Lift,
    here: Population,
    stage: Stage,
    goal: np.ndarray,
    effort: SMCSettings,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Draws of a stage resampled run by run, and walked on."""
    target = Target(lift.target.model, lift.broad(goal))
    chart = target.raw_chart
    rows, chains, log_z = [], [], here.log_z.copy()
    for run in range(len(log_z)):
        own = np.flatnonzero(here.chain == run)
        if not np.isfinite(stage.log_weight[own]).any():
            log_z[run] = -np.inf
            continue
        log_z[run] += iw.log_evidence(stage.log_weight[own])[0]
        weight = weights_from_logs(stage.log_weight[own])
        rows.append(own[systematic_resample(weight, len(own), rng)])
        chains.append(np.full(len(own), run))
    index = np.concatenate(rows)
    state, left, done = evaluate(target, chart, chart.from_parameters(stage.theta[index])), 1.0, 0
    walk, before = Walk(target, chart, state.u.copy()), state.u.copy()
    with progress("walk", effort.max_sweeps) as tell:
        while done < effort.max_sweeps and left > effort.max_memory:
            state, rate = walk.run(state, _SWEEP, rng)
            done += _SWEEP
            left = memory(before, state.u, chart.periodic)
            tell(_SWEEP, note=f"memory {left:.2f}, moved {rate:.2f}")
    return {
        "theta": chart.to_parameters(state.u)[0],
        "chain": np.concatenate(chains),
        "log_z": log_z,
        "ancestor": here.ancestor[index],
        "memory": np.array(left),
    }
