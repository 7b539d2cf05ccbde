"""Path lengths from an extended source through nested volumes, and sin^2 averaged over them.

The rate of a source of isotropic emission in a uniform target is an integral over d^3x / L^2, which
is an integral over directions and over L with no weight left: every ray counts by the length it
spends in the target. So the distribution of L is a sum of intervals, one a ray, and is computed
once, deterministically, with Gauss-Legendre nodes in the source, in cos(theta) and in azimuth.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

Array = np.ndarray


class Convex(Protocol):
    """A convex body that contains the source."""

    def exit(self, points: Array, directions: Array) -> Array:
        """Distance (P, R) [m] from points (P, 3) inside to the surface along directions (R, 3)."""


@dataclass(frozen=True)
class Sphere:
    """A sphere about the origin.

    Attributes:
        radius: Radius [m].
    """

    radius: float

    def exit(self, points: Array, directions: Array) -> Array:
        """Distance (P, R) [m] from points (P, 3) inside to the surface along directions (R, 3)."""
        along = points @ directions.T
        square = (points**2).sum(axis=1)[:, None]
        return -along + np.sqrt(along**2 + self.radius**2 - square)


@dataclass(frozen=True)
class Cylinder:
    """An upright cylinder about the z axis.

    Attributes:
        radius: Radius [m].
        bottom: Lowest z [m].
        top: Highest z [m].
    """

    radius: float
    bottom: float
    top: float

    @classmethod
    def centred(cls, radius: float, height: float) -> "Cylinder":
        """A cylinder with its middle at the origin."""
        return cls(radius, -height / 2, height / 2)

    def exit(self, points: Array, directions: Array) -> Array:
        """Distance (P, R) [m] from points (P, 3) inside to the surface along directions (R, 3)."""
        across = (directions[:, :2] ** 2).sum(axis=1)
        along = points[:, :2] @ directions[:, :2].T
        square = (points[:, :2] ** 2).sum(axis=1)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            side = (-along + np.sqrt(along**2 + across * (self.radius**2 - square))) / across
            up = directions[:, 2]
            face = np.where(up > 0, self.top, self.bottom)
            end = (face - points[:, 2:]) / up
        side = np.where(across > 0, side, np.inf)
        return np.minimum(side, np.where(up != 0, end, np.inf))


@dataclass(frozen=True)
class PathLengths:
    """Distribution of the distance between emission and capture.

    Attributes:
        edges: Edges (n + 1,) [m].
        weights: Probability (n,) of each interval; they add up to one.
        total: Length in the target averaged over all directions [m]: the rate without oscillation
            is activity * density * cross section * total.
    """

    edges: Array
    weights: Array
    total: float

    @property
    def mean(self) -> float:
        """Mean distance [m]."""
        return float(self.weights @ (self.edges[1:] + self.edges[:-1]) / 2)

    def mean_sin2(self, k: Array, blur: float = 0.0) -> Array:
        """Average (M,) of sin^2(k L) for k (M,) [1/m], exact for this distribution.

        With a relative `blur` of k, its Gaussian mean, which multiplies cos(2 k L) by
        exp(-2 (k L blur)^2): taken in the middle of each interval, which is short.
        """
        k = np.asarray(k, dtype=float)
        if blur:
            low, high = self.edges[:-1], self.edges[1:]
            fading = np.exp(-2 * (k[:, None] * (low + high) / 2 * blur) ** 2)
            swing = np.sin(2 * k[:, None] * self.edges)
            parts = np.diff(swing, axis=1) * fading
            return 0.5 - parts @ (self.weights / (high - low)) / (4 * k)
        density = np.concatenate([[0.0], self.weights / np.diff(self.edges), [0.0]])
        slope = density[:-1] - density[1:]  # coefficient of sin(2 k L) at each edge
        return 0.5 - (np.sin(2 * k[:, None] * self.edges) @ slope) / (4 * k)


def directions(polar: int, azimuth: int) -> tuple[Array, Array]:
    """Unit vectors (R, 3) over the sphere and weights (R,) that add up to one.

    Both hemispheres get their own nodes in cos(theta); azimuths cover half the circle, which is
    enough for sources and targets that are symmetric about the x-z plane.
    """
    nodes, weights = np.polynomial.legendre.leggauss(polar)
    cosine = np.concatenate([(nodes - 1) / 2, (nodes + 1) / 2])
    weight = np.concatenate([weights, weights]) / 4
    phi = (np.arange(azimuth) + 0.5) * np.pi / azimuth
    sine = np.sqrt(1 - cosine**2)
    x, y = sine[:, None] * np.cos(phi), sine[:, None] * np.sin(phi)
    z = np.broadcast_to(cosine[:, None], x.shape)
    vectors = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    return vectors, np.repeat(weight / azimuth, azimuth)


def source_points(source: Cylinder | None, radial: int = 5, axial: int = 6) -> tuple[Array, Array]:
    """Points (P, 3) in the x-z plane and weights (P,) of uniform emission in a cylinder.

    None is a point source at the origin.
    """
    if source is None:
        return np.zeros((1, 3)), np.ones(1)
    r, wr = np.polynomial.legendre.leggauss(radial)
    z, wz = np.polynomial.legendre.leggauss(axial)
    r = source.radius * (r + 1) / 2
    z = (source.top + source.bottom + (source.top - source.bottom) * z) / 2
    weights = np.outer(wr * r, wz).ravel()
    grid_r, grid_z = (a.ravel() for a in np.meshgrid(r, z, indexing="ij"))
    points = np.stack([grid_r, np.zeros_like(grid_r), grid_z], axis=1)
    return points, weights / weights.sum()


def path_lengths(
    target: Convex,
    hole: Convex | None = None,
    source: Cylinder | None = None,
    bins: int = 1200,
    polar: int = 200,
    azimuth: int = 24,
) -> PathLengths:
    """Distribution of path lengths in `target` without `hole`, from `source` (None: the origin).

    Args:
        target: Body filled with the target material.
        hole: Body around the source without it, inside the target.
        source: Emitting cylinder; None for a point at the origin.
        bins: Intervals of length.
        polar: Nodes in cos(theta) a hemisphere.
        azimuth: Nodes in azimuth.
    """
    points, point_weights = source_points(source)
    rays, ray_weights = directions(polar, azimuth if source is not None else 1)
    leave = target.exit(points, rays)
    enter = np.zeros_like(leave) if hole is None else hole.exit(points, rays)
    weight = (point_weights[:, None] * ray_weights).ravel()
    enter, leave = enter.ravel(), leave.ravel()
    edges = np.linspace(enter.min(), leave.max(), bins + 1)
    # length of all rays below each edge: sum of w * [clip(edge, enter, leave) - enter]
    below = _ramp(enter, weight, edges) - _ramp(leave, weight, edges)
    return PathLengths(edges, np.diff(below) / below[-1], float(below[-1]))


def _ramp(starts: Array, weights: Array, edges: Array) -> Array:
    """Sum of weights * max(0, edge - start) at each edge."""
    order = np.argsort(starts)
    ordered, weights = starts[order], weights[order]
    count = np.searchsorted(ordered, edges, side="right")
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    moments = np.concatenate([[0.0], np.cumsum(weights * ordered)])
    return edges * sums[count] - moments[count]
