r"""Sequential rounds that keep the target the true posterior (TSNPSE for any estimator).

Round 1 trains q_1(theta | x) on draws of the prior. Every later round simulates where q says the
posterior at x_o lies, and accounts for having done so; see ``docs/truncated-rounds.md``.

``truncated``   theta ~ prior restricted to M_r: nothing to correct, inside M_r the posterior is
                the true one divided by its mass there.
``reweighted``  theta ~ q_r inside M_r; the loss carries the weights prior / q_r.
``naive``       theta ~ q_r, kept if its data fall near x_o, no account: "transfer learning" as
                in arXiv:2503.21432. Wrong on purpose, for the comparison.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base import weights as iw
from ..base.errors import InputError, suggest
from ..base.files import fingerprint, load_arrays, save_arrays, write_json
from ..base.progress import progress
from ..base.seeds import stream
from .truncation import (
    Estimator,
    Problem,
    Proposed,
    Region,
    draw_by_rejection,
    draw_from_estimator,
    next_region,
)


@dataclass(frozen=True)
class RoundSettings:
    """How the rounds are run.

    Attributes:
        rounds: Number of rounds, the first from the prior.
        simulations: New simulations a round.
        proposal: ``truncated``, ``reweighted`` or ``naive``.
        epsilon: Share of q_r's draws that each truncation leaves outside.
        threshold_draws: Draws of q_r that find the threshold and the box.
        smallest_acceptance: Below it, draws of the restricted prior come from q_r by sampling
            importance resampling instead of rejection.
        oversampling: Candidates for each resampled draw.
        keep_earlier: Train on the earlier simulations inside the region too.
        block: Points drawn and tested at a time.
        seed: Seed of everything.
    """

    rounds: int = 4
    simulations: int = 10_000
    proposal: str = "truncated"
    epsilon: float = 1e-3
    threshold_draws: int = 10_000
    smallest_acceptance: float = 0.01
    oversampling: int = 16
    keep_earlier: bool = True
    block: int = 4096
    seed: int = 0

    def __post_init__(self) -> None:
        allowed = ["truncated", "reweighted", "naive"]
        if self.proposal not in allowed:
            raise InputError(
                f"rounds: proposal {self.proposal!r}; {suggest(self.proposal, allowed)}"
            )
        if not 0 < self.epsilon < 0.5:
            raise InputError(f"rounds: epsilon {self.epsilon}; it must lie between 0 and 0.5")
        for name in ("rounds", "simulations", "threshold_draws", "oversampling", "block"):
            if getattr(self, name) < 1:
                raise InputError(f"rounds: {name} {getattr(self, name)}; it must be at least 1")
        if self.oversampling < 2:
            raise InputError("rounds: oversampling 1 would not resample; give at least 2")


@dataclass(frozen=True)
class RoundRecord:
    """The books of one round.

    Attributes:
        number: 1 for the first.
        method: How parameters were proposed (see `truncation.Proposed`).
        candidates: Parameter points looked at.
        accepted: Those that passed.
        acceptance: Their ratio.
        log_prior_volume: Log of the prior mass of this round's region, and
        log_prior_volume_error: its standard error.
        new_simulations: Simulations made.
        used_simulations: Simulations trained on, earlier ones included.
        used_ess: Their effective number, with the weights in the loss.
        previous_draws_inside: Share of the previous estimator's draws that lie in this round's
            region: 1 - epsilon, less what the box cuts off.
        leakage: Share of the new estimator's draws at x_o outside the region it was trained in.
        accounted: False for the naive form: its target is not the posterior.
    """

    number: int
    method: str
    candidates: int
    accepted: int
    acceptance: float
    log_prior_volume: float
    log_prior_volume_error: float
    new_simulations: int
    used_simulations: int
    used_ess: float
    previous_draws_inside: float
    leakage: float
    accounted: bool


@dataclass(frozen=True)
class Rounds:
    """What the rounds leave: the last estimator, its region, and the books."""

    estimator: Estimator
    region: Region
    problem: Problem
    records: tuple[RoundRecord, ...]

    def sample(self, n: int, seed: int, block: int = 4096) -> np.ndarray:
        """`n` draws (n, D) of the last estimator at x_o, inside the region it was trained in."""
        if not self.records[-1].accounted:
            return self.estimator.sample(self.region.observed, n, seed)
        kept: list[np.ndarray] = []
        number = 0
        while sum(map(len, kept)) < n:
            own = int(stream(seed, "rounds-draws", number).integers(2**31))
            points = self.estimator.sample(self.region.observed, block, own)
            points = points[np.isfinite(self.problem.log_prior(points))]
            kept.append(points[self.region.contains(points)])
            number += 1
            if number >= 100 and not sum(map(len, kept)):
                raise InputError("rounds: no draw of the last estimator lies in its region")
        return np.concatenate(kept)[:n]


def run_rounds(
    problem: Problem,
    observed: np.ndarray,
    make: Callable[[int, Estimator | None], Estimator],
    settings: RoundSettings,
    folder: Path | str | None = None,
    discrepancy: Callable[[np.ndarray], np.ndarray] | None = None,
    cut: float = np.inf,
    show: bool | None = None,
) -> Rounds:
    """Run the rounds, or go on where a run in `folder` stopped; either way the same bytes.

    Args:
        problem: Prior and simulator.
        observed: The data set x_o (K,).
        make: ``make(number, previous)`` gives a fresh estimator object for a round; it may start
            from the previous one's weights. It must not change `previous`, whose density defines
            a region, and it must be able to ``load`` its saved state.
        settings: See `RoundSettings`.
        folder: Where every finished stage is kept; None keeps nothing.
        discrepancy: For ``naive``: chi-square (n,) of simulated data (n, K) from x_o.
        cut: For ``naive``: the largest one kept.
        show: Progress bar or not; by default on a terminal.

    Raises:
        InputError: If the folder holds a run of other settings, or an estimator fails to learn.
    """
    observed = np.asarray(observed, dtype=float)
    if settings.proposal == "naive" and discrepancy is None:
        raise InputError("rounds: the naive proposal needs a discrepancy to select by; give one")
    home = None if folder is None else Path(folder)
    if home is not None:
        _check_folder(home, settings, observed, cut)
    region = Region(observed)
    estimator: Estimator | None = None
    records: list[RoundRecord] = []
    pool: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    with progress("rounds", total=settings.rounds, enabled=show) as advance:
        for number in range(1, settings.rounds + 1):
            stage = None if home is None else home / f"round-{number}"
            seed = int(stream(settings.seed, "round", number).integers(2**31))
            inside = 1.0
            if estimator is not None and settings.proposal != "naive":
                region, inside = next_region(
                    region, estimator, problem, settings.epsilon, settings.threshold_draws, seed
                )
            data = _simulated(problem, region, estimator, settings, seed, stage, discrepancy, cut)
            pool.append((data["theta"], data["x"], data["log_weights"]))
            theta, x, weights = _training_set(pool, region, settings)
            fresh = make(number, estimator)
            record = _fit(fresh, theta, x, weights, seed, stage, region, problem, settings)
            estimator = fresh
            books: dict[str, Any] = {
                "number": number,
                "method": str(data["method"]),
                "candidates": int(data["candidates"]),
                "accepted": int(data["accepted"]),
                "acceptance": float(data["accepted"] / data["candidates"]),
                "log_prior_volume": float(data["log_volume"]),
                "log_prior_volume_error": float(data["log_volume_error"]),
                "new_simulations": len(data["theta"]),
                "previous_draws_inside": inside,
                "accounted": settings.proposal != "naive" or number == 1,
                **record,
            }
            records.append(RoundRecord(**books))
            if home is not None:
                write_json(home / "rounds.json", [asdict(r) for r in records])
            advance(note=f"acceptance {books['acceptance']:.2g}")
    assert estimator is not None
    return Rounds(estimator, region, problem, tuple(records))


def _check_folder(home: Path, settings: RoundSettings, observed: np.ndarray, cut: float) -> None:
    """Refuse to continue a run of other settings."""
    content = {**asdict(settings), "observed": observed.tolist(), "cut": repr(float(cut))}
    # more rounds may be added to a finished run: they do not change the earlier ones
    content.pop("rounds")
    mark = home / "settings.json"
    if mark.exists():
        import json

        if json.loads(mark.read_text(encoding="utf-8")).get("fingerprint") != fingerprint(content):
            raise InputError(
                f"{home}: holds rounds of other settings or data; give an empty folder or the same"
            )
        return
    write_json(mark, {"fingerprint": fingerprint(content), "settings": content})


def _simulated(
    problem: Problem,
    region: Region,
    estimator: Estimator | None,
    settings: RoundSettings,
    seed: int,
    stage: Path | None,
    discrepancy: Callable[[np.ndarray], np.ndarray] | None,
    cut: float,
) -> dict[str, np.ndarray]:
    """This round's parameters, data, log weights and numbers: read if kept, else made and kept."""
    path = None if stage is None else stage / "simulations.npz"
    if path is not None and path.exists():
        return load_arrays(path)
    if estimator is not None and settings.proposal == "naive":
        assert discrepancy is not None
        proposed, x = _naive(problem, region, estimator, settings, seed, discrepancy, cut)
    else:
        proposed = _proposed(problem, region, settings, seed)
        x = problem.simulate(proposed.theta, stream(seed, "simulate"))
    log_w = proposed.log_weights
    arrays = {
        "theta": proposed.theta,
        "x": x,
        "log_weights": np.zeros(len(x)) if log_w is None else log_w,
        "method": np.array(proposed.method),
        "candidates": np.array(proposed.candidates),
        "accepted": np.array(proposed.accepted),
        "log_volume": np.array(proposed.log_volume),
        "log_volume_error": np.array(proposed.log_volume_error),
    }
    if path is not None:
        save_arrays(path, **arrays)
    return arrays


def _proposed(problem: Problem, region: Region, settings: RoundSettings, seed: int) -> Proposed:
    """Parameters of the restricted prior, by the cheapest exact way there is."""
    n, block = settings.simulations, settings.block
    if not region.cuts:
        rng = stream(seed, "prior")
        return Proposed(problem.sample_prior(n, rng), None, "prior", n, n, 0.0, 0.0)
    if settings.proposal == "reweighted":
        return draw_from_estimator(region, problem, n, seed, 1, block)
    exact = draw_by_rejection(region, problem, n, seed, settings.smallest_acceptance, block)
    return exact or draw_from_estimator(region, problem, n, seed, settings.oversampling, block)


def _naive(
    problem: Problem,
    region: Region,
    estimator: Estimator,
    settings: RoundSettings,
    seed: int,
    discrepancy: Callable[[np.ndarray], np.ndarray],
    cut: float,
) -> tuple[Proposed, np.ndarray]:
    """Draws of the last estimator whose data fall within the cut, and those data."""
    kept, data = [], []
    accepted, candidates, number = 0, 0, 0
    while accepted < settings.simulations:
        own = int(stream(seed, "naive", number).integers(2**31))
        points = estimator.sample(region.observed, settings.block, own)
        candidates += len(points)
        points = points[np.isfinite(problem.log_prior(points))]
        x = problem.simulate(points, stream(seed, "naive-simulate", number))
        near = discrepancy(x) <= cut
        kept.append(points[near])
        data.append(x[near])
        accepted, number = accepted + int(near.sum()), number + 1
        if number >= 1000 and accepted < 1e-6 * candidates:
            raise InputError(
                f"rounds: {accepted} of {candidates} draws have a discrepancy of at most {cut}; "
                "give a larger cut"
            )
    n = settings.simulations
    theta = np.concatenate(kept)[:n]
    volume = float("nan")  # it has no region of the prior
    proposed = Proposed(theta, None, "naive", candidates, accepted, volume, volume)
    return proposed, np.concatenate(data)[:n]


def _training_set(
    pool: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    region: Region,
    settings: RoundSettings,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """All simulations that may be trained on, with weights of mean one where any differ.

    A round's weights are good up to a constant. Each is scaled to sum to its effective number of
    simulations, so that precise rounds count more and the mixture still targets the same prior.
    """
    if settings.proposal == "naive" or not settings.keep_earlier:
        pool = pool[-1:]
    parts = []
    for index, (theta, x, log_w) in enumerate(pool):
        newest = index == len(pool) - 1
        rows = np.ones(len(theta), bool) if newest else region.contains(theta)
        if rows.any():
            share = iw.normalised(log_w[rows]) * iw.kish_ess(log_w[rows])
            parts.append((theta[rows], x[rows], share))
    theta, x, weights = (np.concatenate([part[i] for part in parts]) for i in range(3))
    weights = weights / weights.mean()
    return theta, x, None if np.allclose(weights, 1.0) else weights


def _fit(
    estimator: Estimator,
    theta: np.ndarray,
    x: np.ndarray,
    weights: np.ndarray | None,
    seed: int,
    stage: Path | None,
    region: Region,
    problem: Problem,
    settings: RoundSettings,
) -> dict[str, float]:
    """Train, or load what was trained; and the share of draws that leave the region."""
    path = None if stage is None else stage / "estimator"
    done = None if stage is None else stage / "trained.json"
    if path is not None and done is not None and done.exists():
        estimator.load(path)
    else:
        estimator.fit(theta, x, weights, seed)
        if path is not None and done is not None:
            estimator.save(path)
            write_json(done, {"simulations": len(theta)})
    try:
        points = estimator.sample(region.observed, min(settings.threshold_draws, 2000), seed + 1)
    except InputError as error:  # of the estimator's own making, not of the user's
        raise InputError(
            f"rounds: no simulation of this round is like the measured data ({error}); "
            "give more simulations a round"
        ) from None
    points = points[np.isfinite(problem.log_prior(points))]
    inside = region.contains(points) if len(points) else np.zeros(0)
    drawn = min(settings.threshold_draws, 2000)
    ess = float(len(theta)) if weights is None else float(weights.sum() ** 2 / (weights**2).sum())
    return {
        "used_simulations": len(theta),
        "used_ess": ess,
        "leakage": 1 - float(inside.sum()) / drawn,
    }
