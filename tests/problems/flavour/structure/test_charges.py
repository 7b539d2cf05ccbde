"""Charges planted are charges fitted; none planted, none fitted."""

import numpy as np
import pytest

from pontecorvo.problems.flavour.structure.charges import fit_charges
from pontecorvo.problems.flavour.structure.structure_draws import StructureDraws


def _draws(rows, columns, epsilon, seed, n=2000):
    rng = np.random.default_rng(seed)
    y = rng.uniform(-1, 1, (n, 3, 3)) + 1j * rng.uniform(-1, 1, (n, 3, 3))
    y *= epsilon ** (np.array(rows)[:, None] + np.array(columns))
    return StructureDraws(y, np.sort(10 ** rng.uniform(12, 17, (n, 3)), axis=1))


@pytest.mark.parametrize(
    ("rows", "columns", "epsilon"),
    [
        ((2, 1, 0), (1, 0, 0), 0.2),
        ((1, 0, 0), (2, 1, 0), 0.22),
        ((3, 2, 0), (0, 0, 0), 0.2),
        ((1, 0, 0), (0, 0, 0), 0.15),
    ],
)
def test_planted_charges(rows, columns, epsilon):
    found = fit_charges(_draws(rows, columns, epsilon, 0), _draws((0,) * 3, (0,) * 3, 0.2, 1))
    assert (found.rows, found.columns) == (rows, columns)
    assert found.epsilon == pytest.approx(epsilon, rel=0.06)
    assert found.r_squared > 0.97
    assert found.p_value < 1e-6


def test_p_values_of_no_pattern_are_uniform():
    none = ((0, 0, 0), (0, 0, 0), 0.2)
    p = [
        fit_charges(_draws(*none, 2 * k, 300), _draws(*none, 2 * k + 1, 600)).p_value
        for k in range(60)
    ]
    assert 0.35 < np.mean(p) < 0.65
    assert np.mean(np.array(p) < 0.05) < 0.2


def test_charges_shared_by_both_are_none():
    same = ((2, 1, 0), (1, 0, 0), 0.2)
    found = fit_charges(_draws(*same, 3), _draws(*same, 4))
    assert found.span < 1.3
