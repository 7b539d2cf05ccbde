"""Masses by Cardano's formula are those of the decompositions."""

import numpy as np
import pytest

from pontecorvo.problems.flavour.mass_matrices import charged_leptons
from pontecorvo.problems.flavour.quick_masses import quick_masses


def _random(n, rng, scales=(1, 1, 1)):
    m = rng.normal(size=(n, 3, 3, 2)) @ [1, 1j]
    return m * np.array(scales)[:, None] * 10 ** rng.uniform(-3, 3, (n, 1, 1))


@pytest.mark.parametrize("scales", [(1, 1, 1), (1e-2, 1, 1), (3e-4, 0.06, 1), (1, 1e-3, 1)])
def test_as_the_decomposition(scales):
    m = _random(500, np.random.default_rng(1), scales)
    masses, _ = charged_leptons(m)
    assert np.allclose(quick_masses(m), masses, rtol=1e-6)
    split = np.diff(masses**2, axis=1)
    largest = masses[:, 2:] ** 2
    assert np.abs(np.diff(quick_masses(m) ** 2, axis=1) - split).max() < 1e-10 * largest.max()


def test_equal_masses_and_what_is_not_finite():
    m = np.array([np.eye(3), np.full((3, 3), np.nan), np.zeros((3, 3))], complex)
    found = quick_masses(m)
    assert np.allclose(found[0], 1, atol=1e-7)
    assert np.isnan(found[1:]).all()
