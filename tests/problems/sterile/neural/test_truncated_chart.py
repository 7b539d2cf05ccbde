"""Charts restricted to a region: truncated posteriors are flat in them, and nothing else moves."""

import numpy as np
import pytest

from pontecorvo.diagnostics.uniformity import uniform_band
from pontecorvo.problems.sterile.neural.plane_chart import INNER, NOWHERE, PlaneChart, Within
from pontecorvo.problems.sterile.neural.plane_flows import LOG_AREA
from pontecorvo.problems.sterile.neural.simulated import from_cube, simulate, to_cube
from pontecorvo.problems.sterile.neural.truncated_chart import tabulated
from pontecorvo.sbi.truncation import Cut, Region


class OfChart:
    """An estimator that is the chart's own density times a smooth factor that it knows."""

    def __init__(self, embedding, tilt=0.0):
        self.embedding, self.tilt = embedding, tilt

    def log_density(self, theta, x):
        known = self.embedding(x[None], self.embedding.maps.names)
        charted = self.embedding.chart.to_unit(known.maps, from_cube(theta)[None])
        unit = charted.points[0]
        return charted.log_density[0] + LOG_AREA + self.tilt * np.cos(np.pi * unit[:, 0])


@pytest.fixture(scope="module")
def observed(small_embedding):
    return small_embedding.maps.joint.toys(0.45, 2.0, 1, np.random.default_rng(3))[0]


def region_of(estimator, observed, threshold):
    return Region(observed, (Cut(estimator, threshold, np.zeros(2), np.ones(2)),))


@pytest.fixture(scope="module", params=[0.0, 0.8])
def restricted(request, small_embedding, observed):
    estimator = OfChart(small_embedding, request.param)
    region = region_of(estimator, observed, -1.0)
    maps = small_embedding.maps(observed[None], small_embedding.maps.names)
    return region, tabulated(region, small_embedding.chart, maps)


def test_the_table_is_the_region(small_embedding, restricted, observed):
    """A density falls where the region says, but for points at the very edge."""
    region, within = restricted
    maps = small_embedding.maps(observed[None], small_embedding.maps.names)
    rng, whole = np.random.default_rng(5), small_embedding.chart
    near = whole.from_unit(maps, rng.random((1, 2000, 2))).points[0]
    theta = np.concatenate([near, from_cube(rng.random((2000, 2)))])
    inside = region.contains(to_cube(theta))
    assert 0.1 < inside.mean() < 0.9
    before, after = (
        chart.to_unit(maps, theta[None]).log_density[0]
        for chart in (whole, PlaneChart(small_embedding.maps.plane, within))
    )
    # restricted, the density inside is larger, by one factor
    low = after - before < np.median((after - before)[inside]) - np.log(2)
    assert np.mean(low == ~inside) > 0.97


def test_outside_is_rare_and_the_way_back_holds(small_embedding, restricted, observed):
    region, within = restricted
    maps = small_embedding.maps(observed[None], small_embedding.maps.names)
    chart = PlaneChart(small_embedding.maps.plane, within)
    unit = np.random.default_rng(6).random((1, 2000, 2))
    there = chart.from_unit(maps, unit)
    assert np.mean(~region.contains(to_cube(there.points[0]))) < 0.03  # cells the edge crosses
    back = chart.to_unit(maps, there.points)
    assert np.abs(back.points - unit).max() < 1e-6
    assert np.allclose(back.log_density, there.log_density, atol=1e-6)
    whole = small_embedding.chart.numbers(maps)
    assert np.array_equal(chart.numbers(maps), whole)  # what networks read does not change


def test_truncated_simulations_are_flat_in_restricted_charts(small_embedding, restricted):
    """theta from the restricted prior, then data: uniform in the data's restricted chart."""
    region, within = restricted
    rng = np.random.default_rng(7)
    points = rng.random((30_000, 2))
    theta = from_cube(points[region.contains(points)][:1500])
    _, data = simulate(small_embedding.maps, len(theta), rng, theta)
    maps = small_embedding.maps(data, small_embedding.maps.names)
    plane = small_embedding.maps.plane
    band = uniform_band(len(theta), 0.001)

    def outside(chart):
        unit = chart.to_unit(maps, theta[:, None]).points[:, 0]
        worst = 0.0
        for column in unit.T:
            share = np.mean(column[:, None] <= band.grid, axis=0)
            worst = max(worst, np.max(share - band.upper), np.max(band.lower - share))
        return worst

    # the charts' floor and heavier tail, made for the prior, allow a little
    assert outside(PlaneChart(plane, within)) < 0.04
    assert outside(PlaneChart(plane)) > outside(PlaneChart(plane, within)) + 0.02


def test_no_region_changes_nothing(small_embedding):
    plane = small_embedding.maps.plane
    theta, data = simulate(small_embedding.maps, 20, np.random.default_rng(8))
    maps = small_embedding.maps(data, small_embedding.maps.names)
    everywhere = Within(np.array([-4.0, 0.0]), np.array([-2.0, 2.0]), np.ones((2, 2)))
    a, b = (PlaneChart(plane, w).to_unit(maps, theta[:, None]) for w in (NOWHERE, everywhere))
    assert np.array_equal(a.points, b.points)
    assert len(INNER) == 2
