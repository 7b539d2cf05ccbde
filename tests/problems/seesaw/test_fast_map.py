"""The fast kernel: against 50 digits, against the plain map, its symmetries and its bad inputs."""

import mpmath
import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.physics.masses import splittings_from_masses
from pontecorvo.physics.pmns import haar_unitary
from pontecorvo.problems.seesaw.fast_map import (
    LABELS,
    OBSERVABLES,
    labels_from_theta,
    light_neutrinos_from_theta,
    observables_from_theta,
    unpack,
)
from pontecorvo.problems.seesaw.formula import light_neutrinos
from seesaw_exact import exact_observables
from seesaw_points import close_points, graded_points, prior_points


def errors(theta: np.ndarray, ordering: str) -> tuple[np.ndarray, np.ndarray]:
    """Relative errors of dm2 and absolute errors of sin^2 against 50 digits, for each point."""
    ours = observables_from_theta(theta, ordering)
    exact = np.array([exact_observables(t, ordering) for t in theta])
    return np.abs(ours[:, :2] / exact[:, :2] - 1.0), np.abs(ours[:, 2:] - exact[:, 2:])


@pytest.mark.parametrize("points", [prior_points, graded_points, close_points])
@pytest.mark.parametrize("ordering", ["no", "io"])
def test_fifty_digits(points, ordering):
    relative, absolute = errors(points(100, seed=11), ordering)
    assert relative.max() < 1e-9
    assert absolute.max() < 1e-9


@pytest.mark.slow
def test_fifty_digits_over_1000_prior_and_200_nasty_points(capsys):
    for name, theta in {
        "prior": prior_points(1000, seed=21),
        "graded 1e8": graded_points(100, seed=22),
        "close pairs": close_points(100, seed=23),
    }.items():
        relative, absolute = errors(theta, "no")
        with capsys.disabled():
            print(f"\n{name}: dm2 relative {relative.max():.1e}, sin^2 {absolute.max():.1e}")
        assert relative.max() < 1e-9
        assert absolute.max() < 1e-9


def test_the_exact_reference_reconstructs_the_mass_matrix():
    """The reference itself: trace and determinant of m^+ m from its eigenvalues."""
    with mpmath.workdps(50):
        h = mpmath.matrix([[2, 1j, 0], [-1j, 3, 1], [0, 1, 5]])
        e, v = mpmath.eighe(h)
        assert abs(sum(e) - 10) < mpmath.mpf(10) ** -45
        assert mpmath.mnorm(v * mpmath.diag(e) * v.H - h) < mpmath.mpf(10) ** -45


@pytest.mark.parametrize("ordering", ["no", "io"])
@pytest.mark.parametrize("points", [prior_points, graded_points, close_points])
def test_kernel_agrees_with_the_plain_map(points, ordering):
    theta = points(2000, seed=31)
    masses, u = light_neutrinos(*unpack(theta), ordering)
    p = np.abs(u) ** 2
    _, dm2_21, dm2_3l = splittings_from_masses(masses, ordering)
    observables = observables_from_theta(theta, ordering)
    # the plain map's own rounding, which LAPACKs differ in, is a fraction of the heaviest mass
    rounding = 1e-14 * masses.max(axis=1) ** 2

    def assert_splittings_agree(got, plain):
        assert np.all(np.abs(got - plain) <= 1e-9 * np.abs(plain) + rounding)

    assert_splittings_agree(observables[:, 0], dm2_21)
    assert_splittings_agree(observables[:, 1], dm2_3l)
    expected = [p[:, 0, 1] / (p[:, 0, 0] + p[:, 0, 1]), p[:, 0, 2]]
    expected.append(p[:, 1, 2] / (p[:, 1, 2] + p[:, 2, 2]))
    np.testing.assert_allclose(observables[:, 2:].T, expected, atol=1e-9)
    labels = labels_from_theta(theta, ordering)
    assert_splittings_agree(labels[:, 0], dm2_21)
    m1, _, m3 = masses.T
    assert_splittings_agree(labels[:, 1], (m3 - m1) * (m3 + m1))
    np.testing.assert_allclose(labels[:, 2:], np.abs(u).reshape(-1, 9), atol=1e-9)
    fast_masses, fast_u = light_neutrinos_from_theta(theta, ordering)
    np.testing.assert_allclose(fast_masses, masses, rtol=1e-9)
    signs = np.sign(np.sum((u.conj() * fast_u).real, axis=1))
    np.testing.assert_allclose(fast_u * signs[:, None, :], u, atol=2e-9)


def test_names():
    assert (len(OBSERVABLES), len(LABELS)) == (5, 11)


@pytest.mark.parametrize("n", [0, 1, 63, 64, 65, 4096, 9001])
def test_a_point_does_not_depend_on_its_neighbours(n):
    theta = prior_points(9001, seed=42)
    whole = observables_from_theta(theta, "no")
    out = np.empty((n, 5))
    assert observables_from_theta(theta[:n], "no", out=out) is out
    np.testing.assert_array_equal(out, whole[:n])
    order = np.random.default_rng(n).permutation(9001)
    np.testing.assert_array_equal(observables_from_theta(theta[order], "no"), whole[order])


def test_vev_only_rescales():
    theta = prior_points(100, seed=43)
    a, b = observables_from_theta(theta, "no"), observables_from_theta(theta, "no", vev=246.0)
    np.testing.assert_allclose(b[:, :2], a[:, :2] * (246.0 / 174.1) ** 4, rtol=1e-11)
    np.testing.assert_allclose(b[:, 2:], a[:, 2:], atol=1e-10)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_gives_nan_in_its_row_only(bad):
    theta = prior_points(100, seed=44)
    for k in range(23):
        theta[3 * k + 1, k] = bad
    rows = np.arange(100)
    hit = (rows % 3 == 1) & (rows < 69)
    for function in (observables_from_theta, labels_from_theta):
        out = function(theta, "io")
        assert np.isnan(out[hit]).all()
        assert np.isfinite(out[~hit]).all()
    masses, u = light_neutrinos_from_theta(theta, "io")
    assert np.isnan(masses[hit]).all()
    assert np.isnan(u[hit]).all()
    assert np.isfinite(u[~hit]).all()


def test_one_massless_neutrino():
    theta = prior_points(50, seed=45)
    theta[:, [1, 4, 7, 10, 13, 16]] = 0.0  # the second heavy neutrino couples to nothing
    masses, u = light_neutrinos_from_theta(theta, "no")
    assert (masses[:, 0] == 0.0).all()
    np.testing.assert_allclose(
        u.conj().swapaxes(1, 2) @ u, np.tile(np.eye(3), (50, 1, 1)), atol=1e-12
    )
    labels = labels_from_theta(theta, "no")
    np.testing.assert_allclose(labels[:, 2:], np.abs(u).reshape(-1, 9), atol=1e-7)


def test_equal_masses_do_not_crash():
    theta = np.zeros((2, 23))
    theta[:, [0, 4, 8]] = 1.0
    theta[:, 18:21] = 14.0
    w = haar_unitary(1, np.random.default_rng(0))[0].real
    theta[1, :9] = np.linalg.qr(w)[0].ravel()
    observables = observables_from_theta(theta, "no")
    assert np.isfinite(observables).all()
    m = 174.1**2 / 1e14 * 1e9
    np.testing.assert_allclose(observables[:, :2], 0.0, atol=1e-14 * m**2)
    masses, u = light_neutrinos_from_theta(theta, "no")
    np.testing.assert_allclose(masses, m, rtol=1e-13)
    np.testing.assert_allclose(
        u.conj().swapaxes(1, 2) @ u, np.tile(np.eye(3), (2, 1, 1)), atol=1e-13
    )


def test_bad_input_is_one_sentence():
    with pytest.raises(InputError, match=r"theta must have shape \(N, 23\), not \(5, 22\)"):
        observables_from_theta(np.zeros((5, 22)), "no")
    with pytest.raises(InputError, match='"no" or "io"'):
        labels_from_theta(np.zeros((5, 23)), "NO")
    with pytest.raises(InputError, match="out must be float64"):
        observables_from_theta(np.zeros((5, 23)), "no", out=np.zeros((4, 5)))
