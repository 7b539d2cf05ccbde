"""TARP: coverage of balls around random reference points, a joint test without densities.

Lemos, Coogan, Hezaveh & Perreault-Levasseur, arXiv:2302.03026. For a reference point that knows
nothing of the truth beyond the data, the posterior mass nearer to it than the truth is uniform.
"""

from dataclasses import replace

import numpy as np

from ..base.errors import InputError
from ..base.seeds import stream
from .calibration_set import Trials
from .uniformity import ecdf, uniform_band, uniformity_p
from .verdict import ALPHA, Verdict, judged_by_p


def tarp(
    trials: Trials,
    references: str | np.ndarray = "posterior",
    alpha: float = ALPHA,
    bootstraps: int = 200,
    seed: int = 0,
) -> Verdict:
    """Tests of accuracy with random points.

    Distances are Euclidean after each parameter is divided by the spread of the truths; along a
    periodic one they go the short way round.

    Args:
        trials: Truths and draws.
        references: ``"posterior"``: a draw of the same data set, taken out of it: the reference
            depends on the data, without which a posterior that ignores the data passes, and
            a shift is seen more often; ``"uniform"``: in the box of the truths, as in the
            paper; or points (S, D).
        alpha: Rate of false alarms.
        bootstraps: Resamplings of the data sets, for the spread shown with the curve.
        seed: Seed of references, bootstrap and ties.

    Returns:
        A verdict from the simultaneous band of uniform values; ``values`` has the area between
        coverage and credibility ``atc`` and its bootstrap ``atc_error``; ``arrays`` has ``mass``
        (S,), ``grid``, ``ecdf``, ``lower``, ``upper`` (K,), and the bootstrap's ``ecdf_std`` (K,).
    """
    rng = stream(seed, "tarp")
    if isinstance(references, str):
        trials, points = _references(trials, references, rng)
    else:
        points = np.asarray(references, dtype=float)
        if points.shape != trials.truth.shape:
            raise InputError(
                f"tarp: references {points.shape}; give one point a data set, {trials.truth.shape}"
            )
    scale = np.std(trials.truth, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    far = _distance(trials, trials.draws - points[:, None], scale)
    mass = trials.ranks(far, _distance(trials, trials.truth - points, scale), seed)
    band = uniform_band(len(trials), alpha)
    curve = ecdf(mass)
    rows = rng.integers(0, len(mass), (bootstraps, len(mass)))
    curves = np.array([ecdf(mass[row]) for row in rows])
    atc = (curves - band.grid)[:, band.grid > 0.5].mean(axis=1)
    largest = float(np.max(np.abs(curve - band.grid)))
    return judged_by_p(
        "TARP",
        uniformity_p(mass),
        alpha,
        f"balls around random points cover as they claim over {len(mass)} data sets, "
        f"largest gap {largest:.3f}",
        f"balls around random points miss their coverage by up to {largest:.3f} "
        f"over {len(mass)} data sets",
        values={
            "atc": float((curve - band.grid)[band.grid > 0.5].mean()),
            "atc_error": float(atc.std()),
            "largest_gap": largest,
        },
        arrays={"mass": mass, "ecdf_std": curves.std(axis=0), **band.beside(curve)},
    )


def _references(trials: Trials, kind: str, rng: np.random.Generator) -> tuple[Trials, np.ndarray]:
    """Reference points (S, D), and the trials without the draws that were used for them."""
    if kind == "uniform":
        low, high = trials.truth.min(axis=0), trials.truth.max(axis=0)
        return trials, low + (high - low) * rng.random(trials.truth.shape)
    if kind != "posterior":
        raise InputError(
            f"tarp: references {kind!r}; allowed: uniform, posterior, or an array of points"
        )
    if trials.draws.shape[1] < 2:
        raise InputError("tarp: references from the posterior need at least two draws a data set")
    # any fixed draw will do: with weights it is one of q, which also knows only the data
    weights = None if trials.log_weights is None else trials.log_weights[:, 1:]
    rest = replace(
        trials,
        draws=trials.draws[:, 1:],
        log_weights=weights,
        log_density=None,
        truth_log_density=None,
    )
    return rest, trials.draws[:, 0]


def _distance(trials: Trials, gap: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Length of gaps (..., D) in units of `scale`."""
    if trials.periodic is not None:
        around = np.abs(gap) % trials.period
        gap = np.where(trials.periodic, np.minimum(around, trials.period - around), gap)
    return np.sqrt(np.sum((gap / scale) ** 2, axis=-1))
