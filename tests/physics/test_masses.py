"""m_ee, m_beta, sum of masses, splittings and the analytic bands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.physics.masses import (
    m_beta,
    m_ee,
    m_ee_band,
    masses_from_splittings,
    splittings_from_masses,
    sum_m,
)
from pontecorvo.physics.pmns import pmns_matrix

SPLITTINGS = {"no": (7.49e-5, 2.513e-3), "io": (7.49e-5, -2.484e-3)}


@given(st.floats(1e-6, 1.0), st.sampled_from(["no", "io"]))
def test_splittings_round_trip(lightest, ordering):
    masses = masses_from_splittings(lightest, *SPLITTINGS[ordering], ordering)
    low, dm2_21, dm2_3l = splittings_from_masses(masses, ordering)
    assert low == masses.min()
    np.testing.assert_allclose(low, lightest)
    tolerance = 1e-15 * masses.max() ** 2
    np.testing.assert_allclose([dm2_21, dm2_3l], SPLITTINGS[ordering], atol=4 * tolerance)
    m1, m2, m3 = masses
    assert (m3 < m1 < m2) if ordering == "io" else (m1 < m2 < m3)


def test_massless_lightest_neutrino_in_numbers():
    masses = masses_from_splittings(0.0, *SPLITTINGS["no"], "no")
    np.testing.assert_allclose(sum_m(masses), np.sqrt(7.49e-5) + np.sqrt(2.513e-3))
    u = pmns_matrix(0.308, 0.02215, 0.470, 3.7, 0.4, 1.1)
    expected = np.sqrt(7.49e-5 * 0.308 * (1 - 0.02215) + 2.513e-3 * 0.02215)
    np.testing.assert_allclose(m_beta(masses, u), expected)


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_band_encloses_every_phase_and_is_reached(ordering):
    lightest = np.array([0.0, 1e-3, 4e-3, 2e-2, 0.1])
    low, high = m_ee_band(lightest, 0.308, 0.02215, *SPLITTINGS[ordering], ordering)
    masses = masses_from_splittings(lightest, *SPLITTINGS[ordering], ordering)
    phase = np.linspace(0, 2 * np.pi, 181)
    a21, a31 = np.meshgrid(phase, phase)
    u = pmns_matrix(0.308, 0.02215, 0.470, 0.9, a21, a31)
    values = np.array([m_ee(m, u) for m in masses]).reshape(5, -1)
    assert (values.min(axis=1) >= low - 1e-12).all()
    assert (values.max(axis=1) <= high + 1e-12).all()
    np.testing.assert_allclose(values.max(axis=1), high, rtol=1e-3)
    assert (values.min(axis=1) - low < 0.02 * high).all()
    if ordering == "io":
        assert (low > 0.013).all()  # inverted ordering has a floor
    else:
        assert (low == 0.0).any()  # normal ordering can cancel


def test_unknown_ordering_is_one_sentence():
    with pytest.raises(InputError, match='ordering must be "no" or "io"'):
        masses_from_splittings(0.0, 1e-5, 1e-3, "normal")
