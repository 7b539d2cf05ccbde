"""Is the network's posterior true? Against the exact grid; see `check_sterile` for calibration."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pontecorvo.base.files import fingerprint, kept_arrays, save_arrays
from pontecorvo.base.parallel import map_threads
from pontecorvo.base.progress import progress
from pontecorvo.base.seeds import stream
from pontecorvo.diagnostics.two_sample import c2st
from pontecorvo.frequentist.grid_posterior import GridPosterior
from pontecorvo.problems.sterile.experiment import Experiment
from pontecorvo.problems.sterile.fits import Fit
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.model import points_of
from pontecorvo.problems.sterile.neural.plane_chart import PlaneChart
from pontecorvo.problems.sterile.neural.plane_flows import LOG_AREA, NeuralPosterior, weigh
from pontecorvo.problems.sterile.neural.ratio_maps import RatioMaps
from pontecorvo.problems.sterile.neural.simulated import from_cube, to_cube

EXACT = (48, 240)
"""Nodes of the exact posterior's grid where its mass is."""
DRAWS = 1000


def exact_posterior(
    maps: RatioMaps, data: np.ndarray, shape: tuple[int, int] = EXACT, depth: float = 25.0
) -> GridPosterior:
    """Exact posterior of a data set (B,) on a grid laid where its closed-form map has its mass.

    The exact likelihood is computed where the map is within `depth` of its top; further down, where
    less than exp(-`depth` + 4) of the mass can lie, the map stands for it.
    """
    joint = maps.joint
    chart, one = PlaneChart(maps.plane), maps(data, maps.names)
    plane = chart.lattice(one[0], shape)
    null = -0.5 * float(joint.marginal(np.zeros(1), np.ones(1), data)[0])
    log_likelihood = null + chart.values(one, plane.points)[0]
    near = log_likelihood > max(log_likelihood.max(), null) - depth
    if near.any():
        log_likelihood[near] = -0.5 * joint.marginal(*points_of(plane.points[near]), data)
    return GridPosterior(plane, log_likelihood, null)


@dataclass(frozen=True)
class Reference:
    """Simulated data sets with their exact posteriors.

    Attributes:
        truth: Parameters (S, 2).
        data: Data sets (S, B).
        points: Draws (S, N, 2) of the exact posterior's grid.
        log_weights: ln [exact / interpolated] of each (S, N).
        log_bayes_factor: ln of the evidence over no oscillation (S,), by the grid.
        null: Log-likelihood of no oscillation (S,).
    """

    truth: np.ndarray
    data: np.ndarray
    points: np.ndarray
    log_weights: np.ndarray
    log_bayes_factor: np.ndarray
    null: np.ndarray


def exact_reference(
    experiments: Sequence[Experiment],
    count: int,
    seed: int,
    folder: Path | None = None,
    draws: int = DRAWS,
) -> Reference:
    """Exact posteriors of prior-drawn data sets, each kept in the folder when it is done."""
    joint = JointLikelihood(experiments)
    mark = fingerprint([joint.describe(), seed, draws, *EXACT])[:12]
    rows: list[dict[str, np.ndarray]] = []
    maps: RatioMaps | None = None
    with progress("exact posteriors", count) as advance:
        for index in range(count):
            path = None if folder is None else folder / f"exact-{mark}-{index}.npz"
            kept = None if path is None else kept_arrays(path)
            if kept is None:
                maps = maps or RatioMaps(experiments)
                kept = _one(maps, seed, index, draws)
                if path is not None:
                    save_arrays(path, **kept)
            rows.append(kept)
            advance(1)
    names = ("truth", "data", "points", "log_weights", "log_bayes_factor", "null")
    return Reference(**{name: np.stack([row[name] for row in rows]) for name in names})


def _one(maps: RatioMaps, seed: int, index: int, draws: int) -> dict[str, np.ndarray]:
    joint = maps.joint
    rng = stream(seed, "reference", index)
    theta = from_cube(rng.random((1, 2)))
    data = joint.simulate(*points_of(theta), rng)[0]
    posterior = exact_posterior(maps, data)
    points = posterior.draw(draws, rng)
    exact = -0.5 * joint.marginal(*points_of(points), data)
    log_weights = exact - LOG_AREA - posterior.log_evidence - posterior.log_density_at(points)
    return {
        "truth": theta[0],
        "data": data,
        "points": points,
        "log_weights": log_weights,
        "log_bayes_factor": np.array(posterior.log_bayes_factor),
        "null": np.array(posterior.null_log_likelihood),
    }


@dataclass(frozen=True)
class Comparison:
    """A network beside the exact posterior, one entry a data set.

    Attributes:
        c2st: Accuracy of the classifier two-sample test, draws as the network gave them.
        efficiency: ESS/N of the weights by the exact likelihood.
        k_hat: Pareto shape of these weights.
        log_bayes_factor: ln of the evidence over no oscillation by the weights.
        exact: The same by the grid.
    """

    c2st: np.ndarray
    efficiency: np.ndarray
    k_hat: np.ndarray
    log_bayes_factor: np.ndarray
    exact: np.ndarray

    def summary(self) -> dict[str, float]:
        """Medians and the shares that meet the demands."""
        gap = np.abs(self.log_bayes_factor - self.exact)
        return {
            "data_sets": len(self.c2st),
            "c2st_median": float(np.median(self.c2st)),
            "c2st_90": float(np.quantile(self.c2st, 0.9)),
            "efficiency_median": float(np.median(self.efficiency)),
            "efficiency_10": float(np.quantile(self.efficiency, 0.1)),
            "k_hat_good": float(np.mean(self.k_hat < 0.7)),
            "log_evidence_gap_median": float(np.median(gap)),
            "log_evidence_gap_90": float(np.quantile(gap, 0.9)),
        }


def compare(
    posterior: NeuralPosterior, reference: Reference, seed: int = 0, draws: int = DRAWS
) -> Comparison:
    """Two-sample test, effective sample size and evidence at every data set of a reference."""
    joint = posterior.embedding.maps.joint
    count = len(reference.truth)

    def one(index: int) -> tuple[float, float, float, float]:
        data = reference.data[index]
        own = posterior.draw(data, draws, seed + index)
        log_likelihood = -0.5 * joint.marginal(*points_of(own.points), data)
        weights = weigh(own, log_likelihood)
        test = c2st(
            to_cube(own.points),
            to_cube(reference.points[index]),
            None,
            reference.log_weights[index],
            seed=seed,
        )
        gap = weights.log_evidence - float(reference.null[index])
        return test.statistic, weights.efficiency, weights.k_hat, gap

    with progress("compare with the exact posterior", count) as advance:
        rows = []
        for row in map_threads(one, range(count)):
            rows.append(row)
            advance(1)
    accuracy, efficiency, k_hat, gap = np.array(rows).T
    return Comparison(accuracy, efficiency, k_hat, gap, reference.log_bayes_factor)


def describe_comparison(comparison: Comparison) -> dict[str, Any]:
    """Summary and every data set's numbers."""
    lists = {k: [round(float(v), 5) for v in row] for k, row in asdict(comparison).items()}
    return {"summary": comparison.summary(), **lists}


def at_data(posterior: NeuralPosterior, fit: Fit, draws: int, seed: int) -> dict[str, float]:
    """The same figures at the measured data of a fit."""
    active = [e.name for e in fit.experiments]
    joint = posterior.embedding.maps.joint
    own = posterior.draw(joint.data, draws, seed, active)
    weights = weigh(own, fit.log_likelihood(own.points))
    exact = fit.draws(draws, seed)
    test = c2st(to_cube(own.points), to_cube(exact.points), None, exact.log_weight, seed=seed)
    return {
        "c2st": test.statistic,
        "c2st_error": float(test.values["error"]),
        "efficiency": weights.efficiency,
        "k_hat": weights.k_hat,
        "log_bayes_factor": weights.log_evidence - fit.posterior.null_log_likelihood,
        "log_bayes_factor_error": weights.log_evidence_error,
        "exact_log_bayes_factor": fit.posterior.log_bayes_factor,
    }
