"""Feldman-Cousins belts by exact trials (Feldman & Cousins 1998), refined where it matters.

For every tested point: trials under it, each refitted over the whole plane; the critical value c at
level L is the value of chi2(point) - min chi2 below which a fraction L of the trials lie; the point
is inside the region when the data's value is at most c. Every number carries its Monte-Carlo error.
Points that the trials so far cannot place on one side of a boundary get more of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import bdtr

from ..base.errors import InputError
from ..base.parallel import map_threads, one_blas_thread
from ..base.progress import Advance
from ..base.seeds import stream
from ..base.shards import kept_shards
from .plane import GridProblem, Plane
from .toys import BLOCK, observed_statistic, statistic
from .trial_region import LEVELS, TrialRegion, counted, undecided_points

POINTS_A_FILE = 10
TOGETHER = 10
"""Points whose neighbourhoods a thread lays out at a time."""


@dataclass(frozen=True, kw_only=True)
class Belt(TrialRegion):
    """Result of the construction at P tested points and L levels; see `TrialRegion`.

    Attributes:
        plane: The tested points, P of them (a sub-grid of the fitted plane).
        delta_chi2: The data's statistic (P,).
    """

    plane: Plane
    delta_chi2: np.ndarray

    def inside(self, level: float) -> np.ndarray:
        """Which points (P,) the region at a level contains."""
        return self.delta_chi2 <= self.critical[:, self.column(level)]

    def margin(self, level: float) -> np.ndarray:
        """delta_chi2 - critical value (P,): zero on the region's boundary."""
        return self.delta_chi2 - self.critical[:, self.column(level)]

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything but the plane, for `base.files.save_arrays`."""
        names = [n for n in self.__dataclass_fields__ if n != "plane"]
        return {"x": self.plane.x.values, "y": self.plane.y.values} | {
            name: getattr(self, name) for name in names
        }


def feldman_cousins(
    problem: GridProblem,
    *,
    trials: int = 1000,
    max_trials: int = 16000,
    levels: Sequence[float] = LEVELS,
    seed: int = 1,
    stride: tuple[int, int] = (1, 1),
    checkpoint: Path | None = None,
    advance: Advance | None = None,
    threads: int | None = None,
) -> Belt:
    """Build the belts over the plane.

    Args:
        problem: The fit; its plane is what each trial is refitted over.
        trials: Trials at every point; a multiple of 1,000.
        max_trials: Most trials at a point near a boundary; rounds double up to it. Equal to
            `trials`, nothing is refined.
        levels: Confidence levels.
        seed: The run's seed.
        stride: Test every n-th point along x and y; the fit always uses them all.
        checkpoint: Folder of finished pieces; a run that was killed takes up there. It must belong
            to these settings: the caller names it by their fingerprint.
        advance: Progress in thousands of trials.
        threads: Worker threads.

    Returns:
        The same belt, to the last bit, however the work was split.
    """
    levels = tuple(sorted(levels))
    if trials < BLOCK or trials % BLOCK or max_trials < trials:
        raise InputError(
            f"trials {trials}, at most {max_trials}: give multiples of {BLOCK}, "
            "the second not smaller than the first"
        )
    if not all(0 < level < 1 for level in levels):
        raise InputError(f"levels {levels}: each must lie between 0 and 1")
    tested, plane = sub_plane(problem.plane, stride)
    delta = _observed(problem, tested, threads)
    values: list[np.ndarray] = [np.empty(0, dtype=np.float32) for _ in tested]
    active = np.arange(len(tested))
    alphas = 1 - np.array(levels)
    start, blocks = 0, trials // BLOCK
    while len(active) and blocks:
        done = 0
        points = tested[active]

        def piece(
            first: int, start: int = start, blocks: int = blocks, points: np.ndarray = points
        ) -> dict[str, np.ndarray]:
            chunk = points[first : first + POINTS_A_FILE]
            kept = _trials_at(problem, chunk, start, blocks, seed, threads)
            return {"points": chunk, "statistic": kept}

        firsts = range(0, len(active), POINTS_A_FILE)
        name = f"belt-{start:04d}-by-{POINTS_A_FILE}-{{:06d}}.npz"
        asked = {"problem": problem.name, "points": points, "blocks": blocks, "seed": seed}
        ends = [*firsts[1:], len(active)]
        # one piece after the other: inside a piece, threads have the cores
        pieces = kept_shards(piece, firsts, checkpoint, name, asked, ends, threads=1)
        with one_blas_thread():
            for first, kept in zip(firsts, pieces, strict=True):
                chunk = active[first : first + POINTS_A_FILE]
                for point, new in zip(chunk, kept["statistic"], strict=True):
                    values[point] = np.concatenate([values[point], new])
                done += len(chunk)
                if advance:
                    note = f"round of {blocks * BLOCK} trials: {done} of {len(active)} points"
                    advance(len(chunk) * blocks, note)
        start += blocks
        counts = np.array([len(values[point]) for point in active])
        p = np.array([np.mean(values[point] >= delta[point]) for point in active])
        active = active[undecided_points(p, counts, alphas, 2.0)]
        blocks = min(start, max_trials // BLOCK - start)  # double, at most up to the largest
    beyond = [int(np.count_nonzero(own >= d)) for own, d in zip(values, delta, strict=True)]
    return Belt(plane=plane, delta_chi2=delta, **counted(values, beyond, np.array(levels)))


def sub_plane(plane: Plane, stride: tuple[int, int]) -> tuple[np.ndarray, Plane]:
    """Every n-th point along x and y: their indices in the whole plane, and the smaller plane."""
    from .plane import Axis

    xs, ys = np.arange(0, len(plane.x), stride[0]), np.arange(0, len(plane.y), stride[1])
    small = Plane(
        Axis(plane.x.name, plane.x.values[xs], plane.x.latex),
        Axis(plane.y.name, plane.y.values[ys], plane.y.latex),
    )
    return (xs[:, None] * len(plane.y) + ys).ravel(), small


def _observed(problem: GridProblem, tested: np.ndarray, threads: int | None) -> np.ndarray:
    """The data's statistic at points (P,); what trials need of the points is then at hand."""
    pieces = [tested[first : first + TOGETHER] for first in range(0, len(tested), TOGETHER)]
    with one_blas_thread():
        for _ in map_threads(problem.prepare, pieces, threads):
            pass
        found = map_threads(lambda at: observed_statistic(problem, int(at)), tested, threads)
        return np.array(list(found))


def _trials_at(
    problem: GridProblem,
    tested: np.ndarray,
    start: int,
    blocks: int,
    seed: int,
    threads: int | None,
) -> np.ndarray:
    """Statistic (points, blocks * BLOCK) of trials under each point."""

    def block(job: tuple[int, int]) -> np.ndarray:
        point, index = job
        rng = stream(seed, "belt", problem.name, point, index)
        data = problem.draw(point, BLOCK, rng)
        return statistic(problem, data, point, alike=True).astype(np.float32)

    jobs = [(int(point), start + index) for point in tested for index in range(blocks)]
    rows = list(map_threads(block, jobs, threads))
    return np.array(rows).reshape(len(tested), blocks * BLOCK)


def coverage_probability(covered: int, trials: int, level: float) -> float:
    """Two-sided binomial p-value of a count of covering trials."""
    lower = bdtr(covered, trials, level)
    upper = 1 - bdtr(covered - 1, trials, level) if covered > 0 else 1.0
    return float(min(1.0, 2 * min(lower, upper)))
