"""Simulated data of the sterile experiments with known truth, and a network's answer to each.

Truths are draws of the prior; every draw, and the truth itself, is weighed by the exact likelihood.
"""

from functools import partial
from pathlib import Path

import numpy as np

from ....base.files import cached_arrays
from ....base.progress import progress
from ....base.seeds import stream
from ....diagnostics.calibration import Answers, Observed, usable
from ....diagnostics.calibration_set import Trials
from ..model import PARAMETERS, points_of
from .interface import NeuralDraws, PlaneEstimator
from .misspecification import STRONGEST
from .plane_chart import PlaneChart
from .plane_flows import LOG_AREA
from .ratio_maps import RatioMaps
from .refined import weigh_or_refine
from .simulated import simulate

_BLOCK = 50  # data sets answered together
SLICES = ("height of the likelihood map", "its mean log10_s22", "its mean log10_dm2")
NODES = 12  # of the divergence's quadrature; a run's eight give the same ESS/N
OBSERVED_DRAWS = 1000
_BETTER = {"points": "points", "density": "log_density", "likelihood": "log_likelihood"}


def summaries(maps: RatioMaps, data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the local test reads of data sets (T, B), and what they are sliced by (3, T); `SLICES`.

    Read are the numbers of the map's chart, (T, 7).
    """
    rows = PlaneChart(maps.plane).numbers(maps(data, maps.names))
    height = rows[:, 5].copy()
    slices = np.stack([height, rows[:, 0], rows[:, 1]])
    rows[:, 5:] = np.arcsinh(rows[:, 5:])
    return rows, slices


def log_likelihoods(maps: RatioMaps, points: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Exact log marginal likelihood (T, N) of points (T, N, 2) at data sets (T, B)."""
    count, each = points.shape[:2]
    flat = points_of(points.reshape(-1, 2))
    value = maps.joint.marginal(*flat, np.repeat(data, each, axis=0))
    return -0.5 * value.reshape(count, each)


def sterile_answers(
    posterior: PlaneEstimator,
    simulations: int,
    draws: int,
    seed: int,
    folder: Path | None = None,
    nodes: int = NODES,
) -> Answers:
    """Simulate `simulations` data sets of the network's experiments, and ask it about each.

    Args:
        posterior: The network; its maps say which experiments there are data of.
        simulations: Number of data sets S.
        draws: Draws for each, N.
        seed: Seed of everything; networks of one seed are asked about the same data.
        folder: Where finished blocks are kept, so that a killed run resumes; None keeps nothing.
        nodes: Nodes of the divergence's quadrature.

    Returns:
        Trials with importance weights, that of the truth included, and the exact log-likelihood as
        density, of the network's draws or better ones where these are worth little
        (`refined`); raw ones with the network's density. ``data`` are `summaries`.
        The answer at the measured data comes along. Signals stronger than
        `misspecification.STRONGEST` are left aside: a choice by the data alone leaves every
        posterior as it is.
    """
    maps = posterior.embedding.maps
    names = maps.names

    def block(first: int) -> dict[str, np.ndarray]:
        count = min(_BLOCK, simulations - first)
        theta, data = simulate(maps, count, stream(seed, "check", *names, first))
        own = int(stream(seed, "answers", posterior.kind, *names, first).integers(2**63))
        drawn = posterior.draw_read(posterior.read(data), draws, own, nodes)
        read, slices = summaries(maps, data)
        result = {
            "truth": theta,
            "data": read,
            "slices": slices,
            "points": drawn.points,
            "log_density": drawn.log_density,
            "log_likelihood": log_likelihoods(maps, drawn.points, data),
            "truth_density": posterior.density_of(theta, data, nodes=nodes),
            "truth_likelihood": log_likelihoods(maps, theta[:, None], data)[:, 0],
        }
        return {**result, **refined(maps, data, result, own)}

    def measured() -> dict[str, np.ndarray]:
        data = maps.joint.data
        own = int(stream(seed, "measured", posterior.kind, *names).integers(2**63))
        drawn = posterior.draw(data, OBSERVED_DRAWS, own, nodes=nodes)
        exact = log_likelihoods(maps, drawn.points[None], data[None])[0]
        weights = _finite(exact - LOG_AREA - drawn.log_density)
        read, _ = summaries(maps, data[None])
        return {"points": drawn.points, "log_weights": weights, "data": read[0]}

    starts = range(0, simulations, _BLOCK)
    parts = []
    with progress(f"ask {posterior.kind}", len(starts) + 1) as advance:
        for first in starts:
            count = min(_BLOCK, simulations - first)
            path = folder and folder / f"answers-{first:06d}-{count}.npz"
            parts.append(cached_arrays(path, partial(block, first)))
            advance()
        here = cached_arrays(folder and folder / "measured.npz", measured)
        advance()
    whole = {
        name: np.concatenate([part[name] for part in parts], axis=int(name == "slices"))
        for name in parts[0]
    }
    log_weights = _finite(whole["better_likelihood"] - LOG_AREA - whole["better_density"])
    good = whole["slices"][0] <= STRONGEST
    use = usable(log_weights) & good
    truth_weight = whole["truth_likelihood"] - LOG_AREA - whole["truth_better_density"]
    # a truth that the network cannot reach at all outweighs every draw
    reached = np.isfinite(truth_weight)
    truth_weight[~reached] = log_weights.max(axis=1)[~reached] + 100
    shared = {
        "truth": whole["truth"][use],
        "data": whole["data"][use],
        "names": [q.name for q in PARAMETERS],
    }
    trials = Trials(
        **shared,
        draws=whole["better_points"][use],
        log_weights=log_weights[use],
        truth_log_weight=truth_weight[use],
        log_density=whole["better_likelihood"][use],
        truth_log_density=whole["truth_likelihood"][use],
    )
    raw = Trials(
        **shared,
        draws=whole["points"][use],
        log_density=whole["log_density"][use],
        truth_log_density=whole["truth_density"][use],
    )
    slices = {name: row[use] for name, row in zip(SLICES, whole["slices"], strict=True)}
    observed = Observed(here["data"], here["points"], here["log_weights"])
    return Answers(
        trials,
        raw,
        slices,
        observed,
        left_out=int((~use & good).sum()),
        refined=int(whole["refined"][use].sum()),
        aside=int((~good).sum()),
        why=f"their signal raises ln L by more than {STRONGEST:g} over no oscillation, where the "
        "likelihood itself is not accurate (problems/sterile/neural/misspecification.py)",
        own_log_weights=_finite(whole["log_likelihood"] - LOG_AREA - whole["log_density"])[use],
    )


def refined(
    maps: RatioMaps, data: np.ndarray, known: dict[str, np.ndarray], seed: int
) -> dict[str, np.ndarray]:
    """The draws that are weighed at each of T data sets (T, B): the network's, or better ones.

    Args:
        maps: What the likelihood is of.
        data: The data sets.
        known: Draws with densities and likelihoods, truths with densities; see `sterile_answers`.
        seed: Of the refinements.

    Returns:
        ``better_points`` (T, N, 2), ``better_density`` and ``better_likelihood`` (T, N), the
        density at the truth ``truth_better_density`` (T,), and ``refined`` (T,): whether it was.
    """
    better = {f"better_{name}": known[of].copy() for name, of in _BETTER.items()}
    truth, was = known["truth_density"].copy(), np.zeros(len(data), dtype=bool)
    for index, one in enumerate(data):
        density, likelihood = known["log_density"][index], known["log_likelihood"][index]
        fine = np.isfinite(density) & np.isfinite(likelihood)
        if not fine.any():
            continue

        def at_one(points: np.ndarray, one: np.ndarray = one) -> np.ndarray:
            return log_likelihoods(maps, points[None], one[None])[0]

        found = weigh_or_refine(
            NeuralDraws(known["points"][index], np.where(fine, density, 0.0)),
            at_one,
            np.where(fine, likelihood, -np.inf),
            seed + index,
        )
        if found.proposal is None:
            continue
        was[index] = True
        better["better_points"][index] = found.draws.points
        better["better_density"][index] = found.draws.log_density
        better["better_likelihood"][index] = found.weights.log_target + LOG_AREA
        truth[index] = found.proposal.log_density(known["truth"][index][None])[0]
    return {**better, "truth_better_density": truth, "refined": was}


def _finite(log_weights: np.ndarray) -> np.ndarray:
    """Log weights (..., N), -inf where not worked out or nothing beside the largest."""
    known = np.where(np.isfinite(log_weights), log_weights, -np.inf)
    top = known.max(axis=-1, keepdims=True)
    return np.where(known > top - 500, known, -np.inf)
