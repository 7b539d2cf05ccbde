"""GALLEX, SAGE and BEST against the published fits."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.base.tables import read_table, shipped
from pontecorvo.physics.geometry import Cylinder, path_lengths
from pontecorvo.problems.sterile.experiment_registry import (
    Setting,
    load_experiment,
    load_experiments,
)
from pontecorvo.problems.sterile.experiments.gallium import best_lengths, line_average
from pontecorvo.problems.sterile.linear import group_chi2

NULL = np.zeros(1), np.ones(1)


def best_fit(experiments):
    s22, dm2 = np.meshgrid(np.linspace(0, 1, 101), np.geomspace(0.1, 10, 121), indexing="ij")
    chi2 = group_chi2(experiments, s22.ravel(), dm2.ravel())
    at = chi2.argmin()
    return s22.ravel()[at], dm2.ravel()[at], chi2[at]


@pytest.mark.parametrize(("uncertainty", "published"), [(0, 66.9), (0.02, 42.9), (0.032, 28.5)])
def test_no_oscillation_chi2_of_all_six(uncertainty, published):
    experiments = load_experiments("gallium", Setting(gallium_cross_section=uncertainty))
    assert sum(e.size for e in experiments) == 6
    assert group_chi2(experiments, *NULL)[0] == pytest.approx(published, abs=0.05)


def test_best_fits_lie_within_the_published_one_sigma():
    # arXiv:2109.11482: BEST alone 3.3 (+inf -2.3) eV^2, 0.42 (+0.15 -0.17);
    # all 1.25 (+inf -0.25) eV^2, 0.34 (+0.14 -0.09)
    s22, dm2, chi2 = best_fit([load_experiment("best", Setting())])
    assert dm2 > 3.3 - 2.3
    assert 0.42 - 0.17 < s22 < 0.42 + 0.15
    assert chi2 < 0.01
    s22, dm2, _ = best_fit(load_experiments("gallium", Setting()))
    assert dm2 > 1.25 - 0.25
    assert s22 == pytest.approx(0.34, abs=0.05)
    assert dm2 == pytest.approx(1.25, rel=0.1)


@pytest.mark.parametrize("name", ["gallex", "sage", "best"])
def test_limits_of_small_and_large_dm2(name):
    experiment = load_experiment(name, Setting())
    low, high = experiment.predict(np.full(2, 0.4), np.array([0.01, 100.0]))
    np.testing.assert_allclose(low, 1, atol=2e-3)
    np.testing.assert_allclose(high, 1 - 0.4 / 2, atol=2e-3)


def test_interpolation_is_exact_enough():
    experiment = load_experiment("gallex", Setting())
    dm2 = 10 ** np.random.default_rng(0).uniform(-2, 2, 40)
    lengths = path_lengths(Cylinder(1.9, -2.7, 2.3))
    direct = 1 - line_average(lengths, "51Cr", dm2)
    np.testing.assert_allclose(experiment.predict(np.ones(40), dm2)[:, 0], direct, atol=1e-4)


def test_inner_and_outer_zone_share_their_border():
    geometry = read_table(shipped("pontecorvo.problems.sterile", "best_geometry.csv"))
    inner, outer = best_lengths(geometry)
    # the collaboration's mean path lengths, with their dead volumes, are 52.0 and 54.4 cm
    assert inner.total == pytest.approx(0.594, abs=0.001)
    assert outer.total == pytest.approx(0.594, abs=0.001)
    assert inner.edges[-1] > outer.edges[0]


def test_runs_average_to_the_published_ratios():
    zones = load_experiment("best", Setting())
    runs = load_experiment("best", Setting(options=(("best.data", "runs"),)))
    assert runs.size == 20
    weight = 1 / np.diagonal(runs.covariance())
    for zone, bins in enumerate([slice(0, 10), slice(10, 20)]):
        mean = np.average(runs.data[bins], weights=weight[bins])
        assert mean == pytest.approx(zones.data[zone], abs=0.02)


def test_another_cross_section_scales_the_ratios():
    base = load_experiment("sage", Setting())
    other = load_experiment("sage", Setting(options=(("gallium.cross_section", "ground-state"),)))
    np.testing.assert_allclose(other.data / base.data, [1 / 0.95, 70.0 / 66.2])
    np.testing.assert_allclose(
        np.sqrt(np.diag(other.covariance())) / other.data,
        np.sqrt(np.diag(base.covariance())) / base.data,
    )


def test_toys_carry_the_common_cross_section():
    experiment = load_experiment("best", Setting(gallium_cross_section=0.1))
    mean = experiment.predict(np.array([0.4]), np.array([3.0]))[0]
    toys = experiment.toys(0.4, 3.0, 40_000, np.random.default_rng(7))
    total = experiment.covariance() + 0.01 * np.outer(mean, mean)
    np.testing.assert_allclose(np.cov(toys.T), total, rtol=0.04)
    np.testing.assert_allclose(toys.mean(0), mean, atol=4 * np.sqrt(total.max() / 40_000))


@pytest.mark.parametrize(
    ("setting", "word"),
    [
        ({"options": (("gallium.cross_section", "haxtn"),)}, "bahcall"),
        ({"options": (("best.data", "days"),)}, "zones"),
        ({"options": (("gallium.crosssection", "bahcall"),)}, "did you mean"),
        ({"options": (("best.run", "runs"),)}, "best.data"),
        ({"gallium_cross_section": -0.1}, "from 0 to 1"),
    ],
)
def test_bad_settings_are_one_sentence(setting, word):
    with pytest.raises(InputError, match=word):
        load_experiment("best", Setting(**setting))
