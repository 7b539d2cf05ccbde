"""Plug-ins of lepton-flavour violation: consistent with their formulas, from mixing alone too."""

import numpy as np
import pytest

from pontecorvo.physics.masses import masses_from_splittings
from pontecorvo.physics.pmns import pmns_matrix
from pontecorvo.problems.flavour.predictions.lfv import mixing_limit
from pontecorvo.problems.flavour.predictions.lfv_plugins import (
    LeptonFlavourViolation,
    SusyFlavourViolation,
    SusySettings,
)

U = pmns_matrix(0.3088, 0.02248, 0.470, np.deg2rad(212))[None]
MASSES = masses_from_splittings(0.0, 7.537e-5, 2.511e-3, "no")[None]


def test_light_neutrinos_alone():
    values = LeptonFlavourViolation().evaluate(u=U, masses=MASSES)
    assert f"{values['BR_mu_e_gamma'][0]:.2e}" == "2.81e-55"
    assert values["theta_e_mu"][0] == 0
    assert values["CR_mu_e_Al"][0] == pytest.approx(2.66e-3 * 2.81e-55, rel=5e-3)


def test_low_scale_seesaw_at_the_limit_of_meg():
    """A pair with opposite contributions to m_nu: large mixing, massless light neutrinos."""
    root = np.sqrt(mixing_limit(1.5e-13))
    y = np.zeros((1, 3, 2), complex)
    heavy = 1e8
    y[0, :2, 0] = root * heavy / 174.1 / np.sqrt(2)
    y[0, :2, 1] = 1j * y[0, :2, 0]
    values = LeptonFlavourViolation().evaluate(y, np.full((1, 2), heavy))
    assert values["theta_e_mu"][0] == pytest.approx(mixing_limit(1.5e-13), rel=1e-9)
    assert values["BR_mu_e_gamma"][0] == pytest.approx(1.5e-13, rel=1e-4)


def test_susy_settings_scale_as_the_formula():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(3, 3, 3)) + 1j * rng.normal(size=(3, 3, 3))
    m = 10 ** rng.uniform(10, 14, (3, 3))
    one = SusyFlavourViolation().evaluate(y, m)
    two = SusyFlavourViolation(SusySettings(tan_beta=20.0)).evaluate(y, m)
    np.testing.assert_allclose(two["BR_mu_e_gamma_susy"], 4 * one["BR_mu_e_gamma_susy"])
    np.testing.assert_allclose(two["ratio_tau_mu_gamma"], one["ratio_tau_mu_gamma"])
    heavier = SusyFlavourViolation(SusySettings(m_0=2000.0, m_half=2000.0)).evaluate(y, m)
    np.testing.assert_allclose(heavier["BR_mu_e_gamma_susy"], one["BR_mu_e_gamma_susy"] / 16)
