"""Annealed sequential Monte Carlo on any model: draws, evidence, and a word on convergence.

Particles start uniform in a chart's cube (for the raw parameters: from the prior) and follow
(volume * likelihood)^beta from beta = 0 to 1 (R. Neal, Stat. Comput. 11 (2001) 125; P. Del Moral,
A. Doucet & A. Jasra, J. R. Stat. Soc. B 68 (2006) 411). Each rise of beta keeps half of the
effective sample; then the particles are resampled and moved (`walk`) until they have forgotten
where they stood, or until the allowed number of moves is used up, which is reported.

Several independent runs are made. The error of the evidence is the scatter of theirs, or what
independent particles would have, sum of var(w) / N over the temperatures, if that is more: a few
runs agree by chance. The scatter of their means, and the model's declared reflections, tell whether
they have converged.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError
from ..base.files import kept_arrays, save_arrays
from ..base.progress import Advance, progress
from ..base.seeds import stream
from ..base.workers import current_pool, map_shards
from ..core.chart import Chart
from ..core.draws import Draws, systematic_resample, weights_from_logs
from ..core.target import LikelihoodTarget
from .mcmc import State, Walk, evaluate, memory

_SWEEP = 20  # moves between two looks at the memory of the particles


@dataclass(frozen=True)
class SMCSettings:
    """Effort of the sampler.

    Attributes:
        runs: Independent repeated runs.
        particles: Particles of one run (more, if the draws asked for need them).
        max_sweeps: Most moves at one temperature.
        max_memory: Moves stop when no coordinate's correlation with the start exceeds this.
        ess_kept: Fraction of the effective sample kept by each rise of beta.
    """

    runs: int = 4
    particles: int = 4000
    max_sweeps: int = 1000
    max_memory: float = 0.1
    ess_kept: float = 0.5


def sample_smc(
    target: LikelihoodTarget,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    settings: SMCSettings | None = None,
    chart: Chart | None = None,
) -> Draws:
    """Draw from the posterior by annealing.

    Args:
        target: Model and measurement.
        draws: Number of equally weighted draws, rounded up to a multiple of the number of runs.
        seed: Seed of everything.
        folder: Where the state after each temperature is kept, so that a killed run resumes.
        settings: Effort.
        chart: Coordinates, by default the target's own; ``target.raw_chart`` for raw parameters.

    Returns:
        Draws with `chain` = run, log-evidence with the standard error of its mean over runs, and
        `converged` = every temperature forgot its start, runs agree, reflections hold.
    """
    settings = settings or SMCSettings()
    chart = chart or target.chart
    each = -(-draws // settings.runs)
    settings = replace(settings, particles=max(settings.particles, each))
    states, logz, notes = [], [], []
    with progress("anneal", settings.runs) as advance:
        # what a worker does is not seen from here before it is done
        seen: Advance = _unseen if current_pool() is not None else advance

        def one(run: int) -> tuple[State, float, dict[str, Any]]:
            path = folder / f"smc-{run}.npz" if folder else None
            return _anneal(target, chart, settings, seed, run, path, seen)

        for state, evidence, note in map_shards(one, range(settings.runs), threads=1):
            advance(1)
            states.append(state)
            logz.append(evidence)
            notes.append(note)
    u = np.concatenate(
        [
            state.u[stream(seed, "smc", "pick", run).permutation(len(state.u))[:each]]
            for run, state in enumerate(states)
        ]
    )
    theta, _ = chart.to_parameters(u)
    chain = np.repeat(np.arange(settings.runs), each)
    values = np.array(logz)
    top = values.max()
    mean = float(top + np.log(np.mean(np.exp(values - top))))
    scatter = float(np.std(np.exp(values - mean), ddof=1)) if settings.runs > 1 else 0.0
    least = np.mean([note["log_evidence_variance"] for note in notes])
    error = float(np.sqrt(max(scatter**2, least) / settings.runs))
    disagreement = _disagreement(target, theta, chain)
    asymmetry = _asymmetry(target, theta)
    forgot = all(note["forgot"] for note in notes)
    distinct = len(np.unique(u, axis=0))
    return Draws(
        theta=theta,
        log_weight=np.zeros(len(theta)),
        log_prior=target.log_prior(theta),
        log_likelihood=target.log_likelihood(theta),
        log_evidence=mean,
        log_evidence_error=error,
        raw_acceptance=float(np.mean([note["first_acceptance"] for note in notes])),
        ess=float(distinct),
        converged=bool(forgot and disagreement < 4.5 and asymmetry < 4.5),
        method="smc",
        chain=chain,
        notes={
            "chart": chart.name,
            "runs": notes,
            "log_evidence_of_runs": logz,
            "largest_disagreement_of_runs_in_sigma": disagreement,
            "largest_asymmetry_in_sigma": asymmetry,
            "every_temperature_forgot_its_start": forgot,
            "distinct_draws": distinct,
        },
    )


def _unseen(steps: float = 1, note: str | None = None) -> None:
    """Nobody watches."""


def _anneal(
    target: LikelihoodTarget,
    chart: Chart,
    settings: SMCSettings,
    seed: int,
    run: int,
    path: Path | None,
    advance: Advance,
) -> tuple[State, float, dict[str, Any]]:
    kept = kept_arrays(path) if path is not None else None
    if kept is not None:
        state = State(kept["u"], kept["log_volume"], kept["log_likelihood"])
        beta, logz, level, first, worst, moves, spread = (float(x) for x in kept["numbers"])
    else:
        state, logz, first = _start(target, chart, settings, stream(seed, "smc", run, "start"))
        beta, level, worst, moves, spread = 0.0, 0.0, 0.0, 0.0, 0.0
    while beta < 1.0:
        rng = stream(seed, "smc", run, int(level))
        rise = _rise(state.log_density, beta, settings.ess_kept)
        log_weight = rise * state.log_density
        top = log_weight.max()
        logz += float(top + np.log(np.mean(np.exp(log_weight - top))))
        beta = min(beta + rise, 1.0)
        weight = weights_from_logs(log_weight)
        spread += float(np.sum(weight**2)) - 1 / len(weight)  # var(w) / N, of weights of mean one
        state = state.take(systematic_resample(weight, len(state.u), rng))
        walk = Walk(target, chart, state.u.copy())
        before, done, left = state.u.copy(), 0, 1.0
        while done < settings.max_sweeps and left > settings.max_memory:
            state, rate = walk.run(state, _SWEEP, rng, beta)
            done += _SWEEP
            left = memory(before, state.u, chart.periodic)
            advance(0, note=f"run {run}: beta {beta:.2e}, memory {left:.2f}, moved {rate:.2f}")
        worst, moves, level = max(worst, left), moves + done, level + 1
        if path is not None:
            numbers = np.array([beta, logz, level, first, worst, moves, spread])
            save_arrays(
                path,
                u=state.u,
                log_volume=state.log_volume,
                log_likelihood=state.log_likelihood,
                numbers=numbers,
            )
    note = {
        "temperatures": int(level),
        "moves": int(moves),
        "largest_memory": worst,
        "forgot": bool(worst <= settings.max_memory),
        "first_acceptance": first,
        "log_evidence_variance": spread,
    }
    return state, logz, note


def _start(
    target: LikelihoodTarget, chart: Chart, settings: SMCSettings, rng: np.random.Generator
) -> tuple[State, float, float]:
    """Particles uniform in the supported part of the cube; log of that part; 3 sigma fraction."""
    kept: list[State] = []
    tried, found, inside = 0, 0, 0
    while found < settings.particles:
        u = rng.random((settings.particles, chart.dim))
        state = evaluate(target, chart, u)
        good = np.flatnonzero(np.isfinite(state.log_density))
        tried, found = tried + len(u), found + len(good)
        kept.append(state.take(good))
        if len(good):
            theta, _ = chart.to_parameters(u[good])
            inside += int(target.within_three_sigma(theta).sum())
        if tried >= 200 * settings.particles and found < settings.particles:
            raise InputError(
                f"smc: only {found} of {tried} points of the chart {chart.name!r} have a non-zero "
                "likelihood, so there is nothing to anneal; give Gaussian errors, or use a chart"
            )
    joined = State(
        np.concatenate([s.u for s in kept]),
        np.concatenate([s.log_volume for s in kept]),
        np.concatenate([s.log_likelihood for s in kept]),
    )
    return joined.take(np.arange(settings.particles)), float(np.log(found / tried)), inside / tried


def _rise(log_density: np.ndarray, beta: float, kept: float) -> float:
    """Largest rise of beta that keeps the fraction `kept` of the effective sample."""

    def fraction(rise: float) -> float:
        weight = weights_from_logs(rise * log_density)
        return 1.0 / (len(weight) * float(np.sum(weight**2)))

    most = 1.0 - beta
    if fraction(most) >= kept:
        return most
    low, high = np.log(1e-12 * most), np.log(most)
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if fraction(np.exp(middle)) >= kept else (low, middle)
    return float(np.exp(high))


def _features(target: LikelihoodTarget, theta: np.ndarray) -> dict[str, np.ndarray]:
    """Scalars whose means are compared: predictions; sine and cosine of those in rad."""
    values = target.model.predict(theta)
    result: dict[str, np.ndarray] = {}
    for quantity in target.model.prediction_quantities:
        value = values[quantity.name]
        if quantity.unit == "rad":
            result[f"sin({quantity.name})"] = np.sin(value)
            result[f"cos({quantity.name})"] = np.cos(value)
        else:
            rank = np.argsort(np.argsort(value, kind="stable"), kind="stable")
            result[quantity.name] = rank / len(value)  # ranks: no tail decides
    return result


def _disagreement(target: LikelihoodTarget, theta: np.ndarray, chain: np.ndarray) -> float:
    """Largest deviation of one run's mean from that of the others, in standard errors."""
    worst = 0.0
    for value in _features(target, theta).values():
        for run in np.unique(chain):
            one, rest = value[chain == run], value[chain != run]
            error = np.sqrt(one.var() / len(one) + rest.var() / len(rest))
            if error > 0:
                worst = max(worst, abs(one.mean() - rest.mean()) / error)
    return float(worst)


def _asymmetry(target: LikelihoodTarget, theta: np.ndarray) -> float:
    """Largest mean of sin(angle), in standard errors, over the model's declared reflections."""
    worst = 0.0
    predictions = target.model.predict(theta) if target.model.reflections else {}
    for name in target.model.reflections:
        value = np.sin(predictions[name])
        worst = max(worst, abs(value.mean()) / (value.std() / np.sqrt(len(value))))
    return float(worst)
