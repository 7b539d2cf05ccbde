import numpy as np
import pytest

from pontecorvo.problems.sterile.neural.plane_chart import PlaneChart
from pontecorvo.problems.sterile.neural.simulated import simulate


@pytest.fixture(scope="module")
def charted(small_maps):
    theta, data = simulate(small_maps, 60, np.random.default_rng(3))
    return PlaneChart(small_maps.plane), small_maps(data, small_maps.names), theta


def test_there_and_back(charted):
    chart, maps, _ = charted
    unit = np.random.default_rng(4).random((len(maps), 50, 2))
    there = chart.from_unit(maps, unit)
    back = chart.to_unit(maps, there.points)
    assert np.abs(back.points - unit).max() < 1e-6
    assert np.abs(back.log_density - there.log_density).max() < 1e-6


def test_the_map_between_its_nodes_passes_through_them(charted, small_maps):
    chart, maps, _ = charted
    inside = small_maps.plane.points[:200]
    assert np.allclose(chart.values(maps, inside), maps[:, :200], rtol=1e-4, atol=1e-3)
