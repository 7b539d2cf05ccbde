"""Every fit of a sterile study by every method: sets of experiments, belts, posterior, tension.

This is the method section: load experiments, name the sets, and for each find the best fit, the
belts by trials, the significance of no oscillation, and the exact posterior. Belts are kept on disk
piece by piece under the fingerprint of what they depend on, so that a run takes up where it was.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np

from ...base import files
from ...base.errors import InputError
from ...base.progress import Advance
from ...base.seeds import stream
from ...frequentist.belts import Belt, feldman_cousins
from ...frequentist.chi2_features import FeatureProblem, Joint
from ...frequentist.goodness import (
    LookElsewhere,
    ParameterGoodness,
    look_elsewhere,
    parameter_goodness,
)
from ...frequentist.grid_posterior import GridDraws, GridPosterior, checked_draws, prior_dependence
from ...frequentist.importance_p_value import WeightedProbability, weighted_p_value
from ...frequentist.neighbourhood import FINE, REACH, STEP, WIDEST
from ...frequentist.plane import GridProblem, Plane
from ...frequentist.scan import BestFit, best_fit
from ...frequentist.trial_region import LEVELS
from ...frequentist.wilks import wilks_critical, wilks_significance
from .experiment import Experiment
from .groups import fitted_sets, group_of, pairs
from .joint import JointLikelihood, connected
from .model import points_of
from .plane_coordinates import mixing_of
from .plane_likelihood import (
    BETWEEN,
    KnownParts,
    LikelihoodMaps,
    grid_problem,
    sterile_plane,
)

JOINT = "joint"
LEAST_S22, LARGEST_S22 = -3.95, -0.02
"""Range of log10 s22 inside of which a best fit is taken for one."""
TENSION_S22 = (-4.0, -3.0, -2.5, -2.2, *(np.arange(-20, 1) / 10).tolist())
"""Values of log10 s22 on which tensions are counted, and the number of those of log10 dm2."""
TENSION_DM2 = 241


@dataclass(frozen=True)
class Settings:
    """How finely and with how many trials.

    Attributes:
        shape: Points of the plane in log10 s22 and log10 dm2, for belts and trials.
        between: Values of dm2 between two of these at which fits look as well.
        trials: Trials at every point of a belt.
        max_trials: Most trials at points near a boundary.
        levels: Confidence and credible levels.
        tail_trials: Weighted trials for the significance of no oscillation.
        goodness_trials: Trials for the parameter goodness of fit.
        posterior_shape: Points of the posterior's plane.
        tension_dm2: Values of dm2 on the plane of tensions.
        seed: The run's seed.
    """

    shape: tuple[int, int] = (50, 50)
    between: int = BETWEEN
    trials: int = 1000
    max_trials: int = 8000
    levels: tuple[float, ...] = LEVELS
    tail_trials: int = 50_000
    goodness_trials: int = 50_000
    posterior_shape: tuple[int, int] = (121, 401)
    tension_dm2: int = TENSION_DM2
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Fit:
    """One set of experiments on the plane; everything is worked out when it is asked for."""

    name: str
    title: str
    experiments: tuple[Experiment, ...]
    settings: Settings
    folder: Path | None = None
    maps: LikelihoodMaps = field(default_factory=LikelihoodMaps)
    parts: KnownParts = field(default_factory=KnownParts)

    @cached_property
    def likelihood(self) -> JointLikelihood:
        """Chi2 and marginal likelihood at any s22 and dm2."""
        return JointLikelihood(self.experiments)

    def log_likelihood(self, points: np.ndarray) -> np.ndarray:
        """Marginal log-likelihood (N,) at points (N, 2) of the plane, up to a constant."""
        return -0.5 * self.likelihood.marginal(*points_of(points))

    @cached_property
    def problem(self) -> Joint:
        """The fit on the plane of the belts."""
        plane = sterile_plane(self.settings.shape, self.experiments, self.settings.between)
        return grid_problem(self.experiments, plane, self.name, self.parts)

    @cached_property
    def best(self) -> BestFit:
        """Best point, refined between the plane's points.

        Valleys are looked for on the belts' plane and on the posterior's, which is finer: a joint
        fit has valleys that the first steps over.
        """

        def chi2_at(points: np.ndarray) -> np.ndarray:
            return self.likelihood.chi2(*points_of(points))

        coarse = best_fit(self.problem, chi2_at)
        plane = self.posterior.plane
        chi2 = np.append(self.fine_chi2, coarse.null_chi2)
        # a known map is all of a problem that `best_fit` asks for
        fine = SimpleNamespace(plane=plane, observed_chi2=chi2, null=plane.size)
        found = best_fit(cast(GridProblem, fine), chi2_at)
        best = found if found.chi2 < coarse.chi2 else coarse
        return replace(best, grid_chi2=coarse.grid_chi2)

    @property
    def meaningful_best(self) -> bool:
        """Whether the best point says something.

        It does not at an end of the mixing's range, where the fit would go on or sees nothing, nor
        where the data are as happy without oscillation (Wilks' 68 % for two parameters).
        """
        inside = LEAST_S22 < self.best.x < LARGEST_S22
        return inside and self.best.delta_null > wilks_critical(0.68)

    @property
    def bins(self) -> int:
        """Number of data points."""
        return sum(experiment.size for experiment in self.experiments)

    def belt(self, advance: Advance | None = None) -> Belt:
        """Feldman-Cousins belts; taken from, and kept in, the folder."""
        checkpoint = self.folder and self.folder / f"belt-{self.name}-{self._mark()}"
        s = self.settings
        return feldman_cousins(
            self.problem,
            trials=s.trials,
            max_trials=s.max_trials,
            levels=s.levels,
            seed=s.seed,
            checkpoint=checkpoint,
            advance=advance,
        )

    def _mark(self) -> str:
        """Fingerprint of all a belt depends on."""
        digest = hashlib.sha256()
        for array in (self.problem.observed, self.problem.coefficients):
            digest.update(np.ascontiguousarray(array).tobytes())
        s = self.settings
        return files.fingerprint(
            [
                digest.hexdigest(),
                s.shape,
                s.between,
                s.trials,
                s.max_trials,
                s.levels,
                s.seed,
                self.name,
                ["near, between its points", STEP, REACH, FINE, WIDEST],
            ]
        )

    @cached_property
    def null(self) -> WeightedProbability:
        """p-value of no oscillation by weighted trials."""
        return weighted_p_value(
            self.problem, self.problem.null, self.settings.tail_trials, self.settings.seed
        )

    @property
    def null_wilks(self) -> tuple[float, float]:
        """p-value and sigma of no oscillation as Wilks' theorem with two parameters has it."""
        return wilks_significance(self.null.statistic)

    @property
    def elsewhere(self) -> LookElsewhere:
        """Local beside global p-value of no oscillation."""
        return look_elsewhere(self.null.statistic, self.null.value)

    @cached_property
    def posterior(self) -> GridPosterior:
        """Exact posterior on the fine plane, flat prior in both logarithms."""
        plane = sterile_plane(self.settings.posterior_shape, self.experiments)
        value, null = self.maps.total(self.experiments, plane, marginal=True)
        return GridPosterior(plane, -0.5 * value, -0.5 * null)

    @cached_property
    def fine_chi2(self) -> np.ndarray:
        """Profiled chi2 (G,) on the posterior's fine plane: for contours that show every wiggle."""
        return self.maps.total(self.experiments, self.posterior.plane, marginal=False)[0]

    def wilks_margin(self, level: float) -> np.ndarray:
        """Delta chi2 - critical value (G,) of Wilks' theorem on the fine plane."""
        lowest = min(self.best.chi2, self.best.null_chi2)
        return self.fine_chi2 - lowest - wilks_critical(level)

    def belt_margin(self, belt: Belt, level: float) -> np.ndarray:
        """Delta chi2 - critical value (G,) of the belt on the fine plane, for drawing.

        The data's statistic is computed on the fine plane; critical values, which change slowly,
        are interpolated between the tested points after a Gaussian average over one cell that takes
        their Monte-Carlo noise off the line. So is what the statistic at a point gains over the
        plane's own lowest chi2 by the lattice about it. The belt's own points are not changed.
        """
        from scipy.interpolate import RegularGridInterpolator
        from scipy.ndimage import gaussian_filter

        critical = belt.plane.map(belt.delta_chi2 - belt.margin(level))
        critical = gaussian_filter(critical, 1.0, mode="nearest")
        axes = belt.plane.x.values, belt.plane.y.values
        chi2 = self.problem.observed_chi2
        gained = belt.delta_chi2 - (chi2[: belt.plane.size] - chi2.min())
        smooth = critical - belt.plane.map(gained)
        between = RegularGridInterpolator(axes, smooth)(self.posterior.plane.points)
        return self.fine_chi2 - chi2.min() - between

    @property
    def bayes_factors(self) -> dict[str, float]:
        """ln Bayes factor of 3+1 against no oscillation under several priors."""
        return prior_dependence(self.posterior, "sin^2(2 theta)", (-4.0, -3.0, -2.0, -1.5))

    def draws(self, n: int, seed: int | None = None) -> GridDraws:
        """Posterior draws, each weighed by the exact likelihood."""
        rng = stream(self.settings.seed if seed is None else seed, "grid-posterior", self.name)
        return checked_draws(self.posterior, n, rng, self.log_likelihood)

    def describe(self) -> dict[str, object]:
        """The numbers of the fit, as plain types (works out what is not known yet)."""
        return {
            "name": self.name,
            "title": self.title,
            "experiments": [experiment.name for experiment in self.experiments],
            "bins": self.bins,
            "best_fit": self.best.describe(),
            "best_fit_mixing": {
                "Ue4_squared": float(mixing_of(np.array(10.0**self.best.x))),
                "m4_eV": 10 ** (self.best.y / 2),
            },
            "no_oscillation": {
                "by_trials": self.null.describe(),
                "wilks_p_value": self.null_wilks[0],
                "wilks_sigma": self.null_wilks[1],
                "local_p_value": self.elsewhere.local,
                "local_sigma": self.elsewhere.local_sigma,
                "trials_factor": self.elsewhere.trials_factor,
            },
            "log_evidence_over_null": self.posterior.log_bayes_factor,
            "log_bayes_factors": self.bayes_factors,
        }


def sets_of(
    experiments: Sequence[Experiment], settings: Settings, folder: Path | None = None
) -> dict[str, Fit]:
    """The joint fit, the sets of `groups` with two or more members here, and every experiment.

    Args:
        experiments: What the user chose.
        settings: How finely.
        folder: Where belts are kept.
    """
    if not experiments:
        raise InputError("no experiment is left; name at least one")
    by_name = {experiment.name: experiment for experiment in experiments}
    result: dict[str, Fit] = {}
    chosen, shared = frozenset(by_name), (settings, folder, LikelihoodMaps(), KnownParts())
    seen: set[frozenset[str]] = set()
    if len(chosen) > 1:
        result[JOINT] = Fit(JOINT, "All experiments", tuple(experiments), *shared)
        seen.add(chosen)
    for name, members in fitted_sets().items():
        present = [member for member in members if member in by_name]
        if len(present) < 2 or frozenset(present) in seen:
            continue
        seen.add(frozenset(present))
        chosen_here = tuple(by_name[m] for m in present)
        result[name] = Fit(name, group_of(name).title, chosen_here, *shared)
    for name, experiment in by_name.items():
        result[name] = Fit(name, experiment.title, (experiment,), *shared)
    return result


def tensions(fits: dict[str, Fit], advance: Advance | None = None) -> list[ParameterGoodness]:
    """Parameter goodness of fit of every pair of `groups.PAIRS` that the fits hold.

    Sets that share a nuisance are not independent and are left out. Minima of both sides and of
    their sum are looked for on a plane of their own, fine enough that the statistic is that of
    minima polished between its points within about 0.3; a plane of belts (30 x 30) is off by up to
    four.
    """
    experiments = {
        name: fit.experiments[0] for name, fit in fits.items() if len(fit.experiments) == 1
    }
    result = []
    seen: set[frozenset[str]] = set()
    for names, both in pairs([*experiments]).items():
        pair = tuple([experiments[member] for member in side] for side in both)
        if len(connected([*pair[0], *pair[1]])) < _count(pair):
            continue
        sides = frozenset("/".join(e.name for e in side) for side in pair)
        if sides in seen:
            continue
        seen.add(sides)
        first = next(iter(fits.values()))
        settings = first.settings
        plane = tension_plane([*pair[0], *pair[1]], settings.tension_dm2)
        parts: list[FeatureProblem] = [
            grid_problem(side, plane, name, first.parts)
            for side, name in zip(pair, names, strict=True)
        ]
        result.append(parameter_goodness(parts, settings.goodness_trials, settings.seed))
        if advance:
            advance(1, " - ".join(names))
    return result


def tension_plane(experiments: Sequence[Experiment], dm2: int = TENSION_DM2) -> Plane:
    """The plane on which tensions are counted: fine in dm2 and where mixing matters."""
    plane = sterile_plane((2, dm2), experiments)
    return Plane(replace(plane.x, values=np.array(TENSION_S22)), plane.y)


def _count(pair: tuple[Sequence[Experiment], ...]) -> int:
    return sum(len(connected(list(side))) for side in pair)
