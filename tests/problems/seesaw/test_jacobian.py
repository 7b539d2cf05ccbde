"""Derivatives of the seesaw's observables, the Dirac phase among them, against differences."""

import numpy as np
import pytest

from pontecorvo.physics.pmns import haar_unitary, pmns_parameters
from pontecorvo.problems.flavour.nufit import nufit
from pontecorvo.problems.seesaw.jacobian import ROWS, dirac_phase, oscillation_jacobian
from pontecorvo.problems.seesaw.model import SIX, Seesaw


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_derivatives_are_those_of_the_map(ordering):
    model = Seesaw(ordering, observables=ROWS)
    theta = model.prior.sample(60, np.random.default_rng(4))
    given = oscillation_jacobian(theta, ordering)
    np.testing.assert_array_equal(model.jacobian(theta), given)
    step = 1e-6
    for column in range(23):
        move = step * np.eye(23)[column]
        change = model.forward(theta + move) - model.forward(theta - move)
        change[:, 5] = (change[:, 5] + np.pi) % (2 * np.pi) - np.pi
        scale = np.linalg.norm(given, axis=2)
        error = np.abs(change / (2 * step) - given[:, :, column]) / scale
        assert np.median(error) < 1e-8
        assert np.quantile(error, 0.9) < 1e-6


def test_dirac_phase_is_that_of_the_pdg():
    u = haar_unitary(500, np.random.default_rng(5))
    gap = dirac_phase(u) - pmns_parameters(u).delta
    assert np.abs((gap + np.pi) % (2 * np.pi) - np.pi).max() < 1e-9


def test_observables_without_a_formula_have_none():
    assert SIX == ROWS
    assert Seesaw("no", observables=("m_ee",)).jacobian is None
    names = ("delta_cp", "dm2_21")
    model = Seesaw("io", observables=names)
    theta = model.prior.sample(5, np.random.default_rng(6))
    assert model.jacobian(theta).shape == (5, 2, 23)
    known = model.predict(theta)
    np.testing.assert_allclose(model.forward(theta), np.stack([known[n] for n in names], 1))
    assert nufit("io", names=names).names == names
