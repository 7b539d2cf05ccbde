"""A finer lattice about one point of the plane, where the plane's own points are far apart in chi2.

A joint fit may measure a coordinate to a part in a thousand, and neighbours on a plane of 50 x
50 differ by a thousand units of chi2: a trial drawn at a point would find no better one, its
statistic would be zero, and a belt would cover 100 %. So each such point brings a lattice of its
own, laid out by the curvature of the Asimov chi2 there, on which its trials are fitted as well.
Between the lattice's points a parabola through the best one and its neighbours finds the minimum:
the best point alone lies 0.1 above it on the average, and critical values would be as much too low.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from .plane import Axis, GridProblem, Plane

STEP = 0.75
"""Distance of the lattice's points, in standard deviations."""
REACH = 3.0
"""Radius of the lattice, in standard deviations: chi2 of 9 is beyond the 98 % of two parameters."""
FINE = 0.4
"""Chi2 between neighbours on the plane below which it needs no lattice."""
WIDEST = 0.5
"""Largest distance of the lattice's points, in cells of the plane."""
NOWHERE = 10**6
_KEPT = 64
"""Problems that are kept: belts ask for fifty points, for the data's statistic and for trials."""

AROUND = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
"""Steps from a point of the lattice to its neighbours."""

Distance = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class LatticePlane(Plane):
    """A lattice about a point, as a plane whose points it is, the centre last.

    Attributes:
        around: Neighbours (N, 8) of each point, in the order of `AROUND`; -1 where there is none.
    """

    around: np.ndarray = field(default_factory=lambda: np.empty((0, 8), dtype=int))

    def lowest(self, chi2: np.ndarray) -> np.ndarray:
        """Smallest chi2 (T,) on the lattice and between its points, of chi2 (T, N) at them."""
        every = np.arange(len(chi2))
        best = chi2[:, : len(self.around)].argmin(axis=1)
        least, around = chi2[every, best], self.around[best]
        known = around >= 0
        f = np.where(known, chi2[every[:, None], around] - least[:, None], np.nan)
        gain = np.zeros(len(chi2))
        curves, slopes = [], []
        for below, above in ((1, 6), (3, 4)):  # along one axis of the lattice, then the other
            curve, slope = f[:, below] + f[:, above], 0.5 * (f[:, above] - f[:, below])
            alone = 0.5 * slope**2 / np.maximum(curve, 1e-300)
            gain = np.fmax(gain, np.where(curve > 0, alone, 0.0))
            curves.append(curve)
            slopes.append(slope)
        mixed = 0.25 * (f[:, 0] - f[:, 2] - f[:, 5] + f[:, 7])
        (a, b), (p, q) = curves, slopes
        determinant = a * b - mixed**2
        bowl = known.all(axis=1) & (a > 0) & (b > 0) & (determinant > 0.1 * a * b)
        safe = np.where(bowl, determinant, 1.0)
        x, y = (mixed * q - b * p) / safe, (mixed * p - a * q) / safe
        both = -0.5 * (p * x + q * y)
        near = bowl & (np.abs(x) <= 1) & (np.abs(y) <= 1)
        return np.asarray(least - np.where(near, both, gain))


class Neighbourhood:
    """Lattices about the points of a plane, made when asked for.

    Args:
        plane: The plane.
        distance: Asimov chi2 (P, N) of points (P, N, 2), for data expected at centres (P, 2).
        build: The problem of a list of hypotheses, as a plane whose last point is the centre.
    """

    def __init__(
        self, plane: Plane, distance: Distance, build: Callable[[Plane], GridProblem]
    ) -> None:
        self._plane, self._distance, self._build = plane, distance, build
        self._kept: OrderedDict[int, GridProblem | None] = OrderedDict()
        self._lattices: dict[int, tuple[np.ndarray, np.ndarray] | None] = {}
        self._lock = Lock()
        x, y = plane.x.values, np.unique(np.round(plane.fitted[:, 1], 12))
        self._cell = np.array([np.diff(x).max(), np.diff(y).max()])
        self._low, self._high = plane.points.min(axis=0), plane.points.max(axis=0)

    def __getstate__(self) -> dict[str, object]:
        """For a worker: with the lattices, without the lock and the problems, which are large."""
        return {**self.__dict__, "_lock": None, "_kept": OrderedDict()}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._lock = Lock()

    def at(self, hypothesis: int) -> GridProblem | None:
        """The problem about a hypothesis, which is the last of its plane; None: fine as it is."""
        with self._lock:
            if hypothesis in self._kept:
                return self._kept[hypothesis]
        made = None
        if hypothesis < len(self._plane.fitted):
            centre, found = self._plane.fitted[hypothesis], self._lattice(hypothesis)
            if found is not None:
                made = self._build(_plane_of(*found, centre, self._plane))
        with self._lock:
            self._kept[hypothesis] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def prepare(self, hypotheses: np.ndarray) -> None:
        """Lay out the lattices of several hypotheses (P,) together: one by one takes far longer."""
        wanted = [int(h) for h in hypotheses if h < len(self._plane.fitted)]
        wanted = [h for h in wanted if h not in self._lattices]
        if not wanted:
            return
        centres = self._plane.fitted[wanted]
        for hypothesis, centre, curvature in zip(
            wanted, centres, self._curvatures(centres), strict=True
        ):
            found = lattice(centre, curvature, self._cell, self._low, self._high)
            self._lattices[hypothesis] = found

    def _lattice(self, hypothesis: int) -> tuple[np.ndarray, np.ndarray] | None:
        """`lattice` about a hypothesis; found once, since problems are kept for a few only."""
        self.prepare(np.array([hypothesis]))
        return self._lattices[hypothesis]

    def _curvatures(self, centres: np.ndarray) -> np.ndarray:
        """M (P, 2, 2) of chi2 = d^T M d near centres (P, 2), d in cells of the plane."""
        signs = np.where(centres + self._cell > self._high, -1.0, 1.0)
        step, near = np.full(centres.shape, 0.25), np.empty(centres.shape)
        axes = np.eye(2)
        active = np.arange(len(centres))
        for attempt in range(6):
            if attempt:
                factor = np.clip(near[active] ** -0.5, 0.02, 4)
                step[active] = np.minimum(step[active] * factor, 1.0)
            here, length = centres[active], step[active]
            shifts = axes * (length * signs[active] * self._cell)[:, None]
            found = np.maximum(self._distance(here, here[:, None] + shifts), 1e-12)
            near[active] = found
            good = (found > 0.2) & (found < 3) | (length >= 1) & (found <= 3)
            active = active[~np.all(good, axis=1)]
            if not len(active):
                break
        both = step * signs
        corner = self._distance(centres, (centres + both * self._cell)[:, None])[:, 0]
        diagonal = near / step**2
        mixed = (corner - near.sum(axis=1)) / (2 * np.prod(both, axis=1))
        limit = 0.95 * np.sqrt(np.prod(diagonal, axis=1))  # far from parabolic: stay positive
        result = axes * diagonal[:, None]
        result[:, 0, 1] = result[:, 1, 0] = np.clip(mixed, -limit, limit)
        return result


def lattice(
    centre: np.ndarray,
    curvature: np.ndarray,
    cell: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Points (N, 2) about a centre and their places (N, 2), or None where the plane is fine enough.

    Places count steps along the lattice's axes; a point that was moved to the plane's edge has
    none, and a large number instead.

    Args:
        centre: The point (2,).
        curvature: M (2, 2) of chi2 = d^T M d, d in cells.
        cell: Distance of the plane's points (2,).
        low: Lowest coordinates (2,); points beyond are moved to the edge.
        high: Highest.
    """
    values, vectors = np.linalg.eigh(curvature)
    if values[-1] < FINE:
        return None
    steps = np.minimum(STEP / np.sqrt(np.maximum(values, 1e-12)), WIDEST)
    count = int(REACH / STEP)
    index = np.arange(-count, count + 1)
    grid = np.stack(np.meshgrid(index, index, indexing="ij"), axis=-1).reshape(-1, 2)
    radius = np.linalg.norm(grid, axis=1)
    grid = grid[(radius > 0) & (radius <= REACH / STEP)]
    wanted = centre + (grid * steps) @ vectors.T * cell
    points = np.clip(wanted, low, high)
    places = np.where(np.any(points != wanted, axis=1)[:, None], NOWHERE, grid)
    points, first = np.unique(points, axis=0, return_index=True)
    return points, places[first]


def _plane_of(
    points: np.ndarray, places: np.ndarray, centre: np.ndarray, plane: Plane
) -> LatticePlane:
    """A plane whose points are these, the centre last (its axes hold four of no importance)."""
    below = np.minimum(points.min(axis=0), centre)
    above = np.maximum(points.max(axis=0), centre)
    axes = [
        Axis(axis.name, np.array([a, b if b > a else a + 1e-9]), axis.latex)
        for axis, a, b in zip((plane.x, plane.y), below, above, strict=True)
    ]
    fitted = LatticePlane(axes[0], axes[1], np.vstack([points, centre]))
    corners = fitted.size  # the axes' own four points come first, and have no place
    every = np.vstack([np.full((corners, 2), NOWHERE), places, np.zeros((1, 2), dtype=int)])
    where = {(int(i), int(j)): n for n, (i, j) in enumerate(every) if i != NOWHERE}
    around = [
        [where.get((int(i) + a, int(j) + b), -1) if i != NOWHERE else -1 for a, b in AROUND]
        for i, j in every
    ]
    return LatticePlane(axes[0], axes[1], fitted.between, np.array(around))
