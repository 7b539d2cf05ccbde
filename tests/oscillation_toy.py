"""A small oscillation experiment for the tests of trials: linear templates, pulls, counts."""

import numpy as np

from pontecorvo.frequentist.gaussian_plane import GaussianPulls
from pontecorvo.frequentist.plane import Axis, Plane
from pontecorvo.frequentist.poisson_plane import PoissonPulls


def toy_plane(shape: tuple[int, int]) -> Plane:
    return Plane.regular(shape, ("log10_s22", -4.0, 0.0), ("log10_dm2", -2.0, 2.0))


def plane_points(plane: Plane) -> tuple[np.ndarray, np.ndarray]:
    """s22 and dm2 (H,) of the plane, and of no oscillation at the end."""
    s22 = np.append(10 ** plane.points[:, 0], 0.0)
    return s22, np.append(10 ** plane.points[:, 1], 1.0)


def survival(plane: Plane, bins: int, length: float, low: float, high: float) -> np.ndarray:
    s22, dm2 = plane_points(plane)
    energy = np.linspace(low, high, bins * 10)
    wave = np.sin(1.267 * dm2[:, None] * length / energy) ** 2
    return 1 - s22[:, None] * wave.reshape(len(s22), bins, 10).mean(2)


def spectrum(
    plane: Plane, name: str = "toy", bins: int = 25, pulls: int = 2, seed: int = 0
) -> GaussianPulls:
    expected = survival(plane, bins, 10.0, 2, 8)
    shapes = np.cos(np.outer(np.arange(pulls), np.linspace(0, 3, bins)))
    response = 0.02 * expected[:, :, None] * shapes.T if pulls else None
    noise = 0.02 * np.random.default_rng(seed).standard_normal(bins)
    covariance = np.diag(np.full(bins, 4e-4)) + 1e-4
    return GaussianPulls(name, plane, expected, covariance, expected[-1] + noise, response)


def counting(plane: Plane, name: str = "counts", pulls: bool = True, seed: int = 0) -> PoissonPulls:
    expected = survival(plane, 13, 17.7, 30, 56) * np.linspace(60, 5, 13) + 0.5
    response = expected[:, :, None] * np.array([0.08, 0.12]) if pulls else None
    counts = np.random.default_rng(seed).poisson(expected[-1]).astype(float)
    return PoissonPulls(name, plane, expected, counts, response)


def flat_gaussian(shape: tuple[int, int] = (61, 61), bounded: bool = False) -> GaussianPulls:
    """Data that are the coordinates themselves with unit errors: everything is known.

    `bounded`: only x is measured, and it cannot be below zero.
    """
    low = 0.0 if bounded else -6.0
    plane = Plane(
        Axis("x", np.linspace(low, 6.0, shape[0])), Axis("y", np.linspace(-6, 6, shape[1]))
    )
    points = plane.points[:, :1] if bounded else plane.points
    null = np.zeros((1, points.shape[1]))
    mean = np.vstack([points, null])
    return GaussianPulls("flat", plane, mean, np.eye(mean.shape[1]), null[0])
