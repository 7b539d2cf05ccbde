"""Exact Bayesian posterior on the plane: two parameters left, nuisances already integrated.

The likelihood is tabulated on a fine plane; between its points the posterior density is
interpolated bilinearly, so that mass, regions, evidence and draws are all those of one density in
closed form. Draws carry the weight exact / interpolated where the exact likelihood is at hand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..base.errors import InputError
from .plane import Plane

USUAL = (0.68, 0.90, 0.95)
"""Levels whose regions are mostly asked for."""


@dataclass(frozen=True)
class GridPosterior:
    """Posterior density over a plane with flat prior in its coordinates (unless `log_prior`).

    Attributes:
        plane: The points.
        log_likelihood: Log marginal likelihood (G,), relative to any constant.
        null_log_likelihood: The same under the null hypothesis, same constant.
        log_prior: Log prior density (G,) in the plane's coordinates, normalised on it by this
            class; None: flat.
    """

    plane: Plane
    log_likelihood: np.ndarray
    null_log_likelihood: float
    log_prior: np.ndarray | None = None

    @cached_property
    def normalised_log_prior(self) -> np.ndarray:
        """Log prior density (G,), integral one over the plane."""
        raw = np.zeros(self.plane.size) if self.log_prior is None else np.asarray(self.log_prior)
        top = raw.max()
        return raw - top - np.log(self._cell_integrals(np.exp(raw - top)).sum())

    def _cell_integrals(self, density: np.ndarray) -> np.ndarray:
        """Integral (Nx - 1, Ny - 1) of a bilinear density (G,) over each cell."""
        table = density.reshape(self.plane.shape)
        corners = table[:-1, :-1] + table[1:, :-1] + table[:-1, 1:] + table[1:, 1:]
        area = np.outer(np.diff(self.plane.x.values), np.diff(self.plane.y.values))
        return corners * area / 4

    @cached_property
    def _top(self) -> float:
        return float((self.log_likelihood + self.normalised_log_prior).max())

    @cached_property
    def _scaled(self) -> np.ndarray:
        return np.exp(self.log_likelihood + self.normalised_log_prior - self._top)

    @cached_property
    def log_evidence(self) -> float:
        """Log of the integral of likelihood times prior, same constant as the likelihood."""
        return float(np.log(self._cell_integrals(self._scaled).sum()) + self._top)

    @cached_property
    def log_bayes_factor(self) -> float:
        """ln [evidence on the plane with this prior / likelihood of the null hypothesis]."""
        return self.log_evidence - self.null_log_likelihood

    @cached_property
    def density(self) -> np.ndarray:
        """Posterior density (G,), integral one."""
        return self._scaled * np.exp(self._top - self.log_evidence)

    def highest_density(self, level: float) -> float:
        """Density above which a fraction `level` of the probability lies."""
        known = self._known_thresholds
        if level not in known:  # sorting takes the time: the usual levels come along
            wanted = sorted({*USUAL, level})
            known.update(zip(wanted, self._thresholds(np.array(wanted)).tolist(), strict=True))
        return known[level]

    @cached_property
    def _known_thresholds(self) -> dict[float, float]:
        return {}

    def _thresholds(self, levels: np.ndarray) -> np.ndarray:
        # sub-cells of the bilinear density resolve regions smaller than a cell
        n = 5
        table = self.density.reshape(self.plane.shape)
        u = (np.arange(n) + 0.5) / n
        fine = (
            table[:-1, None, :-1, None] * ((1 - u)[:, None, None] * (1 - u))
            + table[1:, None, :-1, None] * (u[:, None, None] * (1 - u))
            + table[:-1, None, 1:, None] * ((1 - u)[:, None, None] * u)
            + table[1:, None, 1:, None] * (u[:, None, None] * u)
        )
        area = np.outer(np.diff(self.plane.x.values), np.diff(self.plane.y.values)) / n**2
        mass = (fine * area[:, None, :, None]).ravel()
        values = fine.ravel()
        order = np.argsort(-values, kind="stable")
        below = np.cumsum(mass[order])
        at = np.searchsorted(below, levels * below[-1])
        return values[order][np.minimum(at, len(order) - 1)]

    def margin(self, level: float) -> np.ndarray:
        """Log(threshold / density) (G,): negative inside the credible region of this level.

        The region is one of highest density in the plane's coordinates (the logarithms).
        """
        tiny = np.finfo(float).tiny
        return np.log(self.highest_density(level)) - np.log(np.maximum(self.density, tiny))

    def marginal(self, axis: int) -> np.ndarray:
        """Marginal density along x (axis 0) or y (axis 1), trapezoid over the other."""
        table = self.density.reshape(self.plane.shape)
        other = self.plane.y.values if axis == 0 else self.plane.x.values
        return np.trapezoid(table, other, axis=1 - axis)

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Points (n, 2) from the bilinear density: cell by its mass, then exactly within it."""
        mass = self._cell_integrals(self._scaled).ravel()
        ends = np.cumsum(mass)
        cells = np.searchsorted(ends, rng.random(n) * ends[-1], side="right")
        ix, iy = np.divmod(np.minimum(cells, len(mass) - 1), len(self.plane.y) - 1)
        table = self._scaled.reshape(self.plane.shape)
        low, high = table[ix, iy] + table[ix, iy + 1], table[ix + 1, iy] + table[ix + 1, iy + 1]
        u = _linear_quantile(low, high, rng.random(n))
        bottom = (1 - u) * table[ix, iy] + u * table[ix + 1, iy]
        top = (1 - u) * table[ix, iy + 1] + u * table[ix + 1, iy + 1]
        v = _linear_quantile(bottom, top, rng.random(n))
        x, y = self.plane.x.values, self.plane.y.values
        return np.stack([x[ix] + u * (x[ix + 1] - x[ix]), y[iy] + v * (y[iy + 1] - y[iy])], axis=1)

    def log_density_at(self, points: np.ndarray) -> np.ndarray:
        """Log of the interpolated posterior density (N,) at points (N, 2) of the plane."""
        table = self.density.reshape(self.plane.shape)
        x, y = self.plane.x.values, self.plane.y.values
        ix = np.clip(np.searchsorted(x, points[:, 0], side="right") - 1, 0, len(x) - 2)
        iy = np.clip(np.searchsorted(y, points[:, 1], side="right") - 1, 0, len(y) - 2)
        u = (points[:, 0] - x[ix]) / (x[ix + 1] - x[ix])
        v = (points[:, 1] - y[iy]) / (y[iy + 1] - y[iy])
        value = (
            table[ix, iy] * (1 - u) * (1 - v)
            + table[ix + 1, iy] * u * (1 - v)
            + table[ix, iy + 1] * (1 - u) * v
            + table[ix + 1, iy + 1] * u * v
        )
        return np.log(np.maximum(value, np.finfo(float).tiny))

    def with_prior(self, log_prior: np.ndarray) -> "GridPosterior":
        """The same likelihood under another prior (G,), -inf where it excludes a point."""
        return GridPosterior(self.plane, self.log_likelihood, self.null_log_likelihood, log_prior)


def _linear_quantile(low: np.ndarray, high: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Quantile on [0, 1] of a density that goes linearly from `low` to `high` (any scale)."""
    total = low + high
    flat = np.abs(high - low) <= 1e-9 * total
    root = np.sqrt(np.maximum(low * low + u * (high - low) * total, 0.0))
    difference = np.where(flat, 1.0, high - low)
    return np.clip(np.where(flat, u, (root - low) / difference), 0.0, 1.0)


@dataclass(frozen=True)
class GridDraws:
    """Draws from a grid posterior, checked by the exact likelihood.

    Attributes:
        points: (N, 2) coordinates.
        log_likelihood: Exact log marginal likelihood (N,).
        log_prior: Log prior density (N,).
        log_weight: ln [exact / interpolated posterior] (N,), mean weight one.
        effective: Effective sample size of the weights.
        log_evidence: Log evidence.
    """

    points: np.ndarray
    log_likelihood: np.ndarray
    log_prior: np.ndarray
    log_weight: np.ndarray
    effective: float
    log_evidence: float


def checked_draws(
    posterior: GridPosterior,
    n: int,
    rng: np.random.Generator,
    log_likelihood_at: Callable[[np.ndarray], np.ndarray],
) -> GridDraws:
    """Draw n points and weigh each by the exact likelihood (flat prior only).

    Args:
        posterior: The tabulated posterior.
        n: Number of draws.
        rng: Random numbers.
        log_likelihood_at: Exact log marginal likelihood (N,) at points (N, 2), same constant as
            the table.
    """
    if posterior.log_prior is not None:
        raise InputError("checked draws: only with the flat prior of the plane")
    points = posterior.draw(n, rng)
    exact = log_likelihood_at(points)
    log_prior = np.full(n, posterior.normalised_log_prior[0])
    log_weight = exact + log_prior - posterior.log_evidence - posterior.log_density_at(points)
    weight = np.exp(log_weight)
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    return GridDraws(points, exact, log_prior, log_weight, effective, posterior.log_evidence)


def prior_dependence(
    posterior: GridPosterior, amplitude: str, lower_ends: Sequence[float]
) -> dict[str, float]:
    """How the Bayes factor changes with the prior: it always does, so it is never quoted alone.

    Flat in log10 of the amplitude from different lower ends (an amplitude too small to see is the
    null hypothesis under another name), and flat in the amplitude itself.

    Args:
        posterior: The tabulated posterior; its x is log10 of the amplitude of the effect.
        amplitude: What the amplitude is called.
        lower_ends: Lower ends in x.

    Returns:
        ln of the Bayes factor against the null hypothesis, by the name of the prior.
    """
    x = posterior.plane.points[:, 0]
    result: dict[str, float] = {}
    for low in lower_ends:
        if low < posterior.plane.x.values[-2]:
            inside = np.where(x >= low - 1e-12, 0.0, -np.inf)
            name = f"flat in log10 {amplitude} from {low:g}"
            result[name] = posterior.with_prior(inside).log_bayes_factor
    result[f"flat in {amplitude}"] = posterior.with_prior(x * np.log(10.0)).log_bayes_factor
    return result
