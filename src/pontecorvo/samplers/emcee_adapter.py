"""emcee on any target: an ensemble of walkers with differential-evolution moves.

D. Foreman-Mackey et al., PASP 125 (2013) 306, arXiv:1202.3665. An independent reference for draws
(it gives no evidence). Walkers live on the logit of a chart's cube coordinates, and start from
importance-resampled points of the cube.
"""

from pathlib import Path

import numpy as np

from ..base.errors import InputError
from ..base.files import kept_arrays, save_arrays
from ..base.progress import progress
from ..base.seeds import stream
from ..core.chart import Chart
from ..core.draws import Draws, systematic_resample, weights_from_logs
from ..core.target import LikelihoodTarget
from .mcmc import evaluate
from .spread_rows import spread_rows

_LEG = 500  # steps between two checkpoints


def sample_emcee(
    target: LikelihoodTarget,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    walkers: int = 256,
    steps: int = 20_000,
    chart: Chart | None = None,
) -> Draws:
    """Draw from the posterior with emcee; the first half of the steps is discarded.

    Args:
        target: Model and measurement.
        draws: Number of draws, spread evenly over the kept half of the chains.
        seed: Seed of everything.
        folder: Where the ensemble is kept after each leg, so that a killed run resumes.
        walkers: Walkers, at least twice as many as coordinates.
        steps: Steps of each walker.
        chart: Coordinates, by default the target's own.

    Returns:
        Equally weighted draws. `ess` is kept steps * walkers over the longest autocorrelation time
        of a coordinate; `converged` asks for 50 such times, as emcee's authors advise.
    """
    import emcee

    chart = chart or target.chart
    if walkers < 2 * chart.dim:
        raise InputError(f"emcee: {walkers} walkers; it needs at least {2 * chart.dim}")

    def log_density(x: np.ndarray) -> np.ndarray:
        u = 1 / (1 + np.exp(-x))
        value = evaluate(target, chart, np.clip(u, 1e-12, 1 - 1e-12)).log_density
        with np.errstate(divide="ignore"):
            value = value + np.sum(np.log(u) + np.log1p(-u), axis=1)
        return np.where(np.isnan(value), -np.inf, value)

    legs = max(steps // _LEG, 2)
    thin = max(1, (legs // 2) * _LEG * walkers // max(8 * draws, 40_000))
    moves = [(emcee.moves.DEMove(), 0.7), (emcee.moves.DESnookerMove(), 0.2)]
    moves.append((emcee.moves.StretchMove(), 0.1))
    x = _start(target, chart, walkers, seed)
    asked = spread_rows(log_density, x[:64])
    chain: list[np.ndarray] = []
    accepted = 0.0
    with progress("emcee", legs) as advance:
        for leg in range(legs):
            path = folder / f"emcee-{leg:04d}.npz" if folder else None
            kept = kept_arrays(path) if path is not None else None
            if kept is None:
                sampler = emcee.EnsembleSampler(
                    walkers, chart.dim, asked, moves=moves, vectorize=True
                )
                generator = stream(seed, "emcee", leg)
                sampler._random = np.random.RandomState(generator.integers(2**32))
                sampler.run_mcmc(x, _LEG, skip_initial_state_check=True)
                kept = {
                    "x": sampler.get_last_sample().coords,
                    "chain": sampler.get_chain(thin=thin),
                    "accepted": np.array(sampler.acceptance_fraction.mean()),
                }
                if path is not None:
                    save_arrays(path, **kept)
            x = kept["x"]
            accepted += float(kept["accepted"]) / legs
            if leg >= legs // 2:
                chain.append(kept["chain"])
            advance()
    history = np.concatenate(chain)
    time = float(np.max(emcee.autocorr.integrated_time(history, quiet=True))) * thin
    length = len(history) * thin
    flat = history.reshape(-1, chart.dim)
    pick = np.linspace(0, len(flat) - 1, draws).astype(int)
    u = 1 / (1 + np.exp(-flat[pick]))
    theta, _ = chart.to_parameters(np.clip(u, 1e-12, 1 - 1e-12))
    return Draws(
        theta=theta,
        log_weight=np.zeros(draws),
        log_prior=target.log_prior(theta),
        log_likelihood=target.log_likelihood(theta),
        log_evidence=float("nan"),
        log_evidence_error=float("nan"),
        raw_acceptance=accepted,
        ess=float(min(draws, length * walkers / time)),
        converged=bool(length > 50 * time),
        method="emcee",
        notes={
            "chart": chart.name,
            "walkers": walkers,
            "steps_kept": length,
            "autocorrelation_time": time,
            "acceptance": accepted,
        },
    )


def _start(target: LikelihoodTarget, chart: Chart, walkers: int, seed: int) -> np.ndarray:
    """Walkers (W, D) at importance-resampled points of the cube, slightly moved apart."""
    rng = stream(seed, "emcee", "start")
    u = rng.random((200_000, chart.dim))
    log_density = evaluate(target, chart, u).log_density
    if not np.isfinite(log_density).any():
        raise InputError(
            "emcee: no point of the chart has any posterior weight to start from; "
            "use a chart, or --method smc"
        )
    index = systematic_resample(weights_from_logs(log_density), walkers, rng)
    x = np.clip(u[index], 1e-9, 1 - 1e-9)
    return np.log(x) - np.log1p(-x) + rng.normal(0, 1e-3, (walkers, chart.dim))
