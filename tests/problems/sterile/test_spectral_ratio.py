"""A ratio of spectra at two distances: shifts, nodes, and which scale moves which spectrum."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from pontecorvo.problems.sterile.experiment_registry import Setting
from pontecorvo.problems.sterile.experiments.bugey3 import Bugey3, box_paths
from pontecorvo.problems.sterile.experiments.danss import Danss
from pontecorvo.problems.sterile.spectral_ratio import SpectralRatio

POINTS = np.array([0.05, 0.4]), np.array([0.6, 3.0])


@pytest.fixture(scope="module", params=[Danss, Bugey3])
def ratio(request):
    return request.param(Setting())


def test_nodes_are_the_shifted_ratios(ratio):
    paths = ratio.paths(*POINTS)
    assert paths.shape == (2, *ratio.nodes.shape[:2], ratio.size)
    direct = ratio.shifted(*POINTS, (ratio.nodes * ratio.scale_sigma)[None])
    assert_allclose(paths, direct, rtol=1e-10)


def test_no_shift_is_the_prediction(ratio):
    none = np.zeros((2, len(ratio.scale_sigma)))
    assert_allclose(ratio.shifted(*POINTS, none), ratio.predict(*POINTS), rtol=1e-12)


def test_each_scale_moves_its_own_spectrum():
    shift = 0.01
    danss, bugey = Danss(Setting()), Bugey3(Setting())
    both = bugey.shifted(*POINTS, np.full((2, 2), shift))
    above = bugey.shifted(*POINTS, np.array([[shift, 0.0]] * 2))
    below = bugey.shifted(*POINTS, np.array([[0.0, shift]] * 2))
    plain = bugey.predict(*POINTS)
    assert_allclose(both, above * below / plain, rtol=1e-12)
    assert np.abs(above / plain - 1).max() > 5 * np.abs(both / plain - 1).max()
    assert danss.shifted(*POINTS, np.full((2, 1), shift)).shape == (2, 24)


def test_paths_stay_in_the_box_and_run_along_its_edges():
    paths = box_paths(np.linspace(-0.8, 0.8, 5), 11)
    assert paths.shape == (9, 11, 2)
    assert np.abs(paths).max() <= 1 + 1e-12
    inner = paths[:5]
    assert_allclose(inner.mean(axis=2), np.linspace(-0.8, 0.8, 5)[:, None] * np.ones(11))
    assert (np.abs(paths[5:]).max(axis=2) == 1).all()


def test_what_is_common_stands_once():
    assert SpectralRatio.shifted is Danss.shifted is Bugey3.shifted
