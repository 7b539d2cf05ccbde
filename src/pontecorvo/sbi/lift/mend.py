r"""Mending: draws of any origin, carried to the measurement.

A generator that misses the observables by tens of sigma has most of its draws in the right region
of the parameters all the same. The lift takes each to where its observables are the measured ones,
with the volume factor of the map, so that a draw of density q ends with the density
q / abs(d theta'/d theta), and weights follow. Without a density the draws are carried all the same
and said to have none: they are solutions, not a posterior.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from ...base.errors import InputError
from ...core.draws import Draws
from ...core.target import Target
from ...samplers.correction import correct
from .lift import Lift, LiftSettings

_USELESS = 0.02
_SHARES = (1e-3, 1e-2, 3e-2, 0.1)
"""Regularisations that are tried: far draws arrive by the least one where the slopes are sound, and
by none but the larger ones where there are more data than parameters."""
_TRIED = 256  # draws that decide among them


def mend(
    theta: np.ndarray,
    target: Target,
    log_q: np.ndarray | None = None,
    settings: LiftSettings | None = None,
    seed: int = 0,
) -> Draws:
    """Carry draws of any origin to the measurement.

    Args:
        theta: Parameters (N, P).
        target: Model and measurement.
        log_q: Log of the normalised density (N,) in theta by which they were drawn, if there is
            one.
        settings: The lift's; with ``k`` None each observable is contracted by as many times its
            error as the draws' residuals are wide (68 %), at least by one. None: also with the
            regularisation that carries most draws into all 3 sigma ranges.
        seed: Seed of the lift's pilot draws.

    Returns:
        The draws that arrived. With `log_q`: weighted, with evidence and k-hat; without: of equal
        weight, ``notes["density"]`` false and ``converged`` false. The notes count the draws that
        were outside the prior's support, and those lost on the way.

    Raises:
        InputError: If shapes disagree, or no draw can be carried.
    """
    theta = np.asarray(theta, dtype=float)
    dim = len(target.model.parameters)
    if theta.ndim != 2 or theta.shape[1] != dim or not len(theta):
        raise InputError(f"mend: draws of shape {theta.shape}; the model takes (N, {dim})")
    if log_q is not None:
        log_q = np.asarray(log_q, dtype=float)
        if log_q.shape != (len(theta),) or not np.isfinite(log_q).all():
            raise InputError(
                f"mend: log_q of shape {log_q.shape}; give one finite number for each of "
                f"{len(theta)} draws"
            )
    log_prior = np.full(len(theta), -np.inf)
    numbers = np.isfinite(theta).all(axis=1)
    log_prior[numbers] = target.log_prior(theta[numbers])
    inside = np.isfinite(log_prior)
    before = np.zeros(len(theta), dtype=bool)
    if inside.any():
        before[inside] = target.within_three_sigma(theta[inside])
    if settings is None:
        lift = _best(target, theta[inside], seed)
    else:
        lift = _aimed(target, theta[inside], settings, seed)
    part = lift.carry(theta[inside])
    if not part.arrived.any():
        raise InputError(
            f"mend: none of {int(inside.sum())} draws inside the prior can be carried to the "
            "measurement and back; give smaller k"
        )
    rows = np.flatnonzero(inside)[part.arrived]
    after = part.theta[part.arrived]
    log_likelihood = target.log_likelihood(after)
    accepted = target.within_three_sigma(after)
    own_prior = target.log_prior(after)
    notes: dict[str, Any] = {
        "lift": lift.describe(),
        "density": log_q is not None,
        "draws_given": len(theta),
        "draws_outside_prior": int((~inside).sum()),
        "draws_lost": part.lost,
        "moved_median": float(np.median(part.distance[part.arrived])),
        "accepted_before": float(before.mean()),
        "accepted_after": float(accepted.sum() / len(theta)),
    }
    result = Draws(
        theta=after,
        log_weight=np.zeros(len(after)),
        log_prior=own_prior,
        log_likelihood=log_likelihood,
        log_evidence=float("nan"),
        log_evidence_error=float("nan"),
        raw_acceptance=float(accepted.sum() / len(theta)),
        ess=0.0,
        converged=False,
        method="mended, without a density",
        notes=notes,
    )
    if log_q is None:
        return result
    density = log_q[rows] - part.log_volume[part.arrived]
    log_weight = np.full(len(theta), -np.inf)
    log_weight[rows] = own_prior + log_likelihood - density
    if not np.isfinite(log_weight).any():
        raise InputError("mend: no carried draw has any posterior weight; give larger k")
    correction = correct(log_weight, np.zeros(len(theta)))
    notes |= {
        "k_hat": correction.k_hat,
        "verdict": correction.verdict,
        "weighted_efficiency": correction.efficiency,
        "proposals": len(theta),
    }
    return replace(
        result,
        log_weight=log_weight[rows] - log_weight.max(),
        log_evidence=correction.log_evidence,
        log_evidence_error=correction.log_evidence_error,
        ess=correction.ess,
        converged=bool(correction.reliable and correction.efficiency >= _USELESS),
        method="mended",
        log_q=density,
    )


def _best(target: Target, theta: np.ndarray, seed: int) -> Lift:
    """Of some regularisations, the lift that brings most of the first draws to the measurement."""
    best, most = _aimed(target, theta, LiftSettings(eps=_SHARES[0]), seed), -1
    for share in _SHARES:
        lift = _aimed(target, theta, LiftSettings(eps=share), seed)
        part = lift.carry(theta[:_TRIED])
        arrived = part.theta[part.arrived]
        solved = int(target.within_three_sigma(arrived).sum()) if len(arrived) else 0
        if solved > most:
            best, most = lift, solved
    return best


def _aimed(target: Target, theta: np.ndarray, settings: LiftSettings, seed: int) -> Lift:
    """The lift whose factors are the widths of the draws' residuals in sigma."""
    if not len(theta):
        raise InputError("mend: none of the draws lies in the prior's support")
    lift = Lift(target, settings, seed)
    if settings.k is not None:
        return lift
    t = lift.transforms.forward(target.model.forward(theta))
    residual = np.abs(lift.transforms.difference(t, lift.centre)) / lift.sigma
    if not np.isfinite(residual).all(axis=1).any():
        raise InputError("mend: the model has no observables (not a number) at any of the draws")
    k = np.maximum(1.0, np.nanquantile(residual, 0.68, axis=0))
    named = dict(zip(lift.names, k.tolist(), strict=True))
    return Lift(target, replace(settings, k=named), seed)
