"""Survival of antineutrinos: identities, direct diagonalisation, limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.physics.oscillation import ThreeFlavour
from pontecorvo.physics.oscillation import survival as survival_in_vacuum
from pontecorvo.problems.oscillation.three_flavour import (
    PHASE,
    POTENTIAL,
    Matter,
    averaged_survival,
    check_ordering,
    dm2_31_of,
    modes,
    survival,
)

angles = st.floats(0.01, 0.99)
small = st.floats(5e-5, 1e-4)
large = st.floats(1e-3, 5e-3) | st.floats(-5e-3, -1e-3)
energies = st.floats(1.8, 12.0)
densities = st.floats(0.5, 12.0)


def diagonalised(s12, d21, s13, d31, length, energy, density, t23, delta):
    """P_ee from the complex Hamiltonian of three flavours, diagonalised."""
    t12, t13 = np.arcsin(np.sqrt([s12, s13]))
    c, s = np.cos, np.sin
    phase = np.exp(1j * delta)
    r23 = np.array([[1, 0, 0], [0, c(t23), s(t23)], [0, -s(t23), c(t23)]])
    r13 = np.array([[c(t13), 0, s(t13) / phase], [0, 1, 0], [-s(t13) * phase, 0, c(t13)]])
    r12 = np.array([[c(t12), s(t12), 0], [-s(t12), c(t12), 0], [0, 0, 1]])
    u = (r23 @ r13 @ r12).conj()  # antineutrinos
    h = u @ np.diag([0, d21, d31]) @ u.conj().T
    h[0, 0] -= POTENTIAL * density * 0.5 * energy
    values, vectors = np.linalg.eigh(h)
    amplitude = (vectors * np.exp(-2j * PHASE * values * length / energy)) @ vectors.conj().T
    return abs(amplitude[0, 0]) ** 2


@given(angles, small, angles, large, energies, densities, st.floats(0, 1.5), st.floats(0, 6.2))
def test_it_is_the_diagonalised_hamiltonian_whatever_theta23_and_delta(
    s12, d21, s13, d31, energy, density, t23, delta
):
    found = survival(s12, d21, s13, d31, 52500.0, energy, Matter(density))
    expected = diagonalised(s12, d21, s13, d31, 52500.0, energy, density, t23, delta)
    assert found == pytest.approx(expected, abs=1e-9)


@given(angles, small, angles, large, energies, st.floats(0, 12))
def test_weights_sum_to_one_and_eigenvalues_to_the_trace(s12, d21, s13, d31, energy, density):
    values, weights = modes(s12, d21, s13, d31, energy, Matter(density))
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    trace = d21 + d31 - POTENTIAL * density * 0.5 * energy
    assert values.sum() == pytest.approx(trace, abs=1e-16 + 1e-12 * abs(d31))
    first = (values * weights).sum()  # the electron's own element of the matrix
    vacuum = d21 * s12 * (1 - s13) + d31 * s13
    assert first == pytest.approx(vacuum - POTENTIAL * density * 0.5 * energy, abs=1e-12)


@given(angles, small, angles, large, energies)
def test_no_matter_is_the_limit_of_little(s12, d21, s13, d31, energy):
    empty = survival(s12, d21, s13, d31, 52500.0, energy)
    thin = survival(s12, d21, s13, d31, 52500.0, energy, Matter(1e-9))
    assert empty == pytest.approx(thin, abs=1e-7)


def test_vacuum_is_that_of_the_sterile_formula_without_a_sterile_neutrino():
    three = ThreeFlavour()
    energy = np.linspace(2, 9, 50)
    s13 = three.weights[2]
    own = survival(
        np.sin(three.theta_12) ** 2, three.dm2_21, s13, three.dm2_31, 1500.0, energy, Matter()
    )
    # the other formula rounds its phase constant to 1.267
    np.testing.assert_allclose(own, survival_in_vacuum(0.0, 1.0, 1500.0, energy, three), atol=2e-5)


def test_matter_weakens_the_solar_oscillation_of_antineutrinos():
    """Two flavours: the splitting is that of cos 2theta_12 + A / dm2_21, antineutrinos' sign."""
    s12, d21, s13, d31 = 0.31, 7.5e-5, 0.0, 2.5e-3
    values, weights = modes(s12, d21, s13, d31, 3.0, Matter(2.6))
    potential = POTENTIAL * 2.6 * 0.5 * 3.0
    order = np.argsort(values)
    split = values[order[1]] - values[order[0]]
    c = 1 - 2 * s12
    assert split == pytest.approx(d21 * np.sqrt((c + potential / d21) ** 2 + 1 - c**2), rel=1e-9)
    assert weights[order[1]] < s12


def test_average_over_cores_is_the_average():
    lengths, shares = np.array([52100.0, 52800.0, 215000.0]), np.array([0.5, 0.45, 0.05])
    energy = np.linspace(1.9, 8, 40)
    points = tuple(np.array([value]) for value in (0.31, 7.5e-5, 0.022, 2.5e-3))
    found = averaged_survival(points, lengths, shares, energy, Matter(2.55))[0]
    each = [survival(*points, length, energy, Matter(2.55)) for length in lengths]
    np.testing.assert_allclose(found, shares @ np.array(each), atol=1e-13)


def test_dm2_31_by_ordering():
    np.testing.assert_allclose(dm2_31_of(7.5e-5, [2.5e-3, -2.5e-3]), [2.5e-3, -2.425e-3])


def test_bad_input_in_one_sentence():
    with pytest.raises(InputError, match="mass ordering 'no'"):
        check_ordering("no")
    with pytest.raises(InputError, match="density -1"):
        Matter(-1.0)
    with pytest.raises(InputError, match="electrons a nucleon"):
        Matter(1.0, 2.0)


@pytest.mark.crosscheck
def test_against_nusquids():
    nsq = pytest.importorskip("nuSQuIDS")
    units = nsq.Const()
    solver = nsq.nuSQUIDS(3, nsq.NeutrinoType.antineutrino)
    s12, d21, s13, d31 = 0.3092, 7.5e-5, 0.0217, 2.54e-3
    solver.Set_MixingAngle(0, 1, np.arcsin(np.sqrt(s12)))
    solver.Set_MixingAngle(0, 2, np.arcsin(np.sqrt(s13)))
    solver.Set_MixingAngle(1, 2, 0.8)
    solver.Set_SquareMassDifference(1, d21)
    solver.Set_SquareMassDifference(2, d31)
    solver.Set_Body(nsq.ConstantDensity(2.55, 0.5))
    solver.Set_Track(nsq.ConstantDensity.Track(52.5 * units.km))
    solver.Set_rel_error(1e-10)
    solver.Set_abs_error(1e-10)
    for energy in (2.0, 3.0, 5.0, 8.0):
        solver.Set_E(energy * units.MeV)
        solver.Set_initial_state(np.array([1.0, 0.0, 0.0]), nsq.Basis.flavor)
        solver.EvolveState()
        own = survival(s12, d21, s13, d31, 52500.0, energy, Matter(2.55))
        assert own == pytest.approx(solver.EvalFlavor(0), abs=1e-9)
