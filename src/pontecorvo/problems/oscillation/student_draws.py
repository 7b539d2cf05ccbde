"""Draws of the posterior by importance sampling about the best fit.

JUNO's posterior is one peak close to a Gaussian, so a Student t about the fit, as wide as the fit's
errors, is a proposal whose weights are nearly equal. The weights are exact whatever the proposal,
and their mean is the evidence.
"""

from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
from scipy.special import gammaln

from ...base import weights as iw
from ...base.files import cached_arrays
from ...base.progress import progress
from ...base.seeds import stream
from ...core.draws import Draws
from ...core.target import LikelihoodTarget
from .model import OscillationTarget

Array = np.ndarray
DEGREES = 8.0
WIDER = 1.15
"""The proposal's scale in the fit's errors: tails cost weight, a wider proposal only a little."""
BLOCK = 2000
ENOUGH = 400.0
"""Effective number of draws below which the method says it has not converged."""


def sample_about_fit(
    target: LikelihoodTarget, draws: int, seed: int = 0, folder: Path | None = None
) -> Draws:
    """Weighted draws.

    Args:
        target: An `OscillationTarget`.
        draws: Number of weighted draws.
        seed: Seed of everything.
        folder: Where finished blocks are kept, so that a killed run resumes; None keeps nothing.
    """
    own = cast(OscillationTarget, target)
    centre, root = own.best.theta, WIDER * np.linalg.cholesky(own.best.covariance)
    size = len(centre)
    norm = gammaln(0.5 * (DEGREES + size)) - gammaln(0.5 * DEGREES)
    norm -= 0.5 * size * np.log(DEGREES * np.pi) + np.log(np.diagonal(root)).sum()

    def block(index: int) -> dict[str, Array]:
        rng = stream(seed, "oscillation", "draws", index)
        count = min(BLOCK, draws - index * BLOCK)
        white = rng.standard_normal((count, size))
        white *= np.sqrt(DEGREES / rng.chisquare(DEGREES, count))[:, None]
        theta = centre + white @ root.T
        log_q = norm - 0.5 * (DEGREES + size) * np.log1p((white**2).sum(axis=1) / DEGREES)
        prior = own.log_prior(theta)
        likelihood = np.full(count, -np.inf)
        inside = np.isfinite(prior)
        if inside.any():
            likelihood[inside] = own.log_likelihood(theta[inside])
        near = own.near_best(theta, likelihood)
        found = {"theta": theta, "log_q": log_q, "prior": prior}
        return found | {"likelihood": likelihood, "near": near}

    parts = []
    blocks = -(-draws // BLOCK)
    with progress("draws", blocks) as advance:
        for index in range(blocks):
            path = folder and folder / f"draws-{index:04d}.npz"
            parts.append(cached_arrays(path, partial(block, index)))
            advance(1)
    every = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    log_weight = every["prior"] + every["likelihood"] - every["log_q"]
    evidence, error = iw.log_evidence(log_weight)
    ess = iw.kish_ess(log_weight)
    return Draws(
        theta=every["theta"],
        log_weight=log_weight,
        log_prior=every["prior"],
        log_likelihood=every["likelihood"],
        log_evidence=evidence,
        log_evidence_error=error,
        raw_acceptance=float(every["near"].mean()),
        ess=ess,
        converged=bool(ess > ENOUGH),
        method="importance",
        log_q=every["log_q"],
        notes={"proposal": "Student t about the best fit", "degrees": DEGREES, "wider": WIDER},
    )
