"""What is refused as draws, and what is derived from them."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.structure.structure_draws import StructureDraws
from pontecorvo.problems.seesaw.formula import light_mass_matrix


def _arrays(n=30):
    rng = np.random.default_rng(0)
    y = rng.normal(size=(n, 3, 3)) + 1j * rng.normal(size=(n, 3, 3))
    return y, 10 ** rng.uniform(12, 15, (n, 3)) * np.exp(1j * rng.uniform(0, 6, (n, 3)))


def test_light_matrix_is_the_seesaws():
    y, m = _arrays()
    draws = StructureDraws(y, m)
    np.testing.assert_allclose(draws.light_matrix, light_mass_matrix(y, m), rtol=1e-9)
    assert draws.effective == pytest.approx(30)


@pytest.mark.parametrize(
    ("weight", "sentence"),
    [
        (np.ones(3), "one value a draw"),
        (-np.ones(30), "not their logarithms"),
        (np.eye(30)[0], "at least 20"),
    ],
)
def test_bad_weights(weight, sentence):
    with pytest.raises(InputError, match=sentence):
        StructureDraws(*_arrays(), weight=weight)
