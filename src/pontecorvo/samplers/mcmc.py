"""Markov moves in a chart: the one engine behind annealing and rejuvenation.

State: points of the chart's cube with their log volume and log-likelihood. Target at inverse
temperature beta: (volume * likelihood)^beta on the cube, within the prior's support.
"""

from dataclasses import dataclass

import numpy as np

from ..core.chart import Chart
from ..core.target import LikelihoodTarget


@dataclass
class State:
    """Points u (N, D) of a chart with log_volume (N,) and log_likelihood (N,)."""

    u: np.ndarray
    log_volume: np.ndarray
    log_likelihood: np.ndarray

    @property
    def log_density(self) -> np.ndarray:
        """Log of volume * likelihood (N,): the unnormalised posterior in the cube."""
        return self.log_volume + self.log_likelihood

    def take(self, index: np.ndarray) -> "State":
        """The points at `index`, copied."""
        return State(self.u[index], self.log_volume[index], self.log_likelihood[index])

    def accept(self, other: "State", mask: np.ndarray) -> None:
        """Replace the masked points by those of `other`."""
        self.u[mask] = other.u[mask]
        self.log_volume[mask] = other.log_volume[mask]
        self.log_likelihood[mask] = other.log_likelihood[mask]


def evaluate(target: LikelihoodTarget, chart: Chart, u: np.ndarray) -> State:
    """Log volume and log-likelihood at points u (N, D); -inf outside the prior's support."""
    theta, log_volume = chart.to_parameters(u)
    log_likelihood = np.full(len(u), -np.inf)
    inside = np.isfinite(log_volume)
    if inside.all():
        log_likelihood = target.log_likelihood(theta)
    elif inside.any():
        log_likelihood[inside] = target.log_likelihood(theta[inside])
    return State(u, log_volume, log_likelihood)


def wrap(u: np.ndarray, periodic: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wrap the periodic coordinates of points (N, D), and say which points (N,) are in the cube.

    The other coordinates are not reflected at the ends: reflecting one coordinate of a correlated
    step makes it likelier than its inverse, and the walk would drift into the corners.
    """
    wrapped = np.where(periodic, u % 1.0, u)
    return wrapped, np.all((wrapped >= 0.0) & (wrapped < 1.0), axis=1)


def jump(
    u: np.ndarray, pool: np.ndarray, periodic: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A symmetric proposal for points (N, D), and which (N,) are in the cube; see `Walk`."""
    n, dim = u.shape
    # subset: each coordinate with its own point's probability, at least one
    share = rng.choice([0.1, 0.25, 0.5, 1.0], (n, 1))
    chosen = rng.random((n, dim)) < share
    chosen[np.arange(n), rng.integers(0, dim, n)] = True
    size = chosen.sum(axis=1, keepdims=True)
    scale = np.exp(rng.normal(-0.7, 1.0, (n, 1))) * 2.38 / np.sqrt(2 * size)
    if rng.random() < 2 / 3:
        first, second = rng.integers(0, len(pool), (2, n))
        difference = pool[first] - pool[second]
        difference = np.where(periodic, (difference + 0.5) % 1.0 - 0.5, difference)
        move = scale * difference + rng.normal(0, 1e-6, (n, dim))
    else:
        move = 0.2 * scale * rng.normal(size=(n, dim))
    return wrap(u + np.where(chosen, move, 0.0), periodic)


class Walk:
    """Symmetric proposals that need no tuning: scales are drawn anew for every point and step.

    Two in three steps add a scaled difference of two points of a fixed pool (differential
    evolution with an archive: C. ter Braak & J. Vrugt, Stat. Comput. 18 (2008) 435), the other a
    normal step; each moves a random subset of the coordinates. Every `symmetry_period` steps one of
    the model's declared symmetries is used, with its Jacobian. The pool is not changed by the walk,
    so that each step leaves the target as it is.

    Args:
        target: Model and measurement.
        chart: Coordinates.
        pool: Points (K, D) whose differences set directions and scales.
        symmetry_period: Steps between symmetry moves; 0 for none.
    """

    def __init__(
        self, target: LikelihoodTarget, chart: Chart, pool: np.ndarray, symmetry_period: int = 10
    ) -> None:
        self.target = target
        self.chart = chart
        self.pool = pool
        self.symmetries = target.model.symmetries if symmetry_period else ()
        self.symmetry_period = symmetry_period

    def run(
        self, state: State, steps: int, rng: np.random.Generator, beta: float = 1.0
    ) -> tuple[State, float]:
        """Move every point `steps` times; return the state and the fraction of accepted moves."""
        accepted = 0.0
        for step in range(steps):
            if self.symmetries and step % self.symmetry_period == self.symmetry_period - 1:
                accepted += self._symmetry_step(state, rng, beta)
            else:
                accepted += self._step(state, rng, beta)
        return state, accepted / max(steps, 1)

    def _step(self, state: State, rng: np.random.Generator, beta: float) -> float:
        proposal, inside = jump(state.u, self.pool, self.chart.periodic, rng)
        proposal[~inside] = state.u[~inside]
        new = evaluate(self.target, self.chart, proposal)
        with np.errstate(invalid="ignore"):
            log_ratio = beta * (new.log_density - state.log_density)
        mask = inside & (np.log(rng.random(len(proposal))) < log_ratio)
        state.accept(new, mask)
        return float(mask.mean())

    def _symmetry_step(self, state: State, rng: np.random.Generator, beta: float) -> float:
        symmetry = self.symmetries[rng.integers(len(self.symmetries))]
        theta, _ = self.chart.to_parameters(state.u)
        moved, log_jacobian = symmetry.move(theta, rng)
        prior_before = self.target.log_prior(theta)
        prior_after = self.target.log_prior(moved)
        uniform = np.log(rng.random(len(theta)))
        inside = np.isfinite(prior_after)
        if not inside.any():
            return 0.0
        u = state.u.copy()
        u[inside] = self.chart.from_parameters(moved[inside])
        new = evaluate(self.target, self.chart, u)
        # in the parameters the tempered density is (volume * L)^beta * prior / volume
        with np.errstate(invalid="ignore"):
            log_ratio = (
                beta * (new.log_density - state.log_density)
                + (prior_after - new.log_volume)
                - (prior_before - state.log_volume)
                + log_jacobian
            )
        mask = inside & (uniform < log_ratio)
        state.accept(new, mask)
        return float(mask.mean())


def memory(before: np.ndarray, after: np.ndarray, periodic: np.ndarray) -> float:
    """Largest correlation, over coordinates, of points (N, D) with what they have become.

    Periodic coordinates are compared by their sine and cosine. Coordinates that do not vary have
    nothing to remember.
    """
    result = 0.0
    for column in range(before.shape[1]):
        if periodic[column]:
            turn = 2 * np.pi * before[:, column], 2 * np.pi * after[:, column]
            pairs = [(np.cos(turn[0]), np.cos(turn[1])), (np.sin(turn[0]), np.sin(turn[1]))]
        else:
            pairs = [(before[:, column], after[:, column])]
        for x, y in pairs:
            if x.std() > 0 and y.std() > 0:
                result = max(result, float(np.corrcoef(x, y)[0, 1]))
    return result
