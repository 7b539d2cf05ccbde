"""The three-flavour fit: best point, errors, correlation, and the chi2 on a plane.

What other experiments know of theta_13 and dm2_3l is added as Gaussian terms; on the plane both are
profiled. All is chi2, profiled over the pulls.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RectBivariateSpline

from ...base.errors import InputError
from .external import External
from .juno import Juno

Array = np.ndarray
PUBLISHED = {"sin2_theta12": (0.3092, 0.0087), "dm2_21": (7.50e-5, 0.12e-5)}
"""Best fit and error: JUNO, Nature 654 (2026) 343, arXiv:2511.14593."""
PUBLISHED_CORRELATION = -0.224
"""Of the chi2 surface that JUNO released."""
STEPS_AT_MOST = 60
Function = Callable[[Array], Array]
STEPS = np.array([0.0087, 0.12e-5])
"""Scale of the plane's axes."""


@dataclass(frozen=True)
class BestFit:
    """Where chi2 is least.

    Attributes:
        theta: sin2_theta12, dm2_21, sin2_theta13, dm2_3l (4,).
        chi2: Chi2 of the data with the pulls' terms, without what other experiments add.
        external: What other experiments add.
        pulls: Best pulls (K,).
        covariance: Inverse of half the chi2's curvature (4, 4).
    """

    theta: Array
    chi2: float
    external: float
    pulls: Array
    covariance: Array

    @property
    def errors(self) -> Array:
        """Standard deviations (4,)."""
        return np.sqrt(np.diagonal(self.covariance))

    @property
    def correlation(self) -> float:
        """Of sin2_theta12 and dm2_21."""
        errors = self.errors
        return float(self.covariance[0, 1] / (errors[0] * errors[1]))


def best_fit(juno: Juno, external: External, data: Array | None = None) -> BestFit:
    """Minimise over the four parameters.

    Args:
        juno: The experiment.
        external: What is known of theta_13 and dm2_3l.
        data: Counts (B,); the measured ones by default.
    """
    scale = np.array([*STEPS, external.sin2_13[1], external.dm2_3l[1]])
    start = np.array([0.309, 7.5e-5, external.sin2_13[0], external.dm2_3l[0]])

    def value(points: Array) -> Array:
        theta = start + np.atleast_2d(points) * scale
        return juno.chi2(theta, data) + external.penalty(theta)

    # far from the truth (toys) Newton's steps begin at the best of a coarse plane
    axis = np.linspace(-5, 5, 11)
    plane = np.stack([a.ravel() for a in np.meshgrid(axis, axis)], axis=1)
    coarse = np.concatenate([plane, np.zeros((len(plane), 2))], axis=1)
    values = value(coarse)
    point = _newton(value, coarse[np.argmin(values)], float(values.min()))
    theta = start + point * scale
    result = juno.fit(theta[None], data)
    extra = float(external.penalty(theta[None])[0])
    curvature = _derivatives(value, point)[1]
    covariance = np.linalg.inv(curvature / 2) * np.outer(scale, scale)
    return BestFit(theta, float(result.chi2[0]), extra, result.pulls[0], covariance)


def _newton(value: Function, point: Array, least: float) -> Array:
    """Where a chi2 is least: Newton's steps, each of the best of several lengths.

    Written here because a step then costs two calls with many points each, where the minimisers of
    SciPy call with one point at a time, for 30 times as long.

    Raises:
        InputError: If no minimum is reached.
    """
    lengths = 0.5 ** np.arange(8)
    for _ in range(STEPS_AT_MOST):
        slope, bend = _derivatives(value, point)
        axes, vectors = np.linalg.eigh(bend)
        step = -vectors @ ((vectors.T @ slope) / np.maximum(np.abs(axes), 0.2))
        trials = point + lengths[:, None] * step
        values = value(trials)
        best = int(np.argmin(values))
        gain = least - float(values[best])
        if gain > 0:
            point, least = trials[best], float(values[best])
        if gain < 1e-8:
            return point
    raise InputError("JUNO fit: no minimum found; check the counts")


def _derivatives(value: Function, centre: Array) -> tuple[Array, Array]:
    """Gradient (n,) and second derivatives (n, n) by central differences, in one call."""
    size, step = len(centre), 0.3
    pairs = [(i, j) for i in range(size) for j in range(i + 1)]
    unit = step * np.eye(size)
    signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
    points = [centre + a * unit[i] + b * unit[j] for i, j in pairs for a, b in signs]
    points += [centre + sign * unit[i] for i in range(size) for sign in (1, -1)]
    values = value(np.array(points))
    corners = values[: 4 * len(pairs)].reshape(-1, 4)
    ends = values[4 * len(pairs) :].reshape(-1, 2)
    second = (corners @ np.array([1, -1, -1, 1])) / (4 * step**2)
    bend = np.zeros((size, size))
    for (i, j), number in zip(pairs, second, strict=True):
        bend[i, j] = bend[j, i] = number
    return (ends[:, 0] - ends[:, 1]) / (2 * step), bend


@dataclass(frozen=True)
class Surface:
    """Chi2 on a plane, the rest profiled.

    Attributes:
        sin2_12: Axis (I,).
        dm2_21: Axis (J,) [eV^2].
        chi2: Chi2 (I, J), what other experiments add included.
    """

    sin2_12: Array
    dm2_21: Array
    chi2: Array

    @property
    def delta(self) -> Array:
        """Chi2 less the least one of the interpolated plane (I, J)."""
        return self.chi2 - self.fine()[2].min()

    def fine(self, points: int = 801) -> tuple[Array, Array, Array]:
        """Axes (points,) and interpolated chi2 (points, points)."""
        x = np.linspace(self.sin2_12[0], self.sin2_12[-1], points)
        y = np.linspace(self.dm2_21[0], self.dm2_21[-1], points)
        return x, y, RectBivariateSpline(self.sin2_12, self.dm2_21, self.chi2)(x, y)

    def interval(self, name: str, level: float = 1.0) -> tuple[float, float, float]:
        """Best value and the ends where the profile rises by `level`.

        Raises:
            InputError: If the profile does not rise so far on the plane.
        """
        x, y, values = self.fine()
        axis, profile = (
            (x, values.min(axis=1)) if name == "sin2_theta12" else (y, values.min(axis=0))
        )
        rise = profile - profile.min()
        best = int(np.argmin(rise))
        if rise[0] < level or rise[-1] < level:
            raise InputError(f"{name}: chi2 rises by less than {level:g} on the plane; widen it")
        low = np.interp(-level, -rise[: best + 1], axis[: best + 1])
        high = np.interp(level, rise[best:], axis[best:])
        return float(axis[best]), float(low), float(high)

    def error(self, name: str) -> float:
        """Half the interval where the profile rises by one."""
        _, low, high = self.interval(name)
        return 0.5 * (high - low)

    def correlation(self) -> float:
        """Of the two axes, from the quadratic that fits the chi2 up to a rise of 2.3."""
        x, y, values = self.fine(201)
        rise = values - values.min()
        i, j = np.nonzero(rise < 2.3)
        a, b = (x[i] - x[i].mean()) / STEPS[0], (y[j] - y[j].mean()) / STEPS[1]
        columns = np.stack([a * a, a * b, b * b, a, b, np.ones_like(a)], axis=1)
        aa, ab, bb = np.linalg.lstsq(columns, rise[i, j], rcond=None)[0][:3]
        return float(-ab / (2 * np.sqrt(aa * bb)))


def surface(
    juno: Juno,
    external: External,
    sin2_12: Array,
    dm2_21: Array,
    data: Array | None = None,
    rounds: int = 2,
) -> Surface:
    """Chi2 on the plane of two axes, profiled over theta_13 and dm2_3l by Newton's steps.

    Args:
        juno: The experiment.
        external: What is known of theta_13 and dm2_3l.
        sin2_12: Axis (I,), ascending.
        dm2_21: Axis (J,) [eV^2], ascending.
        data: Counts (B,); the measured ones by default.
        rounds: Newton's steps.
    """
    first, second = np.meshgrid(sin2_12, dm2_21, indexing="ij")
    plane = np.stack([first.ravel(), second.ravel()], axis=1)
    scale = np.array([external.sin2_13[1], external.dm2_3l[1]])
    centre = np.array([external.sin2_13[0], external.dm2_3l[0]])

    def value(inner: Array) -> Array:
        theta = np.concatenate([plane, centre + inner * scale], axis=1)
        return juno.chi2(theta, data) + external.penalty(theta)

    inner, step = np.zeros((len(plane), 2)), 0.5
    best = value(inner)
    for _ in range(rounds):
        up = [value(inner + step * unit) for unit in np.eye(2)]
        down = [value(inner - step * unit) for unit in np.eye(2)]
        both = value(inner + step)
        slope = np.stack([(up[k] - down[k]) / (2 * step) for k in range(2)], axis=1)
        bend = [(up[k] + down[k] - 2 * best) / step**2 for k in range(2)]
        mixed = (both - up[0] - up[1] + best) / step**2
        # the external terms alone bend by 2: less than 1 is no reason for a long step
        bend = [np.maximum(b, 1.0) for b in bend]
        mixed = np.clip(mixed, -0.9, 0.9)
        determinant = bend[0] * bend[1] - mixed**2
        first_move = (bend[1] * slope[:, 0] - mixed * slope[:, 1]) / determinant
        second_move = (bend[0] * slope[:, 1] - mixed * slope[:, 0]) / determinant
        move = np.stack([first_move, second_move], axis=1)
        trial = inner - np.clip(move, -2, 2)
        reached = value(trial)
        better = reached < best
        inner, best = np.where(better[:, None], trial, inner), np.where(better, reached, best)
    return Surface(np.asarray(sin2_12), np.asarray(dm2_21), best.reshape(first.shape))


def axes_about(best: BestFit, sigmas: float = 4.0, points: int = 33) -> tuple[Array, Array]:
    """Axes of a plane about the best fit, `sigmas` standard deviations to either side."""
    reach = np.linspace(-sigmas, sigmas, points)
    return best.theta[0] + reach * best.errors[0], best.theta[1] + reach * best.errors[1]
