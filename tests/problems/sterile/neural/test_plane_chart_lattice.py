"""Maps between their nodes, and lattices laid where their mass is."""

import numpy as np

from pontecorvo.problems.sterile.neural.plane_chart_lattice import (
    ORDER,
    curved,
    lattice,
    layout,
    values_at,
    weights_at,
)

W, Y = np.linspace(0, 1, 12), np.linspace(-2, 2, 33)


def test_polynomials_are_met_exactly():
    rng, out = np.random.default_rng(1), np.empty(ORDER)
    for value in rng.uniform(-2, 2, 50):
        first = weights_at(Y, value, out)
        own = Y[first : first + ORDER]
        for power in range(ORDER):
            assert abs(out @ own**power - value**power) < 1e-9
    points = np.stack([rng.uniform(-3, 0, (1, 40)), rng.uniform(-2, 2, (1, 40))], axis=2)
    table = (W[:, None] ** 3 + 2 * Y**4)[None].astype(np.float64)
    expected = np.array([curved(x) for x in points[0, :, 0]]) ** 3 + 2 * points[0, :, 1] ** 4
    np.testing.assert_allclose(values_at(table, W, Y, points)[0], expected, atol=1e-8)


def test_a_lattice_has_its_ends_and_even_steps_inside():
    nodes = lattice(-4.0, 0.0, -1.5, -1.0, 11, 6)
    assert nodes[0] == -4.0
    assert nodes[-1] == 0.0
    assert (np.diff(nodes) > 0).all()
    inside = nodes[(nodes > -1.499) & (nodes < -1.001)]
    np.testing.assert_allclose(np.diff(inside), 0.05)


def test_it_is_laid_where_the_mass_is():
    scan = np.linspace(-4, 0, 40)
    values = -0.5 * (((Y - 0.7) / 0.01) ** 2)[None] - 5 * (W[:, None] - 0.3) ** 2
    _, y, _ = layout(values, W, Y, scan, np.array([10, 40]), 4)
    steps = np.diff(y)
    assert steps[np.argmin(np.abs(y[:-1] - 0.7))] < 0.2 * steps.max()
