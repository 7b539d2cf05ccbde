"""Survival in 3+1 against a matrix exponential, averages against quadrature."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from pontecorvo.physics.oscillation import (
    PHASE,
    Baselines,
    TabulatedSin2,
    ThreeFlavour,
    cos4_theta_14,
    fourth_term,
    slab_sin2,
    survival,
    three_flavour_term,
)

angles = st.floats(0, 1)
splittings = st.floats(-2, 2).map(lambda x: 10**x)


def evolved(s22, dm2, length, energy, three):
    """|<e| exp(-i H L) |e>|^2 from the first row of the mixing matrix, by phases."""
    s14 = np.sin(0.5 * np.arcsin(np.sqrt(s22))) ** 2
    weights = np.append(three.weights * (1 - s14), s14)
    phases = 2 * PHASE * np.append(three.masses, dm2) * length / energy
    return abs((weights * np.exp(-1j * phases)).sum()) ** 2


@given(angles, splittings, st.floats(1, 2000), st.floats(1.9, 9))
def test_survival_is_the_squared_amplitude(s22, dm2, length, energy):
    three = ThreeFlavour()
    value = float(survival(s22, dm2, length, energy, three))
    assert_allclose(value, evolved(s22, dm2, length, energy, three), atol=1e-9)
    assert -1e-9 <= value <= 1 + 1e-9


@given(angles, splittings.filter(lambda x: x > 0.1), st.floats(5, 30), st.floats(2, 9))
def test_short_baselines_know_only_the_sterile_frequency(s22, dm2, length, energy):
    full = survival(s22, dm2, length, energy)
    # three-flavour phases are below 0.05 and shift the sterile one by as much
    assert_allclose(full, 1 - s22 * np.sin(PHASE * dm2 * length / energy) ** 2, atol=0.05)


def test_weights_of_the_angle():
    three = ThreeFlavour()
    assert_allclose(three.weights.sum(), 1)
    assert_allclose(cos4_theta_14(np.array([0.0, 1.0])), [1, 0.25])
    energy = np.array([3.0, 5.0])

    def sin2(q):
        return np.sin(q * 500.0) ** 2

    x = three_flavour_term(sin2, energy, three)
    y = fourth_term(sin2, energy, np.array([0.5]), three)[0]
    expected = survival(0.2, 0.5, 500.0, energy, three)
    assert_allclose(1 - cos4_theta_14(np.array(0.2)) * x - 0.2 * y, expected, atol=1e-12)


@given(st.floats(-4, 0.5), st.floats(5, 1000), st.floats(0.1, 2))
@settings(max_examples=50)
def test_slab_average_is_the_integral(log_q, length, half):
    q, low, high = 10**log_q, length - half, length + half
    nodes, weights = np.polynomial.legendre.leggauss(200)
    at = length + half * nodes
    direct = (np.sin(q * at) ** 2 / at**2 * weights).sum() / (weights / at**2).sum()
    assert_allclose(slab_sin2(np.array(q), low, high), direct, atol=1e-9)


def test_baselines_and_tables():
    two = Baselines.of_power((300.0, 400.0), (1.0, 2.0), 1.5)
    assert_allclose(sum(two.weights), 1)
    assert_allclose(two.weights[1] / two.weights[0], 2 * (300 / 400) ** 2)
    nodes = np.linspace(-1, 2, 3001)
    table = TabulatedSin2(nodes, two.sin2(10**nodes * 1e-3))
    q = np.array([1e-6, 3e-4, 2e-3, 1e-2, 0.5])
    assert_allclose(table(q)[:4], two.sin2(q)[:4], rtol=3e-3, atol=1e-5)
    assert table(q)[4] == 0.5


@pytest.mark.crosscheck
def test_against_nusquids():
    nsq = pytest.importorskip("nuSQuIDS")
    three = ThreeFlavour()
    units = nsq.Const()
    s13 = 0.5 * np.arcsin(np.sqrt(three.s22_13))
    for s22, dm2 in ((0.1, 1.0), (0.4, 0.02), (0.05, 3.0)):
        solver = nsq.nuSQUIDS(4, nsq.NeutrinoType.antineutrino)
        solver.Set_Body(nsq.Vacuum())
        solver.Set_MixingAngle(0, 1, three.theta_12)
        solver.Set_MixingAngle(0, 2, s13)
        solver.Set_MixingAngle(1, 2, 0.8)
        solver.Set_MixingAngle(0, 3, 0.5 * np.arcsin(np.sqrt(s22)))
        solver.Set_SquareMassDifference(1, three.dm2_21)
        solver.Set_SquareMassDifference(2, three.dm2_31)
        solver.Set_SquareMassDifference(3, dm2)
        solver.Set_rel_error(1e-10)
        solver.Set_abs_error(1e-10)
        for length in (15.0, 500.0, 1600.0):
            solver.Set_Track(nsq.Vacuum.Track(length * units.meter))
            solver.Set_E(4.0 * units.MeV)
            solver.Set_initial_state(np.array([1.0, 0, 0, 0]), nsq.Basis.flavor)
            solver.EvolveState()
            # they use the exact phase constant
            scale = 1.26693268 / PHASE
            ours = survival(s22, dm2, length * scale, 4.0, three)
            assert solver.EvalFlavor(0) == pytest.approx(float(ours), abs=2e-4)
