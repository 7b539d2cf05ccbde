"""The sterile experiments as problems on a plane: where physics and trials meet.

Experiments that share a nuisance become one problem; the rest stand side by side. Poisson counts
are drawn with their pulls from the constraints, then counted; Gaussian ones likewise (which for
linear pulls is the same as letting the constraints fluctuate).
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.linalg import block_diag, cholesky, solve_triangular

from ...base.errors import InputError
from ...base.parallel import map_chunks, map_threads, one_blas_thread
from ...frequentist.box_pulls import BoxPaths
from ...frequentist.chi2_features import FeatureProblem, Joint
from ...frequentist.gaussian_plane import GaussianPulls, GaussianVarying
from ...frequentist.neighbourhood import Neighbourhood
from ...frequentist.plane import Axis, Plane
from ...frequentist.poisson_plane import PoissonPulls
from .experiment import Experiment, Features
from .joint import JointLikelihood, connected
from .linear import Group
from .model import points_of
from .scale import ScaleExperiment

BETWEEN = 3
"""Values of dm2 between two neighbours of the plane at which fits look as well."""
BETWEEN_S22 = np.append(np.arange(-2.4, -1.1, 0.2), np.log10(np.linspace(0.1, 1.0, 19)))
"""Values of log10 s22 at which they do. Above s22 = 0.1, where data say much, chi2 goes with s22
itself, and steps of 0.05 leave a minimum 0.1 too high; those of the plane, 0.5 to 1.5."""

CHUNK = 4096
"""Points of a fine plane that a thread works out at a time."""


def sterile_plane(
    shape: tuple[int, int] = (50, 50), experiments: Sequence[Experiment] = (), between: int = 0
) -> Plane:
    """Plane of log10 sin^2(2 theta_ee) in [-4, 0] and log10(dm2_41 / eV^2) in [-2, 2].

    Args:
        shape: Points along each axis.
        experiments: The second axis is cut to the range that all of these have tables for.
        between: Values of dm2 between two neighbours that fits use as well. Fifty points along dm2
            step over the narrow valleys of a joint fit. Along s22 these are `BETWEEN_S22`, of which
            those above 0.1 stand at the plane's own dm2 too.
    """
    low = max([-2.0, *(np.log10(e.dm2_range[0]) for e in experiments)])
    high = min([2.0, *(np.log10(e.dm2_range[1]) for e in experiments)])
    x, y = np.linspace(-4, 0, shape[0]), np.linspace(low, high, shape[1])
    fine = np.linspace(low, high, (shape[1] - 1) * (between + 1) + 1)
    extra = np.delete(fine, np.s_[:: between + 1])
    points = _pairs(BETWEEN_S22, extra)
    if between:
        points = np.vstack([points, _pairs(BETWEEN_S22[BETWEEN_S22 > -1], y)])
    return Plane(
        Axis("log10_s22", x, r"\log_{10}\sin^2 2\theta_{ee}"),
        Axis("log10_dm2", y, r"\log_{10}(\Delta m^2_{41}/\mathrm{eV}^2)"),
        points,
    )


def _pairs(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Every pair (N, 2) of two coordinates."""
    return np.stack([axis.ravel() for axis in np.meshgrid(x, y, indexing="ij")], axis=1)


def hypotheses(plane: Plane) -> tuple[np.ndarray, np.ndarray]:
    """s22 and dm2 (H,) of the plane's points, those between, and no oscillation, which is last."""
    s22, dm2 = points_of(plane.fitted)
    return np.append(s22, 0.0), np.append(dm2, 1.0)


class KnownParts:
    """Problems of groups of experiments on planes, each made once: sets have groups in common."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], tuple[list[Experiment], FeatureProblem]] = {}

    def __call__(self, members: list[Experiment], plane: Plane) -> FeatureProblem:
        """The problem of experiments that share nuisances (or of one)."""
        key = (*(id(member) for member in members), plane.shape, plane.fitted.tobytes())
        if key not in self._kept:  # the members are kept too: their ids stay theirs
            self._kept[key] = members, _part(members, plane)
        return self._kept[key][1]


def grid_problem(
    experiments: Sequence[Experiment],
    plane: Plane,
    name: str = "",
    known: KnownParts | None = None,
) -> Joint:
    """The joint fit of experiments on a plane.

    Args:
        experiments: Any of them, each once.
        plane: Points in log10 s22 and log10 dm2.
        name: Name of the fit, part of its random streams; by default the experiments' names.
        known: Parts that other fits have made, and those that this one makes.

    Raises:
        InputError: If there is none, or a covariance is not positive.
    """
    joint = JointLikelihood(experiments)

    def distance(centres: np.ndarray, points: np.ndarray) -> np.ndarray:
        every = np.concatenate([points, centres[:, None]], axis=1)
        count = every.shape[1]
        expected = np.repeat(joint.predict(*points_of(centres)), count, axis=0)
        chi2 = joint.chi2(*points_of(every.reshape(-1, 2)), expected).reshape(-1, count)
        return chi2[:, :-1] - chi2[:, -1:]

    def build(small: Plane) -> Joint:
        return _plain(joint, small, f"{name}, near")

    return _plain(joint, plane, name, Neighbourhood(plane, distance, build), known)


def _plain(
    joint: JointLikelihood,
    plane: Plane,
    name: str,
    neighbourhood: Neighbourhood | None = None,
    known: KnownParts | None = None,
) -> Joint:
    make = _part if known is None else known
    with one_blas_thread():  # the same bits on any machine with the same libraries
        parts = list(map_threads(lambda members: make(members, plane), joint.groups))
    return Joint(name or joint.name, parts, neighbourhood)


class _OwnFeatures(FeatureProblem):
    """An experiment that brings its own features and coefficients."""

    def __init__(self, experiment: Experiment, plane: Plane, own: Features) -> None:
        if experiment.nuisances:
            raise InputError(
                f"{experiment.name}: an experiment with its own features must fold its pulls "
                f"({', '.join(experiment.nuisances)}) into its covariance and name none"
            )
        self.name, self.plane = experiment.name, plane
        self._experiment, self._own = experiment, own
        self.coefficients = own.coefficients
        self.observed = experiment.data
        self._points = hypotheses(plane)

    def features(self, data: np.ndarray) -> np.ndarray:
        """The experiment's own."""
        return self._own.features(data)

    def draw(self, hypothesis: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """The experiment's own data sets (n, B)."""
        s22, dm2 = (float(axis[hypothesis]) for axis in self._points)
        return self._experiment.toys(s22, dm2, n, rng)

    def expected(self, hypothesis: int) -> np.ndarray:
        """The prediction (B,)."""
        s22, dm2 = (axis[[hypothesis]] for axis in self._points)
        return self._experiment.predict(s22, dm2)[0]

    def deviance(self, data: np.ndarray, latent: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """Gaussian about the prediction (T, J): what `draw` follows."""
        s22, dm2 = (axis[hypotheses] for axis in self._points)
        root = cholesky(self._experiment.covariance(), lower=True)
        mean = solve_triangular(root, self._experiment.predict(s22, dm2).T, lower=True)
        white = solve_triangular(root, data.T, lower=True)
        square = np.einsum("bj,bj->j", mean, mean)
        return square - 2 * white.T @ mean


def _part(members: list[Experiment], plane: Plane) -> FeatureProblem:
    s22, dm2 = hypotheses(plane)
    first = members[0]
    if isinstance(first, ScaleExperiment):
        if first.prior == "box":
            return BoxPaths(first, plane, s22, dm2)
    elif len(members) == 1 and (own := first.own_features(s22, dm2)) is not None:
        return _OwnFeatures(first, plane, own)
    group = Group(members)
    name = "+".join(member.name for member in members)
    prediction, response = group.predict(s22, dm2), group.response(s22, dm2)
    if members[0].statistic == "poisson":
        prediction = np.maximum(prediction, 1e-9)
        return PoissonPulls(name, plane, prediction, group.data, response)
    if all(member.fixed_covariance for member in members):
        covariance = block_diag(*[member.covariance() for member in members])
        return GaussianPulls(name, plane, prediction, covariance, group.data, response)
    blocks = []
    for member, bins in zip(members, group.slices.values(), strict=True):
        block = member.covariance(prediction[:, bins])
        blocks.append(np.broadcast_to(block, (len(s22), member.size, member.size)))
    covariance = response @ np.swapaxes(response, 1, 2)
    for block, bins in zip(blocks, group.slices.values(), strict=True):
        covariance[:, bins, bins] += block
    return GaussianVarying(name, plane, prediction, covariance, group.data)


def _over(plane: Plane, function: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """Values (G,) of a function of s22 and dm2 on a plane, on both cores."""
    s22, dm2 = points_of(plane.points)

    def part(start: int, stop: int) -> np.ndarray:
        return function(s22[start:stop], dm2[start:stop])

    return np.concatenate(map_chunks(part, plane.size, CHUNK))


class LikelihoodMaps:
    """Chi2 and marginal likelihood over a fine plane, each group of experiments worked out once.

    Sets of experiments have groups in common; their maps are sums.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], tuple[np.ndarray, float]] = {}

    def total(
        self, experiments: Sequence[Experiment], plane: Plane, marginal: bool
    ) -> tuple[np.ndarray, float]:
        """Map (G,) of chi2, or of -2 log marginal likelihood, and its value at no oscillation."""
        with one_blas_thread():
            return self._total(experiments, plane, marginal)

    def _total(
        self, experiments: Sequence[Experiment], plane: Plane, marginal: bool
    ) -> tuple[np.ndarray, float]:
        total, null = np.zeros(plane.size), 0.0
        for members in connected(experiments):
            key = (*(id(e) for e in members), plane.shape, plane.points[-1, 1], marginal)
            if key not in self._kept:
                joint = JointLikelihood(members)
                function = joint.of_kind("marginal" if marginal else "profile")
                value = _over(plane, function)
                self._kept[key] = value, float(function(np.zeros(1), np.ones(1))[0])
            total = total + self._kept[key][0]
            null += self._kept[key][1]
        return total, null
