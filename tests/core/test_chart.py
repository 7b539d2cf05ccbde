"""The raw parameters as a chart: the prior's quantiles, there and back."""

import numpy as np
import pytest

from pontecorvo.core.chart import UnitCubeChart
from pontecorvo.core.prior import Normal, Prior, Uniform

PRIOR = Prior([Normal(1, 2), Uniform(-3, 5), Uniform(0, 2 * np.pi, periodic=True)])


def test_there_and_back_with_no_volume_factor():
    chart = UnitCubeChart(PRIOR)
    u = np.random.default_rng(0).uniform(0.001, 0.999, (50, chart.dim))
    theta, log_volume = chart.to_parameters(u)
    assert not log_volume.any()  # the cube is uniform under the prior
    assert chart.from_parameters(theta) == pytest.approx(u, abs=1e-12)
    assert chart.periodic.tolist() == [False, False, True]


def test_the_middle_of_the_cube_is_the_median():
    theta, _ = UnitCubeChart(PRIOR).to_parameters(np.full((1, 3), 0.5))
    assert theta[0] == pytest.approx([1, 1, np.pi])
