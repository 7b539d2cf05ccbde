"""A plane of hypotheses, and what the statistics need from a likelihood on it.

Everything in this folder that counts trials - belts, p-values, goodness of fit - knows a fit only
as a `GridProblem`: a finite set of hypotheses h (the points of a plane, more points between them,
and at the end the null hypothesis), the chi2 of any data set under each of them, and data sets
drawn under one.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..base.errors import InputError


@dataclass(frozen=True)
class Axis:
    """One axis of the plane: its name, symbol and ascending values."""

    name: str
    values: np.ndarray
    latex: str = ""

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=float)
        if values.ndim != 1 or len(values) < 2 or not np.all(np.diff(values) > 0):
            raise InputError(f"axis {self.name!r}: needs two or more values, ascending")
        object.__setattr__(self, "values", values)

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Plane:
    """A rectangular grid of G = len(x) * len(y) points; point index = ix * len(y) + iy.

    Attributes:
        x: First axis.
        y: Second axis.
        between: More points (E, 2) at which fits look for their minimum, but which are not tested.
    """

    x: Axis
    y: Axis
    between: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))

    @classmethod
    def regular(
        cls,
        shape: tuple[int, int],
        x: tuple[str, float, float],
        y: tuple[str, float, float],
    ) -> "Plane":
        """Evenly spaced plane; (name, low, high) of each axis."""
        return cls(
            Axis(x[0], np.linspace(x[1], x[2], shape[0])),
            Axis(y[0], np.linspace(y[1], y[2], shape[1])),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Points along x and y."""
        return len(self.x), len(self.y)

    @property
    def size(self) -> int:
        """Number of points G."""
        return len(self.x) * len(self.y)

    @cached_property
    def points(self) -> np.ndarray:
        """Coordinates (G, 2) of the points."""
        grid = np.meshgrid(self.x.values, self.y.values, indexing="ij")
        return np.stack([axis.ravel() for axis in grid], axis=1)

    @cached_property
    def fitted(self) -> np.ndarray:
        """Coordinates (G + E, 2) of the points and those between them."""
        return np.vstack([self.points, self.between])

    def lowest(self, chi2: np.ndarray) -> np.ndarray:
        """Smallest chi2 (T,), of chi2 (T, N) at the points."""
        return np.asarray(chi2.min(axis=1))

    def nearest(self, point: Sequence[float]) -> int:
        """Index of the grid point nearest to `point`, axis by axis."""
        ix = int(np.argmin(np.abs(self.x.values - point[0])))
        iy = int(np.argmin(np.abs(self.y.values - point[1])))
        return ix * len(self.y) + iy

    def map(self, values: np.ndarray) -> np.ndarray:
        """Reshape values (..., G or more) of the hypotheses to the plane (..., Nx, Ny)."""
        values = np.asarray(values)
        return values[..., : self.size].reshape(*values.shape[:-1], *self.shape)

    def describe(self) -> dict[str, object]:
        """Axes as plain types."""
        return {
            axis.name: {"low": axis.values[0], "high": axis.values[-1], "points": len(axis)}
            for axis in (self.x, self.y)
        }


class GridProblem(ABC):
    """Hypotheses, data and chi2: all that trials need.

    Attributes:
        name: What is fitted.
        plane: The points; hypothesis h < G is the plane's point h. The last of all hypotheses is
            the null hypothesis, the one without the effect that the plane describes.
        observed: The data (B,).
    """

    name: str
    plane: Plane
    observed: np.ndarray

    @property
    def hypotheses(self) -> int:
        """Number of hypotheses H."""
        return len(self.plane.fitted) + 1

    @property
    def null(self) -> int:
        """Index of the null hypothesis, the last."""
        return self.hypotheses - 1

    def point(self, hypothesis: int) -> tuple[float, float] | None:
        """Coordinates of a hypothesis, None for one that has none."""
        if hypothesis >= len(self.plane.fitted):
            return None
        x, y = self.plane.fitted[hypothesis]
        return float(x), float(y)

    @abstractmethod
    def chi2(self, data: np.ndarray) -> np.ndarray:
        """Chi2 (T, H) of data sets (T, B) under every hypothesis, nuisances profiled.

        Terms that depend on the data alone may be any constant of the data set: every statistic
        here is a difference between hypotheses.
        """

    @abstractmethod
    def draw(self, hypothesis: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Data sets (n, B) under a hypothesis, with every uncertainty of the measurement."""

    @abstractmethod
    def expected(self, hypothesis: int) -> np.ndarray:
        """Data (B,) without fluctuations (Asimov) under a hypothesis."""

    @property
    def screened(self) -> bool:
        """Whether `chi2` is an approximation that says where to look, `correction` the rest."""
        return False

    def correction(self, data: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """Exact chi2 - `chi2` (T, J) of data sets (T, B), each under its own hypotheses (T, J)."""
        return np.zeros(hypotheses.shape)

    @abstractmethod
    def best(
        self,
        data: np.ndarray,
        tested: int | None = None,
        count: int = 6,
        alike: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Hypotheses (T, J) that fit data sets (T, B) best, and their chi2 (T, J).

        Those that an approximation puts first, `count` of them, and the tested one, which is last;
        their chi2 is not approximated. Data sets are `alike` that were drawn under one hypothesis.
        """

    def draw_latent(
        self, hypothesis: int, n: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Data sets (n, B) and the pulls (n, L) behind them that `deviance` wants to know."""
        return self.draw(hypothesis, n, rng), np.empty((n, 0))

    @abstractmethod
    def deviance(self, data: np.ndarray, latent: np.ndarray, hypotheses: np.ndarray) -> np.ndarray:
        """-2 ln p(data | latent, h), (T, J), for J hypotheses; any function of data may be added.

        This is the density that `draw` follows, which chi2 need not be: the determinant of a
        covariance, or pulls that are not Gaussian in the data, make the difference.
        """

    def lowest(self, chi2: np.ndarray) -> np.ndarray:
        """Smallest chi2 (T,) over the hypotheses, of chi2 (T, H) under all of them.

        A plane whose points are a regular lattice finds it between them as well.
        """
        return np.minimum(self.plane.lowest(chi2), chi2.min(axis=1))

    def near(self, hypothesis: int) -> "GridProblem | None":
        """A finer problem about a point of the plane, which is the last of its own plane's.

        None where the plane's points are close enough to each other in chi2.
        """
        return None

    def prepare(self, hypotheses: np.ndarray) -> None:
        """Work out together what `near` will want of several hypotheses (P,)."""
        return None

    @cached_property
    def observed_chi2(self) -> np.ndarray:
        """Chi2 (H,) of the data, not approximated."""
        data, every = self.observed[None], np.arange(self.hypotheses)[None]
        return (self.chi2(data) + self.correction(data, every))[0]
