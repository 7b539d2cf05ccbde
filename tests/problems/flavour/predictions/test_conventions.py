"""Y couples as l_alpha H N_i: the case's point, the way to ULYSSES and back, phases absorbed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.physics.masses import m_ee
from pontecorvo.physics.pmns import pmns_parameters
from pontecorvo.problems.flavour.predictions.conventions import (
    real_masses,
    to_lbar,
    ulysses_parameters,
    yukawa_from_lbar,
)
from pontecorvo.problems.seesaw.formula import light_mass_matrix, light_neutrinos

# shared/cases/yukawa-convention: Yukawas of the ULYSSES card 1N3FIO, vev 174 GeV
H = np.array(
    [
        [2.845897292667469e-06, 0.005516952320610805, -0.01292347894852293],
        [-1.3055062550050969e-05, -0.017368578528259633, -0.0031171909068281726],
        [4.715035039076096e-05, 0.02225401445281646, 0.0017630239759438486],
    ]
) + 1j * np.array(
    [
        [-1.5563623905004073e-05, -0.0072675930884829, -0.009811523179293269],
        [2.446087692367735e-05, -0.0017532043791925293, 0.030886048249548388],
        [1.781593792437023e-05, 0.0009914411684725818, -0.03957416327104415],
    ]
)
M = np.array([3162277.6601683795, 10000000.0, 31622776.60168379])


def _angles(y):
    masses, u = light_neutrinos(y, M, "io", vev=174.0)
    p = pmns_parameters(u)
    return masses, u, np.rad2deg([p.delta, p.alpha21, p.alpha31])


def test_numbers_copied_as_they_stand_have_the_other_sign_of_cp():
    """The case: delta = 360 - 201, alpha21 = 360 - 239, alpha31 = 720 - 658 degrees."""
    masses, u, phases = _angles(H)
    np.testing.assert_allclose(phases, [360 - 201, 360 - 239, 720 - 658], atol=1e-3)
    np.testing.assert_allclose(masses, [0.0509746, 0.0517086, 0.0131826], atol=1e-6)
    assert 1e3 * m_ee(masses, u) == pytest.approx(29.616, abs=1e-3)
    p = pmns_parameters(u)
    np.testing.assert_allclose(
        [p.s12sq, p.s13sq, p.s23sq], [0.309788, 0.022620, 0.581663], atol=1e-6
    )


def test_converted_numbers_have_the_cards_phases():
    _, _, phases = _angles(yukawa_from_lbar(H))
    np.testing.assert_allclose(phases, [201, 239, 658 - 360], atol=1e-3)


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_absorbing_phases_changes_nothing_physical(seed, n):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(4, 3, n)) + 1j * rng.normal(size=(4, 3, n))
    m = 10 ** rng.uniform(1, 4, (4, n)) * np.exp(1j * rng.uniform(-4, 4, (4, n)))
    turned, size = real_masses(y, m)
    assert (np.diff(size, axis=1) >= 0).all()
    assert (size > 0).all()
    np.testing.assert_allclose(light_mass_matrix(turned, size), light_mass_matrix(y, m), rtol=1e-9)
    h, same = to_lbar(y, m)
    np.testing.assert_array_equal(yukawa_from_lbar(h), turned)
    np.testing.assert_array_equal(same, size)


def test_ulysses_parameters_are_moduli_and_phases():
    (values,) = ulysses_parameters(H.conj()[None], M[None])
    entry = values["Y23_mag"] * np.exp(1j * values["Y23_phs"])
    assert entry == pytest.approx(H[1, 2], rel=1e-12)
    assert values["M2"] == pytest.approx(7.0)


def test_shapes_are_checked():
    with pytest.raises(InputError, match="give Y as"):
        real_masses(np.ones((3, 3)), np.ones(3))
    with pytest.raises(InputError, match="non-zero"):
        real_masses(np.ones((1, 3, 2)), np.array([[1.0, 0.0]]))
    with pytest.raises(InputError, match="three heavy"):
        ulysses_parameters(np.ones((1, 3, 2)), np.ones((1, 2)))
