"""The joint likelihood of one data set as a table: millions of points a second.

The table is equidistant in log10(dm2) and in the angle a = 2 theta_14, s22 = sin^2(a), in which
predictions are smooth; cubics interpolate it both ways. Experiments whose chi2 is smooth in the
angle are computed on a few Chebyshev nodes of cos(a), where their predictions are polynomials or
ratios of such; those with a box of energy scales, whose chi2 has corners, on every node.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.interpolate import CubicSpline, barycentric_interpolate

from ...base.compiled import njit
from ...base.parallel import map_chunks, map_threads, one_blas_thread
from ...base.progress import Advance, progress
from .experiment import Array, check_points
from .joint import JointLikelihood
from .templates import FINE_STEP, dm2_axis, tabulate

Kind = Literal["profile", "marginal"]
VERSION = 2
"""Of what is computed: tables kept by another version are made again."""
ANGLES = 129
CHEBYSHEV = 25
COARSE = 2
"""Every how many nodes in dm2 an experiment with a box of energy scales is computed."""


def chebyshev_nodes(count: int) -> Array:
    """Chebyshev-Lobatto nodes (count,) on [0, 1], ascending."""
    return 0.5 - 0.5 * np.cos(np.pi * np.arange(count) / (count - 1))


@dataclass(frozen=True)
class TabulatedLikelihood:
    """A joint chi2 (or -2 log marginal likelihood) on nodes.

    Attributes:
        kind: "profile" or "marginal".
        axis: Nodes (M,) in log10(dm2 / eV^2).
        values: Table (M, A) on equidistant angles in [0, pi / 2].
        null: Value without oscillation.
    """

    kind: Kind
    axis: Array
    values: Array
    null: float

    def __call__(self, s22: Array, dm2: Array) -> Array:
        """Value (N,) at points (N,).

        Raises:
            InputError: If a point lies outside the tables.
        """
        s22, dm2 = check_points(s22, dm2, (10.0 ** self.axis[0], 10.0 ** self.axis[-1]))
        return self.evaluate(s22, np.log10(dm2))

    def evaluate(self, s22: Array, log10_dm2: Array) -> Array:
        """Value (N,) at s22 in [0, 1] and log10(dm2) on the axis, unchecked."""
        out = np.empty(len(s22))
        low, step = float(self.axis[0]), float(self.axis[1] - self.axis[0])

        def fill(start: int, stop: int) -> None:
            part = slice(start, stop)
            _evaluate(self.values, s22[part], log10_dm2[part], low, step, out[part])

        map_chunks(fill, len(s22), max(4096, -(-len(s22) // 16)))
        return out


def tabulate_likelihood(
    joint: JointLikelihood,
    kind: Kind = "profile",
    step: float = FINE_STEP,
    cache: bool = True,
) -> TabulatedLikelihood:
    """Tabulate the joint likelihood of the measured data, kept on disk."""
    low, high = np.log10(joint.dm2_range)
    axis = dm2_axis(round(float(low), 9), round(float(high), 9), step)

    def compute() -> dict[str, Array]:
        total = np.zeros((len(axis), ANGLES))
        null = np.zeros(1)
        with progress(f"tabulate {joint.name}", len(axis) * len(joint.groups)) as advance:
            for members in joint.groups:
                part = JointLikelihood(members)
                total += _table_of(part, kind, axis, advance)
                middle = np.array([10.0 ** axis[len(axis) // 2]])
                null += part.of_kind(kind)(np.zeros(1), middle)
        return {"values": total, "null": null}

    probe = joint.predict(np.array([0.0, 0.3, 0.9]), np.array([0.5, 1.0, 2.0]))
    key = [VERSION, kind, joint.describe(), joint.data, probe, axis, ANGLES, CHEBYSHEV, COARSE]
    tables = tabulate(f"{kind}-chi2", key, compute) if cache else compute()
    return TabulatedLikelihood(kind, axis, tables["values"], float(tables["null"][0]))


def _table_of(joint: JointLikelihood, kind: Kind, axis: Array, advance: Advance) -> Array:
    """Table (M, A) of one group."""
    angles = np.linspace(0, np.pi / 2, ANGLES)
    smooth = all(member.smooth_in_mixing for member in joint.experiments)
    if smooth:
        x = chebyshev_nodes(CHEBYSHEV)
        s22, rows = 1 - x**2, axis
    else:
        s22 = np.sin(angles) ** 2
        rows = np.append(axis[:-1:COARSE], axis[-1])
    values = np.empty((len(rows), len(s22)))
    function = joint.of_kind(kind)
    block = max(1, 4096 // len(s22))

    def compute(start: int) -> Array:
        part = rows[start : start + block]
        return function(np.tile(s22, len(part)), np.repeat(10.0**part, len(s22)))

    starts = range(0, len(rows), block)
    with one_blas_thread():
        for start, result in zip(starts, map_threads(compute, starts), strict=True):
            values[start : start + block] = result.reshape(-1, len(s22))
            advance(len(result) / len(s22) * len(axis) / len(rows))
    if smooth:
        matrix = barycentric_interpolate(x, np.eye(len(x)), np.cos(angles))  # (A, C)
        return values @ matrix.T
    return CubicSpline(rows, values)(axis)


@njit(cache=True, nogil=True, inline="always")
def _cubic(t: float) -> tuple[float, float, float, float]:  # pragma: no cover
    return (
        -(t - 1) * (t - 2) * (t - 3) / 6,
        t * (t - 2) * (t - 3) / 2,
        -t * (t - 1) * (t - 3) / 2,
        t * (t - 1) * (t - 2) / 6,
    )


@njit(cache=True, nogil=True)
def _evaluate(
    values: Array, s22: Array, log10_dm2: Array, low: float, step: float, out: Array
) -> None:  # pragma: no cover - compiled
    rows, columns = values.shape
    for n in range(len(s22)):
        place = (log10_dm2[n] - low) / step
        row = min(max(int(place) - 1, 0), rows - 4)
        a = _cubic(place - row)
        place = np.arcsin(np.sqrt(min(s22[n], 1.0))) * (columns - 1) / (0.5 * np.pi)
        column = min(max(int(place) - 1, 0), columns - 4)
        b = _cubic(place - column)
        total = 0.0
        for i in range(4):
            line = 0.0
            for j in range(4):
                line += b[j] * values[row + i, column + j]
            total += a[i] * line
        out[n] = total
