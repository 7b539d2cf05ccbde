"""The supersymmetric leading logarithm: the sheet's point, and what cancels in the ratio."""

import numpy as np
import pytest

from pontecorvo.physics.masses import masses_from_splittings
from pontecorvo.physics.pmns import pmns_matrix
from pontecorvo.problems.flavour.predictions.lfv_susy import (
    leading_log,
    susy_branching_ratio,
    tau_mu_ratio,
)

VEV = 174.0  # GeV; the sheet's digits need it, 174.1 gives 8.89e-2 for the first


def _point():
    """R = 1, M = (1e10, 1e11, 1e14) GeV, m1 = 1e-5 eV, NuFIT 6.1 normal ordering."""
    masses = masses_from_splittings(1e-5, 7.537e-5, 2.511e-3, "no")
    u = pmns_matrix(0.3088, 0.02248, 0.470, np.deg2rad(212))
    heavy = np.array([1e10, 1e11, 1e14])
    y = u.conj() * np.sqrt(masses * 1e-9 * heavy) / VEV
    return y[None], heavy[None]


def test_values_of_the_sheet():
    """predictions.md: 8.90e-2, 0.428, 9.47e-2; BR(mu -> e gamma) = 2.55e-12."""
    matrix = leading_log(*_point(), m_x=2e16)
    assert f"{abs(matrix[0, 1, 0]):.2e}" == "8.90e-02"
    assert f"{abs(matrix[0, 2, 1]):.3f}" == "0.428"
    assert f"{abs(matrix[0, 2, 0]):.2e}" == "9.47e-02"
    value = susy_branching_ratio(("mu", "e"), matrix, 1000.0, 1000.0, 10.0, 0.0)[0]
    assert f"{value:.2e}" == "2.55e-12"


def test_ratio_is_free_of_soft_masses():
    matrix = leading_log(*_point(), m_x=2e16)
    for soft in ((300.0, 800.0, 5.0, 0.0), (2000.0, 500.0, 50.0, 1500.0)):
        two = [susy_branching_ratio(c, matrix, *soft)[0] for c in (("tau", "mu"), ("mu", "e"))]
        assert two[0] / two[1] == pytest.approx(tau_mu_ratio(matrix)[0], rel=1e-12)


def test_phases_do_not_matter_and_a_neutrino_above_the_scale_gives_nothing():
    y, m = _point()
    rng = np.random.default_rng(3)
    turned = y * np.exp(1j * rng.uniform(0, 6, (1, 3, 1)))
    phased = m * np.exp(1j * rng.uniform(0, 6, (1, 3)))
    np.testing.assert_allclose(
        np.abs(leading_log(turned, phased, 2e16)), np.abs(leading_log(y, m, 2e16)), rtol=1e-12
    )
    below = leading_log(y[:, :, :2], m[:, :2], 1e12)
    np.testing.assert_allclose(leading_log(y, m, 1e12), below)
