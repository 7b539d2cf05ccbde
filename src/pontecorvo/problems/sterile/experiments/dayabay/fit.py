"""The three-flavour analysis: sin^2 2theta13 and dm2_32 with a free spectrum and all systematics.

With ``systematics="covariance"`` the 22 free parameters are fitted and the 1057 pulls enter as a
covariance, linearised at the start and anew at each minimum found; with ``"pulls"`` all
1079 are fitted. Both by the method of Levenberg and Marquardt.
"""

from dataclasses import dataclass, replace

import numpy as np

from .....base.errors import InputError
from .derivatives import free_jacobian, jacobian, systematic_covariance
from .prediction import Model, Point, State
from .release import Array
from .statistic import check_kind, chi2, chi2_and_slope, variance

_MOST_STEPS = 60
NAMES = ("sin2_2theta13", "dm2_32", "normalisation", *(f"shape_{i:02d}" for i in range(19)))


@dataclass(frozen=True)
class Fit:
    """A minimum of the chi2.

    Attributes:
        point: Where it is.
        chi2: Its value, with the penalty of the pulls if they were fitted.
        errors: Standard deviations by name, from the curvature, for the free parameters.
        covariance: Covariance (F, F) of the fitted free parameters, in the order of `names`.
        names: Fitted free parameters.
        counts: Expected counts (546,).
        systematic: Systematic covariance (546, 546) that was used, or None for pulls.
        steps: Newton steps taken.
    """

    point: Point
    chi2: float
    errors: dict[str, float]
    covariance: Array
    names: tuple[str, ...]
    counts: Array
    systematic: Array | None
    steps: int

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.counts)


def fit(
    model: Model,
    data: Array | None = None,
    kind: str = "cnp",
    systematics: str = "covariance",
    start: Point | None = None,
    fixed: tuple[str, ...] = ("normalisation",),
    systematic: Array | None = None,
    updates: int = 2,
    frozen: bool = True,
    tolerance: float = 1e-5,
) -> Fit:
    """Minimise the chi2.

    Args:
        model: The prediction.
        data: Counts (546,); the measured ones by default.
        kind: "cnp", "pearson", "neyman" or "poisson".
        systematics: "covariance" or "pulls".
        start: Starting point, the release's values by default.
        fixed: Free parameters (of `NAMES`) that keep their starting value. The normalisation does
            by default: the free spectrum has its own, and all that is left for another is the
            size of the non-equilibrium and spent-fuel parts, which have pulls. `dayabay-model`
            leaves it free, and it ends far from one with an error of the order of itself.
        systematic: Systematic covariance to use as it is, instead of linearising.
        updates: How often the covariance is linearised anew at the minimum; 0 keeps that of the
            starting point, as `dayabay-model` does unless told otherwise.
        frozen: With a covariance, keep the statistical variance of the starting point, renewed with
            the covariance. A live one, as in `dayabay-model`, lets the prediction rise to widen its
            own errors, since the covariance leaves the common spectrum loose: it ends 9 % above the
            data. With pulls the variance is always live, and harmless.
        tolerance: Stop when a step is expected to lower the chi2 by less.

    Raises:
        InputError: If a choice is unknown.
    """
    if systematics not in ("covariance", "pulls"):
        raise InputError(
            f"Daya Bay systematics {systematics!r} are unknown; allowed: covariance, pulls"
        )
    unknown = [name for name in fixed if name not in NAMES]
    if unknown:
        raise InputError(f"parameter {unknown[0]!r} cannot be fixed; allowed: {', '.join(NAMES)}")
    check_kind(kind, systematics == "covariance")
    data = model.data if data is None else np.asarray(data, dtype=float)
    start = start or Point(model.mixing())
    if systematics == "pulls":
        start = replace(start, pulls=np.zeros(len(model.nuisances)))
    point = start
    for _ in range(updates + 1):
        state = model.state(point)
        matrix = systematic
        if systematics == "covariance" and systematic is None:
            matrix = systematic_covariance(state)
        fixed_variance = frozen and systematics == "covariance"
        stat = variance(kind, data, state.counts.ravel()) if fixed_variance else None
        result = _minimise(model, data, Terms(kind, matrix, stat), point, fixed, tolerance)
        point = result.point
        if matrix is systematic and not fixed_variance:
            break
    return result


@dataclass(frozen=True)
class Terms:
    """What the chi2 is made of: its kind, the systematic covariance, a frozen variance."""

    kind: str
    systematic: Array | None
    variance: Array | None


def _minimise(
    model: Model,
    data: Array,
    terms: Terms,
    point: Point,
    fixed: tuple[str, ...],
    tolerance: float,
) -> Fit:
    names = tuple(name for name in NAMES if name not in fixed)
    columns = [NAMES.index(name) for name in names]
    free = len(names)
    x = _pack(point, columns)
    state = model.state(point)
    value = _value(state, data, terms)
    inverse = np.eye(len(x))
    damping = 0.0
    steps = 0
    while steps < _MOST_STEPS:
        steps += 1
        slopes = _slopes(state)[:, columns]
        if point.pulls is not None:
            slopes = np.concatenate([slopes, jacobian(state)], axis=1)
        _, by_counts, curvature = chi2_and_slope(
            terms.kind, data, state.counts.ravel(), terms.systematic, terms.variance
        )
        gradient = slopes.T @ by_counts
        hessian = _square(slopes, curvature)
        hessian[np.arange(free, len(x)), np.arange(free, len(x))] += 1
        gradient[free:] += 2 * x[free:]
        # what an undamped step promises decides; a damped one always promises little
        inverse = _invert(hessian, 0.0)
        arrived = 0.25 * gradient @ inverse @ gradient < tolerance
        while True:
            move = -0.5 * (_invert(hessian, damping) if damping else inverse) @ gradient
            trial = _unpack(point, columns, x + move)
            if trial is not None:
                trial_state = model.state(trial)
                trial_value = _value(trial_state, data, terms)
                if trial_value <= value:
                    x, point, state, value = x + move, trial, trial_state, trial_value
                    damping = damping / 10 if damping > 1e-6 else 0.0
                    break
            if arrived or damping > 1e8:
                break
            damping = max(10 * damping, 1e-4)
        if arrived or damping > 1e8:
            break
    covariance = inverse[:free, :free]
    errors = dict(zip(names, np.sqrt(np.diagonal(covariance)).tolist(), strict=True))
    counts = state.counts.ravel()
    return Fit(point, value, errors, covariance, names, counts, terms.systematic, steps)


def _value(state: State, data: Array, terms: Terms) -> float:
    counts = state.counts.ravel()
    if not np.isfinite(counts).all() or (counts <= 0).any():
        return np.inf
    pulls = state.point.pulls
    penalty = 0.0 if pulls is None else float(pulls @ pulls)
    return chi2(terms.kind, data, counts, terms.systematic, terms.variance) + penalty


def _square(slopes: Array, curvature: Array) -> Array:
    weighted = curvature[:, None] * slopes if curvature.ndim == 1 else curvature @ slopes
    return slopes.T @ weighted


def _invert(hessian: Array, damping: float) -> Array:
    """Inverse of a damped curvature, scaled first: the parameters differ by orders of magnitude."""
    scale = 1 / np.sqrt(np.maximum(np.diagonal(hessian), 1e-300))
    scaled = hessian * np.outer(scale, scale) + damping * np.eye(len(hessian))
    return scale[:, None] * np.linalg.inv(scaled) * scale


def _pack(point: Point, columns: list[int]) -> Array:
    """Internal coordinates: the shape carries the log of the normalisation.

    Then the fission spectrum depends on the shape alone and the normalisation only on the small
    parts that the free spectrum does not multiply, so the two are hardly coupled.
    """
    mixing, norm = point.mixing, point.normalisation
    free = np.concatenate(
        [[mixing.sin2_2theta13, mixing.dm2_32, norm], point.shape + np.log(norm)]
    )[columns]
    return free if point.pulls is None else np.concatenate([free, point.pulls])


def _unpack(point: Point, columns: list[int], x: Array) -> Point | None:
    """Point of internal coordinates, or None if they are impossible."""
    free = _pack(replace(point, pulls=None), list(range(len(NAMES))))
    free[columns] = x[: len(columns)]
    angle, dm2, norm = (float(value) for value in free[:3])
    if not (0 <= angle <= 0.99 and dm2 > 0 and norm > 0):
        return None
    mixing = replace(point.mixing, sin2_2theta13=angle, dm2_32=dm2)
    pulls = None if point.pulls is None else x[len(columns) :]
    return Point(mixing, norm, free[3:] - np.log(norm), pulls)


def _slopes(state: State) -> Array:
    """`free_jacobian` in internal coordinates."""
    slopes = free_jacobian(state)
    slopes[:, 2] -= slopes[:, 3:].sum(axis=1) / state.point.normalisation
    return slopes
