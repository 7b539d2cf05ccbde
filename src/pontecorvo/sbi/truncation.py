r"""The prior restricted to the region that matters, and draws from it.

A `Region` is the set where every conditional density so far is above its threshold,

    M_r = M_{r-1} and { theta : log q_r(theta | x_o) >= kappa_r } and box_r,

kappa_r the epsilon-quantile of log q_r over its own draws (Deistler, Gonçalves & Macke,
arXiv:2210.04815; Sharrock, Simons, Liu & Beaumont, arXiv:2210.04872, who add the box). The regions
are nested, so that a simulation of any earlier round that lies inside is a draw of the same
restricted prior and may be used again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from ..base import weights as iw
from ..base.errors import InputError
from ..base.seeds import stream


class Problem(Protocol):
    """A prior and a simulator, in the coordinates the estimator works in."""

    def sample_prior(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """`n` draws of the prior (n, D)."""

    def log_prior(self, theta: np.ndarray) -> np.ndarray:
        """Normalised log prior (n,) at (n, D), -inf outside its support."""

    def simulate(self, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One simulated data set (n, K) for each row of theta (n, D)."""


class Estimator(Protocol):
    """A conditional density q(theta | x) that can be trained."""

    def fit(self, theta: np.ndarray, x: np.ndarray, weights: np.ndarray | None, seed: int) -> None:
        """Train on pairs (n, D), (n, K); `weights` (n,), mean one, multiply each pair's loss."""

    def sample(self, x: np.ndarray, n: int, seed: int) -> np.ndarray:
        """`n` draws (n, D) at one data set (K,)."""

    def log_density(self, theta: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Normalised log density (n,) of theta (n, D) at one data set (K,)."""

    def save(self, path: Path) -> None:
        """Write to `path`; same state, same bytes."""

    def load(self, path: Path) -> None:
        """Read what `save` wrote."""


class CubeProblem:
    """Coordinates on the unit cube in which the prior is uniform (`UnitCubeChart`).

    Args:
        dim: Number of coordinates D.
        simulator: ``simulator(u (n, D), rng) -> x (n, K)``.
    """

    def __init__(
        self, dim: int, simulator: Callable[[np.ndarray, np.random.Generator], np.ndarray]
    ) -> None:
        self.dim = dim
        self.simulate = simulator

    def sample_prior(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Uniform points."""
        return rng.random((n, self.dim))

    def sample_prior_in_box(
        self, low: np.ndarray, high: np.ndarray, n: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Uniform points in a box: what makes a small region cheap to reach."""
        return low + (high - low) * rng.random((n, self.dim))

    def log_prior(self, theta: np.ndarray) -> np.ndarray:
        """Zero inside."""
        return np.where(np.all((theta >= 0) & (theta <= 1), axis=1), 0.0, -np.inf)


@dataclass(frozen=True)
class Cut:
    """One round's condition: density above a threshold at x_o, and inside a box."""

    estimator: Estimator
    log_threshold: float
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Region:
    """The intersection of the cuts of all rounds so far; the prior's support before the first."""

    observed: np.ndarray
    cuts: tuple[Cut, ...] = ()

    def contains(self, theta: np.ndarray, log_q: np.ndarray | None = None) -> np.ndarray:
        """Which rows (n,) of theta (n, D) lie inside.

        Args:
            theta: Points, in the prior's support.
            log_q: The last cut's log density, where it is known already.
        """
        inside = np.ones(len(theta), dtype=bool)
        for cut in self.cuts:
            inside &= np.all((theta >= cut.low) & (theta <= cut.high), axis=1)
        # newest first: it is the smallest, and a density can cost much more than a comparison
        for index, cut in enumerate(reversed(self.cuts)):
            rows = np.flatnonzero(inside)
            if not len(rows):
                break
            known = log_q is not None and index == 0
            value = (
                log_q[rows]
                if known and log_q is not None
                else cut.estimator.log_density(theta[rows], self.observed)
            )
            inside[rows] = value >= cut.log_threshold
        return inside

    @property
    def box(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Intersection of the boxes, lowest and highest (D,); None before the first cut."""
        if not self.cuts:
            return None
        return (
            np.max([cut.low for cut in self.cuts], axis=0),
            np.min([cut.high for cut in self.cuts], axis=0),
        )


def next_region(
    region: Region,
    estimator: Estimator,
    problem: Problem,
    epsilon: float,
    draws: int,
    seed: int,
    padding: float = 0.1,
) -> tuple[Region, float]:
    """Cut a region down to the highest-density region of a new estimator.

    Args:
        region: The region so far.
        estimator: Trained inside it.
        problem: For the prior's support.
        epsilon: Share of the estimator's draws left outside by its density.
        draws: How many draws find threshold and box.
        seed: Seed of these draws.
        padding: The box of the draws inside is widened by this share of its width on each side.

    Returns:
        The smaller region, and the share of the estimator's draws in the old one that it holds.
    """
    points = estimator.sample(region.observed, draws, seed)
    points = points[np.isfinite(problem.log_prior(points))]
    points = points[region.contains(points)] if len(points) else points
    if len(points) < 100:
        raise InputError(
            f"truncated rounds: only {len(points)} of {draws} draws of the estimator lie in the "
            "region it was trained in; it has not learned the posterior, give it more simulations "
            "or a longer training"
        )
    log_q = estimator.log_density(points, region.observed)
    threshold = float(np.quantile(log_q, epsilon))
    kept = log_q >= threshold
    low, high = points[kept].min(axis=0), points[kept].max(axis=0)
    pad = padding * (high - low)
    cut = Cut(estimator, threshold, low - pad, high + pad)
    # they lie in the older cuts and in the box: no density has to be asked for again
    return Region(region.observed, (*region.cuts, cut)), float(np.mean(kept))


@dataclass(frozen=True)
class Proposed:
    """Parameters to simulate, and how they were found.

    Attributes:
        theta: Points (n, D).
        log_weights: log[prior / proposal] (n,) up to a constant; None where they are draws of the
            restricted prior itself.
        method: ``"prior"``, ``"rejection"``, ``"sir"``, ``"weights"`` or ``"naive"``.
        candidates: Points looked at.
        accepted: Candidates inside the region.
        log_volume: Log of the prior mass of the region, and
        log_volume_error: its standard error.
    """

    theta: np.ndarray
    log_weights: np.ndarray | None
    method: str
    candidates: int
    accepted: int
    log_volume: float
    log_volume_error: float


def draw_by_rejection(
    region: Region, problem: Problem, n: int, seed: int, smallest_acceptance: float, block: int
) -> Proposed | None:
    """Exact draws of the restricted prior; None as soon as the acceptance proves too small."""
    box = region.box
    in_box = getattr(problem, "sample_prior_in_box", None)
    boxed = box is not None and in_box is not None
    kept: list[np.ndarray] = []
    accepted, candidates, number = 0, 0, 0
    log_box = 0.0
    if boxed and box is not None:
        low, high = np.maximum(box[0], 0.0), np.minimum(box[1], 1.0)
        log_box = float(np.sum(np.log(high - low)))
    while accepted < n:
        rng = stream(seed, "rejection", number)
        if boxed and in_box is not None:
            points = in_box(low, high, block, rng)
        else:
            points = problem.sample_prior(block, rng)
        points = points[region.contains(points)]
        kept.append(points)
        number, accepted, candidates = number + 1, accepted + len(points), candidates + block
        # three standard deviations below what the smallest acceptance would have given by now
        expected = smallest_acceptance * candidates
        if accepted < expected - 3 * np.sqrt(expected):
            return None
    share = accepted / candidates
    return Proposed(
        theta=np.concatenate(kept)[:n],
        log_weights=None,
        method="rejection" if region.cuts else "prior",
        candidates=candidates,
        accepted=accepted,
        log_volume=float(np.log(share)) + log_box,
        log_volume_error=float(np.sqrt((1 - share) / accepted)),
    )


def draw_from_estimator(
    region: Region, problem: Problem, n: int, seed: int, oversampling: int, block: int
) -> Proposed:
    """Draws of the last estimator inside the region, weighted by prior / q or resampled by it.

    Inside the region q is at least exp(kappa), so the weights are bounded by prior / exp(kappa).

    Args:
        region: With at least one cut.
        problem: For the prior.
        n: Number wanted.
        seed: Seed.
        oversampling: 1 keeps all draws with their weights; K > 1 chooses one of every K by its
            weight (sampling importance resampling: unweighted, exact as K grows).
        block: Draws asked of the estimator at a time.
    """
    estimator = region.cuts[-1].estimator
    points: list[np.ndarray] = []
    log_w: list[np.ndarray] = []
    all_log_w: list[np.ndarray] = []
    accepted, number, wanted = 0, 0, n * oversampling
    while accepted < wanted:
        own_seed = int(stream(seed, "estimator", number).integers(2**31))
        candidates = estimator.sample(region.observed, block, own_seed)
        log_q = estimator.log_density(candidates, region.observed)
        log_prior = problem.log_prior(candidates)
        inside = np.isfinite(log_prior)
        inside[inside] = region.contains(candidates[inside], log_q[inside])
        weights = np.where(inside, log_prior - log_q, -np.inf)
        points.append(candidates[inside])
        log_w.append(weights[inside])
        all_log_w.append(weights)
        number, accepted = number + 1, accepted + int(inside.sum())
        if number >= 20 and accepted < 0.01 * number * block:
            raise InputError(
                f"truncated rounds: {accepted} of {number * block} draws of the estimator lie in "
                "the region; it has not learned the posterior there"
            )
    log_volume, error = iw.log_evidence(np.concatenate(all_log_w))
    theta, log_weights = np.concatenate(points)[:wanted], np.concatenate(log_w)[:wanted]
    if oversampling > 1:
        grouped = log_weights.reshape(n, oversampling)
        noise = stream(seed, "sir").gumbel(size=grouped.shape)
        chosen = np.argmax(grouped + noise, axis=1)
        theta = theta.reshape(n, oversampling, -1)[np.arange(n), chosen]
    return Proposed(
        theta=theta,
        log_weights=None if oversampling > 1 else log_weights,
        method="sir" if oversampling > 1 else "weights",
        candidates=number * block,
        accepted=accepted,
        log_volume=log_volume,
        log_volume_error=error,
    )
