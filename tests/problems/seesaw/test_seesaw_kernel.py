"""The tiles of the seesaw map: their arithmetic is complex, and no point sees its neighbours."""

import numpy as np
import pytest

from pontecorvo.problems.seesaw.fast_map import light_neutrinos_from_theta, observables_from_theta
from pontecorvo.problems.seesaw.formula import EV_PER_GEV, VEV, light_neutrinos
from pontecorvo.problems.seesaw.mixing_kernel import _half_phase, mixing_range
from pontecorvo.problems.seesaw.seesaw_kernel import (
    L,
    add,
    dot,
    get,
    load,
    norm2,
    pick,
    put,
    solve,
    swap,
    times,
)
from seesaw_points import close_points, prior_points


def column(rng):
    z = rng.normal(size=3) + 1j * rng.normal(size=3)
    return z, tuple(z.view(float))


def test_columns_are_complex_vectors():
    rng = np.random.default_rng(0)
    (a, a6), (b, b6) = column(rng), column(rng)
    assert norm2(a6) == pytest.approx(np.vdot(a, a).real)
    assert complex(*dot(a6, b6)) == pytest.approx(np.vdot(a, b))
    found = np.array(add(a6, b6, 0.3, -1.2)).view(complex)
    np.testing.assert_allclose(found, a + b * (0.3 - 1.2j))
    np.testing.assert_allclose(np.array(times(a6, -2.0)).view(complex), -2 * a)
    assert swap(True, a6, b6) == (b6, a6)
    assert swap(False, a6, b6) == (a6, b6)
    assert (pick(True, 1, 2), pick(False, 1, 2)) == ((2, 1), (1, 2))
    w = np.zeros(12 * L)
    put(w, 5, 6, a6)
    assert get(w, 5, 6) == a6
    assert np.count_nonzero(w) == 6


def test_a_short_tile_repeats_its_first_point():
    theta, w = prior_points(3, 1), np.full(23 * L, np.nan)
    load(theta, 0, 3, w)
    rows = w.reshape(23, L).T
    np.testing.assert_array_equal(rows[:3], theta)
    np.testing.assert_array_equal(rows[3:], np.broadcast_to(theta[0], (L - 3, 23)))


def test_sweeps_leave_orthogonal_columns_of_the_masses_length():
    theta, w = prior_points(L, 2), np.empty(23 * L)
    load(theta, 0, L, w)
    solve(w, VEV * np.sqrt(EV_PER_GEV))
    lengths = []
    for i in range(L):
        columns = [np.array(get(w, i, row)).view(complex) for row in (0, 6, 12)]
        sizes = [np.linalg.norm(c) for c in columns]
        for j in range(3):
            for k in range(j):
                assert abs(np.vdot(columns[j], columns[k])) < 1e-9 * sizes[j] * sizes[k]
        lengths.append(np.sort(sizes))
    masses, _ = light_neutrinos_from_theta(theta, "no")
    np.testing.assert_allclose(lengths, masses, rtol=1e-9)


def test_the_last_bit_does_not_depend_on_the_neighbours():
    theta = prior_points(3 * L + 7, 3)
    together = observables_from_theta(theta, "no")
    for index in (0, 1, L - 1, L, 3 * L + 6):
        np.testing.assert_array_equal(
            observables_from_theta(theta[index : index + 1], "no")[0], together[index]
        )
    order = np.random.default_rng(0).permutation(len(theta))
    np.testing.assert_array_equal(observables_from_theta(theta[order], "no"), together[order])


@pytest.mark.parametrize(("x", "y"), [(1, 0), (0, 1), (-1, 1e-9), (-1, 0), (-3, -4), (2, -1e-12)])
def test_half_phase_is_a_root(x, y):
    root = complex(*_half_phase(float(x), float(y)))
    unit = complex(x, y) / abs(complex(x, y))
    assert root * root == pytest.approx(unit, abs=1e-14)
    assert abs(root) == pytest.approx(1, abs=1e-14)
    assert _half_phase(0.0, 0.0) == (1.0, 0.0)


@pytest.mark.parametrize("inverted", [False, True])
def test_points_in_doubt_are_marked_and_the_others_are_right(inverted):
    ordering = "io" if inverted else "no"
    theta = np.concatenate([prior_points(100, 4), close_points(40, 6)])
    theta[0, :18] = 0.0  # no masses at all
    n = len(theta)
    masses, u, doubtful = np.empty((n, 3)), np.empty((n, 3, 3), complex), np.empty(n, bool)
    mixing_range(theta, inverted, VEV * np.sqrt(EV_PER_GEV), masses, u, doubtful, 0, n)
    assert doubtful[0]
    assert doubtful[100:].any(), "masses that agree to 1e-5 are marked"
    assert not doubtful[1:100].all()
    from pontecorvo.problems.seesaw.fast_map import unpack

    sure = np.flatnonzero(~doubtful)
    expected, mixing = light_neutrinos(*unpack(theta[sure]), ordering)
    np.testing.assert_allclose(masses[sure], expected, rtol=1e-8)
    signs = np.sign(np.sum((mixing.conj() * u[sure]).real, axis=1))
    assert np.abs(u[sure] * signs[:, None, :] - mixing).max() < 1e-6
