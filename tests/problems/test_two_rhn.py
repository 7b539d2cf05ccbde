"""Two right-handed neutrinos: rank two, symmetric under its declared moves."""

import numpy as np
import pytest

from pontecorvo.core.contract import check_contract
from pontecorvo.physics.takagi import takagi
from pontecorvo.problems.two_rhn import TwoRHN, TwoRHNProblem, TwoRHNSettings


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_lightest_is_massless_and_the_rest_is_the_seesaw(ordering):
    problem = TwoRHNProblem(TwoRHNSettings(ordering=ordering))
    check_contract(problem.target)
    model = problem.target.model
    theta = model.prior.sample(50, np.random.default_rng(0))
    masses, _ = model.light_neutrinos(theta)
    assert np.all(masses[:, 0 if ordering == "no" else 2] == 0)
    y = (theta[:, :6] + 1j * theta[:, 6:12]).reshape(-1, 3, 2)
    heavy = 10.0 ** theta[:, 12:]
    m = 174.1**2 * 1e9 * y / heavy[:, None, :] @ np.swapaxes(y, 1, 2)
    assert np.allclose(np.sort(masses, axis=1)[:, 2], takagi(m)[0][:, 2], rtol=1e-9)


def test_declared_moves_change_nothing():
    model = TwoRHN()
    theta = model.prior.sample(100, np.random.default_rng(1))
    for symmetry in model.symmetries:
        moved, log_jacobian = symmetry.move(theta, np.random.default_rng(2))
        assert not np.allclose(moved, theta)
        assert np.all(log_jacobian == 0)
        assert np.allclose(model.prior.log_density(moved), model.prior.log_density(theta))
        assert np.allclose(model.forward(moved), model.forward(theta), rtol=1e-5)
