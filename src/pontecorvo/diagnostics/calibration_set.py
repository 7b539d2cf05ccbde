r"""Simulated data sets with known truth, and the rank of the truth among the draws.

Everything that checks calibration starts from S trials: theta* ~ prior, x ~ p(x | theta*), then N
draws of the approximate posterior q(. | x), with importance weights or without.

The rank with weights. If draws come from q and the truth from p, with w = p/q, then given the set
of all N + 1 points the truth is each of them with probability proportional to its w (weighted
exchangeability: Tibshirani, Barber, Candès & Ramdas, arXiv:1904.06019). So for any function f

    U = [ sum_{f_n < f*} w_n + u (w* + sum_{f_n = f*} w_n) ] / [ sum_n w_n + w* ],   u ~ U(0, 1),

is *exactly* uniform whatever N and the effective sample size. With equal weights it is the usual
rank of simulation-based calibration, spread evenly over its bin.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..base.errors import InputError
from ..base.seeds import stream


@dataclass(frozen=True)
class Trials:
    """S simulated data sets, their truths, and N posterior draws for each.

    Attributes:
        truth: True parameters (S, D).
        draws: Posterior draws (S, N, D).
        log_weights: Unnormalised log weights (S, N); None for equal weights.
        truth_log_weight: The same log[p/q] at the truth (S,), on each row's own scale. Where it is
            not given the row's expectation of it is used, log[sum w^2 / sum w]: good for a large
            effective sample size only.
        log_density: Log posterior density at the draws (S, N), for highest-density regions: of q or
            of the target, up to a constant in each row.
        truth_log_density: The same at the truth (S,).
        data: What was observed (S, K), for slices and local tests.
        names: Parameter names, D of them.
        periodic: Which parameters (D,) are periodic, and
        period: with which period.
    """

    truth: np.ndarray
    draws: np.ndarray
    log_weights: np.ndarray | None = None
    truth_log_weight: np.ndarray | None = None
    log_density: np.ndarray | None = None
    truth_log_density: np.ndarray | None = None
    data: np.ndarray | None = None
    names: Sequence[str] = ()
    periodic: np.ndarray | None = None
    period: float = 1.0

    def __post_init__(self) -> None:
        if self.truth.ndim != 2 or self.draws.ndim != 3:
            raise InputError(
                f"trials: truth {self.truth.shape}, draws {self.draws.shape}; "
                "they must be (S, D) and (S, N, D)"
            )
        s, n, d = self.draws.shape
        wanted: dict[str, tuple[int, ...]] = {
            "truth": (s, d),
            "log_weights": (s, n),
            "truth_log_weight": (s,),
            "log_density": (s, n),
            "truth_log_density": (s,),
            "periodic": (d,),
        }
        for name, shape in wanted.items():
            value = getattr(self, name)
            if value is not None and np.shape(value) != shape:
                raise InputError(
                    f"trials: {name} has shape {np.shape(value)}; for {s} data sets of {n} draws "
                    f"of {d} parameters it must be {shape}"
                )
        for name in ("truth", "draws"):
            if not np.all(np.isfinite(getattr(self, name))):
                raise InputError(f"trials: {name} has NaN or infinite entries; leave such out")
        if self.data is not None and len(self.data) != s:
            raise InputError(f"trials: {len(self.data)} rows of data for {s} data sets")
        if self.names and len(self.names) != d:
            raise InputError(f"trials: {len(self.names)} names for {d} parameters")
        own = self.truth_log_weight
        if own is not None and (np.isnan(own).any() or (own == np.inf).any()):
            raise InputError("trials: truth_log_weight has NaN or +inf entries")
        if self.log_weights is not None:
            bad = np.isnan(self.log_weights) | (self.log_weights == np.inf)
            if bad.any():
                raise InputError(f"trials: {int(bad.sum())} log weights are NaN or +inf")
            dead = np.all(self.log_weights == -np.inf, axis=1)
            if dead.any():
                raise InputError(
                    f"trials: data set {int(dead.argmax())} (and {int(dead.sum()) - 1} more) has "
                    "only zero weights; its posterior is empty, leave it out and report it"
                )

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def labels(self) -> list[str]:
        """Parameter names, or numbers where there are none."""
        return list(self.names) or [f"parameter {i}" for i in range(self.truth.shape[1])]

    def subset(self, rows: np.ndarray) -> "Trials":
        """The chosen data sets (indices or a mask)."""
        optional = ("log_weights", "truth_log_weight", "log_density", "truth_log_density", "data")
        values = {name: getattr(self, name) for name in optional}
        chosen: dict[str, Any] = {k: None if v is None else v[rows] for k, v in values.items()}
        return replace(self, truth=self.truth[rows], draws=self.draws[rows], **chosen)

    def unweighted(self) -> "Trials":
        """The same draws without their weights: the raw network."""
        return replace(self, log_weights=None, truth_log_weight=None)

    def relative_weights(self) -> tuple[np.ndarray, np.ndarray]:
        """Weights of draws (S, N) and truths (S,), each row and its truth summing to one."""
        s, n, _ = self.draws.shape
        if self.log_weights is None:
            return np.full((s, n), 1 / (n + 1)), np.full(s, 1 / (n + 1))
        top = self.log_weights.max(axis=1)
        if self.truth_log_weight is not None:
            top = np.maximum(top, self.truth_log_weight)
        weights = np.exp(self.log_weights - top[:, None])
        if self.truth_log_weight is not None:
            own = np.exp(self.truth_log_weight - top)
        else:
            own = np.sum(weights**2, axis=1) / np.sum(weights, axis=1)
        total = weights.sum(axis=1) + own
        return weights / total[:, None], own / total

    def ranks(self, values: np.ndarray, truth_values: np.ndarray, seed: int) -> np.ndarray:
        """Fractional ranks U (S, ...) of `truth_values` (S, ...) among `values` (S, N, ...).

        Args:
            values: Any function of the draws.
            truth_values: The same function at the truths.
            seed: Seed of the numbers that spread ties and steps evenly.
        """
        weights, own = self.relative_weights()
        extra = truth_values.ndim - 1
        weights = weights.reshape(*weights.shape, *(1,) * extra)
        own = own.reshape(-1, *(1,) * extra)
        below = np.sum(weights * (values < truth_values[:, None]), axis=1)
        tied = np.sum(weights * (values == truth_values[:, None]), axis=1) + own
        return below + stream(seed, "ranks").random(truth_values.shape) * tied
