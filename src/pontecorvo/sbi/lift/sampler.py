r"""Draws by the lift: sample the broad posterior, carry every draw to the sharp one, weigh it.

    w = prior(theta') L(theta') abs(d theta'/d theta) / [prior(theta) L_broad(theta)]

is the weight of a draw theta of the broad posterior that was carried to theta'; its mean is the
ratio of the evidences. Chains need to mix on the broad posterior only, where nothing is thin. The
broad posterior is drawn by annealed sequential Monte Carlo (`samplers.smc`), which also knows its
evidence; where one lift would lose draws, the way is divided in stages (`cascade`). Nothing is
learned.

Draws that did not arrive, or whose way back does not end where they started, have weight zero, stay
in the number of draws, and are counted in the notes: what part of a stage's posterior they carried
bounds what may be missing.
"""

from pathlib import Path
from typing import Any

import numpy as np

from ...base import weights as iw
from ...base.errors import InputError
from ...core.draws import Draws
from ...core.target import Target
from ...samplers.correction import correct
from ...samplers.smc import SMCSettings, sample_smc
from .cascade import Population, Stage, cascade
from .lift import Lift, LiftSettings

_RETURN = 0.99
_USELESS = 0.02  # ESS/N below which the lift is said to miss the posterior
_LINEAGES = 100  # effective number of broad draws below which stages that remember are not trusted

BEGIN = LiftSettings(reach=0.3, widest=1.0)
"""How broad the first posterior is, unless told: wide enough for chains to mix."""

BROAD = SMCSettings(runs=4, particles=2500, max_sweeps=10_000, max_memory=0.2)
"""Effort on the broad posterior, unless another is given."""


def sample_lift(
    target: Target,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    settings: LiftSettings | None = None,
    smc: SMCSettings | None = None,
) -> Draws:
    """Draw from the posterior of any model with a sharp measurement.

    Args:
        target: Model and measurement; see `lift.Lift`.
        draws: Number of weighted draws, rounded up to a multiple of the number of runs; those that
            were lost are among them.
        seed: Seed of everything.
        folder: Where finished blocks are kept, so that a killed run resumes; None keeps nothing.
        settings: The lift's.
        smc: Effort on the broad posterior.

    Returns:
        Weighted draws with log-evidence; `chain` is the run that a draw comes from.

    Raises:
        InputError: If the model cannot be lifted, or no draw arrives.
    """
    lift = Lift(target, settings or BEGIN, seed)
    broad_target = Target(target.model, lift.broad())
    effort, home = smc or BROAD, folder / "broad" if folder else None
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
    broad = sample_smc(broad_target, draws, seed, home, effort, chart=broad_target.raw_chart)
    runs = np.asarray(broad.notes["log_evidence_of_runs"], dtype=float)
    start = Population(
        broad.theta, np.asarray(broad.chain), runs, lift.k, np.arange(len(broad.theta))
    )
    population, last = cascade(lift, start, effort, seed, folder)
    return weighed(target, lift, broad, population, last, effort)


def weighed(
    target: Target,
    lift: Lift,
    broad: Draws,
    population: Population,
    last: Stage,
    effort: SMCSettings,
) -> Draws:
    """Draws of the sharp posterior, from a population and the last stage of its way.

    Raises:
        InputError: If no draw has any posterior weight.
    """
    log_weight = last.log_weight
    good = np.isfinite(log_weight)
    if not good.any():
        raise InputError(
            f"lift: none of {len(good)} draws has any posterior weight after the lift; give "
            "smaller k, or use --method smc"
        )
    # runs that found more evidence on the way weigh more
    full = log_weight + population.log_z[population.chain]
    correction = correct(full, np.zeros(len(good)))
    theta = last.theta[good]
    log_prior, log_likelihood = target.log_prior(theta), target.log_likelihood(theta)
    runs = _by_run(population, log_weight)
    mean = correction.log_evidence
    scatter = np.std(np.exp(runs - mean), ddof=1) / np.sqrt(len(runs)) if len(runs) > 1 else 0.0
    stages = population.stages
    lost = float(1 - np.prod([1 - stage["lost"] for stage in stages]))
    lineages = _lineages(population.ancestor, full)
    memory = max((stage.get("memory", 0.0) for stage in stages), default=0.0)
    forgot = memory <= effort.max_memory
    # a walk that forgot leaves no doubles but those of the last resampling
    ess = correction.ess * len(np.unique(population.theta, axis=0)) / len(population.theta)
    error = max(scatter, _least_error(broad, stages, correction.log_evidence_error))
    if not forgot:  # the slowest coordinate is as that of its ancestor, with this correlation
        ess = 1 / ((1 - memory**2) / ess + memory**2 / min(lineages, ess))
        error = max(error, ess**-0.5)
    notes: dict[str, Any] = {
        "lift": lift.describe(),
        "proposals": len(good),
        "stages": stages,
        "draws_lost": int((~last.arrived).sum()),
        "fraction_lost": lost,
        "fraction_with_more_steps": float(np.mean(last.steps > lift.settings.steps)),
        "moved_median": float(sum(stage["moved_median"] for stage in stages)),
        "lineages": lineages,
        "largest_memory_of_stages": memory,
        "k_hat": correction.k_hat,
        "verdict": correction.verdict,
        "weighted_efficiency": correction.efficiency,
        "log_evidence_broad": broad.log_evidence,
        "log_evidence_broad_error": broad.log_evidence_error,
        "log_evidence_of_runs": runs.tolist(),
        "broad": broad.notes,
    }
    efficient = correction.efficiency >= _USELESS
    return Draws(
        theta=theta,
        log_weight=full[good] - full[good].max(),
        log_prior=log_prior,
        log_likelihood=log_likelihood,
        log_evidence=mean,
        # what was lost may have carried as much of the posterior as of the broad one
        log_evidence_error=float(np.hypot(error, lost)),
        raw_acceptance=float(target.within_three_sigma(theta).sum() / len(good)),
        ess=float(ess),
        converged=bool(
            broad.converged
            and correction.reliable
            and efficient
            and (forgot or lineages >= _LINEAGES)
            and lost <= 1 - _RETURN
        ),
        method="lift",
        log_q=log_prior + log_likelihood - full[good],
        chain=population.chain[good],
        notes=notes,
    )


def _least_error(broad: Draws, stages: list[dict[str, Any]], last: float) -> float:
    """The error of ln Z that independent particles would have: a few runs may agree by chance.

    The variances of the weights of all temperatures and stages, over the number of draws.
    """
    runs = broad.notes["runs"]
    variance = float(np.mean([run["log_evidence_variance"] for run in runs])) / len(runs)
    for stage in stages[:-1]:
        variance += (1 / max(stage["kept"], 1e-9) - 1) / len(broad.theta)
    return float(np.sqrt(variance + last**2))


def _by_run(population: Population, log_weight: np.ndarray) -> np.ndarray:
    """Log-evidence of each independent run, broad and carried."""
    values = []
    for run, value in enumerate(population.log_z):
        own = log_weight[population.chain == run]
        if len(own) and np.isfinite(own).any():
            values.append(float(value + iw.log_evidence(own)[0]))
    return np.array(values)


def _lineages(ancestor: np.ndarray, log_weight: np.ndarray) -> float:
    """Effective number of broad draws that the weights (N,) descend from."""
    weight = np.exp(log_weight - log_weight.max())
    total = np.bincount(ancestor, weight)
    return float(total.sum() ** 2 / (total**2).sum())
