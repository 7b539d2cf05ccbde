r"""Draws by the lift: sample the broad posterior, carry every draw to the sharp one, weigh it.

    w = prior(theta') L(theta') abs(d theta'/d theta) / [prior(theta) L_broad(theta)]

is the weight of a draw theta of the broad posterior that was carried to theta'; its mean is the
ratio of the evidences. Chains need to mix on the broad posterior only, where nothing is thin. The
broad posterior is drawn by annealed sequential Monte Carlo (`samplers.smc`), which also knows its
evidence; nothing is learned.

Draws that did not arrive, or whose way back does not end where they started, have weight zero, stay
in the number of draws, and are counted in the notes: what part of the broad posterior they carried
bounds what may be missing.
"""

from pathlib import Path
from typing import Any

import numpy as np

from ...base import weights as iw
from ...base.errors import InputError
from ...base.files import cached_arrays
from ...base.parallel import map_threads
from ...base.progress import progress
from ...core.draws import Draws
from ...core.target import Target
from ...samplers.correction import correct
from ...samplers.smc import SMCSettings, sample_smc
from .lift import Lift, LiftSettings

_BLOCK = 512
_RETURN = 0.99
_USELESS = 0.02  # ESS/N below which the lift is said to miss the posterior

BROAD = SMCSettings(runs=4, particles=2500, max_sweeps=2000, max_memory=0.2)
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
    lift = Lift(target, settings, seed)
    broad_target = Target(target.model, lift.broad())
    home = folder / "broad" if folder else None
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
    broad = sample_smc(broad_target, draws, seed, home, smc or BROAD, chart=broad_target.raw_chart)
    return weighed(target, lift, broad, carry_blocks(lift, broad.theta, folder))


def carry_blocks(lift: Lift, theta: np.ndarray, folder: Path | None) -> dict[str, np.ndarray]:
    """Carry draws (N, P) in blocks that are kept in a folder.

    Returns:
        ``theta``, ``log_likelihood``, ``log_volume``, ``gain`` (log prior and volume gained in the
        lift's coordinates), ``arrived``, ``accepted``, ``distance`` and ``steps``, each (N, ...).
    """
    target = lift.target

    def compute(first: int) -> dict[str, np.ndarray]:
        part = lift.carry(theta[first : first + _BLOCK])
        good = part.arrived
        log_likelihood = np.full(len(good), -np.inf)
        accepted = np.zeros(len(good), dtype=bool)
        if good.any():
            log_likelihood[good] = target.log_likelihood(part.theta[good])
            accepted[good] = target.within_three_sigma(part.theta[good])
        return {
            "theta": part.theta,
            "log_likelihood": log_likelihood,
            "log_volume": part.log_volume,
            "gain": part.log_prior_y[1] - part.log_prior_y[0] + part.log_volume_y,
            "arrived": good,
            "accepted": accepted,
            "distance": part.distance,
            "steps": part.steps,
        }

    def block(first: int) -> dict[str, np.ndarray]:
        path = folder / f"lifted-{first // _BLOCK:05d}.npz" if folder else None
        return cached_arrays(path, lambda: compute(first))

    parts = []
    with progress("lift draws", len(theta)) as advance:
        for part in map_threads(block, range(0, len(theta), _BLOCK)):
            parts.append(part)
            advance(len(part["arrived"]))
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def weighed(target: Target, lift: Lift, broad: Draws, lifted: dict[str, np.ndarray]) -> Draws:
    """Draws of the sharp posterior, from draws of the broad one and where they were carried.

    Raises:
        InputError: If no draw has any posterior weight.
    """
    good = lifted["arrived"] & np.isfinite(lifted["log_likelihood"])
    if not good.any():
        raise InputError(
            f"lift: none of {len(good)} draws has any posterior weight after the lift; give "
            "smaller k, or use --method smc"
        )
    log_weight = np.full(len(good), -np.inf)
    log_weight[good] = (
        lifted["log_likelihood"][good]
        - broad.log_likelihood[good]
        + lifted["gain"][good]
        + broad.log_weight[good]
    )
    correction = correct(log_weight, np.zeros(len(good)))
    theta = lifted["theta"][good]
    log_prior = target.log_prior(theta)
    log_q = (
        broad.log_prior[good]
        + broad.log_likelihood[good]
        - broad.log_evidence
        - lifted["log_volume"][good]
    )
    share = broad.ess / len(broad.theta)  # SMC counts its distinct draws
    lost = float(1 - lifted["arrived"].mean())
    notes: dict[str, Any] = {
        "lift": lift.describe(),
        "proposals": len(good),
        "draws_lost": int((~lifted["arrived"]).sum()),
        "fraction_lost": lost,
        "fraction_with_more_steps": float(np.mean(lifted["steps"] > lift.settings.steps)),
        "moved_median": float(np.median(lifted["distance"][good])),
        "log_volume_median": float(np.median(lifted["log_volume"][good])),
        "k_hat": correction.k_hat,
        "verdict": correction.verdict,
        "weighted_efficiency": correction.efficiency,
        "log_evidence_broad": broad.log_evidence,
        "log_evidence_broad_error": broad.log_evidence_error,
        "log_evidence_of_runs": _by_run(broad, log_weight),
        "broad": broad.notes,
    }
    efficient = correction.efficiency >= _USELESS
    return Draws(
        theta=theta,
        log_weight=log_weight[good] - log_weight[good].max(),
        log_prior=log_prior,
        log_likelihood=lifted["log_likelihood"][good],
        log_evidence=broad.log_evidence + correction.log_evidence,
        # what was lost may have carried as much of the posterior as of the broad one
        log_evidence_error=float(
            np.linalg.norm([broad.log_evidence_error, correction.log_evidence_error, lost])
        ),
        raw_acceptance=float(lifted["accepted"].mean()),
        ess=correction.ess * share,
        converged=bool(
            broad.converged and correction.reliable and efficient and lost <= 1 - _RETURN
        ),
        method="lift",
        log_q=log_q,
        chain=None if broad.chain is None else broad.chain[good],
        notes=notes,
    )


def _by_run(broad: Draws, log_weight: np.ndarray) -> list[float]:
    """Log-evidence of each independent run, broad and lifted."""
    values = broad.notes.get("log_evidence_of_runs")
    if values is None or broad.chain is None:
        return []
    return [
        float(value + iw.log_evidence(log_weight[broad.chain == run])[0])
        for run, value in enumerate(values)
        if np.isfinite(log_weight[broad.chain == run]).any()
    ]
