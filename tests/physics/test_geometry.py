"""Path lengths against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.physics.geometry import Cylinder, PathLengths, Sphere, path_lengths


def solid_angle_fraction(distance, radius, height, source_height):
    """Fraction of directions in which a point at this distance lies in the cylinder."""
    low = np.sqrt(np.clip(1 - (radius / distance) ** 2, 0, 1))
    total = np.zeros_like(distance)
    for face in (source_height, height - source_height):
        total += np.clip(np.minimum(1, face / distance) - low, 0, None) / 2
    return total


def test_sphere_from_its_centre_is_uniform():
    lengths = path_lengths(Sphere(0.7), bins=50)
    np.testing.assert_allclose(lengths.weights, 1 / 50, rtol=1e-12)
    assert lengths.total == pytest.approx(0.7)
    k = np.array([0.01, 1.0, 30.0, 400.0])
    exact = 0.5 - np.sin(2 * k * 0.7) / (4 * k * 0.7)
    np.testing.assert_allclose(lengths.mean_sin2(k), exact, atol=1e-12)


def test_shell_is_uniform_between_its_radii():
    lengths = path_lengths(Sphere(0.7), Sphere(0.2), bins=40)
    assert lengths.edges[0] == pytest.approx(0.2)
    np.testing.assert_allclose(lengths.weights, 1 / 40, rtol=1e-12)


@pytest.mark.parametrize(
    ("radius", "height", "source"), [(1.9, 5.0, 2.7), (1.9, 5.0, 2.38), (0.7, 1.47, 0.72)]
)
def test_cylinder_on_axis_against_solid_angle(radius, height, source):
    lengths = path_lengths(Cylinder(radius, -source, height - source), bins=400, polar=300)
    fine = np.linspace(0, lengths.edges[-1], 400 * 40 + 1)
    middle = (fine[1:] + fine[:-1]) / 2
    exact = solid_angle_fraction(middle, radius, height, source).reshape(400, 40).sum(1)
    np.testing.assert_allclose(lengths.weights, exact / exact.sum(), atol=1e-5)


@given(st.floats(0.1, 3.0), st.floats(0.01, 300.0))
def test_average_lies_between_zero_and_one(radius, k):
    value = path_lengths(Cylinder.centred(radius, 2.0), bins=100, polar=20).mean_sin2(np.array([k]))
    assert 0 <= value[0] <= 1


def test_extended_source_obeys_the_mean_chord_of_a_sphere_centre():
    # a tiny source is a point
    small = path_lengths(Sphere(1.0), source=Cylinder.centred(1e-4, 1e-4), bins=64)
    np.testing.assert_allclose(small.total, 1.0, rtol=1e-6)


def test_extended_source_against_independent_points():
    rng = np.random.default_rng(3)
    n = 400_000
    r, phi = 0.2 * np.sqrt(rng.random(n)), 2 * np.pi * rng.random(n)
    points = np.stack([r * np.cos(phi), r * np.sin(phi), 0.5 * (rng.random(n) - 0.5)], axis=1)
    rays = rng.standard_normal((n, 3))
    rays /= np.linalg.norm(rays, axis=1)[:, None]
    # distance to a unit sphere, ray by ray
    along = (points * rays).sum(1)
    chords = -along + np.sqrt(along**2 + 1 - (points**2).sum(1))
    ours = path_lengths(Sphere(1.0), source=Cylinder.centred(0.2, 0.5))
    error = chords.std() / np.sqrt(n)
    assert abs(ours.total - chords.mean()) < 4 * error
    k = 7.0
    drawn = chords / 2 - np.sin(2 * k * chords) / (4 * k)  # integral of sin^2 along each ray
    assert abs(ours.mean_sin2(np.array([k]))[0] - drawn.mean() / chords.mean()) < 2e-3


def test_small_k_is_the_second_moment():
    lengths = PathLengths(np.array([0.0, 1.0]), np.array([1.0]), 1.0)
    k = np.array([1e-3])
    np.testing.assert_allclose(lengths.mean_sin2(k), k**2 / 3, rtol=1e-4)
