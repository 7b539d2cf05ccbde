r"""Better draws where a network's are worth little: adaptive importance sampling from them.

A network answers within its training; a signal far stronger than most of the prior's leaves it a
few draws that carry all the weight. Those draws still say where the posterior is. A population
moves from them to it: weights are tempered until they leave a fair number of draws, a mixture of
Student t kernels of several widths is laid on these, and new draws come from the mixture, until the
plain weights are good (population Monte Carlo: Cappe et al., J. Comput. Graph. Stat. 13 (2004)
907). The last mixture is a proposal like any other: its density is known, and so are the weights.

Points are in a box; kernels live in its logits, where no kernel reaches over an edge.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, logsumexp

from ..base import weights as iw
from ..base.seeds import stream

POPULATION = 1000
"""Draws of a round."""
ROUNDS = 40
LEFT = 0.1
"""ESS/N that tempered weights keep."""
ENOUGH = 0.5
"""ESS/N at which the rounds end."""
DEGREES = 5.0
WIDTHS = np.array([3.0, 1.0, 0.3, 0.1])
"""Kernel widths, in those of the rule of Silverman for one Gaussian peak."""
_EDGE = 1e-12
_PAIRS = 1 << 16
"""Points times centres at once: fresh memory costs more than the formula."""


@dataclass(frozen=True)
class Kernels:
    """An equal mixture of multivariate t kernels in the logits of a box.

    Attributes:
        low: Lower corner of the box (D,).
        high: Upper corner (D,).
        centres: Logits (C, D).
        root: Lower Cholesky root (D, D) of the kernels' common scale.
        width: Kernel width of the rule, a factor on `root`.
    """

    low: np.ndarray
    high: np.ndarray
    centres: np.ndarray
    root: np.ndarray
    width: float

    def sample(self, n: int, seed: int) -> np.ndarray:
        """n points (n, D) of the box."""
        size, rng = self.root.shape[0], stream(seed, "draw kernels")
        centre = self.centres[rng.integers(len(self.centres), size=n)]
        scale = self.width * rng.choice(WIDTHS, size=n)
        step = rng.standard_normal((n, size)) @ self.root.T
        step *= (scale * np.sqrt(DEGREES / rng.chisquare(DEGREES, size=n)))[:, None]
        return from_logits(centre + step, self.low, self.high)

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """Log-density (n,) of points (n, D) of the box."""
        rows = max(1, _PAIRS // len(self.centres))
        blocks = [self._block(points[i : i + rows]) for i in range(0, len(points), rows)]
        return np.concatenate(blocks) if blocks else np.empty(0)

    def _block(self, points: np.ndarray) -> np.ndarray:
        size = self.root.shape[0]
        x, log_volume = to_logits(points, self.low, self.high)
        white = np.linalg.solve(self.root, (x[:, None] - self.centres).reshape(-1, size).T)
        square = np.sum(white**2, axis=0).reshape(len(x), -1, 1) / self.width**2
        shape = -0.5 * (DEGREES + size) * np.log1p(square / WIDTHS**2 / DEGREES)
        total = logsumexp(shape - size * np.log(WIDTHS), axis=(1, 2))
        norm = gammaln(0.5 * (DEGREES + size)) - gammaln(0.5 * DEGREES)
        norm -= 0.5 * size * np.log(DEGREES * np.pi) + np.sum(np.log(np.diag(self.root)))
        norm -= size * np.log(self.width) + np.log(len(self.centres) * len(WIDTHS))
        return np.asarray(total + norm - log_volume)


def to_logits(
    points: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Logits (N, D) of points of a box, and ln |d point / d logit| (N,)."""
    unit = np.clip((points - low) / (high - low), _EDGE, 1 - _EDGE)
    log_volume = np.sum(np.log(unit) + np.log1p(-unit) + np.log(high - low), axis=1)
    return np.log(unit) - np.log1p(-unit), np.asarray(log_volume)


def from_logits(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Points (N, D) of the box of logits (N, D)."""
    return np.asarray(low + (high - low) * expit(np.clip(x, -27.0, 27.0)))


def kernels(
    points: np.ndarray, log_weights: np.ndarray, low: np.ndarray, high: np.ndarray, seed: int
) -> Kernels:
    """The mixture on weighted points (N, D): a kernel on each of a weighted choice of them."""
    x, _ = to_logits(points, low, high)
    weights, size = iw.normalised(log_weights), x.shape[1]
    rng = stream(seed, "kernels")
    rows = np.searchsorted(np.cumsum(weights), (np.arange(len(x)) + rng.random()) / len(x))
    rows = np.minimum(rows, len(x) - 1)
    centre = weights @ x
    spread = (x - centre).T @ (weights[:, None] * (x - centre))
    floor = 1e-10 + 1e-6 * np.diag(spread)  # where one point has all the weight
    ess = 1 / np.sum(weights**2)
    width = (4 / ((size + 2) * ess)) ** (1 / (size + 4))
    root = np.linalg.cholesky(spread + np.diag(floor))
    return Kernels(low, high, x[rows], root, float(width))


def tempered(log_weights: np.ndarray, left: float = LEFT) -> np.ndarray:
    """Log weights (N,) to the largest power up to 1 that leaves ESS/N of `left`."""
    finite = np.isfinite(log_weights)
    wanted = min(left * len(log_weights), 0.5 * finite.sum())
    values = np.where(finite, log_weights - log_weights[finite].max(), -np.inf)
    if iw.kish_ess(values) >= wanted:
        return values
    low, high = 0.0, 1.0
    for _ in range(60):
        power = 0.5 * (low + high)
        good = iw.kish_ess(np.where(finite, power * values, -np.inf)) >= wanted
        low, high = (power, high) if good else (low, power)
    return np.where(finite, low * values, -np.inf)


@dataclass(frozen=True)
class Refined:
    """A proposal made from a network's draws.

    Attributes:
        proposal: Draws and density of it.
        rounds: How many it took.
        efficiency: ESS/N of the last round.
    """

    proposal: Kernels
    rounds: int
    efficiency: float


def refine(
    points: np.ndarray,
    log_weights: np.ndarray,
    log_target: Callable[[np.ndarray], np.ndarray],
    low: np.ndarray,
    high: np.ndarray,
    seed: int = 0,
    population: int = POPULATION,
) -> Refined:
    """Move from weighted draws to the posterior they hint at.

    Args:
        points: Draws (N, D) of a box.
        log_weights: Their log weights (N,); at least one finite.
        log_target: Log of prior times likelihood (M,) of points (M, D) of the box.
        low: Lower corner (D,).
        high: Upper corner (D,).
        seed: Seed.
        population: Draws of a round.

    Returns:
        A proposal. Its draws' weights are to be judged like any others.
    """
    made = kernels(points, tempered(log_weights), low, high, seed)
    efficiency = 0.0
    for index in range(ROUNDS):
        drawn = made.sample(population, seed + index)
        weights = log_target(drawn) - made.log_density(drawn)
        weights = np.where(np.isfinite(weights), weights, -np.inf)
        if not np.isfinite(weights).any():
            break
        efficiency = iw.kish_ess(weights) / population
        if efficiency >= ENOUGH:
            break
        made = kernels(drawn, tempered(weights), low, high, seed + index + 1)
    return Refined(made, index + 1, float(efficiency))
