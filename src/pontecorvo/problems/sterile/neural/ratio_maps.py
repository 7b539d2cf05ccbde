"""Log-likelihood ratios of any subset of experiments on the plane, in closed form.

What a data set d says about the plane is its map l_h(d) = ln L(d | h) - ln L(d | no oscillation).
Maps of independent experiments add; experiments that share pulls are profiled together, so that a
subset of them has a map of its own. Each is a product of features of the data with coefficients of
the hypotheses (`frequentist.chi2_features`): thousands of data sets a second. Here it is a summary
statistic, no likelihood: pulls that live in a box are taken as Gaussian, and Poisson counts to
second order in theirs. What is lost so is lost to the network's width, never to its truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ....base.errors import InputError, suggest
from ....frequentist.chi2_features import FeatureProblem
from ....frequentist.gaussian_plane import GaussianPulls
from ....frequentist.plane import Axis, Plane
from ..experiment import Experiment
from ..joint import JointLikelihood, connected
from ..plane_likelihood import grid_problem, hypotheses
from ..scale import ScaleExperiment

# log10 s22: closer where predictions, polynomials in 1 - sqrt(1 - s22), move faster in it
X_NODES = np.concatenate(
    [
        [-4.0, -2.4, -2.0, -1.7, -1.45, -1.2, -1.0, -0.8, -0.6, -0.45],
        np.log10(1 - np.array([0.7, 0.58, 0.45, 0.32, 0.2, 0.1, 0.0]) ** 2),
    ]
)
Y_NODES = np.linspace(-2.0, 2.0, 385)


def summary_plane(x: Sequence[float] | None = None, y: Sequence[float] | None = None) -> Plane:
    """17 amplitudes times 385 splittings, enough to interpolate maps between; or other nodes."""
    return Plane(
        Axis("log10_s22", X_NODES if x is None else np.array(x), r"\log_{10}\sin^2 2\theta_{ee}"),
        Axis(
            "log10_dm2",
            Y_NODES if y is None else np.array(y),
            r"\log_{10}(\Delta m^2_{41}/\mathrm{eV}^2)",
        ),
    )


@dataclass(frozen=True)
class _Part:
    """One problem in single precision, relative to no oscillation."""

    problem: FeatureProblem
    coefficients: np.ndarray  # (F, G)
    squares: np.ndarray | None  # (K, S, G)
    at_null: np.ndarray | None  # (K, S)
    offset: np.ndarray  # (G,)

    @classmethod
    def of(cls, problem: FeatureProblem) -> "_Part":
        size, null = problem.plane.size, problem.null
        psi = problem.coefficients
        offset = np.zeros(size)
        if problem.log_determinant is not None:
            offset = problem.log_determinant[:size] - problem.log_determinant[null]
        squares = problem.squares
        return cls(
            problem,
            (psi[:, :size] - psi[:, [null]]).astype(np.float32),
            None if squares is None else np.ascontiguousarray(squares[:, :, :size], np.float32),
            None if squares is None else squares[:, :, null],
            offset.astype(np.float32),
        )

    def log_ratio(self, data: np.ndarray) -> np.ndarray:
        """ln L(h) - ln L(null), (T, G)."""
        features = self.problem.features(data)
        total = features.astype(np.float32) @ self.coefficients
        total += self.offset
        if self.squares is not None and self.at_null is not None:
            own = features[:, : self.squares.shape[1]]
            few = own.astype(np.float32)
            for omega, null in zip(self.squares, self.at_null, strict=True):
                product = few @ omega
                np.multiply(product, product, out=product)
                product -= ((own @ null) ** 2).astype(np.float32)[:, None]
                total -= product
        total *= -0.5
        return total


def _problem(members: Sequence[Experiment], plane: Plane) -> FeatureProblem:
    first = members[0]
    if isinstance(first, ScaleExperiment) and first.prior == "box":
        s22, dm2 = hypotheses(plane)
        steps = np.diag(first.scale_sigma)[None]
        up, down = (first.shifted(s22, dm2, sign * steps) for sign in (1, -1))
        response = np.swapaxes(up - down, 1, 2) / np.sqrt(12.0)  # a box has sigma / sqrt(3)
        nominal = first.predict(s22, dm2)
        return GaussianPulls(first.name, plane, nominal, first.covariance(), first.data, response)
    (part,) = grid_problem(members, plane).parts
    return part


class RatioMaps:
    """Maps (T, G) of data sets (T, B) for any subset of the experiments.

    Args:
        experiments: All that may be active, in the order of the data.
        plane: The G points.
    """

    def __init__(self, experiments: Sequence[Experiment], plane: Plane | None = None) -> None:
        self.joint = JointLikelihood(experiments)
        self.plane = plane or summary_plane()
        self.names = tuple(experiment.name for experiment in experiments)
        self._kept: dict[tuple[str, ...], list[tuple[_Part, list[slice]]]] = {}

    def check(self, active: Sequence[str]) -> tuple[str, ...]:
        """The active experiments in the order of the data.

        Raises:
            InputError: If one is unknown, or none is given.
        """
        for name in active:
            if name not in self.names:
                raise InputError(
                    f"experiment {name!r} is unknown to this network; "
                    f"{suggest(name, list(self.names))}"
                )
        if not active:
            raise InputError("no experiment is switched on; name at least one")
        return tuple(name for name in self.names if name in set(active))

    def parts(self, active: Sequence[str]) -> list[tuple[_Part, list[slice]]]:
        """Problems of the active experiments, and the bins of each."""
        active = self.check(active)
        result = []
        for group in self.joint.groups:
            members = [member for member in group if member.name in active]
            if not members:
                continue
            key = tuple(member.name for member in members)
            if key not in self._kept:
                self._kept[key] = [
                    (
                        _Part.of(_problem(some, self.plane)),
                        [self.joint.slices[member.name] for member in some],
                    )
                    for some in connected(members)
                ]
            result += self._kept[key]
        return result

    def __call__(self, data: np.ndarray, active: Sequence[str]) -> np.ndarray:
        """Maps (T, G), float32, of data sets (T, B); the bins of others are not read."""
        data = np.atleast_2d(np.asarray(data, dtype=float))
        if data.shape[1] != self.joint.size:
            raise InputError(
                f"data of {data.shape[1]} bins; the experiments have {self.joint.size}"
            )
        total = np.zeros((len(data), self.plane.size), dtype=np.float32)
        for part, bins in self.parts(active):
            total += part.log_ratio(np.hstack([data[:, own] for own in bins]))
        return total
