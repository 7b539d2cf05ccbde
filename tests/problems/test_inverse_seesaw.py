"""The inverse seesaw's own formula, and the order of its pairs of masses."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from pontecorvo.physics.masses import splittings_from_masses
from pontecorvo.physics.takagi import takagi
from pontecorvo.problems.flavour.predictions.lfv_plugins import LeptonFlavourViolation
from pontecorvo.problems.inverse_seesaw import (
    InverseSeesawProblem,
    InverseSeesawSettings,
    MassPairs,
    heavy_mixing,
)
from pontecorvo.problems.seesaw.formula import VEV


def test_inverse_seesaw_formula():
    # m_nu = v^2 Y (M^T)^-1 mu M^-1 Y^T, matrix by matrix
    problem = InverseSeesawProblem(InverseSeesawSettings())
    theta, _ = problem.target.chart.to_parameters(
        np.random.default_rng(0).random((20, problem.target.chart.dim))
    )
    y = (theta[:, :9] + 1j * theta[:, 9:18]).reshape(-1, 3, 3)
    inverse = np.zeros_like(y)
    mu = np.zeros_like(y)
    for k in range(3):
        inverse[:, k, k] = 10.0 ** -theta[:, 18 + k]
        phase = theta[:, 24 + k] if k < 2 else 0.0
        mu[:, k, k] = 10.0 ** theta[:, 21 + k] * np.exp(-1j * phase)
    m = VEV**2 * 1e9 * y @ inverse @ mu @ inverse @ np.swapaxes(y, 1, 2)
    masses, _ = takagi(m)
    _, dm2_21, dm2_31 = splittings_from_masses(masses, "no")
    found = problem.target.model.forward(theta)
    # M in float64 has lost digits of the small masses where entries cancel
    assert np.median(np.abs(found[:, 0] / dm2_21 - 1)) < 1e-9
    assert np.allclose(found[:, 1], dm2_31, rtol=1e-5)
    eta = problem.target.model.predict(theta)["log10_eta_e_mu"]
    mixing = VEV * y @ inverse
    full = np.abs((mixing @ np.swapaxes(mixing.conj(), 1, 2))[:, 0, 1])
    assert np.allclose(10**eta, full)


def test_pairs_are_ordered_by_their_effective_mass_and_normalised():
    pairs = MassPairs((2.5, 4.0), (-9.0, -3.0))
    u = np.random.default_rng(1).random((200_000, 6))
    theta = pairs.from_unit_cube(u)
    assert (np.diff(2 * theta[:, :3] - theta[:, 3:], axis=1) >= 0).all()
    again = pairs.from_unit_cube(pairs.to_unit_cube(theta))
    np.testing.assert_allclose(again, theta, atol=1e-12)
    # the density is one over the ordered part of the box: a sixth of its volume
    assert np.exp(pairs.log_density(theta[:5])) == pytest.approx(6 / (1.5**3 * 6.0**3))
    flat = pairs.low.repeat(3) + pairs.width.repeat(3) * u
    assert np.isfinite(pairs.log_density(flat)).mean() == pytest.approx(1 / 6, abs=0.005)
    outside = theta[:2] + np.eye(6)[2] * 9
    assert np.isneginf(pairs.log_density(outside)).all()


def test_ranges_ascend():
    with pytest.raises(ValidationError, match="must ascend"):
        InverseSeesawSettings(log10_mu_min=0.0)


def test_flavour_violation_is_that_of_the_pairs():
    settings = InverseSeesawSettings()
    assert settings.predict == ["lfv"]
    model = InverseSeesawProblem(settings).target.model
    theta = model.prior.sample(50, np.random.default_rng(2))
    found = LeptonFlavourViolation().checked(model.flavour_draws(theta))
    eta = 10 ** model.predict(theta)["log10_eta_e_mu"]
    np.testing.assert_allclose(found["theta_e_mu"], eta)
    # one neutrino with Theta is as good as a pair of its mass, each with Theta/sqrt(2)
    mixing, heavy = heavy_mixing(theta)
    draws = model.flavour_draws(theta)
    pairs = replace(
        draws,
        theta=np.concatenate([mixing, 1j * mixing], axis=2) / np.sqrt(2),
        heavy=np.concatenate([heavy, heavy], axis=1),
    )
    both = LeptonFlavourViolation().checked(pairs)
    np.testing.assert_allclose(both["BR_mu_e_gamma"], found["BR_mu_e_gamma"])
    assert np.median(found["BR_mu_e_gamma"]) > 1e-20  # light neutrinos alone: 1e-55
