"""What a sampler returns: weighted draws, and how far they can be trusted."""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_ARRAYS = ("theta", "log_weight", "log_prior", "log_likelihood", "log_q", "chain")


@dataclass
class Draws:
    """Draws of a target's posterior.

    Attributes:
        theta: Parameters (N, P).
        log_weight: Log weights (N,), zero where the draws are equally likely.
        log_prior: Normalised log prior (N,).
        log_likelihood: Log-likelihood (N,).
        log_evidence: Natural log of the evidence, NaN where the method has none.
        log_evidence_error: Its standard error.
        raw_acceptance: Fraction of the method's own proposals inside the prior's support and all
            3 sigma ranges, before any weight.
        ess: Effective sample size of the draws.
        converged: What the method says of itself.
        log_q: Log-density (N,) by which the draws were proposed, where there is one.
        chain: Which chain or run each draw came from (N,), where there are several.
        notes: What the method measured about itself, JSON types.
        method: Its name.
    """

    theta: np.ndarray
    log_weight: np.ndarray
    log_prior: np.ndarray
    log_likelihood: np.ndarray
    log_evidence: float
    log_evidence_error: float
    raw_acceptance: float
    ess: float
    converged: bool
    method: str
    log_q: np.ndarray | None = None
    chain: np.ndarray | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Everything as arrays, for an atomic checkpoint."""
        numbers = [self.log_evidence, self.log_evidence_error, self.raw_acceptance, self.ess]
        return {
            **{name: array for name in _ARRAYS if (array := getattr(self, name)) is not None},
            "numbers": np.array(numbers),
            "converged": np.array(self.converged),
            "text": np.array([self.method, json.dumps(self.notes)]),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> "Draws":
        """Inverse of `to_arrays`."""
        evidence, error, acceptance, ess = (float(x) for x in arrays["numbers"])
        return cls(
            **{name: arrays[name] for name in _ARRAYS if name in arrays},
            log_evidence=evidence,
            log_evidence_error=error,
            raw_acceptance=acceptance,
            ess=ess,
            converged=bool(arrays["converged"]),
            method=str(arrays["text"][0]),
            notes=json.loads(str(arrays["text"][1])),
        )


def weights_from_logs(log_weight: np.ndarray) -> np.ndarray:
    """Normalised weights (N,) of log weights (N,)."""
    weight = np.exp(log_weight - np.max(log_weight))
    return weight / weight.sum()


def systematic_resample(weight: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Indices (size,) drawn in proportion to normalised weights, with the least added noise.

    Systematic resampling (G. Kitagawa, J. Comput. Graph. Stat. 5 (1996) 1); the result is shuffled,
    so that any part of it is a fair sample.
    """
    positions = (np.arange(size) + rng.random()) / size
    edges = np.cumsum(weight)
    indices = np.searchsorted(edges / edges[-1], positions)
    return rng.permutation(np.minimum(indices, len(weight) - 1))
