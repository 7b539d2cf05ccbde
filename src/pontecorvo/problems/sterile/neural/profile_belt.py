"""Critical values of Feldman and Cousins' own statistic, learned from few trials a point.

The other learned belts are of the estimators' statistics, which integrate over the uncertainties;
this one is of chi2 - min chi2 with every uncertainty at its best value, as the exact belt. Trials
are drawn and refitted as there (`frequentist.toys`), some sixty at each tested point instead of a
thousand, and what a point lacks it borrows from its neighbours: quantiles are smooth functions of
the plane (`frequentist.quantile_belt`). No network reads the data, so that it holds for any set of
experiments and for the likelihood in force.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ....base.parallel import map_threads, one_blas_thread
from ....base.seeds import stream
from ....flows.torch_threads import one_thread
from ....frequentist.quantile_belt import BeltSettings, QuantileBelt, belt_coverage
from ....frequentist.toys import observed_statistic, statistic
from ..fits import Fit
from .learned_belts import LearnedRegion

KIND = "profile"
TITLE = "best-fit chi2"


@dataclass(frozen=True)
class ProfileSize:
    """How many trials at every tested point, and the network.

    Attributes:
        train: To learn from.
        conform: To set the factors by.
        check: To count coverage on.
        belt: The network and its training.
    """

    train: int = 56
    conform: int = 8
    check: int = 8
    belt: BeltSettings = field(default_factory=lambda: BeltSettings(steps=1500))


@dataclass(frozen=True)
class ProfileTrials:
    """Trials at the P tested points of a fit.

    Attributes:
        points: Where they were drawn (P, 2).
        statistic: Of T trials at each (P, T).
        observed: Of the data (P,).
    """

    points: np.ndarray
    statistic: np.ndarray
    observed: np.ndarray

    def some(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Points (N, 2) and statistic (N,) of some trials of every point, in an order by chance."""
        value = self.statistic[:, start:stop]
        theta = np.repeat(self.points, value.shape[1], axis=0)
        order = stream(0, "profile-belt-order", start).permutation(len(theta))
        return theta[order], value.ravel()[order].astype(float)


def profile_trials(fit: Fit, trials: int, seed: int) -> ProfileTrials:
    """Draw and refit trials at every tested point of a fit; the data too."""
    problem = fit.problem
    plane = problem.plane

    def at(start: int) -> tuple[np.ndarray, np.ndarray]:
        tested = np.arange(start, min(start + 10, plane.size))
        problem.prepare(tested)  # lattices of several points together: one by one takes longer
        own = np.array([observed_statistic(problem, int(point)) for point in tested])
        rows = []
        for point in tested:
            rng = stream(seed, "profile-belt", problem.name, int(point))
            data = problem.draw(int(point), trials, rng)
            rows.append(statistic(problem, data, int(point), alike=True))
        return own, np.array(rows)

    with one_blas_thread():
        found = list(map_threads(at, range(0, plane.size, 10)))
    observed, values = (np.concatenate(part) for part in zip(*found, strict=True))
    return ProfileTrials(plane.points, values, observed)


def profile_belt(
    found: ProfileTrials, size: ProfileSize, seed: int
) -> tuple[QuantileBelt, Mapping[str, object]]:
    """Learn critical values from trials, set their factors by others, check them on the rest.

    Returns:
        The belt, and what it was made of and covers, as the cards of ``belts.json``.
    """
    low, high = found.points.min(axis=0), found.points.max(axis=0)
    belt = QuantileBelt(low, high, settings=replace(size.belt, seed=seed))
    conform, check = size.train + size.conform, size.train + size.conform + size.check
    with one_thread():
        belt.fit(*found.some(0, size.train))
    belt.conform(*found.some(size.train, conform))
    card = {
        "simulations": len(found.points) * conform,
        "factors": belt.factors.tolist(),
        "coverage": belt_coverage(belt, *found.some(conform, check)).describe(),
    }
    return belt, card


def profile_region(
    fit: Fit, points: np.ndarray, seed: int, size: ProfileSize | None = None
) -> LearnedRegion:
    """The region of a fit's data at points (N, 2), its statistic drawn as the exact belt's is."""
    from scipy.interpolate import RegularGridInterpolator

    size = size or ProfileSize()
    found = profile_trials(fit, size.train + size.conform + size.check, seed)
    belt, card = profile_belt(found, size, seed)
    chi2, plane, fine = fit.problem.observed_chi2, fit.problem.plane, fit.posterior.plane
    # what the lattice about a point gains over the plane's own lowest chi2, as `Fit.belt_margin`
    gained = found.observed - (chi2[: plane.size] - chi2.min())
    on_plane = RegularGridInterpolator((plane.x.values, plane.y.values), plane.map(gained))
    on_fine = RegularGridInterpolator(
        (fine.x.values, fine.y.values), fine.map(fit.fine_chi2 - chi2.min())
    )
    inside = np.clip(points, plane.points.min(axis=0), plane.points.max(axis=0))
    return LearnedRegion(on_fine(inside) + on_plane(inside), belt.critical(inside), dict(card))
