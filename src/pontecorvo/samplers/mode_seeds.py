"""Where the modes may be: least squares from many starts, without repetition."""

from collections.abc import Callable

import numpy as np

from ..base.errors import InputError
from ..base.parallel import map_threads, one_blas_thread
from ..base.progress import progress
from ..base.seeds import stream
from ..core.chart import Chart
from ..core.target import Target
from .levenberg import Residuals, jacobian, minimise

_BLOCK = 1000  # starts of one call: their points fit the processor's cache
_NEGLIGIBLE = 1e-5  # share of the evidence, by the linearised model, below which a seed is dropped
_SAME = 3.0  # standard deviations between two seeds of one
_UNIFORM = 12.0  # inverse variance of a uniform coordinate of the cube


def residual_function(target: Target, chart: Chart) -> Residuals:
    """Residuals (N, M) in standard errors, whitened where they are correlated.

    Raises:
        InputError: If the measurement has no central values and errors.
    """
    measurement = target.measurement
    if not (hasattr(measurement, "residuals") and hasattr(measurement, "sigma")):
        raise InputError(
            "modes: the measurement has no central values and errors to minimise; "
            "use method: smc for other likelihoods"
        )
    sigma = measurement.sigma
    correlation = getattr(measurement, "correlation", np.eye(len(sigma)))
    whiten = np.linalg.inv(np.linalg.cholesky(correlation)).T

    def residuals(u: np.ndarray) -> np.ndarray:
        theta, log_volume = chart.to_parameters(u)
        values = measurement.residuals(target.of_measured(target.model.forward(theta)))
        values = values / sigma @ whiten
        values[~np.isfinite(log_volume)] = np.nan
        return values

    return residuals


def find_seeds(
    target: Target, chart: Chart, starts: int, second: int, most: int, seed: int
) -> dict[str, np.ndarray]:
    """Distinct minima with linearised covariances.

    Args:
        target: What is sought.
        chart: Coordinates of the cube.
        starts: Starts from the prior.
        second: Starts around the minima that the first have found, and at their images under the
            model's symmetries.
        most: Most seeds returned, the weightiest first.
        seed: Seed of everything.

    Returns:
        ``u`` (K, D), ``roots`` (K, D, D) Cholesky roots of covariances, ``weights`` (K,), ``ends``
        (S, D) where the good starts of the first round ended, ``calls``.
    """
    residuals = residual_function(target, chart)
    rng = stream(seed, "modes", "starts")
    with progress("seek modes", starts + second) as advance, one_blas_thread():
        u, chi2, calls = _minimise(residuals, rng.random((starts, chart.dim)), advance)
        best = chi2.min() if len(chi2) else np.inf
        if not np.isfinite(best):
            raise InputError(f"modes: none of {starts} starts of the prior has observables")
        # a start far above the best minimum ended nowhere
        good = chi2 < best + 60
        ends = u[good]
        minima, heights, roots = _distinct(residuals, ends, chi2[good], most)
        around = _neighbours(target, chart, minima, second, rng)
        u2, chi2_2, more = _minimise(residuals, around, advance)
        keep = chi2_2 < best + 60
        joined = np.concatenate([minima, u2[keep]])
        values = np.einsum("nm,nm->n", *(2 * [residuals(joined)]))
        minima, heights, roots = _distinct(residuals, joined, values, most)
    weight = np.exp(heights - heights.max())
    weights = 0.5 * weight / weight.sum() + 0.5 / len(weight)
    return {
        "u": minima,
        "roots": roots,
        "weights": weights,
        "ends": ends,
        "calls": np.array(calls + more),
    }


def _minimise(
    residuals: Residuals, starts: np.ndarray, advance: Callable[..., None]
) -> tuple[np.ndarray, np.ndarray, int]:
    """`minimise` in blocks, one a thread."""
    blocks = [starts[i : i + _BLOCK] for i in range(0, len(starts), _BLOCK)]
    results = []
    for result in map_threads(lambda block: minimise(residuals, block), blocks):
        results.append(result)
        advance(len(result.u))
    return (
        np.concatenate([r.u for r in results]),
        np.concatenate([r.chi2 for r in results]),
        sum(r.calls for r in results),
    )


def _distinct(
    residuals: Residuals, u: np.ndarray, chi2: np.ndarray, most: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Minima (K, D) without copies, log of their linearised evidence (K,), roots (K, D, D)."""
    dim = u.shape[1]
    slope = jacobian(residuals, u, residuals(u))
    fine = np.isfinite(slope).all(axis=(1, 2))
    u, chi2, slope = u[fine], chi2[fine], slope[fine]
    precision = np.einsum("nmd,nme->nde", slope, slope) + _UNIFORM * np.eye(dim)
    height = -0.5 * chi2 - 0.5 * np.linalg.slogdet(precision)[1]
    order = np.argsort(-height, kind="stable")
    order = order[height[order] > height[order[0]] + np.log(_NEGLIGIBLE)]
    kept: list[int] = []
    for i in order:
        if kept:
            offset = u[kept] - u[i]
            mine = np.einsum("kd,de,ke->k", offset, precision[i], offset)
            theirs = np.einsum("kd,kde,ke->k", offset, precision[kept], offset)
            if np.minimum(mine, theirs).min() < _SAME**2:
                continue
        kept.append(int(i))
        if len(kept) == most:
            break
    covariance = np.linalg.inv(precision[kept])
    return u[kept], height[kept], np.linalg.cholesky(covariance)


def _neighbours(
    target: Target, chart: Chart, minima: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Starts (count, D): images of the minima under symmetries, then points around them."""
    starts = []
    theta, _ = chart.to_parameters(minima)
    for symmetry in target.model.symmetries:
        for _ in range(2):  # a move is random: it may stay
            moved, _ = symmetry.move(theta.copy(), rng)
            inside = np.isfinite(target.log_prior(moved))
            if inside.any():
                starts.append(chart.from_parameters(moved[inside]))
    weight = 1 / np.arange(1, len(minima) + 1)  # weighty minima first, none left out
    centre = minima[rng.choice(len(minima), count, p=weight / weight.sum())]
    width = 10 ** rng.uniform(-2.5, -0.5, (count, 1))
    moves = rng.random(centre.shape) < rng.choice([0.3, 1.0], (count, 1))
    step = width * moves * rng.standard_normal(centre.shape)
    starts.append(np.abs(centre + step))
    joined = np.concatenate(starts)
    joined = np.where(joined > 1, np.clip(2 - joined, 0, 1), joined)
    return joined[: max(count, 1)] if len(joined) > 4 * count else joined
