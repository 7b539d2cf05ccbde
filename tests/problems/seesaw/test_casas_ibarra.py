"""Casas-Ibarra both ways, complex orthogonal matrices, and the seesaw they parametrise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.physics.masses import masses_from_splittings
from pontecorvo.physics.pmns import haar_unitary
from pontecorvo.problems.seesaw.casas_ibarra import (
    casas_ibarra_matrix,
    orthogonal_coordinates,
)
from pontecorvo.problems.seesaw.fast_map import unpack
from pontecorvo.problems.seesaw.formula import factor, light_mass_matrix, light_neutrinos
from seesaw_points import complex_orthogonal, prior_points, yukawa_from_casas_ibarra

SEED = st.integers(0, 2**32 - 1)
EYE = np.eye(3)


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_seesaw_and_takagi(ordering):
    y, m = unpack(prior_points(300, 1))
    masses, u = light_neutrinos(y, m, ordering)
    mass_matrix = light_mass_matrix(y, m)
    x = factor(y, m)
    np.testing.assert_allclose(x @ x.swapaxes(1, 2), mass_matrix, rtol=1e-11, atol=1e-18)
    d = u.swapaxes(1, 2) @ mass_matrix @ u
    error = np.abs(d - masses[:, None, :] * EYE).max(axis=(1, 2))
    assert (error < 1e-14 * masses.max(axis=1)).all()
    m1, m2, m3 = masses.T
    assert (m1 < m2).all()
    assert ((m3 < m1) if ordering == "io" else (m2 < m3)).all()


def test_the_unit_is_ev():
    # v^2/M = 174.1^2/1e15 GeV = 0.03031 eV
    masses, _ = light_neutrinos(EYE, np.full(3, 1e15), "no")
    np.testing.assert_allclose(masses, 174.1**2 / 1e15 * 1e9, rtol=1e-14)


@given(SEED, st.floats(1e-6, 1e6))
def test_scaling_heavy_masses_scales_light_ones(seed, scale):
    y, m = unpack(prior_points(20, seed))
    a, u = light_neutrinos(y, m, "no")
    b, v = light_neutrinos(y, scale * m, "no")
    np.testing.assert_allclose(b, a / scale, rtol=1e-11)
    np.testing.assert_allclose(np.abs(u), np.abs(v), atol=1e-9)


@given(SEED, st.sampled_from(["no", "io"]))
def test_round_trip_from_yukawas(seed, ordering):
    y, m = unpack(prior_points(20, seed))
    masses, u = light_neutrinos(y, m, ordering)
    r = casas_ibarra_matrix(y, m, masses, u)
    # small masses under a strong hierarchy make large entries of R: errors grow with them
    size = np.abs(r).max(axis=(1, 2))[:, None, None] ** 2
    assert (np.abs(r @ r.swapaxes(1, 2) - EYE) < 1e-8 * size).all()
    np.testing.assert_allclose(yukawa_from_casas_ibarra(masses, u, r, m), y, atol=1e-11)


@given(SEED, st.sampled_from(["no", "io"]))
def test_round_trip_from_parameters(seed, ordering):
    rng = np.random.default_rng(seed)
    n = 10
    lightest = 10.0 ** rng.uniform(-4, -1, n)
    masses = masses_from_splittings(
        lightest, 7.5e-5, -2.5e-3 if ordering == "io" else 2.5e-3, ordering
    )
    u = haar_unitary(n, rng)
    euler = rng.uniform([0, -1, 0], [2 * np.pi, 1, 2 * np.pi], (n, 3))
    r = complex_orthogonal(euler, rng.normal(0, 1.0, (n, 3)))
    _, m = unpack(prior_points(n, seed))
    y = yukawa_from_casas_ibarra(masses, u, r, m)
    found, v = light_neutrinos(y, m, ordering)
    # the masses come from cancellations as large as the boost
    size = np.abs(r).max(axis=(1, 2)) ** 4
    assert (np.abs(found / masses - 1.0) < 1e-10 * size[:, None]).all()
    signs = np.sign(np.sum((u.conj() * v).real, axis=1))
    assert (np.abs(v * signs[:, None, :] - u) < 1e-8 * size[:, None, None]).all()
    back = casas_ibarra_matrix(y, m, masses, u)
    np.testing.assert_allclose(back, r, atol=1e-12 * np.abs(r).max())


@given(SEED, st.floats(0, 8))
def test_complex_orthogonal_and_its_coordinates(seed, eta):
    rng = np.random.default_rng(seed)
    n = 10
    euler = rng.uniform([0, -1, 0], [2 * np.pi, 1, 2 * np.pi], (n, 3))
    boost = rng.normal(size=(n, 3))
    boost *= eta / np.linalg.norm(boost, axis=1, keepdims=True)
    r = complex_orthogonal(euler, boost)
    size = np.cosh(eta)
    np.testing.assert_allclose(
        r @ r.swapaxes(1, 2), np.broadcast_to(EYE, r.shape), atol=1e-14 * size**2
    )
    np.testing.assert_allclose(np.linalg.det(r), 1.0, atol=1e-13 * size**3)
    e, b = orthogonal_coordinates(r)
    np.testing.assert_allclose(b, boost, atol=1e-12)
    np.testing.assert_allclose(complex_orthogonal(e, b), r, atol=1e-11 * size**2)
    assert (e[:, ::2] >= 0.0).all()
    assert (e[:, ::2] < 2 * np.pi).all()


def test_the_boost_is_the_exponential():
    from scipy.linalg import expm

    a = np.array([0.3, -0.7, 1.1])
    generator = np.zeros((3, 3))
    generator[0, 1], generator[1, 2], generator[2, 0] = a[2], a[0], a[1]
    generator -= generator.T
    np.testing.assert_allclose(
        complex_orthogonal([0.0, 1.0, 0.0], a), expm(1j * generator), atol=1e-14
    )


@pytest.mark.parametrize("cos_b", [1.0, -1.0])
def test_coordinates_without_a_second_axis(cos_b):
    r = complex_orthogonal([0.4, cos_b, 1.3], [0.0, 0.0, 0.0])
    euler, boost = orthogonal_coordinates(r)
    assert np.isfinite(euler).all()
    np.testing.assert_allclose(complex_orthogonal(euler, boost), r, atol=1e-14)


def test_a_reflection_is_refused():
    with pytest.raises(InputError, match="det R"):
        orthogonal_coordinates(np.diag([1.0, 1.0, -1.0]))
