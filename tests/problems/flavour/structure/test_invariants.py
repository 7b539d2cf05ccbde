"""Invariants are invariant, and CP leaves their folded values."""

import numpy as np
import pytest

from pontecorvo.problems.flavour.structure.invariants import invariants
from pontecorvo.problems.flavour.structure.structure_draws import StructureDraws


@pytest.mark.parametrize("heavy", [2, 3])
def test_rephasing_and_cp(heavy):
    rng = np.random.default_rng(0)
    y = rng.normal(size=(50, 3, heavy)) + 1j * rng.normal(size=(50, 3, heavy))
    m = np.sort(10 ** rng.uniform(12, 15, (50, heavy)), axis=1)
    one = invariants(StructureDraws(y, m))
    turned = y * np.exp(1j * rng.uniform(0, 6, (50, 3, 1))) * rng.choice([-1, 1], (50, 1, heavy))
    for other in (StructureDraws(turned, m), StructureDraws(y.conj(), m)):
        two = invariants(other)
        assert list(one) == list(two)
        for name in one:
            np.testing.assert_allclose(two[name], one[name], atol=1e-9, err_msg=name)


def test_a_common_scale_is_seen_by_scales_alone():
    rng = np.random.default_rng(1)
    y = rng.normal(size=(50, 3, 3)) + 1j * rng.normal(size=(50, 3, 3))
    m = np.sort(10 ** rng.uniform(12, 15, (50, 3)), axis=1)
    one, two = invariants(StructureDraws(y, m)), invariants(StructureDraws(10 * y, 100 * m))
    moved = {k for k in one if not np.allclose(one[k], two[k])}
    assert moved == {"log10 |Y|", "log10 M1", "log10 M2", "log10 M3"}
