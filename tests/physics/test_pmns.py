"""The mixing matrix: PDG form and back, invariance under rephasing, Haar measure."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from pontecorvo.physics.pmns import (
    haar_unitary,
    jarlskog,
    majorana_invariants,
    pmns_matrix,
    pmns_parameters,
)

TWO_PI = 2.0 * np.pi
SIN2 = st.floats(1e-6, 1.0 - 1e-6)
PHASE = st.floats(0.0, TWO_PI, exclude_max=True)
RANGES_NO = {"s12sq": (0.275, 0.345), "s23sq": (0.435, 0.585), "s13sq": (0.02030, 0.02388)}


def angular_distance(a, b):
    return np.abs((np.asarray(a) - b + np.pi) % TWO_PI - np.pi)


@given(SIN2, SIN2, SIN2, PHASE, PHASE, PHASE)
def test_round_trip(s12sq, s13sq, s23sq, delta, alpha21, alpha31):
    u = pmns_matrix(s12sq, s13sq, s23sq, delta, alpha21, alpha31)
    np.testing.assert_allclose(u.conj().T @ u, np.eye(3), atol=1e-14)
    p = pmns_parameters(u)
    np.testing.assert_allclose([p.s12sq, p.s13sq, p.s23sq], [s12sq, s13sq, s23sq], atol=1e-13)
    # phases are as sharp as the shortest of the products that carry them
    sharp = 1e-14 / np.sqrt(min(s12sq, 1 - s12sq) * min(s13sq, 1 - s13sq) * min(s23sq, 1 - s23sq))
    assert angular_distance(p.delta, delta) < sharp + 1e-12
    assert angular_distance(p.alpha21, alpha21) < 4 * sharp + 1e-12
    assert angular_distance(p.alpha31, alpha31) < 4 * sharp + 1e-12
    for phase in (p.delta, p.alpha21, p.alpha31):
        assert 0.0 <= phase < TWO_PI


@given(st.integers(0, 2**32 - 1))
def test_parameters_do_not_see_row_phases_and_column_signs(seed):
    rng = np.random.default_rng(seed)
    u = haar_unitary(5, rng)
    rows = np.exp(1j * rng.uniform(0, TWO_PI, (5, 3, 1)))
    signs = rng.choice([-1.0, 1.0], (5, 1, 3))
    for other in (rows * u, rows * u * signs):
        a, b = pmns_parameters(u), pmns_parameters(other)
        np.testing.assert_allclose(a[:3], b[:3], atol=1e-13)
        for x, y in zip(a[3:], b[3:], strict=True):
            assert angular_distance(x, y).max() < 1e-9
        np.testing.assert_allclose(jarlskog(u), jarlskog(other), atol=1e-14)
    # I2 itself jumps where alpha31 passes 0, so compare away from there
    inside = (a.alpha31 > 1e-6) & (a.alpha31 < TWO_PI - 1e-6)
    inside &= (a.alpha21 > 1e-6) & (a.alpha21 < TWO_PI - 1e-6)
    np.testing.assert_allclose(
        np.array(majorana_invariants(u))[:, inside],
        np.array(majorana_invariants(rows * u * signs))[:, inside],
        atol=1e-9,
    )


@given(st.integers(0, 2**32 - 1), PHASE, PHASE)
def test_column_phases_are_the_majorana_phases(seed, shift21, shift31):
    u = haar_unitary(4, np.random.default_rng(seed))
    moved = u * np.exp(0.5j * np.array([0.0, shift21, shift31]))
    a, b = pmns_parameters(u), pmns_parameters(moved)
    assert angular_distance(b.delta, a.delta).max() < 1e-9
    assert angular_distance(b.alpha21 - a.alpha21, shift21).max() < 1e-9
    assert angular_distance(b.alpha31 - a.alpha31, shift31).max() < 1e-9


def test_invariants_have_the_pdg_form():
    rng = np.random.default_rng(1)
    u = haar_unitary(1000, rng)
    p = pmns_parameters(u)
    s12, c12 = np.sqrt(p.s12sq), np.sqrt(1 - p.s12sq)
    s13, c13 = np.sqrt(p.s13sq), np.sqrt(1 - p.s13sq)
    s23, c23 = np.sqrt(p.s23sq), np.sqrt(1 - p.s23sq)
    expected = c12 * s12 * c23 * s23 * c13**2 * s13 * np.sin(p.delta)
    np.testing.assert_allclose(jarlskog(u), expected, atol=1e-14)
    i1, i2 = majorana_invariants(u)
    np.testing.assert_allclose(i1, c12 * s12 * c13**2 * np.sin(p.alpha21 / 2), atol=1e-13)
    np.testing.assert_allclose(i2, c12 * s13 * c13 * np.sin(p.alpha31 / 2 - p.delta), atol=1e-13)
    # up to the sign of the column, straight from the matrix
    direct = np.imag((u[:, 0, 0].conj() * u[:, 0, 1]) ** 2)
    e = c12 * s12 * c13**2
    np.testing.assert_allclose(direct, e**2 * np.sin(p.alpha21), atol=1e-13)


@pytest.mark.parametrize("s12sq", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("s13sq", [0.0, 1e-30, 1e-12, 0.02, 1.0])
@pytest.mark.parametrize("s23sq", [0.0, 0.5, 1.0])
def test_vanishing_angles_still_give_a_matrix_back(s12sq, s13sq, s23sq):
    u = pmns_matrix(s12sq, s13sq, s23sq, 2.5, 1.0, 4.0)
    p = pmns_parameters(u)
    assert np.all(np.isfinite(p))
    # same light mass matrix up to row phases: compare abs(m) and its rephasing invariants
    masses = np.array([0.01, 0.02, 0.05])

    def invariants(u):
        m = u.conj() @ np.diag(masses) @ u.conj().T
        i, j = np.triu_indices(3, 1)
        return np.concatenate([np.abs(m).ravel(), (m[i, i] * m[j, j] * m[i, j].conj() ** 2)])

    np.testing.assert_allclose(invariants(pmns_matrix(*p)), invariants(u), atol=1e-15)


def test_delta_survives_a_tiny_reactor_angle():
    u = pmns_matrix(0.3, 1e-20, 0.5, 1.234)
    assert angular_distance(pmns_parameters(u).delta, 1.234) < 1e-5


def test_haar_mean_abs_jarlskog():
    j = np.abs(jarlskog(haar_unitary(400_000, np.random.default_rng(2))))
    assert abs(j.mean() - np.pi / 105) < 4.0 * j.std() / np.sqrt(j.size)


def test_haar_is_flat_in_the_angles_and_phases():
    """d(s12^2) d(c13^4) d(s23^2) d(delta) d(alpha21) d(alpha31), and no correlations."""
    p = pmns_parameters(haar_unitary(200_000, np.random.default_rng(6)))
    flat = [p.s12sq, (1 - p.s13sq) ** 2, p.s23sq]
    flat += [phase / TWO_PI for phase in (p.delta, p.alpha21, p.alpha31)]
    for x in flat:
        assert kstest(x, "uniform").pvalue > 1e-4
    correlations = np.corrcoef(flat) - np.eye(6)
    assert np.abs(correlations).max() < 4.5 / np.sqrt(200_000)


def haar_counts(n: int, seed: int) -> int:
    rng = np.random.default_rng(seed)
    count = 0
    for _ in range(n // 500_000):
        p = pmns_parameters(haar_unitary(500_000, rng))
        inside = np.ones(500_000, bool)
        for name, (low, high) in RANGES_NO.items():
            value = getattr(p, name)
            inside &= (value > low) & (value < high)
        count += int(inside.sum())
    return count


def haar_probability() -> float:
    """Haar is flat in s12^2, c13^4, s23^2: the fraction in closed form."""
    (a, b), (c, d), (e, f) = RANGES_NO["s12sq"], RANGES_NO["s23sq"], RANGES_NO["s13sq"]
    return (b - a) * (d - c) * ((1 - e) ** 2 - (1 - f) ** 2)


def test_haar_fraction_in_the_three_sigma_ranges():
    assert abs(haar_probability() - 7.35e-5) < 0.01e-5
    n = 1_000_000
    expected = 7.35e-5 * n
    assert abs(haar_counts(n, seed=3) - expected) < 4.0 * np.sqrt(expected)


@pytest.mark.slow
def test_haar_fraction_to_three_per_cent():
    n = 20_000_000
    expected = 7.35e-5 * n
    assert abs(haar_counts(n, seed=4) - expected) < 4.0 * np.sqrt(expected)


@settings(max_examples=20)
@given(st.integers(1, 5), st.integers(0, 1000))
def test_haar_is_unitary(dim, seed):
    u = haar_unitary(3, np.random.default_rng(seed), dim)
    np.testing.assert_allclose(
        u @ u.conj().swapaxes(1, 2), np.broadcast_to(np.eye(dim), u.shape), atol=1e-14
    )


@pytest.mark.crosscheck
def test_angles_and_delta_agree_with_flavorpy():
    """FlavorPy's Majorana phases are wrong, so they are not compared."""
    package = importlib.util.find_spec("flavorpy")
    if package is None or package.origin is None:
        pytest.skip("FlavorPy is not installed (crosscheck extra)")
    # its formulas alone: the package imports lmfit, pandas and matplotlib, 13 s of work
    path = Path(package.origin).parent / "modelfitting" / "mixingcalculations.py"
    spec = importlib.util.spec_from_file_location("flavorpy_mixing", path)
    assert spec is not None
    assert spec.loader is not None
    flavorpy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(flavorpy)
    u = haar_unitary(300, np.random.default_rng(5))
    p = pmns_parameters(u)
    theirs = [flavorpy.get_standard_parameters_pmns(x) for x in u]
    for ours, name in ((p.s12sq, "s12^2"), (p.s13sq, "s13^2"), (p.s23sq, "s23^2")):
        np.testing.assert_allclose(ours, [t[name] for t in theirs], atol=1e-12)
    delta = np.pi * np.array([t["d/pi"] for t in theirs])
    assert angular_distance(p.delta, delta).max() < 1e-9
