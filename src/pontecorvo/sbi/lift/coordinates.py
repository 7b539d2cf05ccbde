r"""The lift's coordinates: the prior without walls.

A parameter with distribution function F becomes y = Phi^-1(F(theta)), whose prior is the standard
normal; a periodic one becomes y = sqrt(12) (F - 1/2) on a circle, uniform, with the same variance.
Nothing that moves in y ever leaves the prior's support.

Two refinements keep the map smooth. Groups that the prior puts in order are built from independent
uniform numbers, largest first: with n members, F_(n) = u_n^(1/n), F_(k) = u_k^(1/k) F_(k+1) (the
joint law of order statistics; L. Devroye, Non-Uniform Random Variate Generation, 1986, ch. V.3), so
the walls between them go to infinity as well. A density that falls apart in pieces (a log-uniform
one of either sign) gets a cell number, which stays as it is while y moves.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from ...base.errors import InputError
from ...core.prior import Prior, SignedLogUniform

PERIOD = float(np.sqrt(12.0))
_EDGE = 8.0  # beyond, Phi(y) is one to the last digit
_LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Points:
    """Points in the lift's coordinates.

    Attributes:
        y: Coordinates (N, P).
        low: Lower end (N, P) of each one's cell in the prior's cube.
        width: Width (N, P) of the cell.
    """

    y: np.ndarray
    low: np.ndarray
    width: np.ndarray

    def __len__(self) -> int:
        return len(self.y)

    def at(self, y: np.ndarray) -> "Points":
        """Other coordinates (N, P) in the same cells."""
        return Points(y, self.low, self.width)

    def take(self, rows: np.ndarray | slice) -> "Points":
        """Some of the points."""
        return Points(self.y[rows], self.low[rows], self.width[rows])

    def repeat(self, times: int) -> "Points":
        """Every point `times` times, one after the other."""
        return Points(*(np.repeat(a, times, axis=0) for a in (self.y, self.low, self.width)))


class LiftCoordinates:
    """The map between parameters and the lift's coordinates.

    Args:
        prior: The model's prior; P parameters.
    """

    def __init__(self, prior: Prior) -> None:
        self.prior = prior
        self.periodic = np.asarray(prior.periodic, dtype=bool)
        self._line = ~self.periodic
        self._breaks = [
            np.array([0.0, *cuts(marginal), 1.0]) if cuts(marginal) else None
            for marginal in prior.marginals
        ]
        if any(self._breaks[index] is not None for group in prior.ordered for index in group):
            raise InputError(
                "lift: an ordered group of the prior has a density in pieces; give the group one "
                "without a gap, or declare the parameters without order"
            )

    @property
    def dim(self) -> int:
        """Number of parameters P."""
        return len(self.prior)

    def cells(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lower ends and widths (N, P) of the cells that hold points (N, P) of the prior's cube."""
        low, width = np.zeros_like(cube), np.ones_like(cube)
        for column, edges in enumerate(self._breaks):
            if edges is not None:
                index = np.clip(np.searchsorted(edges, cube[:, column]) - 1, 0, len(edges) - 2)
                low[:, column], width[:, column] = edges[index], np.diff(edges)[index]
        return low, width

    def from_parameters(self, theta: np.ndarray) -> Points:
        """Points of parameters (N, P); infinite ones where theta is on the support's edge."""
        cube = self.prior.to_unit_cube(np.asarray(theta, dtype=float))
        for group in self.prior.ordered:
            for rank, index in enumerate(group[:-1], start=1):
                with np.errstate(invalid="ignore", divide="ignore"):
                    ratio = cube[:, index] / cube[:, group[rank]]
                cube[:, index] = ratio**rank
            cube[:, group[-1]] = cube[:, group[-1]] ** len(group)
        return self.from_cube(cube)

    def from_cube(self, cube: np.ndarray) -> Points:
        """Points of a unit cube (N, P) in which the ordered groups are independent uniforms."""
        low, width = self.cells(cube)
        share = (cube - low) / width
        y = np.where(self.periodic, PERIOD * (share - 0.5), ndtri(np.where(self._line, share, 0.5)))
        return Points(y, low, width)

    def to_cube(self, points: Points) -> np.ndarray:
        """Inverse of `from_cube`."""
        turn = (points.y / PERIOD + 0.5) % 1.0
        share = np.where(self.periodic, turn, ndtr(points.y))
        return points.low + points.width * share

    def _ordered(self, cube: np.ndarray) -> np.ndarray:
        """The prior's own cube (its ordered branch) of independent uniforms (N, P)."""
        for group in self.prior.ordered:
            above = np.ones(len(cube))
            for rank in range(len(group), 0, -1):
                above = above * cube[:, group[rank - 1]] ** (1.0 / rank)
                cube[:, group[rank - 1]] = above
        return cube

    def to_parameters(self, points: Points) -> np.ndarray:
        """Parameters (N, P); NaN where a coordinate is out of floating-point reach."""
        theta = self.prior.from_unit_cube(self._ordered(self.to_cube(points)))
        theta[~self.reachable(points.y)] = np.nan
        return theta

    def reachable(self, y: np.ndarray) -> np.ndarray:
        """Which rows (N,) of coordinates the normal distribution function resolves."""
        return np.all(np.abs(np.where(self.periodic, 0.0, y)) <= _EDGE, axis=1)

    def chain(self, points: Points, theta: np.ndarray, jacobian: np.ndarray) -> np.ndarray:
        """Derivatives (N, K, P) in y from those in theta (N, K, P)."""
        inner = np.where(
            self.periodic,
            1.0 / PERIOD,
            np.exp(-0.5 * np.where(self.periodic, 0.0, points.y) ** 2 - 0.5 * _LOG_2PI),
        )
        inner = inner * points.width  # d cube / d y
        slope = np.empty_like(theta)  # d theta / d (the prior's own cube): one over the density
        for column, marginal in enumerate(self.prior.marginals):
            slope[:, column] = np.exp(-marginal.log_density(theta[:, column]))
        scaled = jacobian * slope[:, None, :]
        result = scaled * inner[:, None, :]
        if self.prior.ordered:
            cube = self.to_cube(points)
            own = self._ordered(cube.copy())
            for group in self.prior.ordered:
                for rank, index in enumerate(group, start=1):
                    below = list(group[:rank])  # this uniform number moves its member and all below
                    share = own[:, below] / (rank * cube[:, [index]])
                    column = np.einsum("nkb,nb->nk", scaled[:, :, below], share)
                    result[:, :, index] = column * inner[:, [index]]
        return result

    def log_prior(self, y: np.ndarray) -> np.ndarray:
        """Log prior density (N,) in y at coordinates (N, P), less that of the cells."""
        line = y[:, self._line]
        constant = 0.5 * line.shape[1] * _LOG_2PI + self.periodic.sum() * np.log(PERIOD)
        return -0.5 * np.einsum("np,np->n", line, line) - constant

    def wrap(self, y: np.ndarray) -> np.ndarray:
        """Coordinates with the periodic ones brought back to their interval."""
        turned = (y / PERIOD + 0.5) % 1.0
        return np.where(self.periodic, PERIOD * (turned - 0.5), y)

    def difference(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """first - second (N, P), angles the short way round."""
        return self.wrap(first - second) if self.periodic.any() else first - second


def cuts(marginal: object) -> tuple[float, ...]:
    """Where in (0, 1) a marginal's quantile jumps; declared by an attribute ``breaks``."""
    if isinstance(marginal, SignedLogUniform):
        return (0.5,)
    return tuple(getattr(marginal, "breaks", ()))
