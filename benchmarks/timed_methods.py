"""Methods that `sterile_neural_timing.py` times in processes of their own, and how it judges."""

from typing import Any

import numpy as np
from scipy.ndimage import maximum_filter

from pontecorvo.frequentist.grid_posterior import GridPosterior
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.model import SterileModel, SterileTarget, points_of, sterile_target
from pontecorvo.problems.sterile.neural.simulated import HIGH, LOW
from pontecorvo.problems.sterile.tabulated import ANGLES, TabulatedLikelihood, tabulate_likelihood
from pontecorvo.samplers.emcee_adapter import sample_emcee
from pontecorvo.samplers.nautilus_adapter import sample_nautilus

WALKERS = 64
SCAN, VALLEYS = (8, 128), 6
"""Points of iminuit's scan, and how many of its valleys are climbed down."""


def joint_of(names: list[str]) -> JointLikelihood:
    """The measured data's likelihood, its kernels loaded: what a child has before the clock."""
    joint = JointLikelihood(load_experiments(names))
    s22, dm2 = np.full(64, 0.1), np.geomspace(0.1, 10, 64)
    joint.marginal(s22, dm2)
    joint.chi2(s22, dm2)
    empty = TabulatedLikelihood("marginal", np.linspace(-2, 2, 8), np.zeros((8, ANGLES)), 0.0)
    empty(s22, dm2)
    return joint


def by_nautilus(
    joint: JointLikelihood, draws: int, live: int, networks: int, n_eff: int, batch: int
) -> dict[str, Any]:
    """Draws by nautilus, with the exact likelihood of many points at once."""
    target = sterile_target(joint, tabulated=False)
    found = sample_nautilus(
        target, draws, 1, live=live, networks=networks, n_eff=n_eff, batch=batch
    )
    calls = found.notes["likelihood_calls"]
    return {
        "points": found.theta,
        "log_evidence": found.log_evidence,
        "effective": min(found.notes["effective_sample_size"] / draws, 1.0),
        "says": f"{calls:,} likelihoods; {'' if found.converged else 'not '}converged",
    }


def by_emcee(joint: JointLikelihood, draws: int, steps: int) -> dict[str, Any]:
    """Draws by emcee; walkers come by the dozen, so the likelihood is tabulated first."""
    target = SterileTarget(SterileModel(joint))
    # in place of the one that is kept on disk: what is timed starts with nothing
    target.__dict__["table"] = tabulate_likelihood(joint, cache=False, kind="marginal")
    found = sample_emcee(target, draws, 1, None, WALKERS, steps)
    times = found.notes["steps_kept"] / found.notes["autocorrelation_time"]
    return {
        "points": found.theta,
        "effective": found.ess / draws,
        "says": f"{times:.0f} autocorrelation times; {'' if found.converged else 'not '}converged",
    }


def by_minuit(joint: JointLikelihood, kind: str) -> dict[str, Any]:
    """The lowest point by MIGRAD, from the lowest valleys along dm2 of a coarse scan."""
    from iminuit import Minuit

    function = joint.marginal if kind == "marginal" else joint.chi2

    def value(x: float, y: float) -> float:
        return float(function(np.array([10.0 ** min(x, 0.0)]), np.array([10.0**y]))[0])

    x, y = (a + (b - a) * (np.arange(n) + 0.5) / n for a, b, n in zip(LOW, HIGH, SCAN, strict=True))
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    table = function(*points_of(points)).reshape(SCAN)
    ridge = np.pad(table.min(axis=0), 1, constant_values=np.inf)
    valleys = np.flatnonzero((ridge[1:-1] <= ridge[:-2]) & (ridge[1:-1] <= ridge[2:]))
    fits = []
    for column in valleys[np.argsort(ridge[1:-1][valleys])][:VALLEYS]:
        fit = Minuit(value, x=x[table[:, column].argmin()], y=y[column])
        fit.errordef, fit.limits, fit.errors = 1.0, list(zip(LOW, HIGH, strict=True)), [0.1, 0.01]
        fit.migrad(ncall=400)
        fits.append(fit)
    best = min(fits, key=lambda fit: float(fit.fval))
    calls = points.shape[0] + sum(fit.nfcn for fit in fits)
    return {"point": np.array(list(best.values)), "says": f"{calls:,} likelihoods"}


def lowest(
    joint: JointLikelihood, data: np.ndarray, grid: GridPosterior, peaks: int = 6
) -> np.ndarray:
    """Highest point (2,) of a grid's posterior, refined between its nodes around its highest peaks.

    The peaks are narrower than some cells, so the highest node may lie on another one, and a cell
    may hold two along dm2: points are closest that way.
    """
    table = grid.log_likelihood.reshape(grid.plane.shape)
    tops = np.flatnonzero((table == maximum_filter(table, 3)).ravel())
    at = grid.plane.points[tops[np.argsort(-grid.log_likelihood[tops])][:peaks]]
    axes = grid.plane.x.values, grid.plane.y.values
    step = np.stack(
        [np.gradient(v)[np.searchsorted(v, c)] for v, c in zip(axes, at.T, strict=True)], axis=1
    )
    offsets = np.stack(
        np.meshgrid(np.linspace(-1, 1, 7), np.linspace(-1.5, 1.5, 25)), axis=-1
    ).reshape(-1, 2)
    for _ in range(6):
        near = np.clip(at[:, None] + offsets * step[:, None], LOW, HIGH)
        value = joint.marginal(*points_of(near.reshape(-1, 2)), data).reshape(len(at), -1)
        at, step = near[np.arange(len(at)), value.argmin(axis=1)], step / 3
    return np.asarray(at[value.min(axis=1).argmin()])


def gap(points: np.ndarray, grid: GridPosterior, weights: np.ndarray | None = None) -> float:
    """Largest gap between a marginal distribution function of draws (N, 2) and the grid's.

    Args:
        points: The draws.
        grid: What is right.
        weights: Of the draws (N,), which sum to one; equal by default.
    """
    result, axes = 0.0, (grid.plane.x.values, grid.plane.y.values)
    given = np.full(len(points), 1 / len(points)) if weights is None else weights
    for axis, values in enumerate(axes):
        density = grid.marginal(axis)
        ends = np.append(0.0, np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(values)))
        order = np.argsort(points[:, axis])
        right = np.interp(points[order, axis], values, ends / ends[-1])
        steps = np.append(0.0, np.cumsum(given[order]))
        result = max(result, float(np.max(steps[1:] - right)), float(np.max(right - steps[:-1])))
    return result
