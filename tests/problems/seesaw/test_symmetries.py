"""The seesaw's moves: observables stay, and the Jacobian is that of the map."""

import numpy as np
import pytest

from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.problems.seesaw.symmetries import seesaw_symmetries

MOVES = {symmetry.name: symmetry.move for symmetry in seesaw_symmetries()}


def points(n, seed=0):
    model = Seesaw()
    return model, model.prior.from_unit_cube(np.random.default_rng(seed).random((n, 23)))


@pytest.mark.parametrize("name", MOVES)
def test_masses_and_mixing_stay(name):
    model, theta = points(30)
    before = theta.copy()
    moved, _ = MOVES[name](theta, np.random.default_rng(1))
    assert np.array_equal(theta, before)  # the argument is left alone
    assert not np.array_equal(moved, before)
    old, new = model.forward(theta), model.forward(moved)
    np.testing.assert_allclose(new, old, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", MOVES)
def test_the_jacobian_is_that_of_the_map(name):
    _, theta = points(1, seed=3)
    steps = 1e-6 * np.eye(23)
    up, down = (
        np.concatenate(
            [MOVES[name](theta + sign * step, np.random.default_rng(5))[0] for step in steps]
        )
        for sign in (1, -1)
    )
    log_jacobian = MOVES[name](theta, np.random.default_rng(5))[1]
    slope = np.linalg.slogdet((up - down) / 2e-6)[1]
    assert log_jacobian[0] == pytest.approx(slope, abs=1e-5)
