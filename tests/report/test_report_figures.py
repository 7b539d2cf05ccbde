import numpy as np
import pytest

from pontecorvo.base.quantiles import weighted_quantiles
from pontecorvo.problems.seesaw import figures
from pontecorvo.report.corner import on_circle
from pontecorvo.report.posterior_sample import Column, Sample
from pontecorvo.report.regions import density2d


def test_no_figure_is_left_to_pyplot(seesaw_no):
    import matplotlib.pyplot as plt

    open_before = plt.get_fignums()
    figures.m_ee_figure(figures.seesaw_sample(seesaw_no.target, seesaw_no.groups))
    assert plt.get_fignums() == open_before


def test_weights_decide_columns_regions_and_corner(toy):
    sample = Sample(toy.target, toy.groups)
    logs = toy.groups["sample_stats"]["log_weight"].values.ravel()
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    values = toy.groups["predictions"]["r2"].values.ravel()
    expected = weighted_quantiles(values, weight, np.array([0.16, 0.5, 0.84]))
    assert sample.quantiles("r2", [0.16, 0.5, 0.84]) == pytest.approx(expected)
    assert abs(expected[1] - np.median(values)) > 0.2  # the unweighted answer is another one
    stairs = figures.corner_figure(sample, ["r2"]).axes[0].patches
    heights, edges, _ = next(p for p in stairs if hasattr(p, "get_data")).get_data()
    middle = np.sum(heights * 0.5 * (edges[1:] + edges[:-1])) / heights.sum()
    assert middle == pytest.approx(np.sum(weight * values), abs=0.05)


def test_equal_draws_follow_the_weights(toy):
    sample = Sample(toy.target, toy.groups)
    chosen = sample.equal(300)
    share = np.bincount(chosen, minlength=len(sample)) / len(chosen)
    assert np.max(np.abs(np.cumsum(share) - np.cumsum(sample.weight))) < 2 / 300


def test_regions_of_a_normal_hold_what_they_say():
    rng = np.random.default_rng(4)
    x, y = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], 20_000).T
    weight = np.full(20_000, 1 / 20_000)
    grid = density2d(Column("x", x), Column("y", y), weight, (-5, 5), (-5, 5), 80)
    low, high = grid.levels((0.68, 0.95))
    determinant = 1 - 0.7**2
    distance = (x * x - 1.4 * x * y + y * y) / determinant
    cell_x = np.clip(np.searchsorted(grid.x, x + 5 / 80) - 1, 0, 81)
    cell_y = np.clip(np.searchsorted(grid.y, y + 5 / 80) - 1, 0, 81)
    height = grid.values[cell_x, cell_y]
    for level, share in ((high, 0.68), (low, 0.95)):
        assert np.mean(height >= level) == pytest.approx(share, abs=0.02)
        radius = -2 * np.log(1 - share)
        assert np.mean((height >= level) == (distance < radius)) > 0.95


def test_angles_are_smoothed_round_the_circle():
    rng = np.random.default_rng(6)
    angle = rng.normal(0, 20, 4000) % 360
    other = rng.normal(0, 1, 4000)
    weight = np.full(4000, 1 / 4000)
    ranges = ((0.0, 360.0), (-4.0, 4.0))
    grid = density2d(Column("a", angle, period=360.0), Column("b", other), weight, *ranges, 48)
    profile = grid.values.sum(axis=1)
    assert profile[1] == pytest.approx(profile[-2], rel=0.25)
    assert profile[0] == profile[-2]
    assert profile[1] > 20 * profile[25]


def test_ranges_on_a_circle():
    assert on_circle(124, 364, 360) == [(124, 360), (0.0, 4)]
    assert on_circle(10, 20, 360) == [(10, 20)]
    assert on_circle(-10, 20, None) == [(-10, 20)]
