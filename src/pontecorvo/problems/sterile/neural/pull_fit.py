"""All pulls given a point of the plane and the data: the Gaussian about their best values.

Gaussian experiments have it in closed form: with whitened residual z = W (d - p) and whitened
response G = W A it has precision M = 1 + G^T G and centre M^-1 G^T z; spectra that are shifted are
linearised a second time where the first fit ended. Counts have Newton's minimum and the curvature
there (`problems.sterile.linear`). Where spectra respond linearly and data are
Gaussian this is the exact conditional posterior; elsewhere it is the coordinate system in which
what is left is small.
"""

from dataclasses import dataclass

import numpy as np

from ....base.parallel import map_chunks
from ....frequentist.linear_pulls import LinearPulls
from ....frequentist.poisson_kernel import profile
from ..joint import JointLikelihood
from ..linear import Group
from ..scale import ScaleExperiment

CHUNK = 512
REACH = 5.0
"""Energy scales are linearised about their best value, or here if it is further out."""
STEP = 0.5
"""Half-width of the differences, in standard deviations."""


@dataclass(frozen=True)
class PullFit:
    """The Gaussian of K pulls at N points, each with its own data set.

    Attributes:
        centre: Best pulls (N, K), in standard deviations of their priors.
        root: Lower Cholesky roots (N, K, K) of their precisions.
    """

    centre: np.ndarray
    root: np.ndarray

    @classmethod
    def at(
        cls, joint: JointLikelihood, s22: np.ndarray, dm2: np.ndarray, data: np.ndarray
    ) -> "PullFit":
        """At points (N,) with data (N, B), or one data set (1, B) for all."""
        count, pulls = len(s22), len(joint.nuisances)
        centre = np.zeros((count, pulls))
        root = np.zeros((count, pulls, pulls))
        single = len(data) == 1

        def part(start: int, stop: int) -> None:
            own = slice(start, stop)
            measured = np.broadcast_to(data if single else data[own], (stop - start, joint.size))
            centre[own], precision = _gaussian(joint, s22[own], dm2[own], measured)
            root[own] = np.linalg.cholesky(precision)

        map_chunks(part, count, CHUNK)
        return cls(centre, root)

    @property
    def log_volume(self) -> np.ndarray:
        """ln abs(d pulls / d z) (N,)."""
        return -np.log(np.diagonal(self.root, axis1=1, axis2=2)).sum(axis=1)

    def whiten(self, pulls: np.ndarray) -> np.ndarray:
        """Pulls (N, K) to numbers z (N, K) that are independent and standard normal."""
        return np.einsum("nkl,nk->nl", self.root, pulls - self.centre)

    def colour(self, z: np.ndarray) -> np.ndarray:
        """The inverse of `whiten`."""
        upper = np.swapaxes(self.root, 1, 2)
        return self.centre + np.linalg.solve(upper, z[:, :, None])[:, :, 0]


def _gaussian(
    joint: JointLikelihood, s22: np.ndarray, dm2: np.ndarray, data: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Centres (N, K) and precisions (N, K, K), group by group."""
    pulls = joint.nuisances
    centre = np.zeros((len(s22), len(pulls)))
    precision = np.broadcast_to(np.eye(len(pulls)), (len(s22), len(pulls), len(pulls))).copy()
    for members in joint.groups:
        group = Group(members)
        if not group.nuisances:
            continue
        measured = np.concatenate([data[:, joint.slices[m.name]] for m in members], axis=1)
        prediction, response = group.predict(s22, dm2), group.response(s22, dm2)
        if members[0].statistic == "poisson":
            every = np.arange(len(s22))
            _, best, curvature = profile(measured, every, prediction, every, response)
        else:
            best, curvature = _linear(group, measured - prediction, response)
            scale = members[0]
            if len(members) == 1 and isinstance(scale, ScaleExperiment):
                first = np.clip(best, -REACH, REACH)
                about, response = _about(scale, s22, dm2, first)
                left = measured - about + np.einsum("nbk,nk->nb", response, first)
                best, curvature = _linear(group, left, response)
        columns = [pulls.index(name) for name in group.nuisances]
        centre[:, columns] = best
        precision[:, np.array(columns)[:, None], columns] = curvature
    return centre, precision


def _linear(
    group: Group, residual: np.ndarray, response: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Best pulls (N, K) and precision (N, K, K) of residuals (N, B) that respond linearly."""
    white, _ = group.whiten(np.concatenate([residual[:, :, None], response], axis=2))
    linear = LinearPulls(white[:, :, 1:])
    return linear.best(white[:, :, 0]), linear.precision


def _about(
    experiment: ScaleExperiment, s22: np.ndarray, dm2: np.ndarray, pulls: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Expectation (N, B) at shifts (N, K), and the response (N, B, K) there."""
    middle = experiment.shifted(s22, dm2, pulls * experiment.scale_sigma)
    columns = []
    for k in range(pulls.shape[1]):
        step = np.eye(pulls.shape[1])[k]
        up, down = (
            experiment.shifted(s22, dm2, (pulls + sign * STEP * step) * experiment.scale_sigma)
            for sign in (1, -1)
        )
        columns.append((up - down) / (2 * STEP))
    return middle, np.stack(columns, axis=2)
