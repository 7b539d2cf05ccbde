"""Annealing with moves inside clusters: an independent check of posteriors with separate modes.

As `smc`, from the prior and with no knowledge of where modes are; but at each temperature space is
cut anew into cells around random particles, and a particle moves inside its cell only, by
differences of the cell's particles. Steps then fit a mode however narrow it is, and leave the
tempered posterior as it is, for in each cell they do. (Moves that may leave the cell of their
differences do not: they carry particles from where steps are long to where they are short.)
What it cannot do is find a mode that no particle was near when it split off: that takes many
particles, and the scatter of independent runs shows it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from ..base.files import cached_arrays
from ..base.parallel import one_blas_thread
from ..base.progress import progress
from ..base.seeds import stream
from ..core.chart import Chart
from ..core.draws import Draws, systematic_resample, weights_from_logs
from ..core.target import LikelihoodTarget
from .mcmc import State, evaluate, wrap
from .smc import _rise


@dataclass(frozen=True)
class ClusterSMCSettings:
    """Effort.

    Attributes:
        runs: Independent repeated runs.
        particles: Particles of one run.
        moves: Moves at each temperature.
        members: Mean number of particles in a cluster.
        ess_kept: Fraction of the effective sample kept by each rise of the temperature.
    """

    runs: int = 4
    particles: int = 20_000
    moves: int = 20
    members: int = 150
    ess_kept: float = 0.5


def sample_cluster_smc(
    target: LikelihoodTarget,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    settings: ClusterSMCSettings | None = None,
    chart: Chart | None = None,
) -> Draws:
    """Draw from a posterior of separate modes by annealing; see the module's text.

    Args:
        target: Model and measurement.
        draws: Number of equally weighted draws.
        seed: Seed of everything.
        folder: Where finished runs are kept.
        settings: Effort.
        chart: Coordinates, by default the raw parameters.

    Returns:
        Draws with `chain` = run; the log-evidence is the mean of the runs' evidences, its error
        the standard error of that mean.
    """
    settings = settings or ClusterSMCSettings()
    chart = chart or target.raw_chart
    points, logz = [], []
    with progress("anneal in clusters", settings.runs) as advance, one_blas_thread():
        for run in range(settings.runs):

            def work(run: int = run) -> dict[str, np.ndarray]:
                return _anneal(target, chart, settings, stream(seed, "cluster smc", run))

            path = folder / f"cluster-smc-{run}.npz" if folder else None
            kept = cached_arrays(path, work)
            points.append(kept["u"])
            logz.append(float(kept["log_evidence"]))
            advance(1, note=f"ln Z {logz[-1]:.3f}")
    each = -(-draws // settings.runs)
    rng = stream(seed, "cluster smc", "pick")
    u = np.concatenate([p[rng.choice(len(p), each, replace=each > len(p))] for p in points])
    theta, _ = chart.to_parameters(u)
    values = np.array(logz)
    mean = float(values.max() + np.log(np.mean(np.exp(values - values.max()))))
    error = float(np.std(np.exp(values - mean), ddof=1) / np.sqrt(settings.runs))
    return Draws(
        theta=theta,
        log_weight=np.zeros(len(theta)),
        log_prior=target.log_prior(theta),
        log_likelihood=target.log_likelihood(theta),
        log_evidence=mean,
        log_evidence_error=error,
        raw_acceptance=float("nan"),
        ess=float(len(np.unique(u, axis=0))),
        converged=bool(error < 0.1),
        method="cluster-smc",
        chain=np.repeat(np.arange(settings.runs), each),
        notes={"chart": chart.name, "log_evidence_of_runs": logz},
    )


def _anneal(
    target: LikelihoodTarget,
    chart: Chart,
    settings: ClusterSMCSettings,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    state = evaluate(target, chart, rng.random((settings.particles, chart.dim)))
    beta, logz = 0.0, 0.0
    while beta < 1.0:
        density = np.where(np.isfinite(state.log_density), state.log_density, -1e300)
        rise = _rise(density, beta, settings.ess_kept)
        log_weight = rise * density
        top = log_weight.max()
        logz += float(top + np.log(np.mean(np.exp(log_weight - top))))
        beta = min(beta + rise, 1.0)
        weight = weights_from_logs(log_weight)
        state = state.take(systematic_resample(weight, len(state.u), rng))
        _move(target, chart, state, settings, beta, rng)
    return {"u": state.u, "log_evidence": np.array(logz)}


def _move(
    target: LikelihoodTarget,
    chart: Chart,
    state: State,
    settings: ClusterSMCSettings,
    beta: float,
    rng: np.random.Generator,
) -> None:
    """Differential evolution inside clusters, in place."""
    n, dim = state.u.shape
    pool = state.u.copy()
    centre, width = pool.mean(axis=0), np.maximum(pool.std(axis=0), 1e-12)
    scaled = (pool - centre) / width
    count = max(n // settings.members, 1)
    tree = cKDTree(scaled[rng.choice(n, count, replace=False)])
    label = np.asarray(tree.query(scaled)[1])
    order = np.argsort(label, kind="stable")
    size = np.bincount(label, minlength=count)
    begin = np.concatenate([[0], np.cumsum(size)[:-1]])
    for _ in range(settings.moves):
        first, second = (
            order[begin[label] + (rng.random(n) * size[label]).astype(int)] for _ in range(2)
        )
        scale = 2.38 / np.sqrt(2 * dim) * 10 ** rng.uniform(-1.3, 0.3, (n, 1))
        proposal, inside = wrap(state.u + scale * (pool[first] - pool[second]), chart.periodic)
        inside &= np.asarray(tree.query((proposal - centre) / width)[1]) == label
        proposal[~inside] = state.u[~inside]
        new = evaluate(target, chart, proposal)
        with np.errstate(invalid="ignore"):
            log_ratio = beta * (new.log_density - state.log_density)
        state.accept(new, inside & (np.log(rng.random(n)) < log_ratio))
