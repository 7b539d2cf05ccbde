"""Columns, intervals and regions of the panels."""

import numpy as np

from pontecorvo.explore.columns import Shown, intervals, regions
from pontecorvo.report.posterior_sample import Column


def test_intervals_of_weighted_values():
    x = np.linspace(0, 1, 1001)
    found = intervals(Column("x", x), np.full(1001, 1 / 1001))
    np.testing.assert_allclose(found["quantiles"], [0.5, 0.16, 0.84, 0.025, 0.975], atol=2e-3)


def test_angles_have_a_direction():
    rng = np.random.default_rng(1)
    values = rng.normal(0, 10, 5000) % 360
    found = intervals(Column("a", values, period=360.0), np.full(5000, 1 / 5000))
    assert min(found["mean"], 360 - found["mean"]) < 1
    assert abs(found["length"] - np.exp(-0.5 * np.radians(10) ** 2)) < 0.01


def test_nothing_finite():
    assert intervals(Column("x", np.full(3, np.nan)), np.ones(3))["quantiles"] is None
    empty = Shown(Column("x", np.full(100, np.nan)), "prediction")
    assert regions(empty, empty, np.ones(100)) == []


def test_a_constant_has_no_region():
    rng = np.random.default_rng(2)
    first = Shown(Column("x", rng.normal(size=500)), "prediction")
    second = Shown(Column("y", np.ones(500)), "prediction")
    assert regions(first, second, np.full(500, 1 / 500)) == []


def test_logarithmic_axes_have_regions_in_logs():
    rng = np.random.default_rng(3)
    first = Shown(Column("x", 10 ** rng.normal(-3, 0.1, 3000)), "prediction", log=True)
    second = Shown(Column("y", rng.normal(size=3000)), "prediction")
    found = regions(first, second, np.full(3000, 1 / 3000))
    ring = np.reshape(found[0]["polygons"][0][0], (-1, 2))
    assert abs(ring[:, 0].mean() + 3) < 0.1
    assert first.describe()["log"] is True
