r"""Exact correction of approximate draws by self-normalised importance weights.

Draws x_i ~ q, whose density is known, become draws of the true posterior p by the weights

    w_i = prior(x_i) likelihood(x_i) / q(x_i),      E_q[w] = Z (the evidence),

in whatever coordinates x is given, as long as prior and q are densities in the same ones (in a
chart the prior carries the chart's volume: `Target.log_posterior_in`). Three things are kept apart
and never share a name: the *raw* draws (what q gave), the *weighted* draws (the same points with
w), and the *resampled* draws (a choice of the points with equal weights, duplicates included).

Where q may miss a part of the posterior, a *defensive mixture* (Hesterberg, Technometrics 37 (1995)
185) bounds the weights: (1 - a) q + a r with r a safe density such as the prior makes
w <= (prior likelihood) / (a r).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..base import weights as iw
from ..base.errors import InputError
from ..base.seeds import stream


@dataclass(frozen=True)
class Correction:
    """Weights of N draws and what they are worth.

    Attributes:
        log_target: Log of prior times likelihood (N,), not normalised, -inf where impossible.
        log_q: Log of the proposal's normalised density (N,).
        log_weights: ``log_target - log_q`` (N,), as they came.
        log_weights_used: The same, Pareto-smoothed where `smoothed` is true.
        smoothed: Whether `log_weights_used` are smoothed.
        ess: Kish's effective sample size of the weights used.
        k_hat: Pareto shape of the raw weights' tail.
        log_evidence: Log of the mean *raw* weight.
        log_evidence_error: Its standard error.
    """

    log_target: np.ndarray
    log_q: np.ndarray
    log_weights: np.ndarray
    log_weights_used: np.ndarray
    smoothed: bool
    ess: float
    k_hat: float
    log_evidence: float
    log_evidence_error: float

    @property
    def weights(self) -> np.ndarray:
        """Weights (N,) that sum to one."""
        return iw.normalised(self.log_weights_used)

    @property
    def efficiency(self) -> float:
        """ESS/N, between 1/N and 1."""
        return self.ess / len(self.log_q)

    @property
    def reliable(self) -> bool:
        """Whether k-hat is within the limit for this many draws (0.7 for 2,155 or more).

        Nearly equal weights are reliable whatever it is; see `base.weights.FLAT`.
        """
        return iw.tail_trusted(self.efficiency, self.k_hat, iw.k_limit(len(self.log_q)))

    @property
    def verdict(self) -> str:
        """One sentence: what the weighted draws are worth, or why they must not be used."""
        n = len(self.log_q)
        worth = (
            f"{n} draws are worth {self.ess:.0f} independent ones (ESS/N = {self.efficiency:.3g}"
        )
        if self.reliable:
            return f"{worth}, k-hat = {self.k_hat:.2f}): the weights can be trusted."
        return (
            f"{worth}), but k-hat = {self.k_hat:.2f} > {iw.k_limit(n):.2f}: a few draws carry the "
            "weight and the proposal misses part of the posterior, so do not trust the weighted "
            "draws or the evidence; improve the proposal, add a defensive mixture or rejuvenate."
        )

    def mean(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weighted mean of `values` (N, ...) and its standard error, sqrt(sum w^2 (v - mean)^2)."""
        weights = self.weights
        centre = np.tensordot(weights, values, axes=1)
        variance = np.tensordot(weights**2, (values - centre) ** 2, axes=1)
        return centre, np.sqrt(variance)

    def resample(self, n: int, seed: int, method: str = "systematic") -> np.ndarray:
        """Indices (n,) of draws chosen in proportion to their weights, duplicates included.

        Args:
            n: Number wanted. More than the ESS brings duplicates, not information.
            seed: Seed; same seed, same indices.
            method: ``"systematic"`` (least noise) or ``"multinomial"`` (independent choices).
        """
        return resample(self.weights, n, seed, method)


def correct(log_target: np.ndarray, log_q: np.ndarray, smooth: bool = False) -> Correction:
    """Weigh draws of density q against a target.

    Args:
        log_target: Log prior + log likelihood (N,) at the draws, in the coordinates of `log_q`.
            -inf where the target is zero; NaN is refused.
        log_q: Log of the normalised density (N,) from which the draws came; finite.
        smooth: Pareto-smooth the weights (arXiv:1507.02646): less variance, a small bias. The
            evidence is always taken from the raw weights, which are unbiased.

    Raises:
        InputError: On shapes that differ, or numbers that cannot be log densities.
    """
    log_target = np.asarray(log_target, dtype=np.float64)
    log_q = np.asarray(log_q, dtype=np.float64)
    if log_target.shape != log_q.shape or log_q.ndim != 1:
        raise InputError(
            f"correction: log_target {log_target.shape} and log_q {log_q.shape}; "
            "both must be one-dimensional and of one length"
        )
    if not np.all(np.isfinite(log_q)):
        bad = int(np.count_nonzero(~np.isfinite(log_q)))
        raise InputError(
            f"correction: log_q of {bad} of {len(log_q)} draws is not finite; a draw must have a "
            "positive, finite density under its own proposal"
        )
    raw = iw.checked_log_weights(log_target - log_q)
    smoothed, k_hat = iw.psis(raw)
    used = smoothed if smooth else raw
    log_z, error = iw.log_evidence(raw)
    return Correction(
        log_target=log_target,
        log_q=log_q,
        log_weights=raw,
        log_weights_used=used,
        smoothed=smooth,
        ess=iw.kish_ess(used),
        k_hat=k_hat,
        log_evidence=log_z,
        log_evidence_error=error,
    )


def resample(weights: np.ndarray, n: int, seed: int, method: str = "systematic") -> np.ndarray:
    """Indices (n,) into `weights` (N,), each index expected n w_i times (w normalised).

    ``"systematic"``: one uniform number and n equal steps (Carpenter, Clifford & Fearnhead, IEE
    Proc. 146 (1999) 2), each index floor(n w) or ceil(n w) times. ``"multinomial"``: n independent
    choices. The order is shuffled, so that any part of the result is a fair sample.
    """
    weights = np.asarray(weights, dtype=np.float64)
    if n < 1 or weights.ndim != 1 or not weights.sum() > 0 or weights.min() < 0:
        raise InputError(
            f"resampling: {n} draws from weights of shape {weights.shape}; "
            "give n >= 1 and a row of non-negative weights with a positive sum"
        )
    rng = stream(seed, "resample", method)
    cumulative = np.cumsum(weights)
    if method == "systematic":
        points = (np.arange(n) + rng.random()) / n
    elif method == "multinomial":
        points = rng.random(n)
    else:
        raise InputError(f"resampling: method {method!r}; allowed: systematic, multinomial")
    # the side keeps zero weights out, also at a point that falls exactly on a step
    chosen = np.searchsorted(cumulative, points * cumulative[-1], side="right")
    last = int(np.flatnonzero(weights)[-1])
    return rng.permutation(np.minimum(chosen, last))


class Density(Protocol):
    """A normalised density that can be drawn from."""

    def sample(self, n: int, seed: int) -> np.ndarray:
        """`n` draws (n, D)."""

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Log of the normalised density (n,) at points (n, D); -inf where it is zero."""


@dataclass(frozen=True)
class UniformCube:
    """The uniform density on the unit cube: the natural safe density in any chart."""

    dim: int

    def sample(self, n: int, seed: int) -> np.ndarray:
        """`n` points (n, D) in the cube."""
        return stream(seed, "uniform-cube").random((n, self.dim))

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Zero in the cube, -inf outside."""
        inside = np.all((x >= 0) & (x <= 1), axis=1)
        return np.where(inside, 0.0, -np.inf)


@dataclass(frozen=True)
class Mixture:
    """A defensive mixture (1 - fraction) q + fraction r.

    A fixed number of draws comes from each part, which leaves the weights unbiased and lowers their
    variance against a random number ("deterministic mixture", Owen & Zhou, JASA 95 (2000) 135).
    """

    q: Density
    safe: Density
    fraction: float

    def __post_init__(self) -> None:
        if not 0 < self.fraction < 1:
            raise InputError(
                f"defensive mixture: fraction {self.fraction}; it must lie between 0 and 1"
            )

    def counts(self, n: int) -> tuple[int, int]:
        """How many of `n` draws come from q and from the safe density (each at least one)."""
        if n < 2:
            raise InputError(f"defensive mixture: {n} draws; it needs at least 2")
        safe = min(max(round(self.fraction * n), 1), n - 1)
        return n - safe, safe

    def draw(self, n: int, seed: int) -> "MixtureDraws":
        """Draw `n` points, those of q first, with their density under the mixture."""
        n_q, n_safe = self.counts(n)
        points = np.concatenate([self.q.sample(n_q, seed), self.safe.sample(n_safe, seed)])
        log_q, log_safe = self.q.log_density(points), self.safe.log_density(points)
        return MixtureDraws(
            points=points,
            log_q=mixture_log_density(log_q, log_safe, n_safe / n),
            from_safe=np.arange(n) >= n_q,
        )


@dataclass(frozen=True)
class MixtureDraws:
    """Draws of a defensive mixture: points (N, D), log density (N,), which are the safe part's."""

    points: np.ndarray
    log_q: np.ndarray
    from_safe: np.ndarray


def mixture_log_density(log_q: np.ndarray, log_safe: np.ndarray, fraction: float) -> np.ndarray:
    """Log of (1 - fraction) q + fraction r (N,), from the logs of q and r; either may be -inf."""
    with np.errstate(divide="ignore"):
        return np.logaddexp(np.log1p(-fraction) + log_q, np.log(fraction) + log_safe)


def weigh(
    proposal: Density,
    log_target: Callable[[np.ndarray], np.ndarray],
    n: int,
    seed: int,
    fraction: float = 0.0,
    safe: Density | None = None,
    smooth: bool = False,
) -> tuple[np.ndarray, Correction]:
    """Draw from a proposal and weigh the draws, with or without a defensive part.

    Args:
        proposal: Where the draws come from.
        log_target: Log prior + log likelihood (n,) of points (n, D).
        n: Number of draws.
        seed: Seed.
        fraction: Share of draws taken from `safe`; 0 for none.
        safe: The safe density; needed where `fraction` is positive.
        smooth: See `correct`.

    Returns:
        The raw draws (n, D), and their correction.
    """
    if fraction > 0:
        if safe is None:
            raise InputError("defensive mixture: fraction given but no safe density to draw from")
        mixed = Mixture(proposal, safe, fraction).draw(n, seed)
        return mixed.points, correct(log_target(mixed.points), mixed.log_q, smooth)
    points = proposal.sample(n, seed)
    return points, correct(log_target(points), proposal.log_density(points), smooth)
